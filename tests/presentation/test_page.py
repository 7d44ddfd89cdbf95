import nbformat
import pytest
from nbformat import v4

from lib.__main__ import main
from lib.errors import StudyError
from lib.presentation import page

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def notebook(tmp_path, outputs):
    code = v4.new_code_cell("secret_code = 1", outputs=outputs)
    content = v4.new_notebook(cells=[v4.new_markdown_cell("# Values & <people>\n\nProse."), code])
    path = tmp_path / "executed.ipynb"
    nbformat.write(content, path)
    return path


def test_page_holds_prose_tables_and_pictures_and_loads_nothing(tmp_path):
    outputs = [
        v4.new_output("stream", name="stdout", text="r = .75 <script>alert(1)</script>"),
        v4.new_output("stream", name="stderr", text="Kernel is running"),
        v4.new_output("display_data", data={"image/png": PIXEL, "text/plain": "chart"}),
    ]
    found = page.render(notebook(tmp_path, outputs))
    assert "<title>Values &amp; &lt;people&gt;</title>" in found
    assert "Prose." in found and f"data:image/png;base64,{PIXEL}" in found
    assert "r = .75 &lt;script&gt;" in found
    for absent in ("<script", "Kernel is running", "secret_code", "http:", "https:"):
        assert absent not in found


def test_command_writes_the_page(tmp_path, capsys):
    source = notebook(tmp_path, [v4.new_output("stream", name="stdout", text="done")])
    assert main(["page", str(source), str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(("outputs", "message"), [([], "execute it first"), (None, "does not exist")])
def test_what_is_not_executed_is_refused(tmp_path, outputs, message, capsys):
    source = tmp_path / "none.ipynb" if outputs is None else notebook(tmp_path, outputs)
    with pytest.raises(StudyError, match=message):
        page.render(source)
    assert main(["page", str(source), str(tmp_path / "page.html")]) == 1
    assert message in capsys.readouterr().err and not (tmp_path / "page.html").exists()

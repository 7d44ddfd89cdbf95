"""An executed notebook as one HTML page: its prose, tables and figures, without code, scripts or anything to load."""

import html
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from lib.errors import StudyError
from lib.presentation import fonts

_STYLE = """
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1, h2, h3 { line-height: 1.25; margin-top: 2rem; }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 0.85rem; margin: 1rem 0; }
th, td { padding: 0.2rem 0.7rem; text-align: left; border-bottom: 1px solid #ddd; vertical-align: top; }
thead tr { text-align: left !important; }
thead th { border-bottom: 2px solid #222; }
.output_html, .dataframe { overflow-x: auto; }
.anchor-link, .prompt { display: none; }
pre { white-space: pre-wrap; font-size: 0.9rem; }
"""


def render(notebook: Path) -> str:
    """Returns the page of an executed notebook; pictures stand in it, and what went to the error stream does not.

    Raises:
        StudyError: no such notebook, or one that was not executed; a missing font file.
    """
    if not notebook.exists():
        raise StudyError(f"{notebook} does not exist; make all executes the notebooks.")
    content = nbformat.read(notebook, as_version=4)
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    if not any(cell.outputs for cell in code):
        raise StudyError(f"{notebook} has no outputs; execute it first (make all).")
    for cell in code:
        cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
    exporter = HTMLExporter(template_name="basic", exclude_input=True, exclude_input_prompt=True)
    body, _ = exporter.from_notebook_node(content)
    title = next((c.source.splitlines()[0].lstrip("# ") for c in content.cells if c.cell_type == "markdown"), "Report")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>\n{fonts.faces()}\nbody {{ font: 16px/1.5 {fonts.FAMILY}; }}{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )

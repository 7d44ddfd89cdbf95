import pandas as pd
import pytest
from drawn import Drawn

from lib.presentation.charts import ACCENT, GREY
from lib.presentation.figures import validation as figures


def test_shares_stand_beside_what_they_should_be_with_twice_their_error():
    rows = [("coverage", "items", "same length", 0.94, 0.02), ("coverage", "items", "true scores", 0.99, 0.02)]
    rows += [("rejection", "r", "no relation", 0.05, 0.01)]
    found = Drawn(figures.shares(pd.DataFrame(rows, columns=["kind", "what", "truth", "share", "error"])))
    x = "share of simulated studies"
    dots = {m.said["label"]: m.number(x) for m in found.marks("point", ACCENT)}
    assert dots == {"items: same length": 0.94, "items: true scores": 0.99, "r: no relation": 0.05}
    lines = [(m.number(x), m.number("high")) for m in found.marks("rule", ACCENT)]
    assert lines == [pytest.approx(ends) for ends in ((0.9, 0.98), (0.95, 1.0), (0.03, 0.07))]
    assert [float(m.element.get("transform")[10:].split(",")[0]) for m in found.marks("rule", GREY)] == [304, 80]

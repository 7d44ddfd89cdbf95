import pandas as pd
from drawn import Drawn

from lib.presentation.charts import ACCENT, GREY
from lib.presentation.figures import robustness as figures


def test_the_curve_stands_over_its_choices():
    bins = pd.DataFrame({"bin": [0, 1, 2], "low": [-0.4, 0.1, 0.5], "median": [0.0, 0.2, 0.6], "high": [0.1, 0.3, 0.9]})
    rows = [
        {"row": row, "bin": b, "ratio": ratio}
        for row in ("person: I", "person: he")
        for b, ratio in enumerate((0, 1, 9))
    ]
    found = Drawn(figures.specification_curve(bins.assign(null=0.35), pd.DataFrame(rows)))
    y = "Pearson or Spearman r with people"
    assert [m.number(y) for m in found.marks("point", ACCENT)] == [0.0, 0.2, 0.6]
    assert [(m.number(y), m.number("high")) for m in found.marks("bar", ACCENT)] == [
        (-0.4, 0.1),
        (0.1, 0.3),
        (0.5, 0.9),
    ]
    assert [m.color for m in found.marks("line")] == [GREY]
    assert [t for t in found.texts() if t.startswith("person")] == ["person: I", "person: he"]
    shades = [m.color for m in found.marks("rect")]
    assert len(shades) == 6 and len(set(shades)) == 3, "half as often and never look alike, and so do twice and more"
    assert {"half as often", "as overall", "twice as often", figures._KEY} <= set(found.texts())

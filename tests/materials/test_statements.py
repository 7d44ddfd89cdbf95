import os
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from lib import paths
from lib.errors import StudyError
from lib.materials import instruments
from lib.materials.statements import catalogue, draw_items


def test_catalogue_and_item_file_agree():
    table, instrument = catalogue(), instruments.load("behavior_tests")
    assert len(table) == 135 and set(instrument.scales) == set(table.index)
    keyed = Counter((i.scale, i.reversed) for i in instrument.items)
    assert set(keyed.values()) == {20} and len(keyed) == 2 * 135
    lines = np.array([int(i.id.rsplit("_", 1)[1]) for i in instrument.items])
    assert (lines < table.loc[[i.scale for i in instrument.items], "statements"].to_numpy()).all()


def test_what_is_conservative_is_political_and_has_a_reason():
    table = catalogue()
    conservative = table[table["conservative"] == "yes"]
    assert set(conservative["group"]) == {"politics"} and len(conservative) == 5
    assert table["reason"].str.len().min() > 5


@pytest.mark.skipif(paths.TEXTS_VARIABLE not in os.environ, reason="needs the folder of licensed texts")
def test_the_shipped_draw_is_the_seeds():
    shipped = pd.read_csv(paths.INSTRUMENTS / "behavior_tests.csv")
    pd.testing.assert_frame_equal(draw_items(), shipped)
    assert not draw_items(seed=1).equals(shipped)


@pytest.mark.parametrize("wanted", [1, 7, 0])
def test_an_odd_number_of_statements_is_refused(wanted):
    with pytest.raises(StudyError, match="must be an even number"):
        draw_items(wanted)

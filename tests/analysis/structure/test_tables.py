"""Ranks, order, stress and maps of answers whose right result is known beforehand."""

from functools import partial

import numpy as np
import planted
import pytest

from lib.analysis.alignment import ALL
from lib.analysis.respondents import PERSONAL
from lib.analysis.structure import tables
from lib.analysis.structure.evidence import of_study
from lib.analysis.study import Study
from lib.materials.instruments import load
from lib.materials.values import CODES, circle, cosine_matrix
from lib.statistics import permuted_stress

PVQ, HUMAN = load("pvq40"), planted.human()
CAMP = np.array([[1.0 if (a in PERSONAL) == (b in PERSONAL) else -1.0 for b in CODES] for a in CODES])
RANDOM = np.random.default_rng(1).standard_normal((4, 10, 40))
#: One value is taken up by one wording only.
LIFT = np.stack([np.eye(10) * ([1.0] * 9 + [sign]) for sign in (1.0, 1.0, -4.0, -4.0)])


@pytest.fixture(scope="module", autouse=True)
def models(tmp_path_factory):
    endorsed = planted.of_values(PVQ, planted.symmetric_root(HUMAN))
    answers = {
        "human": [planted.likelihood(PVQ, endorsed, noise=0.02)],
        "random": [planted.likelihood(PVQ, RANDOM)],
        "lifted": [planted.likelihood(PVQ, planted.of_values(PVQ, LIFT))],
    }
    with planted.recorded(tmp_path_factory.mktemp("answers"), **answers):
        yield


def test_human_primes_all_take():
    found = tables.induction_ranks(Study("human"))
    assert len(found) == 10 * 3 and set(found["wording"]) == {ALL, "imagine", "plain"}
    assert (found["rank"] == 1).all() and (found["took"] == found["n"]).all() and (found["lift"] > 0).all()


def test_a_prime_that_one_wording_takes_up_is_counted_there():
    """Security is raised by 1 in one wording, lowered by 4 in the other; its five items count in the mean of all 40."""
    found = tables.induction_ranks(Study("lifted")).query("value == 'SE'").set_index("wording")
    assert found.loc["imagine", ["rank", "took", "n"]].tolist() == [1, 2, 2]
    assert found.loc["plain", ["rank", "took", "n"]].tolist() == [10, 0, 2]
    assert found.loc[ALL, ["rank", "took", "n"]].tolist() == [10, 2, 4]
    own, others = 1 - 5 / 40, -35 / 40  # of the nine other primes together
    up, down = own - (own + others) / 10, -4 * own - (-4 * own + others) / 10
    assert found["lift"].to_dict() == pytest.approx({ALL: (up + down) / 2, "imagine": up, "plain": down})
    table = tables.mean_lifts(Study("lifted").respondents())
    assert table.loc["SE", "SE"] == pytest.approx((up + down) / 2) and table.loc["PO", "PO"] > 0.8


def test_random_primes_take_at_random():
    found = tables.induction_ranks(Study("random")).query("wording == @ALL")
    assert found["took"].sum() <= 10 and found["rank"].mean() == pytest.approx(5.5, abs=2.5)


def test_order_is_that_of_the_people_who_were_put_in():
    order = tables.order_tests(
        Study("human"),
        {"model": of_study(Study("human")), "people": HUMAN, "circle": cosine_matrix().to_numpy()}
        | {"random": of_study(Study("random"))},
    ).set_index("sample")
    assert (
        order.loc["model", "ci"] == pytest.approx(order.loc["people", "ci"], abs=0.03)
        and order.loc["model", "p"] < 0.01
    )
    assert order.loc["circle", "ci"] == 1 and order.loc["circle", "agreements"] == order.loc["circle", "predictions"]
    assert order.loc["random", "p"] > 0.05 and abs(order.loc["random", "ci"]) < 0.4


def test_a_circle_fits_the_plane_and_two_camps_collapse(monkeypatch):
    monkeypatch.setattr(tables, "permuted_stress", partial(permuted_stress, draws=20))
    matrices = {"circle": cosine_matrix().to_numpy(), "camps": CAMP, "random": of_study(Study("random"))}
    found = tables.stress_tests(Study("human"), matrices).set_index(["sample", "scaling"])
    assert found.loc[("circle", "metric"), "stress"] < 0.08
    assert found.loc[("circle", "metric"), "stress"] < found.loc[("circle", "metric"), "permuted_low"]
    assert (found.loc["camps", "degenerate"] == "yes").all() and (found.loc["camps", "stress"] == 0).all()
    assert found.loc[("random", "metric"), "stress"] > found.loc[("random", "metric"), "permuted_low"]


def test_a_map_of_the_circle_is_the_circle():
    points = tables.study_map(Study("human"), cosine_matrix().to_numpy(), "circle").points
    assert points == pytest.approx(circle().to_numpy(), abs=0.1)


def test_maps_of_people_who_were_put_in_fit_their_own():
    found = tables.map_fits(Study("human")).set_index("reference")
    own = found.loc["pvq40_us_2017"]
    assert own["m2"] < 0.02 and own["congruence"] > 0.99 and own["protest_p"] < 0.01
    assert found["m2"].idxmin() == "pvq40_us_2017"
    other = tables.map_fits(Study("random")).set_index("reference").loc["pvq40_us_2017"]
    assert other["m2"] > 0.5 and other["protest_p"] > 0.05


def test_a_circle_has_two_axes_alike_and_two_camps_one():
    circle_, camps = cosine_matrix().to_numpy(), CAMP
    found = tables.circle_axes(
        Study("random"), {"circle": circle_, "camps": camps, "random": of_study(Study("random"))}
    )
    found = found.set_index("sample")
    assert found.loc["circle", ["first", "second", "ratio"]].tolist() == pytest.approx([0.5, 0.5, 1.0])
    assert found.loc["camps", "first"] > 0.7 and found.loc["camps", "second"] < 0.01
    assert found.loc["random", "null_low"] < found.loc["random", "second"] < found.loc["random", "null_high"]
    assert found["kind"].to_dict() == {"circle": "people", "camps": "people", "random": "model"}


def test_profiles_by_steps_are_cosines_on_a_perfect_circle():
    found = tables.distance_profiles({"m": HUMAN}, {"h": cosine_matrix().to_numpy()}).query("kind == 'human'")
    assert found["r"].tolist() == pytest.approx(np.cos(np.deg2rad(36 * np.arange(1, 6))).tolist())

"""Closed forms against published and computed points, a birth-death chain, and their own limits."""

import csv
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from chat_chain import exact_figures
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from wfo.staffing.chat_law import chat_figures
from wfo.staffing.erlang import DENOMINATORS, erlang_b, performance, required_positions

POINTS = list(
    csv.DictReader((Path(__file__).parent / "reference_points.csv").read_text(encoding="utf-8").splitlines())
)


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def _points(*models: str) -> list[dict[str, str]]:
    return [p for p in POINTS if p["model"].split()[0] in models]


def _name(point: dict[str, str]) -> str:
    return " ".join(point[k] for k in ("model", "lambda_per_hour", "agents", "target", "metric"))


def _figure(point: dict[str, str]) -> float:
    rate = _number(point["lambda_per_hour"].removeprefix("A="))
    handle = _number(point["aht_s"])
    if point["model"].endswith("_load"):
        rate = rate * 3600 / handle
    patience = float(point["patience_s"] or "inf")
    threshold = re.search(r"t=([\d.]+)s", point["target"])
    t = float(threshold[1]) if threshold else 20.0
    t = 20 / 3 if threshold and threshold[1] == "6.66667" else t  # the file rounds it
    metric = point["metric"]
    if metric in {"required_agents", "raw_positions"}:
        return _required(point["target"], rate, handle, patience)
    if metric == "positions_with_shrinkage":
        share = float(re.search(r"shrinkage ([\d.]+)", point["target"])[1])
        return math.ceil(int(point["agents"]) / (1 - share) - 1e-9)
    p = performance(rate, handle, int(point["agents"]), patience_s=patience, within_s=t, short_s=t)
    named = {
        "service_level": p.service_level("offered"),
        "service_level_offered": p.service_level("offered"),
        "service_level_offered_20s": p.service_level("offered"),
        "service_level_answered": p.service_level("answered"),
        "service_level_excl_short_abandons": p.service_level("without_short"),
        "p_virtual_wait_le_t": p.service_level("virtual"),
        "p_abandon_within_t": p.abandoned_in,
        "mean_wait_s": p.mean_wait_s,
        "mean_wait_all_s": p.mean_wait_s,
        "asa_s": p.asa_s,
        "asa_answered_s": p.asa_s,
        "mean_queue": p.mean_wait_s * rate / 3600,
        "p_wait": p.p_wait,
        "p_abandon": p.p_abandon,
        "occupancy": p.occupancy,
    }
    return float(named[metric])


def _required(target: str, rate: float, handle: float, patience: float) -> int:
    if waited := re.search(r"P\(wait\)<=([\d.]+)", target):
        # nobody waits = answered within 0 s
        level = 1 - float(waited[1])
        return int(
            required_positions(
                rate, handle, patience_s=patience, within_s=0, service_level=level, denominator="virtual"
            )
        )
    asked = {"within_s": 20.0, "denominator": "offered"}
    for name, pattern in {
        "service_level": r"SL>=([\d.]+)",
        "max_occupancy": r"occ<=([\d.]+)",
        "max_abandonment": r"ab<=([\d.]+)",
        "max_asa_s": r"ASA<=([\d.]+)",
    }.items():
        if found := re.search(pattern, target):
            asked[name] = float(found[1])
    return int(required_positions(rate, handle, patience_s=patience, **asked))


@pytest.mark.parametrize("point", _points("erlang_a", "erlang_c", "erlang_c_load"), ids=_name)
def test_reference_point(point: dict[str, str]) -> None:
    tolerance = float(point["tolerance"] or 0) + 1e-12
    assert _figure(point) == pytest.approx(_number(point["value"]), abs=tolerance, rel=min(tolerance, 1e-9))


@pytest.mark.parametrize("point", _points("erlang_b_load"), ids=_name)
def test_loss_point(point: dict[str, str]) -> None:
    load = float(point["lambda_per_hour"].removeprefix("A="))
    assert float(erlang_b(load, int(point["agents"]))) == pytest.approx(
        float(point["value"]), abs=float(point["tolerance"])
    )


def test_fractional_point() -> None:
    point = _points("erlang_c_fractional")[0]
    level = performance(600, 180, [34, 35], within_s=20).service_level("offered")
    assert 34 + (0.8 - level[0]) / (level[1] - level[0]) == pytest.approx(float(point["value"]), abs=1e-9)


def _chain(rate: float, mu: float, theta: float, n: int, most: int) -> np.ndarray:
    """Stationary distribution of M/M/n/most+M from its balance equations."""
    log = np.zeros(most + 1)
    for k in range(1, most + 1):
        log[k] = log[k - 1] + math.log(rate) - math.log(min(k, n) * mu + max(0, k - n) * theta)
    p = np.exp(log - log.max())
    return p / p.sum()


@pytest.mark.parametrize("point", _points("mmckm"), ids=_name)
def test_limited_lines_reproduce_the_published_queue(point: dict[str, str]) -> None:
    rate = _number(point["lambda_per_hour"])
    p = performance(
        rate,
        float(point["aht_s"]),
        int(point["agents"]),
        patience_s=float(point["patience_s"]),
        lines=int(re.search(r"K=(\d+)", point["model"])[1]),
    )
    values = {
        "mean_queue": p.mean_wait_s * rate / 3600,
        "mean_wait_all_s": p.mean_wait_s,
        "mean_sojourn_s": p.mean_wait_s + float(point["aht_s"]) * (1 - p.p_abandon - p.p_blocked),
        "p_block": p.p_blocked,
        "p_abandon": p.p_abandon / (1 - p.p_blocked),  # the source counts the admitted alone
    }
    assert float(values[point["metric"]]) == pytest.approx(
        float(point["value"]), abs=float(point["tolerance"]) + 1e-9
    )


def _served_by(t: float, ahead: int, drain: float, theta: float) -> float:
    """P(served by t) behind so many, from the generator of the queue ahead: a matrix exponential."""
    size = ahead + 2  # how many are ahead, the last state is served
    flow = np.zeros((size + 1, size + 1))
    for k in range(ahead + 1):
        flow[k, k - 1 if k else size - 1] += drain + k * theta
        flow[k, size] += theta  # gives up
        flow[k, k] -= drain + (k + 1) * theta
    return float(expm(flow * t)[ahead, size - 1])


@settings(max_examples=30, deadline=None)
@given(
    load=st.floats(0.2, 20),
    patience=st.sampled_from([20.0, 300.0, 5000.0, math.inf]),
    n=st.integers(1, 15),
    room=st.integers(0, 20),
    t=st.sampled_from([0.0, 5.0, 30.0, 600.0]),
)
def test_limited_lines_equal_the_chain(load: float, patience: float, n: int, room: int, t: float) -> None:
    handle = 200.0
    theta, rate = 1 / patience, load / handle
    p = _chain(rate, 1 / handle, theta, n, n + room)
    found = performance(
        rate * 3600, handle, n, patience_s=patience, lines=n + room, within_s=t, short_s=t / 2
    )
    waiting = float(np.maximum(np.arange(p.size) - n, 0) @ p)
    served = [p[:n].sum(), p[:n].sum()]
    for k, by in enumerate((t, t / 2)):
        served[k] += sum(p[n + j] * _served_by(by, j, n / handle, theta) for j in range(room))
    assert float(found.p_blocked) == pytest.approx(p[-1], abs=1e-11)
    assert float(found.p_wait) == pytest.approx(p[n:-1].sum(), abs=1e-11)
    assert float(found.mean_wait_s) == pytest.approx(waiting / rate, rel=1e-9, abs=1e-10)
    assert float(found.p_abandon) == pytest.approx(waiting * theta / rate, abs=1e-11)
    assert float(found.answered_in) == pytest.approx(served[0], abs=1e-9)
    assert float(found.occupancy) == pytest.approx(np.minimum(np.arange(p.size), n) @ p / n, abs=1e-10)


@settings(max_examples=30, deadline=None)
@given(load=st.floats(0.5, 60), patience=st.floats(5, 3000), n=st.integers(1, 60), t=st.floats(0, 300))
def test_lines_without_end_change_nothing(load: float, patience: float, n: int, t: float) -> None:
    given = {"patience_s": patience, "within_s": t, "short_s": t / 3}
    many = performance(load * 12, 300, n, lines=20_000, **given)
    none = performance(load * 12, 300, n, **given)
    for name in none.__dataclass_fields__:
        assert float(getattr(many, name)) == pytest.approx(float(getattr(none, name)), rel=1e-7, abs=1e-9), (
            name
        )


def test_lines_at_their_edges() -> None:
    none = performance(100, 300, [0, 5], patience_s=60, lines=0)
    assert none.p_blocked.tolist() == [1, 1]
    no_room = performance(100, 300, 5, patience_s=60, lines=5)
    assert float(no_room.p_blocked) == pytest.approx(float(erlang_b(100 / 12, 5)))
    idle = performance(100, 300, 9, patience_s=60, lines=5)
    assert float(idle.p_blocked) == pytest.approx(float(erlang_b(100 / 12, 5)))
    full = performance(7200, 300, 20, lines=2_000_000)
    assert float(full.p_blocked) == pytest.approx(1 - 20 / 600, rel=1e-6)
    n = np.array([0, 1, 1000, 1_000_000])[:, None, None]
    lines = np.array([0, 1, 1100, 1_000_500])[None, :, None]
    patience = np.array([0, 1e-3, 300, 1e7, np.inf])[None, None, :]
    found = performance(np.maximum(n, 1) * 12.2, 300, n, patience_s=patience, lines=lines)
    for name in found.__dataclass_fields__:
        assert not np.isnan(getattr(found, name)).any(), name
    with pytest.raises(ValueError, match="lines must be whole"):
        performance(100, 300, 9, lines=5.5)
    with pytest.raises(ValueError, match="give more lines"):
        required_positions(100, 300, patience_s=60, service_level=0.8, lines=3)


@pytest.mark.parametrize("handle_s", [0.0, 1e-6, 7 * 86400.0])
@pytest.mark.parametrize("patience_s", [0.0, 1e-6, 60.0, math.inf])
def test_handle_times_of_nothing_and_of_a_week(handle_s: float, patience_s: float) -> None:
    rate = np.array([0.0, 1e-3, 50.0, 1e5])
    asked = {"patience_s": patience_s, "service_level": 0.8, "denominator": "offered"}
    n = required_positions(rate, handle_s, **asked)
    level = performance(rate, handle_s, n, patience_s=patience_s).service_level("offered")
    assert (level >= 0.8).all()
    assert ((n == 0) == (rate * handle_s == 0)).all()


@pytest.mark.parametrize("level", [0.0, 1e-9, 0.5, 1 - 1e-9])
def test_targets_next_to_their_ends(level: float) -> None:
    n = required_positions(500, 300, patience_s=[0.0, 120.0, math.inf], service_level=level)
    assert (n >= 0).all()
    assert (performance(500, 300, n, patience_s=[0.0, 120.0, math.inf]).service_level() >= level).all()


@pytest.mark.parametrize("lines", [9.0, 12.0, 20.0, math.inf])
@pytest.mark.parametrize(("within", "short"), [(20, 0), (20, 5), (20, 20), (0, 0), (0, 5)])
def test_no_patience_is_the_limit_of_ever_shorter_patience(within: int, short: int, lines: float) -> None:
    n = np.array([0, 1, 5, 9, 10, 12, 15])
    given = {"within_s": within, "short_s": short, "lines": lines}
    none, little = (performance(200, 180, n, patience_s=p, **given) for p in (0.0, 1e-9))
    for name in none.__dataclass_fields__:
        assert getattr(none, name) == pytest.approx(getattr(little, name), abs=1e-6), name
    np.testing.assert_allclose(none.abandonment(), little.abandonment(), atol=1e-6)


@pytest.mark.parametrize("denominator", DENOMINATORS)
def test_without_patience_as_many_are_required_as_with_hardly_any(denominator: str) -> None:
    none, little = (
        required_positions(20_000, 180, patience_s=p, service_level=0.8, denominator=denominator)
        for p in (0.0, 1e-9)
    )
    # whoever is answered is answered at once, so that of the answered one position is enough
    assert none == little == {"answered": 1, "virtual": 15}.get(denominator, 804)
    assert required_positions(20_000, 180, patience_s=0.0, max_abandonment=0.05) == 966


@settings(max_examples=60, deadline=None)
@given(
    load=st.floats(0.2, 40),
    handle=st.floats(20, 2000),
    relative_patience=st.floats(0.02, 20),
    n=st.integers(1, 50),
)
def test_closed_form_equals_the_chain(load: float, handle: float, relative_patience: float, n: int) -> None:
    patience = handle * relative_patience
    p = _chain(load / handle, 1 / handle, 1 / patience, n, n + 2000)
    found = performance(load / handle * 3600, handle, n, patience_s=patience)
    waiting = float(np.maximum(np.arange(p.size) - n, 0) @ p)
    assert float(found.p_wait) == pytest.approx(p[n:].sum(), abs=1e-10)
    assert float(found.mean_wait_s) == pytest.approx(waiting * handle / load, rel=1e-9, abs=1e-12)
    assert float(found.occupancy) == pytest.approx(np.minimum(np.arange(p.size), n) @ p / n, abs=1e-10)


def test_large_systems_and_limits_are_numbers() -> None:
    n = np.array([0, 1, 2, 1000, 1_000_000])[:, None, None]
    busy = np.array([0, 0.5, 0.99, 1, 1.01, 2])[None, :, None]
    patience = np.array([0, 1, 300, 1e7, np.inf])[None, None, :]
    found = performance(busy * np.maximum(n, 1) * 12, 300, n, patience_s=patience, short_s=5)
    for name in found.__dataclass_fields__:
        assert not np.isnan(getattr(found, name)).any(), name
    for name in ("p_wait", "p_abandon", "occupancy", "answered_in", "abandoned_in", "virtual_in"):
        values = getattr(found, name)
        assert ((values >= 0) & (values <= 1)).all(), name
    for denominator in DENOMINATORS:
        level = found.service_level(denominator)
        assert ((level >= 0) & (level <= 1)).all(), denominator


def test_patience_has_its_limits() -> None:
    patient = performance(200, 180, 14, patience_s=1e9)
    endless = performance(200, 180, 14)
    assert float(patient.asa_s) == pytest.approx(float(endless.asa_s), rel=1e-5)
    hasty = performance(200, 180, 14, patience_s=1e-6)
    assert float(hasty.p_abandon) == pytest.approx(float(erlang_b(10, 14)), rel=1e-5)
    over = performance(400, 180, 14)
    assert float(over.service_level("offered")) == 0
    assert math.isinf(float(over.asa_s))


@settings(max_examples=60, deadline=None)
@given(
    rate=st.floats(0.5, 900),
    handle=st.floats(30, 1200),
    patience=st.sampled_from([20.0, 150.0, 600.0, math.inf]),
    level=st.floats(0, 0.995),
    occupancy=st.floats(0.3, 1),
    left=st.floats(0.005, 1),
)
def test_search_finds_the_fewest(
    rate: float, handle: float, patience: float, level: float, occupancy: float, left: float
) -> None:
    n = int(
        required_positions(
            rate,
            handle,
            patience_s=patience,
            service_level=level,
            max_occupancy=occupancy,
            max_abandonment=left,
            short_s=5,
        )
    )
    meets = []
    for k in (n - 1, n):
        p = performance(rate, handle, max(k, 0), patience_s=patience, short_s=5)
        served = p.service_level() >= level and p.abandonment() <= left + 1e-12
        meets.append(bool(served and p.occupancy <= occupancy + 1e-12))
    assert meets[1]
    assert n == 0 or not meets[0]


@settings(max_examples=40, deadline=None)
@given(rate=st.floats(1, 500), handle=st.floats(30, 900), patience=st.floats(10, 900), n=st.integers(1, 80))
def test_more_people_serve_better_and_more_load_worse(
    rate: float, handle: float, patience: float, n: int
) -> None:
    base = performance(rate, handle, n, patience_s=patience)
    more = performance(rate, handle, n + 1, patience_s=patience)
    loaded = performance(rate * 1.1, handle, n, patience_s=patience)
    assert more.answered_in >= base.answered_in - 1e-12
    assert more.p_abandon <= base.p_abandon + 1e-12
    assert loaded.answered_in <= base.answered_in + 1e-12
    assert base.p_abandon * patience == pytest.approx(float(base.mean_wait_s))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"service_level": 1.0}, "100 %"),
        ({"max_occupancy": 0.0}, "max_occupancy"),
        ({"max_abandonment": 0.0}, "no number of positions"),
        ({"patience_s": -1.0}, "patience_s must be at least 0, got -1"),
        ({"patience_s": float("nan")}, "patience_s must be at least 0, got nan"),
        ({"within_s": float("inf")}, "within_s must be finite"),
        ({"denominator": "all"}, "choose one of"),
    ],
)
def test_what_cannot_be_met_is_said(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        required_positions(100, 300, **{"patience_s": 200.0, "service_level": 0.8, **change})


@pytest.mark.parametrize("point", _points("chat"), ids=_name)
def test_chat_point(point: dict[str, str]) -> None:
    """The exact chain gives the point; the law that staffing uses is close; slots alone err to be safe."""
    session_s = tuple(json.loads(point["aht_s"]))
    metric = {"p_wait": 0, "p_abandon": 1, "mean_chats_per_agent": 4, "service_level_offered": 5}[
        point["metric"]
    ]
    value, full_s = float(point["value"]), session_s[-1]
    exact = exact_figures(200 / 3600, session_s, 240.0, 13, 45.0)
    close = chat_figures(200 / 3600, full_s, 240.0, 13.0, 45.0, 0.0, np.array(session_s) / full_s)
    if metric == 4:
        assert close[4] * 3 == pytest.approx(value, rel=0.006)
        return
    assert exact[metric] == pytest.approx(value, abs=1e-7)
    assert close[metric] == pytest.approx(value, abs=0.006)
    slots = performance(200, full_s, 13 * 3, patience_s=240, within_s=45)
    error = float([slots.p_wait, slots.p_abandon, 0, 0, 0, slots.answered_in][metric]) - value
    assert 0 < (-error if metric == 5 else error) < 0.065


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(1, 7),
    slower=st.lists(st.floats(0, 1), min_size=1, max_size=2),
    rho=st.floats(0.5, 1.2),
)
def test_chat_law_is_near_the_chain(n: int, slower: list[float], rho: float) -> None:
    """Each further chat slows the others, from not at all to as much as it adds."""
    session_s = (480.0,)
    for k, share in enumerate(slower, start=1):
        session_s += (session_s[-1] * (1 + share / k),)
    full_s, slots = session_s[-1], len(session_s)
    rate = rho * n * slots / full_s
    close = chat_figures(rate, full_s, 240.0, float(n), 45.0, 0.0, np.array(session_s) / full_s)
    exact = exact_figures(rate, session_s, 240.0, n, 45.0)
    assert close[0] == pytest.approx(exact[0], abs=0.05)
    if n == 1:  # one agent is never out of balance
        assert close[:4] == pytest.approx(exact[:4])


@pytest.mark.parametrize("rho", [0.3, 0.9, 1.4])
@pytest.mark.parametrize("n", [1.0, 7.0])
def test_chats_without_patience_are_the_limit_of_ever_shorter_patience(n: float, rho: float) -> None:
    """Open times that differ by load count there too: chats of an agent who holds few are soon over."""
    ratios = np.array([0.5, 0.8, 1.0])
    rate = rho * n * 3 / 600
    limit, little = (
        np.array(chat_figures(rate, 600.0, patience, n, 45.0, 5.0, ratios)) for patience in (0.0, 1e-7)
    )
    assert limit == pytest.approx(little, abs=1e-6)
    even = np.array(chat_figures(rate, 600.0, 0.0, n, 45.0, 5.0, np.ones(3)))
    assert limit[1] < even[1]


def test_many_chat_agents_are_numbers() -> None:
    ratios = np.array([0.6, 0.8, 1.0])
    for rho in (1e-6, 0.5, 1.0, 2.0):
        for patience in (0.0, 1.0, 300.0, math.inf):
            row = chat_figures(rho * 100_000 / 600 * 3, 600.0, patience, 100_000.0, 45.0, 5.0, ratios)
            assert not np.isnan(row).any()
            assert 0 <= row[4] <= 1


def test_nothing_offered_or_asked_needs_nobody() -> None:
    assert int(required_positions(0, 300, service_level=0.9)) == 0
    assert int(required_positions(10, 300, patience_s=100)) == 0


def test_positions_between_none_and_one_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or at least 1"):
        performance(10, 300, 0.5)

"""Placing: never breaks a shift or books anybody twice, and finds the optimum of small cases."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.domain.centre import Centre
from wfo.effort import Effort
from wfo.errors import TableError
from wfo.scheduling.place import PlaceInputs, place
from wfo.scheduling.place_choices import options_of
from wfo.scheduling.place_crowds import Crowds
from wfo.scheduling.place_requests import requests_of, weekly
from wfo.scheduling.place_slots import build_slots
from wfo.scheduling.settings import Activity, PlaceSettings
from wfo.tables.contracts import RUN
from wfo.tables.result import Status
from wfo.timegrid import TimeGrid, epoch_min, from_epoch_min

GRID = TimeGrid(dt.datetime(2025, 7, 7, tzinfo=dt.UTC), 15, 96)
NO_EDGE = PlaceSettings(edge_min=0)
MIDDAY = [("work", 0, 120), ("break", 120, 150), ("work", 150, 300)]


def _schedule(shifts: dict[str, tuple[int, list[tuple[str, int, int]]]]) -> pd.DataFrame:
    """Shifts by agent: start in minutes after midnight, and the partition relative to it."""
    rows = []
    for agent, (start, parts) in shifts.items():
        for kind, a, b in parts:
            begin = GRID.start_min + start
            rows.append(
                (
                    agent,
                    begin + a,
                    begin + b,
                    dt.date(2025, 7, 7),
                    f"{agent}/2025-07-07",
                    "x",
                    kind,
                    kind,
                    kind == "work",
                )
                + (False, ["q"] if kind == "work" else [], None, None)
            )
    frame = pd.DataFrame(rows, columns=list(RUN["schedule"].names))
    for side in ("start", "end"):
        frame[side] = from_epoch_min(frame[side].to_numpy(np.int64))
    return frame.astype(
        {
            c: "str"
            for c in ("agent_id", "shift_id", "site", "activity", "kind", "activity_request_id", "main_queue")
        }
    )


def _request(
    name: str,
    people: Iterable[str],
    *,
    minutes: int = 30,
    value: float = 50.0,
    group: str | None = None,
    window: tuple[int, int] = (0, 1440),
) -> tuple:
    begin, end = (pd.Timestamp(GRID.start) + pd.Timedelta(minutes=m) for m in window)
    return name, "coaching", list(people), minutes, begin, end, value, group


def _inputs(
    schedule: pd.DataFrame,
    requests: list[tuple],
    *,
    price: np.ndarray | float = 0.1,
    cover: list[float] | None = None,
    hard: int = 0,
    coaching: pd.DataFrame | None = None,
    teams: dict[str, str] | None = None,
) -> PlaceInputs:
    agents = sorted(set(schedule["agent_id"]))
    prices = pd.DataFrame(
        {
            "skill": "s",
            "interval_start": GRID.starts,
            "value_per_agent_min": np.broadcast_to(np.asarray(price, dtype=float), (GRID.n,)),
        }
    )
    steps = np.array(cover or [], dtype=float)
    covered = pd.DataFrame(
        {
            "queue": "q",
            "interval_start": pd.DatetimeIndex(np.repeat(GRID.starts, steps.size)),
            "step": np.tile(np.arange(1, steps.size + 1), GRID.n),
            "value": np.tile(steps, GRID.n),
            "hard": np.tile(np.arange(1, steps.size + 1) <= hard, GRID.n),
        }
    )
    return PlaceInputs(
        centre=Centre(),
        grid=GRID,
        agents=pd.DataFrame({"agent_id": agents, "team": [(teams or {}).get(a) for a in agents]}),
        schedule=schedule,
        activity_requests=pd.DataFrame(requests, columns=list(RUN["activity_requests"].names)),
        prices=prices,
        cover=covered,
        agent_skills=pd.DataFrame({"agent_id": agents, "skill": "s"}),
        coaching=coaching,
    )


def _place(inputs: PlaceInputs, settings_: PlaceSettings = NO_EDGE):  # noqa: ANN202
    return place(inputs, settings_, seed=1, effort=Effort.QUICK)


def _clock(times: pd.Series) -> list[str]:
    return [t.strftime("%H:%M") for t in times]


def test_the_cheapest_time_is_found_and_cut_out_of_the_work_segment() -> None:
    price = np.full(GRID.n, 0.5)
    price[45:47] = 0.1  # 11:15-11:45
    result = _place(_inputs(_schedule({"ann": (480, MIDDAY)}), [_request("r", ["ann"])], price=price))
    row = result.tables["placements"].iloc[0]
    assert _clock(row[["start", "end"]]) == ["11:15", "11:45"]
    assert (row["status"], row["cost"], row["value"]) == ("placed", pytest.approx(3.0), 50.0)
    schedule = result.frame()
    assert _clock(schedule["start"]) == ["08:00", "10:00", "10:30", "11:15", "11:45"]
    assert schedule["kind"].tolist() == ["work", "break", "work", "off_phone", "work"]
    cut = schedule.iloc[3]
    assert (cut["activity"], cut["activity_request_id"], cut["queues"]) == ("coaching", "r", [])
    assert cut["shift_id"] == "ann/2025-07-07"
    assert schedule["queues"].tolist() == [["q"], [], ["q"], [], ["q"]]
    assert result.meta.status is Status.OPTIMAL
    assert result.meta.objective == pytest.approx(47.0)


def test_edges_breaks_and_windows_are_kept() -> None:
    inputs = _inputs(_schedule({"ann": (480, MIDDAY)}), [_request("r", ["ann"], minutes=75)])
    slots = build_slots(
        inputs.schedule,
        GRID,
        step_min=15,
        edge_min=30,
        prices=inputs.prices,
        agent_skills=inputs.agent_skills,
        cover=inputs.cover,
    )
    found = options_of(requests_of(inputs.activity_requests)[0], slots, "EUR")
    # shift 08:00-13:00, break 10:00-10:30: 08:30-10:00 and 10:30-12:30
    assert [c.start * 15 for c in found.choices] == [510, 525, 630, 645, 660, 675]
    inside = requests_of(
        pd.DataFrame(
            [_request("r", ["ann"], minutes=75, window=(511, 646 + 75))],
            columns=list(RUN["activity_requests"].names),
        )
    )
    assert [c.start * 15 for c in options_of(inside[0], slots, "EUR").choices] == [525, 630, 645]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (_request("r", ["ann", "eve"]), "eve without a shift this week"),
        (_request("r", ["ann", "cid"]), "ann, cid never at work together for 30 minutes in its window"),
        (_request("r", ["ann"], minutes=180), "ann without 180 minutes of unbroken work in its window"),
        (_request("r", ["ann"], window=(600, 615)), "30 minutes do not fit into its window this week"),
        (_request("r", ["ann"], value=2.0), "it would cost at least 3.00 EUR of service and is worth 2.00"),
    ],
)
def test_what_cannot_take_place_says_why(request_: tuple, reason: str) -> None:
    schedule = _schedule({"ann": (480, MIDDAY), "cid": (900, MIDDAY)})
    result = _place(_inputs(schedule, [request_]))
    row = result.tables["placements"].iloc[0]
    assert (row["status"], row["reason"]) == ("not placed", reason)
    assert pd.isna(row["start"])
    pd.testing.assert_frame_equal(result.frame(), schedule)
    assert result.not_placed()["request_id"].tolist() == ["r"]


def test_of_a_group_the_best_takes_place() -> None:
    requests = [_request("a", ["ann"], value=20, group="g"), _request("b", ["ann"], value=30, group="g")]
    placements = _place(_inputs(_schedule({"ann": (480, MIDDAY)}), requests)).tables["placements"]
    assert placements["status"].tolist() == ["not placed", "placed"]
    assert placements["reason"].iloc[0] == "another request of its group takes place instead"


def test_a_coach_is_not_booked_twice() -> None:
    schedule = _schedule({a: (480, [("work", 0, 60)]) for a in ("ann", "bob", "cid", "zoe")})
    requests = [_request(a, [a, "zoe"], value=v) for a, v in (("ann", 20), ("bob", 40), ("cid", 30))]
    placements = _place(_inputs(schedule, requests)).tables["placements"].set_index("request_id")
    assert placements["status"].to_dict() == {"ann": "not placed", "bob": "placed", "cid": "placed"}
    assert "taken by other activities of ann, zoe" in placements.loc["ann", "reason"]


def test_several_away_at_once_cost_more() -> None:
    schedule = _schedule({a: (480, [("work", 0, 60)]) for a in ("ann", "bob")})
    requests = [_request(a, [a], value=9.0) for a in ("ann", "bob")]
    alone = _place(_inputs(schedule, requests, cover=[3.0, 1.5])).tables["placements"]
    # the second agent away loses the first step: 1.5 more a quarter, so they go one after the other
    assert len(set(alone["start"])) == 2
    narrow = [_request(a, [a], value=9.0, window=(480, 510)) for a in ("ann", "bob")]
    both = _place(_inputs(schedule, narrow, cover=[3.0, 1.5]))
    assert both.tables["placements"]["status"].tolist() == ["placed", "placed"]
    assert both.meta.objective == pytest.approx(2 * (9 - 3) - 2 * 1.5)
    one = _place(_inputs(schedule, narrow, cover=[3.0, 1.5], hard=1)).tables["placements"]
    assert sorted(one["status"]) == ["not placed", "placed"]


def test_a_meeting_leaves_no_queue_alone() -> None:
    """Six do chats, six only calls, which need four till nine: a meeting of four of these comes later."""
    phone, others = [f"call{k}" for k in range(6)], [f"chat{k}" for k in range(6)]
    schedule = _schedule({a: (480, [("work", 0, 180)]) for a in (*phone, *others)})
    schedule["queues"] = [["calls"] if a in phone else ["chats"] for a in schedule["agent_id"]]
    early = GRID.starts < pd.Timestamp(GRID.start) + pd.Timedelta(hours=9)
    need = {"calls": np.where(early, 4, 1), "chats": np.full(GRID.n, 2)}
    steps = [
        (queue, start, step + 1, 20.0, False)
        for queue, wanted in need.items()
        for start, n in zip(GRID.starts, wanted, strict=True)
        for step in range(8)
        if step < n
    ]
    inputs = _inputs(schedule, [_request("r", phone[:4], value=300.0)], price=np.where(early, 0.0, 0.01))
    columns = ["queue", "interval_start", "step", "value", "hard"]
    inputs = replace(inputs, cover=pd.DataFrame(steps, columns=columns))
    row = _place(inputs).tables["placements"].iloc[0]
    assert row["start"] >= pd.Timestamp(GRID.start) + pd.Timedelta(hours=9)
    assert row["cost"] == pytest.approx(4 * 30 * 0.01)
    before_nine = _request("r", phone[:4], value=300.0, window=(480, 540))
    asked = replace(
        inputs, activity_requests=pd.DataFrame([before_nine], columns=list(RUN["activity_requests"].names))
    )
    # two of the four who are needed are away, for two quarters of an hour
    assert _place(asked).tables["placements"]["cost"].iloc[0] == pytest.approx(2 * 2 * 20.0)


def test_crowds_add_up_as_single_counts_do() -> None:
    """By hand: what the k-th away costs beyond the first, by the crowd that loses most."""
    crowds = Crowds(
        np.array([[True, True, True], [True, False, True]]),
        np.array([[[0.0, 1.0, 5.0]], [[0.0, 4.0, 4.0]]]),
    )
    assert crowds.sizes((0, 1)).tolist() == [2, 1]
    costs = [crowds.cost(crowds.sizes(who)[:, None]) for who in ((0,), (0, 1), (0, 2), (0, 1, 2))]
    assert costs == [0.0, 1.0, 4.0, 6.0]
    assert crowds.cost(np.array([[5], [0]])) == 6.0 + 2 * 5.0


def test_a_team_meets_when_most_are_there() -> None:
    shifts = {a: (480, MIDDAY) for a in ("ann", "bob", "cid")} | {"dan": (600, MIDDAY), "eve": (1000, MIDDAY)}
    teams = dict.fromkeys(("ann", "bob", "cid", "dan"), "north") | {"eve": "south"}
    meeting = PlaceSettings(activities={"meeting": Activity(minutes=30, by_team=True)}, edge_min=0)
    result = _place(_inputs(_schedule(shifts), [], teams=teams), meeting)
    placements = result.tables["placements"].set_index("request_id")
    north = placements.loc["meeting/north"]
    assert north["participants"] == ["ann", "bob", "cid", "dan"]
    assert north["value"] == 4000
    assert placements.loc["meeting/south", "participants"] == ["eve"]
    assert (result.frame()["activity"] == "meeting").sum() == 5


def test_a_team_that_cannot_gather_whole_meets_without_the_absent() -> None:
    shifts = {a: (480, MIDDAY) for a in ("ann", "bob")} | {"eve": (1000, MIDDAY)}
    teams = dict.fromkeys(("ann", "bob", "eve"), "north")
    meeting = PlaceSettings(activities={"meeting": Activity(minutes=30, by_team=True)})
    row = _place(_inputs(_schedule(shifts), [], teams=teams), meeting).tables["placements"].iloc[0]
    assert row["participants"] == ["ann", "bob"]
    assert row["reason"] == "without eve, not free then"


def test_training_reaches_everybody() -> None:
    schedule = _schedule({"ann": (480, MIDDAY), "bob": (500, MIDDAY)})
    training = PlaceSettings(activities={"training": Activity(minutes=45)})
    result = _place(_inputs(schedule, []), training)
    assert result.tables["placements"]["request_id"].tolist() == ["training/ann", "training/bob"]
    rows = result.frame()
    rows = rows[rows["activity"] == "training"]
    assert ((rows["end"] - rows["start"]) == pd.Timedelta(minutes=45)).all()


def test_coaching_gets_its_times() -> None:
    coaching = pd.DataFrame(
        {
            "session_id": ["a", "b", "c"],
            "agent_id": ["ann", "ann", "ann"],
            "start": pd.Series([pd.NaT] * 3, dtype="datetime64[us, UTC]"),
            "end": pd.Series([pd.NaT] * 3, dtype="datetime64[us, UTC]"),
            "status": ["proposed"] * 3,
            "reason": ["low on tone", "low on care", "declined earlier"],
        }
    )
    requests = [_request("a", ["ann"]), _request("b", ["ann"], value=1.0)]
    out = _place(_inputs(_schedule({"ann": (480, MIDDAY)}), requests, coaching=coaching)).tables["coaching"]
    assert out["status"].tolist() == ["scheduled", "not placed", "proposed"]
    assert (out["end"] - out["start"]).iloc[0] == pd.Timedelta(minutes=30)
    assert out["reason"].tolist() == [
        "low on tone",
        "low on care; it would cost at least 3.00 EUR of service and is worth 1.00",
        "declined earlier",
    ]
    assert out["start"].isna().tolist() == [False, True, True]


def test_nothing_wanted_changes_nothing() -> None:
    schedule = _schedule({"ann": (480, MIDDAY)})
    result = _place(_inputs(schedule, []))
    pd.testing.assert_frame_equal(result.frame(), schedule)
    assert result.tables["placements"].empty
    assert result.meta.status is Status.OPTIMAL


def test_without_shifts_nothing_takes_place() -> None:
    nobody = _schedule({"ann": (480, MIDDAY)}).iloc[:0]
    inputs = _inputs(nobody, [_request("r", ["ann"])], cover=[3.0])
    result = _place(inputs, PlaceSettings(activities={"training": Activity(minutes=45)}))
    assert result.tables["placements"]["reason"].tolist() == ["ann without a shift this week"]
    assert result.frame().empty
    assert tuple(result.tables["coaching"].columns) == RUN["coaching"].names


def test_wrong_requests_are_told_in_full() -> None:
    requests = [_request("r", ["ann", "ann"]), _request("r", ["ann"], minutes=0)]
    with pytest.raises(TableError) as error:
        _place(_inputs(_schedule({"ann": (480, MIDDAY)}), requests))
    assert [p.where for p in error.value.problems] == [
        "activity_requests, row 1, column 'participants'",
        "activity_requests, row 2, column 'request_id'",
        "activity_requests, row 2, column 'minutes'",
    ]


def test_agents_without_a_team_have_no_team_meeting() -> None:
    agents = pd.DataFrame({"agent_id": ["b", "a", "c"], "team": [None, "t", "t"]})
    found = weekly({"meeting": Activity(minutes=30, by_team=True)}, agents, GRID)
    assert [(w.request_id, w.participants) for w in found] == [("meeting/t", ("a", "c"))]


def _check_partition(before: pd.DataFrame, after: pd.DataFrame) -> None:
    spans = [f.groupby("shift_id").agg(start=("start", "min"), end=("end", "max")) for f in (before, after)]
    pd.testing.assert_frame_equal(spans[0], spans[1])
    for _, shift in after.groupby("shift_id"):
        assert (shift["start"].to_numpy()[1:] == shift["end"].to_numpy()[:-1]).all()
        assert (shift["end"] > shift["start"]).all()
    rest = [f[f["kind"] == "break"].reset_index(drop=True) for f in (before, after)]
    pd.testing.assert_frame_equal(rest[0], rest[1])


SHIFT = st.tuples(
    st.sampled_from([480, 490, 525, 600]), st.sampled_from([MIDDAY, [("work", 0, 90)], [("work", 0, 45)]])
)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_partitions_hold_and_nobody_is_at_two_places(data: st.DataObject) -> None:
    names = ["ann", "bob", "cid", "dan"]
    schedule = _schedule({a: data.draw(SHIFT) for a in names})
    requests = []
    for i in range(data.draw(st.integers(1, 7))):
        people = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        minutes = data.draw(st.sampled_from([15, 20, 30, 45]))
        value = data.draw(st.floats(0, 30))
        requests.append(
            _request(
                f"r{i}", people, minutes=minutes, value=value, group=data.draw(st.sampled_from([None, "g"]))
            )
        )
    inputs = _inputs(schedule, requests, price=0.2, cover=[6, 4, 3, 1])
    result = _place(inputs)
    _check_partition(schedule, result.frame())
    placements = result.tables["placements"].set_index("request_id")
    placed = placements[placements["start"].notna()]
    rows = result.frame()
    for name, row in placed.iterrows():
        mine = rows[rows["activity_request_id"] == name]
        assert sorted(mine["agent_id"]) == sorted(row["participants"])
        assert (mine["start"] == row["start"]).all()
        assert (mine["end"] == row["end"]).all()
    for agent in names:
        own = placed[np.array([agent in p for p in placed["participants"]], dtype=bool)].sort_values("start")
        assert (own["start"].to_numpy()[1:] >= own["end"].to_numpy()[:-1]).all()
    groups = [r[7] for r in requests if r[0] in placed.index and r[7]]
    assert len(groups) <= 1


def _brute(inputs: PlaceInputs, cover: list[float], price: np.ndarray) -> float:
    """Best value less cost over every combination of starts, counted minute by minute."""
    work: dict[str, list[tuple[int, int]]] = {}
    for row in inputs.schedule.to_dict("records"):
        if row["kind"] == "work":
            span = (epoch_min(pd.DatetimeIndex([row[c]]))[0] - GRID.start_min for c in ("start", "end"))
            work.setdefault(row["agent_id"], []).append(tuple(span))
    requests = inputs.activity_requests.to_dict("records")
    choices = []
    for r in requests:
        fits = [
            s
            for s in range(0, 1440, 15)
            if all(any(a <= s and s + r["minutes"] <= b for a, b in work[p]) for p in r["participants"])
        ]
        choices.append([None, *fits])
    at_work = [
        sum(any(a < t + 15 and t < b for a, b in spans) for spans in work.values())
        for t in range(0, 1440, 15)
    ]
    best = 0.0
    for plan in itertools.product(*choices):
        away: dict[int, list[str]] = {}
        money = 0.0
        for r, s in zip(requests, plan, strict=True):
            if s is None:
                continue
            money += r["value"]
            for t in range(s, s + r["minutes"], 15):
                away.setdefault(t // 15, []).extend(r["participants"])
        if any(len(set(who)) < len(who) for who in away.values()):
            continue
        for t, who in away.items():
            step = lambda k, t=t: cover[k - 1] if 1 <= k <= len(cover) else (cover[0] if k < 1 else 0.0)  # noqa: E731
            for k in range(1, len(who) + 1):
                money -= 15 * price[t] + step(at_work[t] - k + 1) - step(at_work[t])
        best = max(best, money)
    return best


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_small_cases_are_optimal(data: st.DataObject) -> None:
    names = ["ann", "bob", "cid"]
    starts = st.sampled_from([480, 510, 540])
    schedule = _schedule({a: (data.draw(starts), [("work", 0, 90)]) for a in names})
    requests = []
    for i in range(data.draw(st.integers(1, 3))):
        people = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
        minutes = data.draw(st.sampled_from([15, 30, 45]))
        requests.append(_request(f"r{i}", people, minutes=minutes, value=data.draw(st.integers(1, 40)) / 2))
    cents = data.draw(st.lists(st.integers(0, 40), min_size=GRID.n, max_size=GRID.n))
    price = np.array(cents) / 100
    cover = sorted(data.draw(st.lists(st.integers(0, 8), min_size=1, max_size=4)), reverse=True)
    inputs = _inputs(schedule, requests, price=price, cover=[float(c) for c in cover])
    result = _place(inputs)
    assert result.meta.status is Status.OPTIMAL
    assert result.meta.objective == pytest.approx(_brute(inputs, [float(c) for c in cover], price), abs=0.02)
    assert result.meta.bound >= result.meta.objective - 1e-9


def test_same_inputs_same_plan() -> None:
    schedule = _schedule({a: (480 + 15 * i, MIDDAY) for i, a in enumerate(("ann", "bob", "cid", "zoe"))})
    requests = [_request(a, [a, "zoe"], value=40) for a in ("ann", "bob", "cid")]
    price = np.random.default_rng(1).uniform(0, 0.5, GRID.n)
    one, two = (_place(_inputs(schedule, requests, price=price, cover=[5, 4, 3, 1])) for _ in range(2))
    for name in ("schedule", "placements"):
        pd.testing.assert_frame_equal(one.tables[name], two.tables[name], check_exact=True)

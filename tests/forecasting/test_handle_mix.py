"""Handle time: second contacts, tenure, and how soon after opening overdue contacts come."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.forecasting import small
from wfo.forecasting.handle_mix import (
    caused_share,
    second_contact_factor,
    second_contact_uplift,
    tenure_factor,
)
from wfo.forecasting.history import read_history
from wfo.forecasting.laws import read_laws
from wfo.forecasting.learnt_landing import with_landing
from wfo.forecasting.opening import open_intervals
from wfo.timegrid import epoch_min, from_epoch_min


def worked(n, handle_s, **columns):
    start = pd.Timestamp("2025-06-02", tz="UTC")
    return pd.DataFrame(
        {
            "interaction_id": [f"i{k}" for k in range(n)],
            "queue": "voice",
            "started_at": start + pd.to_timedelta(np.arange(n) % 30, "D").as_unit("us"),
            "handle_s": handle_s,
            **columns,
        }
    )


def test_the_planted_uplift_of_second_contacts_is_found():
    rng = np.random.default_rng(1)
    second = np.arange(20_000) % 4 == 0
    log = worked(20_000, rng.lognormal(5.5, 0.5, 20_000) * np.where(second, 1.4, 1.0))
    members = pd.DataFrame(
        {"interaction_id": log["interaction_id"], "role": np.where(second, "follow_up", "fresh")}
    )
    uplift, share = second_contact_uplift(small.centre(), log, members)
    assert uplift[0] == pytest.approx(0.4, abs=0.06)
    assert share[0] == pytest.approx(0.25)
    assert (uplift[1:] == 0).all()
    assert not second_contact_uplift(small.centre(), log, None)[0].any()


def test_a_week_like_its_history_keeps_its_handle_time_however_few_links_are_seen():
    offered, fresh = np.full((1, 8), 10.0), np.full((1, 8), 5.0)
    usual = caused_share(offered, fresh)
    assert usual[0] == 0.5
    uplift, linked = np.array([0.2]), np.array([0.25])
    same = second_contact_factor(uplift, linked, np.full((1, 3), 0.5), usual)
    np.testing.assert_allclose(same, 1.0)
    more = second_contact_factor(uplift, linked, np.full((1, 3), 1.0), usual)
    np.testing.assert_allclose(more, (1 + 0.2 * 0.5) / (1 + 0.2 * 0.25))
    np.testing.assert_allclose(second_contact_factor(uplift, linked, np.full((1, 3), 0.5), np.zeros(1)), 1.0)


def test_a_class_of_beginners_lengthens_the_week():
    rng = np.random.default_rng(2)
    agent = np.arange(24_000) % 40
    hire = [dt.date(2025, 6, 2) if k < 10 else dt.date(2025, 4, 15) for k in range(40)]
    log = worked(24_000, rng.lognormal(5.5, 0.5, 24_000) * np.where(agent < 10, 1.3, 1.0))
    log["agent_id"] = [f"a{k}" for k in agent]
    agents = pd.DataFrame({"agent_id": [f"a{k}" for k in range(40)], "hire_date": hire})
    # by the week the ten are no beginners any more
    assert tenure_factor(small.centre(), log, agents, small.WEEK)[0] == pytest.approx(1 / 1.075, abs=0.02)
    new = pd.DataFrame({"agent_id": [f"n{k}" for k in range(40)], "hire_date": [dt.date(2025, 7, 3)] * 40})
    mixed = tenure_factor(small.centre(), log, pd.concat([agents, new]), small.WEEK)[0]
    assert mixed == pytest.approx(1.15 / 1.075, abs=0.03)
    np.testing.assert_array_equal(tenure_factor(small.centre(), log, None, small.WEEK), 1.0)


@pytest.mark.parametrize("within", [60, 180])
def test_the_landing_is_the_one_that_was_planted(within):
    """Night messages of the web whose senders call in the first minutes after opening."""
    rng = np.random.default_rng(3)
    grid = small.week(small.WEEK - dt.timedelta(weeks=12))
    days = 12 * 7
    start = grid.start_min + rng.integers(0, days * 1440, 40_000)
    calls = rng.random(40_000) < 0.2
    due = start[calls] + rng.integers(0, 2880, calls.sum())
    spec = small.centre()
    whole = type(grid).of_days(small.WEEK - dt.timedelta(weeks=12), days, zone=small.ZONE, step_min=15)
    is_open = open_intervals(spec, whole)[0]
    slot = np.minimum((due - whole.start_min) // 15, whole.n - 1)
    opening = np.flatnonzero(is_open & ~np.concatenate([[False], is_open[:-1]]))
    nxt = np.append(opening, whole.n)[np.searchsorted(opening, slot)]
    late = whole.start_min + nxt * 15 + rng.integers(0, within, len(slot))
    arrives = np.where(is_open[slot], due, late)
    keep = arrives < whole.start_min + whole.n * 15
    first = pd.DataFrame({"queue": "web", "minute": start, "role": "fresh"})
    again = pd.DataFrame({"queue": "voice", "minute": arrives[keep], "role": "follow_up"})
    rows = pd.concat([first, again], ignore_index=True)
    rows["interaction_id"] = [f"i{k}" for k in range(len(rows))]
    log = rows.assign(direction="in", outcome="handled", channel="voice")
    log["started_at"] = from_epoch_min(rows["minute"].to_numpy())
    assert (epoch_min(log["started_at"]) == rows["minute"].to_numpy()).all()
    kernel = pd.DataFrame(
        {"from_queue": "web", "to_queue": "voice", "lag_min": [720, 1440, 2160, 2880], "r": 0.05}
    )
    laws = read_laws(spec, kernel, {}, None, None, 0.03, [])
    now = small.week().start
    history = read_history(spec, 15, now, log, None, reach_days=200)
    opened = open_intervals(spec, history.grid)
    found = with_landing(laws, history, opened, log, rows, spec.queue_ids)
    assert found.landing_min[0] == within
    assert found.landing_min[1] == laws.landing_min[1]

"""The published weeks keep the contracts' rules."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from wfo.domain.hours import clock_min
from wfo.scheduling.checker import check_schedule


@pytest.fixture(scope="module", params=["tiny", "standard"])
def published(request):
    sample = request.getfixturevalue(request.param)
    frame = sample.data["published_schedule"]
    return sample, frame


@pytest.fixture(scope="module")
def shifts(published):
    sample, frame = published
    agents = sample.data["agents"].set_index("agent_id")
    out = (
        frame.groupby(["agent_id", "schedule_date"])
        .agg(start=("start", "min"), end=("end", "max"))
        .reset_index()
    )
    paid = frame[frame["paid"]].assign(h=lambda f: (f["end"] - f["start"]).dt.total_seconds() / 3600)
    out["paid_h"] = paid.groupby(["agent_id", "schedule_date"])["h"].sum().to_numpy()
    off = frame[frame["kind"] == "time_off"].groupby("shift_id").size()
    out["off"] = (out["agent_id"] + "/" + out["schedule_date"].astype(str)).isin(off.index)
    out["contract"] = out["agent_id"].map(agents["contract"])
    zones = {s: v.zone for s, v in sample.centre.sites.items()}
    out["zone"] = out["agent_id"].map(agents["site"]).map(zones)
    out["date"] = pd.to_datetime(out["schedule_date"])
    return sample, out


def test_segments_are_a_partition_of_each_shift(published):
    _, frame = published
    assert (frame["end"] > frame["start"]).all()
    same = frame["shift_id"].eq(frame["shift_id"].shift())
    assert (frame["start"][same] == frame["end"].shift()[same]).all()
    assert frame["shift_id"].nunique() == (~same).sum()
    assert frame["schedule_date"].nunique() == 28
    work = frame["kind"] == "work"
    assert (frame["queues"].map(len) > 0).equals(work)


def test_lengths_starts_and_weekly_hours(shifts):
    sample, out = shifts
    for name, group in out.groupby("contract"):
        rule = sample.centre.contracts[name]
        span = (group["end"] - group["start"]).dt.total_seconds() / 3600
        assert span[~group["off"]].between(rule.shift_h.min, rule.shift_h.max).all()
        for zone, there in group.groupby("zone"):
            local = there["start"].dt.tz_convert(zone)
            minute = local.dt.hour * 60 + local.dt.minute
            assert minute.between(clock_min(rule.start.earliest), clock_min(rule.start.latest)).all()
            assert (minute % rule.start.step_min == 0).all()
            assert (local.dt.tz_localize(None).dt.normalize() == there["date"]).all()
        week = group.groupby(["agent_id", group["date"].dt.isocalendar().week])
        assert week["paid_h"].sum().between(rule.week_h.min, rule.week_h.max).all()
        assert week.size().between(rule.days.min, rule.days.max).all()


def test_rest_days_in_a_row_and_free_weekends(shifts):
    sample, out = shifts
    rule = sample.centre.contracts["full_time"]
    for _, group in out.groupby("agent_id"):
        rest = (group["start"] - group["end"].shift()).dt.total_seconds() / 3600
        assert rest.dropna().min() >= rule.rest_h
        run = (group["date"].diff() != pd.Timedelta(days=1)).cumsum()
        assert group.groupby(run).size().max() <= rule.max_days_in_row
        weekend = group.loc[group["date"].dt.day_of_week >= 5, "date"].dt.isocalendar().week
        assert (np.diff(np.unique(weekend)) >= 2).all()


def test_breaks(tiny):
    sample, frame = tiny, tiny.data["published_schedule"]
    agents = sample.data["agents"].set_index("agent_id")["contract"]
    for shift, part in frame[frame["kind"] != "time_off"].groupby("shift_id"):
        contract = sample.centre.contracts[agents[shift.split("/")[0]]]
        start, end = part["start"].min(), part["end"].max()
        span = (end - start).total_seconds() / 3600
        for name, rule in contract.breaks.items():
            rows = part[part["activity"] == ("break" if name == "pause" else name)]
            wanted = 0 if span <= rule.over_h else int(span // rule.per_h) if rule.per_h else 1
            assert len(rows) == wanted
            if wanted:
                assert ((rows["end"] - rows["start"]).dt.total_seconds() == rule.minutes * 60).all()
                assert (rows["paid"] == rule.paid).all()
                assert (rows["start"] - start).min().total_seconds() >= rule.after_h * 3600
                assert (end - rows["end"]).min().total_seconds() >= rule.after_h * 3600


def test_states_tell_of_the_stated_unscheduled_shrinkage(standard):
    states = standard.data["agent_states"]
    minutes = (states["end"] - states["start"]).dt.total_seconds().groupby(states["state"]).sum()
    lost = minutes[["absent", "late", "unplanned_break"]].sum()
    rest = minutes.drop(["lunch"]).sum()
    assert lost / rest == pytest.approx(0.08, abs=0.015)
    frame = states.sort_values(["agent_id", "start"])
    same = frame["agent_id"].eq(frame["agent_id"].shift())
    assert (frame["start"][same] >= frame["end"].shift()[same]).all()


def test_the_engine_s_checker_agrees_on_a_week_without_time_off(standard):
    frame = standard.data["published_schedule"]
    off = frame.loc[frame["kind"] == "time_off", "agent_id"].unique()
    frame = frame[~frame["agent_id"].isin(off)]
    last = frame["schedule_date"] >= dt.date(2025, 6, 30)
    agents = standard.data["agents"]
    breaches = check_schedule(
        frame[last],
        centre=standard.centre,
        agents=agents[~agents["agent_id"].isin(off)],
        published=frame[~last],
        agent_skills=standard.data["agent_skills"],
        routing=standard.data["routing"],
    )
    assert breaches.empty

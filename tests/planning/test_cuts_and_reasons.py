"""Targets' own prices, cuts of chats and deferred work, and why targets stay missed."""

from dataclasses import replace

import pandas as pd
import pytest
from test_refine import (
    AGENTS,
    CENTRE,
    DAY,
    NO_DEFERRED,
    PRICES,
    ROUTING,
    SETS,
    SKILLS,
    START,
    STEP,
    Refined,
    Script,
    intervals,
    loop,
    runs,
    scorecard,
    week,
)

from wfo.metrics.specs import parse_target
from wfo.planning.cuts import new_cuts
from wfo.planning.losses import Prices, interval_losses, target_losses
from wfo.planning.reasons import Asked, People, reasons_missed


def priced(*texts: str, metric: str = "service_level", queue: str = "voice") -> Prices:
    return replace(PRICES, specs=tuple(parse_target(t, metric=metric, scope=queue) for t in texts))


def test_a_target_costs_its_own_price_for_each_contact_by_which_it_is_missed() -> None:
    """40 contacts, 70 % in time: 4 are missing to 80 %; 2 are lost at 8."""
    lost = intervals([2.0])
    assert interval_losses(lost, PRICES).tolist() == [16.0]
    assert interval_losses(lost, priced("80% in 20s")).tolist() == pytest.approx([16.0 + 4 * 2.0])
    assert interval_losses(lost, priced("80% in 20s priced 5/contact")).tolist() == pytest.approx([36.0])
    assert interval_losses(lost, priced("80% in 20s report")).tolist() == [16.0]
    assert interval_losses(lost, priced("<= 2%", metric="abandonment")).tolist() == pytest.approx(
        [16.0 + (2 - 0.8) * 8.0]
    )


@pytest.mark.parametrize(
    ("text", "missed"),
    [
        # weeks of 60 and 90 in time of 100: 20 and none are missing
        ("80% in 20s", (20 + 0) / 2),
        ("80% in 20s per day", (20 + 0) / 2),
        ("95% in 20s", (35 + 5) / 2),
        # by interval: 80 % of 40 less 70 % of 40
        ("80% in 20s per interval", 4),
    ],
)
def test_a_target_is_missed_at_its_own_grain(text: str, missed: float) -> None:
    evaluated = {"intervals": intervals([0.0]), "replications": runs()}
    assert target_losses(evaluated, priced(text + " priced 3/contact")) == pytest.approx(3 * missed)


def test_good_days_make_up_for_bad_ones_in_a_week_but_not_by_day() -> None:
    both = pd.concat([runs(in_time=(60,)), runs(in_time=(100,)).assign(day=START.date() + DAY)])
    evaluated = {"intervals": intervals([0.0]), "replications": both}
    assert target_losses(evaluated, priced("80% in 20s")) == 0.0
    assert target_losses(evaluated, priced("80% in 20s per day")) == pytest.approx(20 * 2.0)


def test_abandonment_leaves_short_ones_out() -> None:
    evaluated = {"intervals": intervals([0.0]), "replications": runs().assign(abandoned_short=4)}
    assert target_losses(evaluated, priced("<= 1%", metric="abandonment")) == 0.0
    evaluated["replications"]["abandoned_short"] = 0
    assert target_losses(evaluated, priced("<= 1%", metric="abandonment")) == pytest.approx(3 * 8.0)


def test_short_abandons_are_left_out_interval_by_interval_too() -> None:
    """40 came, 6 gave up, 4 of them at once: 2 of 36 counted, and 1 % of these are allowed."""
    short = intervals([6.0]).assign(abandoned_short=4.0)
    extra = interval_losses(short, priced("<= 1%", metric="abandonment")) - interval_losses(short, PRICES)
    assert extra.tolist() == pytest.approx([8.0 * (2 - 0.36)])


def test_a_dear_target_draws_cuts_where_nothing_is_lost() -> None:
    """All of it by the target's price: nobody abandons, nothing is counted late."""
    none_lost = intervals([0.0])
    given = {"routing": ROUTING, "skill_sets": SETS, "deferred": NO_DEFERRED, "before": None}
    assert new_cuts(none_lost, week("a"), ("voice",), prices=PRICES, **given) is None
    found = new_cuts(none_lost, week("a"), ("voice",), prices=priced("80% in 20s priced 5/contact"), **given)
    assert found is not None
    assert found["value"].tolist() == pytest.approx([20.0])


def test_chats_are_asked_for_by_the_people_who_chat() -> None:
    chats = intervals([3.0]).assign(queue="chat")
    plan = pd.concat([week("a"), week("b").assign(queues=[["chat"], []])], ignore_index=True)
    found = new_cuts(
        chats, plan, ("chat",), routing=ROUTING, skill_sets=SETS, deferred=NO_DEFERRED, before=None,
        prices=priced("80% in 60s", queue="chat"),
    )  # fmt: skip
    assert found is not None
    assert found[["cut", "rhs"]].to_numpy().tolist() == [["chat/2025-07-07T08:00Z", 2.0]]
    assert found["queue"].tolist() == ["chat"]


MAIL_ROUTING = pd.DataFrame({"queue": ["mail"], "skill": ["voice"]})


def mail(late: list[float]) -> pd.DataFrame:
    return intervals([0.0] * len(late)).assign(queue="mail", offered=4.0, of=4.0, late=late)


def work(*rows: tuple[int, int, float]) -> pd.DataFrame:
    """Work released and due so many intervals after the start, in seconds."""
    out = [("mail", START + r * STEP, START + d * STEP, s, 0.5) for r, d, s in rows]
    return pd.DataFrame(out, columns=["queue", "release", "due", "work_s", "value_per_min"])


def test_late_deferred_work_asks_for_time_before_it_is_due() -> None:
    """Half of an hour's work is late: two intervals more of the three in which it could be done."""
    found = new_cuts(
        mail([2.0, 0.0, 0.0, 0.0]), week("a").assign(queues=[["mail"], []]), ("mail",),
        routing=MAIL_ROUTING, skill_sets=SETS, deferred=work((0, 3, 3600.0)), before=None, prices=PRICES,
    )  # fmt: skip
    assert found is not None
    assert found["interval_start"].tolist() == [START, START + STEP, START + 2 * STEP]
    assert len(set(found["cut"])) == 1
    assert (found["rhs"] == 3 + 2).all()
    assert found["value"].tolist() == pytest.approx([7.5] * 3)


def test_old_work_that_is_late_asks_for_time_too() -> None:
    """Eight pieces were open before the week and none came since: their hour is missing in all."""
    old = mail([8.0, 0.0, 0.0]).assign(offered=0.0, of=[8.0, 0.0, 0.0])
    found = new_cuts(
        old, week("a").assign(queues=[["mail"], []]), ("mail",),
        routing=MAIL_ROUTING, skill_sets=SETS, deferred=work((0, 3, 3600.0)), before=None, prices=PRICES,
    )  # fmt: skip
    assert found is not None
    assert (found["rhs"] == 3 + 4).all()


def test_deferred_work_done_in_time_asks_for_nothing() -> None:
    given = {"routing": MAIL_ROUTING, "skill_sets": SETS, "before": None, "prices": PRICES}
    plan = week("a").assign(queues=[["mail"], []])
    assert new_cuts(mail([0.0] * 4), plan, ("mail",), deferred=work((0, 3, 60.0)), **given) is None
    nobody = plan.iloc[:0]
    assert new_cuts(mail([2.0] * 4), nobody, ("mail",), deferred=work((0, 3, 60.0)), **given) is None


def why(
    plan: pd.DataFrame,
    *,
    skills: pd.DataFrame = SKILLS,
    most_h: float = 40.0,
    asked: tuple[Asked, ...] = (),
    lost: float = 4.0,
) -> str:
    full = CENTRE.contracts["full"]
    contracts = {"full": full.model_copy(update={"week_h": full.week_h.model_copy(update={"max": most_h})})}
    centre = CENTRE.model_copy(update={"contracts": contracts})
    (text,) = reasons_missed(
        scorecard(0.2), intervals([lost, 0.0]), plan,
        people=People(centre, AGENTS, skills, ROUTING), prices=PRICES, asked=asked,
    )  # fmt: skip
    return text


def asked_for(plan: pd.DataFrame) -> Asked:
    cuts = pd.DataFrame({"cut": ["voice/2025-07-07T08:00Z"], "interval_start": [START]})
    return Asked(2, cuts, plan)


def test_the_worst_hour_is_named_in_the_centres_time() -> None:
    text = why(week("a", "b"))
    assert text.startswith("service level of voice per week stays missed: 70.0 % expected, target 80.0 %")
    assert "20 % probability (8 more contacts a week in time would do); worst Mon 10:00–11:00:" in text


def test_a_target_of_days_says_what_its_days_miss() -> None:
    """Of two days one is 30 contacts above, one 10 below: the week would miss nothing."""
    runs = pd.DataFrame(
        {
            "replication": 0,
            "queue": "voice",
            "day": [0, 1],
            "offered": 100,
            "abandoned": 0,
            "abandoned_short": 0,
        }
    ).assign(in_time=[110.0, 70.0], of=100.0)
    (text,) = reasons_missed(
        scorecard(0.2).assign(grain="day"), intervals([4.0]), week("a", "b"),
        people=People(CENTRE, AGENTS, SKILLS, ROUTING), prices=PRICES, asked=(), runs=runs,
    )  # fmt: skip
    assert "per day stays missed" in text
    assert "20 % probability (on its days 10 contacts in all are missing to it in the mean); worst" in text


def test_a_target_at_its_mean_is_left_to_chance() -> None:
    (text,) = reasons_missed(
        scorecard(0.45).assign(predicted=0.801), intervals([4.0]), week("a", "b"),
        people=People(CENTRE, AGENTS, SKILLS, ROUTING), prices=PRICES, asked=(),
    )  # fmt: skip
    assert "45 % probability (the mean is at the target, chance decides the single week)" in text


def test_each_reason_is_told_apart() -> None:
    assert "nobody is skilled" in why(week("a"), skills=SKILLS.assign(skill="chat"))
    assert "no one skilled is free: of 2, 2 are on duty" in why(week("a", "b"))
    assert "no one skilled is free: of 1, 1 are on duty" in why(week("a"), skills=SKILLS.iloc[:1])
    elsewhere = week("a", "b").assign(queues=[["voice"], ["chat"], [], []])
    assert "hours are exhausted: of the skilled, 1 on duty, 1 more already" in why(elsewhere, most_h=1.5)
    assert "no round was left" in why(elsewhere)
    assert "the cut did not help: more were asked for in round 2, and 1 of 2" in why(
        elsewhere, asked=(asked_for(elsewhere),)
    )
    assert "came (2 instead of 1), but that plan cost more" in why(
        elsewhere, asked=(asked_for(week("a", "b")),)
    )
    assert "no contact is lost or late" in why(elsewhere, lost=0.0)


def test_somebody_on_leave_is_not_free() -> None:
    leave = week("b").iloc[:1].assign(kind="time_off", queues=[[]])
    assert "no one skilled is free: of 2, 1 are on duty and the others on leave" in why(
        pd.concat([week("a"), leave], ignore_index=True)
    )


def test_rounds_end_with_reasons_only_while_a_target_is_missed() -> None:
    met, missed = loop(Script([1.0], [0.9])), loop(Script([3.0, 1.0, 2.0], [0.1, 0.1, 0.1]))
    assert isinstance(met, Refined)
    assert isinstance(missed, Refined)
    assert met.reasons == ()
    assert len(missed.reasons) == 1
    assert "the cut did not help: more were asked for in round 3" in missed.reasons[0]

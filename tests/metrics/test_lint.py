"""Targets that are refused, and what is said about them."""

import pytest

from wfo.domain.centre import Centre, Law, Queue
from wfo.errors import InputError
from wfo.metrics.catalogue import ALIASES, CATALOGUE, Unit
from wfo.metrics.lint import lint, specs_of
from wfo.metrics.specs import Grain, Mode, parse_target

CENTRE = Centre.model_validate(
    {
        "queues": {
            "voice": {"channel": "voice", "law": "immediate"},
            "chat": {"channel": "chat", "law": "concurrent"},
            "email": {"channel": "email", "law": "deferred"},
            "web": {"channel": "web", "law": "unstaffed"},
        }
    }
)


def messages(metric, scope, text):
    return [f.message for f in lint([parse_target(text, metric=metric, scope=scope)], CENTRE)]


@pytest.mark.parametrize(
    ("metric", "scope", "text"),
    [
        ("service_level", "voice", "80% in 20s hard"),
        ("service_level", "chat", "80% in 60s per day"),
        ("service_level", "centre", "80% in 20s report"),
        ("response_within", "email", "90% in 24 working h hard"),
        ("response_within", "email", "90% by promise"),
        ("abandonment", "voice", "<= 5%"),
        ("asa", "voice", "<= 30s hard"),
        ("occupancy", "voice", "<= 85%"),
        ("fcr", "centre", ">= 75%"),
        ("failure_demand", "centre", "<= 20% report"),
        ("coaching_coverage", "centre", ">= 90%"),
        ("cost", "centre", "<= 100000"),
        ("satisfaction", "centre", ">= 4 report"),
        ("containment", "web", ">= 60% report"),
    ],
)
def test_targets_that_make_sense_pass(metric, scope, text):
    assert messages(metric, scope, text) == []


@pytest.mark.parametrize(
    ("metric", "scope", "text", "said"),
    [
        ("service_levle", "voice", "80% in 20s", "did you mean 'service_level'"),
        ("csat", "voice", ">= 4 report", "did you mean 'satisfaction'"),
        ("zzz", "voice", ">= 4 report", "there are service_level"),
        ("asa", "voise", "<= 30s", "did you mean 'voice'"),
        ("service_level", "email", "80% in 60 min", "use response_within"),
        ("response_within", "voice", "80% in 60 min", "use service_level"),
        ("service_level", "web", "80% in 60s", "'web' is unstaffed"),
        ("cost", "voice", "<= 100", "move it to targets.cost"),
        ("service_level", "voice", ">= 80%", "names no time"),
        ("abandonment", "voice", "80% in 20s", "write '<= 5%'"),
        ("service_level", "voice", "80% in 2 working h", "counts real time"),
        ("abandonment", "voice", ">= 5%", "less is better"),
        ("abandonment", "voice", "<= 5", "did you mean '<= 5%'"),
        ("asa", "voice", "<= 30%", "not per cent"),
        ("service_level", "voice", "100% in 20s hard", "at random"),
        ("fcr", "centre", ">= 75% hard", "prices coaching"),
        ("failure_demand", "centre", "<= 20% hard", "never binds the schedule"),
        ("cost", "centre", "<= 1000 hard", "weighed against service"),
        ("satisfaction", "centre", ">= 4", "earned, not decided"),
        ("aht", "voice", "<= 300s", "no target by itself"),
        ("occupancy", "centre", "<= 85% hard", "queue by queue"),
        ("asa", "voice", "<= 30s priced 2/contact", "names a price"),
        ("service_level", "centre", "80% in 20s priced 2/contact", "names a price"),
    ],
)
def test_targets_that_do_not_are_refused_with_a_way_out(metric, scope, text, said):
    found = messages(metric, scope, text)
    assert len(found) == 1
    assert said in found[0]


def test_two_targets_for_the_same_thing():
    texts = ["80% in 20s", "90% in 20s", "70% in 60s"]
    found = lint([parse_target(t, metric="service_level", scope="voice") for t in texts], CENTRE)
    assert [f.spec.text for f in found] == ["90% in 20s", "70% in 60s", "70% in 60s"]
    same = [parse_target("80% in 20s", metric="service_level", scope="voice")] * 2
    assert lint(same, CENTRE) == []


def test_several_targets_of_a_metric_are_joined_by_and():
    voice = Queue(
        channel="voice", law="immediate", targets={"service_level": "80% in 20s and 70% in 20s per day"}
    )
    found = specs_of(Centre(queues={"voice": voice}), {})
    assert [(s.level, s.within_s, s.grain) for s in found] == [(0.8, 20, Grain.WEEK), (0.7, 20, Grain.DAY)]
    other = voice.model_copy(update={"targets": {"service_level": "80% in 20s and 95% in 60s"}})
    with pytest.raises(InputError, match="'80% in 20s' and '95% in 60s' count different times"):
        specs_of(Centre(queues={"voice": other}), {})


def test_all_problems_come_at_once_with_their_paths():
    centre = Centre.model_validate(
        {
            "queues": {
                "voice": {
                    "channel": "voice",
                    "law": "immediate",
                    "targets": {"service_level": "80", "asa": "<= 3%"},
                },
                "email": {"channel": "email", "law": "deferred", "targets": {"abandonment": "<= 5%"}},
            }
        }
    )
    with pytest.raises(InputError) as caught:
        specs_of(centre, {"fcr": ">= 70% hard"})
    assert [p.where for p in caught.value.problems] == [
        "queues.voice.targets.service_level",
        "queues.voice.targets.asa",
        "queues.email.targets.abandonment",
        "targets.fcr",
    ]


def test_specs_come_in_the_order_of_the_centre():
    centre = CENTRE.model_copy(
        update={
            "queues": {
                "email": CENTRE.queues["email"].model_copy(
                    update={"targets": {"response_within": "90% by promise"}}
                ),
                "voice": CENTRE.queues["voice"].model_copy(
                    update={"targets": {"asa": "<= 30s", "abandonment": "<= 5%"}}
                ),
            }
        }
    )
    specs = specs_of(centre, {"cost": "<= 9000 report"})
    assert [(s.scope, s.metric) for s in specs] == [
        ("email", "response_within"),
        ("voice", "asa"),
        ("voice", "abandonment"),
        ("centre", "cost"),
    ]


def test_the_catalogue_is_whole():
    for metric in CATALOGUE.values():
        assert metric.formula
        assert metric.name
        assert metric.sense in (">=", "<=")
        assert bool(metric.denominator) == (metric.unit in (Unit.SHARE, Unit.SECONDS, Unit.POINTS))
        assert metric.strictest is not Mode.HARD or (metric.decision and Law.UNSTAFFED not in metric.laws)
        assert metric.strictest is Mode.REPORT or metric.decision is not None
    assert set(ALIASES.values()) <= set(CATALOGUE)
    assert not set(ALIASES) & set(CATALOGUE)


def test_catalogue_and_lint_stay_light():
    import subprocess
    import sys

    code = (
        "import sys, wfo.metrics.lint; print([m for m in ('numpy', 'pandas', 'scipy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"

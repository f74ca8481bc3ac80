"""Deferred work with a promise is judged by the same due instants as it is staffed for."""

from wfo.evaluation.settings import EvaluateSettings
from wfo.metrics.specs import parse_target
from wfo.scenario.model import Scenario


def test_promise_days_are_those_of_staffing_unless_evaluation_says_else():
    scenario = Scenario.model_validate({"staff": {"promise_days": 5.0}})
    assert scenario.evaluate.promise_days == 5.0
    own = Scenario.model_validate({"staff": {"promise_days": 5.0}, "evaluate": {"promise_days": 2.0}})
    assert own.evaluate.promise_days == 2.0


def test_a_longer_promise_leaves_less_work_due_in_the_week():
    from test_evaluate import inputs, run

    spec = parse_target("90% by promise", metric="response_within", scope="email")
    due = [
        run(inputs(specs=(spec,)), replications=2, promise_days=days).tables["replications"]
        for days in (0.5, 1.5)
    ]
    one, two = (frame.loc[frame["queue"] == "email", "of"].sum() for frame in due)
    assert one > 2 * two > 0
    assert EvaluateSettings().promise_days == 3.0

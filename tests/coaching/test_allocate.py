from itertools import combinations

import numpy as np
import pytest

from wfo.coaching.allocate import Possible, allocate
from wfo.effort import Effort


def _random(seed):
    rng = np.random.default_rng(seed)
    agents, coaches, m = 4, 2, 9
    return Possible(
        agent=rng.integers(0, agents, m),
        behaviour=rng.integers(0, 3, m),
        coach=rng.integers(0, coaches, m),
        value=np.round(rng.normal(10, 25, m), 2),
        due_price=np.round(rng.choice([0.0, 30.0], agents), 2),
        coach_min=rng.integers(0, 4, coaches) * 45,
        session_min=45,
        most=int(rng.integers(0, 3)),
    )


def _legal(p, given):
    agent, coach = p.agent[given], p.coach[given]
    if (np.bincount(agent, minlength=4) > p.most).any():
        return False
    if (np.bincount(coach, minlength=2) * p.session_min > p.coach_min).any():
        return False
    pairs = list(zip(agent.tolist(), p.behaviour[given].tolist(), strict=True))
    return len(pairs) == len(set(pairs))


def _worth(p, given):
    return p.value[given].sum() + p.due_price[np.unique(p.agent[given])].sum()


@pytest.mark.parametrize("seed", range(25))
def test_as_good_as_every_other_choice(seed):
    p = _random(seed)
    choices = [list(c) for k in range(len(p.agent) + 1) for c in combinations(range(len(p.agent)), k)]
    best = max(_worth(p, c) for c in choices if _legal(p, c))
    found = allocate(p, Effort.QUICK.limits, seed=1)
    given = np.flatnonzero(found.chosen).tolist()
    assert _legal(p, given)
    assert _worth(p, given) == pytest.approx(best, abs=0.05)
    assert found.objective == pytest.approx(best, abs=0.05)
    assert found.optimal
    assert found.bound >= found.objective - 0.01


def test_nothing_possible_is_an_empty_plan():
    none = np.empty(0, dtype=np.int64)
    empty = Possible(none, none, none, np.empty(0), np.zeros(3), np.array([90]), 45, 1)
    found = allocate(empty, Effort.QUICK.limits, seed=1)
    assert found.objective == 0
    assert found.optimal

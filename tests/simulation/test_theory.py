"""The simulator against queueing theory that holds for lognormal service."""

import math

import numpy as np
import pytest
from small_centres import one_queue

from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate


def test_loss_system_is_erlang_b_whatever_the_service_law():
    """Patience near zero: M/G/n/n, whose loss depends on the mean of service alone (Sevastyanov 1957)."""
    load, agents = 12.0, 14
    demand, staffing = one_queue(240, 180, 1e-6, agents, days=14, n=8)
    counts = simulate(demand, staffing, seed=3)
    terms = [load**k / math.factorial(k) for k in range(agents + 1)]
    lost = counts.abandoned.sum() / counts.offered.sum()
    assert lost == pytest.approx(terms[-1] / sum(terms), abs=0.003)


def test_one_agent_waits_as_pollaczek_and_khinchine_say():
    """M/G/1: mean wait λE[S²] ÷ 2(1 − ρ)."""
    rate_per_s, handle_s, cv = 18 / 3600, 120.0, 0.9
    demand, staffing = one_queue(18, handle_s, np.inf, 1, days=28, n=40, cv=cv)
    counts = simulate(demand, staffing, seed=5)
    expected = rate_per_s * handle_s**2 * (1 + cv**2) / (2 * (1 - rate_per_s * handle_s))
    assert counts.wait_ms.sum() / counts.answered.sum() / 1000 == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(
    ("rate_per_h", "handle_s", "patience_s", "agents", "abandoned", "service_level"),
    [
        # pyworkforce, tests/test_abandonment.py, with 20 s.
        (200, 180, 300, 14, 0.013984, 0.916792),
        # Garnett, Mandelbaum & Reiman's illustration, computed with 40 digits, 20 s.
        (2880, 60, 120, 50, 0.030912249162193, 0.94301895474698),
        # Heavy overload, 50 agents for 75 erlang, computed with 40 digits, 20 s.
        (900, 300, 180, 50, 0.33359977717598, 0.037916755933256),
    ],
)
def test_close_to_erlang_a(rate_per_h, handle_s, patience_s, agents, abandoned, service_level):
    """M/M/n+M is near M/G/n+M at a coefficient of variation of 1 (Whitt 2005)."""
    demand, staffing = one_queue(rate_per_h, handle_s, patience_s, agents, days=7, n=6)
    counts = simulate(demand, staffing, seed=2)
    offered = counts.offered.sum()
    assert counts.abandoned.sum() / offered == pytest.approx(abandoned, abs=0.004)
    assert counts.in_target.sum() / offered == pytest.approx(service_level, abs=0.015)


def test_enough_agents_hold_a_poisson_number_of_contacts():
    """M/G/∞: agents at work have mean λE[S], and nobody waits."""
    demand, staffing = one_queue(120, 300, 100.0, 60, days=14, n=6)
    counts = simulate(demand, staffing, seed=8)
    busy = counts.busy_ms[:, 0, 8:] / (15 * 60_000)
    assert counts.wait_ms.sum() == 0
    assert counts.abandoned.sum() == 0
    assert busy.mean() == pytest.approx(10.0, rel=0.01)


def test_volume_at_forced_abandonment_is_the_geometric_series():
    """Each contact abandons with p and redials with r: arrivals are fresh ÷ (1 − p·r)."""
    demand, staffing = one_queue(600, 180, 60.0, 1, days=14, n=10, redial_p=np.array([0.5]))
    counts = simulate(demand, staffing, seed=4, options=SimulationOptions(forced_abandonment=np.array([0.2])))
    assert counts.offered.sum() / counts.fresh.sum() == pytest.approx(1 / (1 - 0.2 * 0.5), rel=0.002)
    assert counts.abandoned.sum() / counts.offered.sum() == pytest.approx(0.2, abs=0.002)

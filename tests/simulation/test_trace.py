"""Given contacts, played in the same kernel."""

from dataclasses import fields, replace

import numpy as np
import pytest
from oracle import Oracle
from small_centres import one_queue, random_centre

from wfo.draws import Purpose, uniforms, words
from wfo.simulation.simulate import play_trace, simulate
from wfo.simulation.trace import Trace, without_causes

COMPARED = ("offered", "answered", "abandoned", "abandoned_short", "in_target", "due", "left", "wait_ms")


def random_trace(seed, laws, size=400):
    """Contacts of all queues with times of which some are known; no two arrive in the same ms."""
    rng = np.random.default_rng(seed)
    horizon = laws.grid.n * laws.grid.step_min * 60_000

    def some_known(values):
        return np.where(rng.uniform(size=size) < 0.5, np.round(values, 3), np.nan)

    return Trace(
        queue=rng.integers(0, len(laws.queues), size=size),
        arrival_ms=rng.choice(horizon, size=size, replace=False),
        handle_s=some_known(rng.exponential(200, size=size)),
        patience_s=some_known(rng.choice([0.0, 30.5, 300.0, np.inf], size=size)),
        waited_s=rng.choice([0.0, 12.5], size=size),
    )


@pytest.mark.parametrize("seed", range(12))
def test_counts_equal_those_of_the_naive_simulator(seed):
    laws, staffing, options = random_centre(seed)
    options = replace(options.of_given(), forced_abandonment=None)
    trace = random_trace(seed, laws)
    counts = play_trace(trace, laws, staffing, seed=seed, options=options, replications=2)
    for r in range(2):
        draw = uniforms(words(seed, r), staffing.shift_word, int(Purpose.ABSENCE))
        empty = without_causes(laws, 2)
        found = Oracle(empty, staffing, options, seed, r, draw < options.absence, trace).run()
        for name in COMPARED:
            theirs = np.zeros_like(getattr(counts, name)[r])
            for (what, q, t), amount in found.items():
                if what == name:
                    theirs[q, t] += int(amount)
            np.testing.assert_array_equal(getattr(counts, name)[r], theirs, err_msg=name)
    assert counts.offered.sum() == 2 * trace.n
    np.testing.assert_array_equal(counts.fresh, counts.offered)


def test_the_order_of_contacts_does_not_matter_and_equals_may_come_together():
    laws, staffing, options = random_centre(3)
    options = options.of_given()
    trace = random_trace(3, laws)
    trace = replace(trace, arrival_ms=trace.arrival_ms // 60_000 * 60_000)
    mixed = np.random.default_rng(1).permutation(trace.n)
    other = Trace(**{f.name: getattr(trace, f.name)[mixed] for f in fields(trace)})
    one, two = (play_trace(t, laws, staffing, seed=1, options=options) for t in (trace, other))
    for name in (f.name for f in fields(one)):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_known_times_are_taken_as_they_are():
    """One agent: the second waits for the first, the third gives up, all to the millisecond."""
    laws, staffing = one_queue(0, 60, 60.0, 1, days=1, n=1)
    trace = Trace(
        queue=np.zeros(3, dtype=np.int64),
        arrival_ms=np.array([1_000, 2_000, 3_000]),
        handle_s=np.array([100.0, 50.0, 10.0]),
        patience_s=np.array([0.0, 99.5, 20.0]),
    )
    counts = play_trace(trace, laws, staffing, seed=1)
    assert counts.answered.sum() == 2
    assert counts.wait_ms.sum() == 99_000
    assert counts.handle_ms.sum() == 150_000
    assert counts.abandoned.sum() == 1


def test_a_drawn_patience_is_longer_than_the_wait_that_was_seen():
    laws, staffing = one_queue(0, 60, 5.0, 1, days=1, n=1)
    n = 200
    trace = Trace(
        queue=np.zeros(n, dtype=np.int64),
        arrival_ms=np.arange(n),
        handle_s=np.full(n, 30.0),
        patience_s=np.full(n, np.nan),
    )
    impatient = play_trace(trace, laws, staffing, seed=1)
    patient = play_trace(replace(trace, waited_s=np.full(n, 30.0 * n)), laws, staffing, seed=1)
    assert impatient.abandoned.sum() > n // 2
    assert patient.answered.sum() == n


def test_an_empty_trace_is_an_empty_week():
    laws, staffing = one_queue(10, 60, 60.0, 2, days=1, n=1)
    none = np.zeros(0)
    empty = Trace(none.astype(int), none.astype(int), none, none)
    assert play_trace(empty, laws, staffing, seed=1).offered.sum() == 0


def test_what_cannot_be_played_is_refused():
    laws, staffing = one_queue(10, 60, 60.0, 2, days=1, n=1)
    good = Trace(np.zeros(2, dtype=int), np.array([5, 6]), np.ones(2), np.ones(2))
    for change, words_ in (
        ({"queue": np.array([0, 1])}, "queue of contact 1 is 1"),
        ({"arrival_ms": np.array([-1, 6])}, "arrival_ms of contact 0 is -1"),
        ({"arrival_ms": np.array([5, 86_400_000])}, "not including, 86400000"),
        ({"handle_s": np.array([1.0, -2.0])}, "handle_s of contact 1 is -2.0"),
        ({"handle_s": np.array([np.inf, 2.0])}, "handle_s of contact 0 is inf"),
        ({"patience_s": np.ones(3)}, "one value a contact"),
    ):
        with pytest.raises(ValueError, match=words_):
            play_trace(replace(good, **change), laws, staffing, seed=1)
    with pytest.raises(ValueError, match="replications must be at least 1"):
        play_trace(good, laws, staffing, seed=1, replications=0)
    with pytest.raises(ValueError, match="must be the same"):
        play_trace(good, replace(laws, queues=("other",)), staffing, seed=1)


def test_simulated_and_given_demand_are_one_kernel():
    """The same contacts, arrivals apart, give the same work: offered, and hours to the sampling error."""
    paths, staffing = one_queue(60, 200, np.inf, 40, days=3, n=1)
    counts = simulate(paths, staffing, seed=1)
    starts = np.repeat(np.arange(paths.grid.n), paths.fresh[0, 0]) * 900_000
    nan = np.full(len(starts), np.nan)
    given = play_trace(Trace(np.zeros(len(starts), dtype=int), starts, nan, nan), paths, staffing, seed=1)
    np.testing.assert_array_equal(given.offered, counts.offered)
    assert given.handle_ms.sum() == pytest.approx(counts.handle_ms.sum(), rel=0.08)

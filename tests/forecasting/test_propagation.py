import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfo.forecasting.lags import interval_lags, redial_lags
from wfo.forecasting.landing import landing
from wfo.forecasting.propagation import (
    children,
    expected_volume,
    links_of,
    spectral_radius,
)

STEP = 30
EDGES = np.array([0, 20, 90, 400])


def laws(seed=0, queues=3):
    rng = np.random.default_rng(seed)
    follow_ups = rng.uniform(0, 0.3, (queues, queues)) * (rng.random((queues, queues)) < 0.7)
    cdf = np.sort(rng.random((queues, queues, len(EDGES) - 1)), axis=2)
    cdf[..., -1] = 1.0
    return {
        "follow_ups": follow_ups,
        "delay_cdf": cdf,
        "redial_p": np.array([0.5, 0.3, 0.0])[:queues],
        "redial_mean_s": np.array([300.0, 900.0, 600.0])[:queues],
        "abandonment": np.array([0.1, 0.4, 0.0])[:queues],
    }


def links(law):
    return links_of(
        law["follow_ups"],
        law["delay_cdf"],
        EDGES,
        law["redial_p"],
        law["redial_mean_s"],
        law["abandonment"],
        STEP,
    )


def some_hours(n=60):
    t = np.arange(n)
    return np.array([np.ones(n, bool), (t % 20 >= 6) & (t % 20 < 16), (t % 20 >= 8) & (t % 20 < 11)])


def redial_s(mean_s, rng):
    while (delay := rng.exponential(mean_s)) > 1800:
        pass
    return delay


def one_path(law, base, start, length, rng):
    """Play single contacts in continuous time; counts by queue and interval; shares no code with wfo."""
    queues, n = base.shape
    counts = np.zeros((queues, n), dtype=np.int64)
    waiting = [
        (q, t, (t + u) * STEP) for q in range(queues) for t in range(n) for u in rng.random(base[q, t])
    ]
    while waiting:
        q, t, minute = waiting.pop()
        counts[q, t] += 1
        due = []
        if rng.random() < law["abandonment"][q]:
            if rng.random() < law["redial_p"][q]:
                due.append((q, minute + redial_s(law["redial_mean_s"][q], rng) / 60))
        else:
            for b in range(queues):
                for _ in range(rng.poisson(law["follow_ups"][q, b])):
                    k = np.searchsorted(law["delay_cdf"][q, b], rng.random())
                    due.append((b, minute + rng.uniform(EDGES[k], EDGES[k + 1])))
        for b, at in due:
            slot = int(at // STEP)
            if slot < n and start[b, slot] >= 0:
                lands = int(start[b, slot] + rng.integers(length[b, slot]))
                inside = at if lands == slot else (lands + rng.random()) * STEP
                waiting.append((b, lands, inside))
    return counts


def test_volume_is_the_mean_of_contacts_played_one_by_one():
    law, is_open = laws(), some_hours()
    start, length = landing(is_open, STEP)
    base = np.where(is_open, np.array([[40], [60], [80]]), 0)
    rng = np.random.default_rng(7)
    played = np.mean([one_path(law, base, start, length, rng) for _ in range(60)], axis=0)
    volume = expected_volume(base.astype(float), links(law), start, length)
    np.testing.assert_allclose(volume.sum(axis=1), played.sum(axis=1), rtol=0.005)
    noise = 4.5 * np.sqrt(volume * 1.5 / 60)
    assert (np.abs(volume - played) <= noise + 0.02 * volume).all()
    assert (volume[~is_open] == 0).all()


def test_volume_by_generations():
    """The recursion equals the sum over generations, each a plain sum over parents and lags."""
    law, is_open = laws(3), some_hours()
    start, length = landing(is_open, STEP)
    base = np.where(is_open, np.random.default_rng(1).uniform(0, 9, is_open.shape), 0.0)
    by_lag = links(law)
    generation, total = base, base.copy()
    for _ in range(60):
        due = np.zeros_like(base)
        for a, b, weight in zip(by_lag.source, by_lag.target, by_lag.weight, strict=True):
            for t in range(base.shape[1]):
                for k in range(min(len(weight), base.shape[1] - t)):
                    due[b, t + k] += weight[k] * generation[a, t]
        landed = np.zeros_like(base)
        for q in range(len(base)):
            for t in range(base.shape[1]):
                for u in range(length[q, t]):
                    landed[q, start[q, t] + u] += due[q, t] / length[q, t]
        np.testing.assert_allclose(children(generation, by_lag, start, length), landed, atol=1e-9)
        generation = landed
        total += landed
    np.testing.assert_allclose(expected_volume(base, by_lag, start, length), total, rtol=1e-9, atol=1e-9)


def test_paths_are_propagated_like_single_ones():
    law, is_open = laws(4), some_hours()
    start, length = landing(is_open, STEP)
    base = np.where(is_open, np.random.default_rng(2).integers(0, 20, (5, *is_open.shape)), 0)
    together = expected_volume(base, links(law), start, length)
    single = np.array([expected_volume(b.astype(float), links(law), start, length) for b in base])
    np.testing.assert_allclose(together, single, rtol=1e-12)


def test_known_volumes_cause_but_are_not_added_to():
    law, is_open = laws(5), some_hours()
    start, length = landing(is_open, STEP)
    whole = expected_volume(np.where(is_open, 5.0, 0.0), links(law), start, length)
    split = 33
    base = np.where(is_open, 5.0, 0.0)
    base[:, :split] = whole[:, :split]
    np.testing.assert_allclose(
        expected_volume(base, links(law), start, length, known=split), whole, rtol=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(
    edges=st.lists(st.integers(1, 500), min_size=1, max_size=6, unique=True),
    step=st.sampled_from([5, 15, 30, 60]),
    seed=st.integers(0, 999),
)
def test_lags_against_numerical_integration(edges, step, seed):
    upper = np.sort(edges)
    cdf = np.sort(np.random.default_rng(seed).random(len(upper)))
    cdf[-1] = 1.0
    lags = interval_lags(np.concatenate([[0], upper]), cdf, step)
    assert lags.sum() == pytest.approx(1.0)
    assert (lags >= -1e-12).all()
    mean = float(
        (np.diff(np.concatenate([[0.0], cdf])) * (np.concatenate([[0], upper[:-1]]) + upper) / 2).sum()
    )
    # the mean of floor((U + D) / step) is the mean delay in steps, for U uniform over a step
    assert (lags * np.arange(len(lags))).sum() == pytest.approx(mean / step)
    delay = np.interp(
        (np.arange(4000) + 0.5) / 4000, np.concatenate([[0], cdf]), np.concatenate([[0], upper])
    )
    inside = (np.arange(50) + 0.5) / 50 * step
    counted = np.bincount(((delay[:, None] + inside) // step).astype(int).ravel(), minlength=len(lags))
    np.testing.assert_allclose(lags, counted[: len(lags)] / counted.sum(), atol=0.005)


def test_redials_come_within_half_an_hour():
    assert len(redial_lags(600, 15)) == 3
    assert redial_lags(600, 15).sum() == pytest.approx(1.0)
    # a very long mean is uniform over the half hour
    np.testing.assert_allclose(redial_lags(1e9, 15), [0.25, 0.5, 0.25], atol=1e-6)


def test_spectral_radius_of_a_known_chain():
    assert spectral_radius(np.array([[0.0, 0.5], [0.5, 0.0]]), np.zeros(2), np.zeros(2)) == pytest.approx(0.5)
    assert spectral_radius(np.zeros((1, 1)), np.array([0.5]), np.array([0.4])) == pytest.approx(0.2)


@given(st.lists(st.lists(st.booleans(), min_size=40, max_size=40), min_size=1, max_size=3))
def test_landing_is_in_the_next_opening(rows):
    is_open = np.array(rows)
    start, length = landing(is_open, 60)
    for q, row in enumerate(is_open):
        for t in range(len(row)):
            later = np.flatnonzero(row[t:])
            if row[t]:
                assert (start[q, t], length[q, t]) == (t, 1)
            elif not len(later):
                assert (start[q, t], length[q, t]) == (-1, 0)
            else:
                assert start[q, t] == t + later[0]
                assert 1 <= length[q, t] <= 4
                assert row[start[q, t] : start[q, t] + length[q, t]].all()
                whole = start[q, t] + length[q, t] == len(row) or not row[start[q, t] + length[q, t]]
                assert whole or length[q, t] == 4

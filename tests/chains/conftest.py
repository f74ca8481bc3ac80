"""A log with planted chains, made without any stage: who caused what is known."""

import datetime as dt
import shutil
import subprocess
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest

from wfo.domain.centre import Centre

NOW = dt.datetime(2025, 5, 5, tzinfo=dt.UTC)
CENTRE = Centre.model_validate(
    {
        "queues": {
            "web": {"channel": "web", "law": "unstaffed"},
            "voice": {"channel": "voice", "law": "immediate"},
            "email": {"channel": "email", "law": "deferred"},
        }
    }
)
QUEUES = ("web", "voice", "email")


def _planted_log(
    follow_ups: dict[tuple[str, str], float],
    *,
    seed: int = 1,
    contacts: int = 30_000,
    customers: int = 6_000,
    weeks: int = 16,
    unknown: float = 0.0,
    abandoned: float = 0.0,
    redial_p: float = 0.0,
    intents: int = 8,
    mean_delay_h: float = 30.0,
    misstated: float = 0.0,
    named: float = 0.0,
    key_alone: float = 0.0,
) -> pd.DataFrame:
    """Interactions with the columns ``true_parent`` and ``true_role`` beside the contract's."""
    rng = np.random.default_rng(seed)
    span_s = weeks * 7 * 86400
    todo = [
        (float(t), QUEUES[q], int(c), int(k), "", "fresh")
        for t, q, c, k in zip(
            rng.random(contacts) * span_s,
            rng.choice(3, contacts, p=[0.5, 0.35, 0.15]),
            rng.integers(0, customers, contacts),
            rng.integers(0, intents, contacts),
            strict=True,
        )
    ]
    rows = []
    while todo:
        start, queue, customer, intent, parent, role = todo.pop()
        if start >= span_s:
            continue
        name = f"i{len(rows):07d}"
        lost = queue == "voice" and rng.random() < abandoned
        outcome = "abandoned" if lost else "contained" if queue == "web" else "handled"
        end = start + (60 if lost else 300)
        rows.append((name, queue, customer, intent, start, end, outcome, parent, role))
        if lost:
            if rng.random() < redial_p:
                todo.append((end + 600 * rng.random(), queue, customer, intent, name, "redial"))
            continue
        for (source, target), rate in follow_ups.items():
            for _ in range(rng.poisson(rate) if source == queue else 0):
                delay = min(rng.exponential(mean_delay_h * 3600), 6.9 * 86400)
                todo.append((start + delay, target, customer, intent, name, "follow_up"))
    columns = [
        "interaction_id",
        "queue",
        "customer",
        "intent",
        "start",
        "end",
        "outcome",
        "true_parent",
        "true_role",
    ]
    log = pd.DataFrame(rows, columns=columns)
    first = pd.Timestamp(NOW) - pd.Timedelta(weeks=weeks)
    hidden = rng.random(len(log)) < unknown
    log["customer_id"] = ("c" + log["customer"].astype(str)).where(~hidden)
    if misstated:
        wrong = (log["true_role"] != "fresh") & (rng.random(len(log)) < misstated)
        log["intent"] = np.where(wrong, (log["intent"] + 1) % intents, log["intent"])
    if named:
        log["parent_id"] = log["true_parent"].where(
            (log["true_parent"] != "") & (rng.random(len(log)) < named)
        )
    if key_alone:
        # a key by channel: it meets the customer id on some rows, on others it stands alone
        shown = rng.random(len(log))
        log["customer_key"] = (log["queue"] + "-" + log["customer"].astype(str)).where(
            (shown < 0.6) & ~hidden
        )
        log["key_type"] = log["queue"].where(log["customer_key"].notna())
        log["customer_id"] = log["customer_id"].mask(shown < key_alone)
    log["channel"] = log["queue"]
    log["direction"] = "in"
    log["intent"] = "n" + log["intent"].astype(str)
    log["started_at"] = (first + pd.to_timedelta(log["start"], unit="s")).astype("datetime64[us, UTC]")
    log["ended_at"] = (first + pd.to_timedelta(log["end"], unit="s")).astype("datetime64[us, UTC]")
    return log.drop(columns=["start", "end", "customer"])


@pytest.fixture(scope="session")
def now():
    return NOW


@pytest.fixture(scope="session")
def centre():
    return CENTRE


@pytest.fixture(scope="session")
def planted_log():
    """The function that makes a planted log."""
    return _planted_log


def _guarded(log: pd.DataFrame) -> pd.DataFrame:
    """The log with an office line of many customers, keys in a ring, cases, and a robot."""
    log = log.copy()
    several = log.index % 40 == 0
    log.loc[several, "customer_key"] = "office"
    log.loc[several, "key_type"] = "phone"
    ring = log.index % 40 == 1
    log.loc[ring, "customer_key"] = "k" + (log.index[ring] // 80).astype(str)
    log.loc[ring, "key_type"] = "cookie"
    log.loc[log.index % 50 == 2, "customer_id"] = "robot"
    log["case_id"] = pd.Series(
        np.where(log.index % 9 == 0, "o" + (log.index // 18).astype(str), None)
    ).astype("str")
    log.loc[log.index % 97 == 0, "case_id"] = None
    return log


@pytest.fixture(scope="session")
def guarded_log():
    """The function that puts into a planted log what the guards of identity hold back."""
    return _guarded


@contextmanager
def _local_spark(config):
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed (wfo[spark])")
    if shutil.which("java") is None or subprocess.run(["java", "-version"], capture_output=True).returncode:
        pytest.skip("Spark needs Java, which is not on this machine")
    builder = sql.SparkSession.builder.master("local[2]").appName("wfo-tests")
    usual = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "3g",
    }
    for key, value in {**usual, **config}.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    try:
        yield session
    finally:
        session.stop()


@pytest.fixture(scope="session")
def local_spark():
    """The function that opens a Spark of two threads, or skips with words."""
    return _local_spark

"""The same chains on Spark as on DuckDB, from one SQL text, on a local Spark."""

import builtins

import numpy as np
import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.errors import InputError, MissingExtra, RunError
from wfo.tables.duck import DuckSql
from wfo.tables.spark import SparkSql

FOLLOW_UPS = {("web", "voice"): 0.25, ("voice", "voice"): 0.12, ("email", "voice"): 0.2}


@pytest.fixture(scope="module")
def session(local_spark):
    # little tables: what is compiled for speed would take longer than it saves; and any zone will do
    quick = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.session.timeZone": "Asia/Tokyo",
    }
    with local_spark(quick) as session:
        yield session


SETTINGS = {"key_cap": 3, "customer_cap": 30, "excluded_ids": ("c7",)}


def test_chains_identities_kernel_and_metrics_are_those_of_duckdb(
    session, planted_log, guarded_log, centre, now
):
    log = guarded_log(
        planted_log(
            FOLLOW_UPS,
            contacts=2_500,
            customers=500,
            key_alone=0.2,
            named=0.4,
            misstated=0.1,
            abandoned=0.1,
            redial_p=0.6,
        )
    )
    links = pd.DataFrame(
        {
            "id_a": ["c1", "c2", "c3"],
            "type_a": "customer_id",
            "id_b": ["c4", "office", "voice-9"],
            "type_b": ["customer_id", "phone", "voice"],
            "valid_from": pd.to_datetime([None, None, "2025-03-01"], utc=True).as_unit("us"),
        }
    )
    inputs = ChainInputs(centre, log, now, identity_links=links)
    with DuckSql() as sql:
        local = build_chains(inputs, ChainSettings(**SETTINGS), sql=sql)
    # the session that is there is used and left open, its tables alone
    session.range(3).toDF("mine").createOrReplaceTempView("link")
    spread = build_chains(inputs, ChainSettings(**SETTINGS, engine="spark"))
    facts = local.meta.facts
    for guard in ("keys_over_cap", "merges_over_cap", "customers_over_cap", "hard_links", "redials"):
        assert facts[guard] > 0, guard
    assert facts["links_judged_by"] == "learnt"
    assert len(local.tables["kernel"]) > 0
    for name, table in local.tables.items():
        pd.testing.assert_frame_equal(table, spread.tables[name], check_exact=True, obj=name)
    assert local.state == spread.state
    assert local.meta == spread.meta
    assert session.table("link").columns == ["mine"]


def test_files_in_and_out_in_order(session, tmp_path):
    with SparkSql(session, folder=tmp_path / "steps") as sql:
        (tmp_path / "in").mkdir()
        for part in (0, 1):
            frame = pd.DataFrame({"x": np.arange(part, 1000, 2), "s": "é"})
            frame.to_parquet(tmp_path / "in" / f"{part}.parquet")
        sql.register("t", sorted((tmp_path / "in").iterdir()))
        sql.number("n", "place", "SELECT x, s FROM t WHERE x % 3 = 0", "x DESC")
        found = sql.arrays("SELECT place, x FROM n ORDER BY x DESC")
        np.testing.assert_array_equal(found["place"], np.arange(334))
        np.testing.assert_array_equal(found["x"], np.arange(999, -1, -3))
        sql.write("SELECT x, s FROM n ORDER BY x", tmp_path / "out")
    assert pd.read_parquet(tmp_path / "out")["x"].tolist() == list(range(0, 1000, 3))
    assert not any((tmp_path / "steps").iterdir())


def test_components_of_long_paths_and_loops(session):
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 400, 180), rng.integers(0, 400, 180)
    path = rng.permutation(np.arange(400, 480))
    edges = {"a": np.concatenate([a, path[1:], [500]]), "b": np.concatenate([b, path[:-1], [500]])}
    answers = []
    with DuckSql() as local, SparkSql(session) as spread:
        for sql in (local, spread):
            sql.hold("e", edges)
            sql.components("c", "SELECT a, b FROM e")
            answers.append(sql.rows("SELECT node, root FROM c ORDER BY node"))
    assert answers[0] == answers[1]
    assert (500, 500) in answers[0]


def test_a_broken_file_is_named(session, tmp_path):
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 nothing")
    with SparkSql(session) as sql:
        for path in (broken, tmp_path / "missing.parquet"):
            with pytest.raises(InputError, match=f"{path.name}: cannot be read as Parquet"):
                sql.register("t", path)
        with pytest.raises(ValueError, match="add ORDER BY"):
            sql.frame("SELECT 1 AS x")


def test_without_java_or_a_shared_folder_it_says_what_to_do(session, monkeypatch):
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    def no_java(builder):
        raise PySparkRuntimeError("Java gateway process exited")

    with monkeypatch.context() as patch:
        patch.setattr(SparkSession, "getActiveSession", lambda: None)
        patch.setattr(SparkSession.Builder, "getOrCreate", no_java)
        with pytest.raises(RunError, match=r"Spark did not start \(Java gateway.*install Java 17"):
            SparkSql()

    class Far:
        conf = {"spark.master": "yarn"}

    monkeypatch.setattr("wfo.tables.spark._beside", lambda there: Far)
    with pytest.raises(InputError, match=r"Spark runs on yarn; say in spark\.wfo\.folder"):
        SparkSql(session)


def test_without_pyspark_it_says_what_to_install(monkeypatch, planted_log, centre, now):
    real = builtins.__import__

    def none(name, *args, **kwargs):
        if name.startswith("pyspark"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", none)
    log = planted_log(FOLLOW_UPS, contacts=50)
    with pytest.raises(MissingExtra, match=r'chains.engine: spark .*pip install "wfo\[spark\]"'):
        build_chains(ChainInputs(centre, log, now), ChainSettings(engine="spark"))

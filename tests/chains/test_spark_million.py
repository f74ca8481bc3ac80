"""A million interactions on a local Spark and on DuckDB: the same chains."""

import time

import pandas as pd
import pytest

from wfo.chains.build_chains import ChainInputs, build_chains
from wfo.chains.settings import ChainSettings
from wfo.tables.duck import DuckSql
from wfo.tables.spark import SparkSql

FOLLOW_UPS = {("web", "voice"): 0.25, ("voice", "voice"): 0.12, ("email", "voice"): 0.2}
SHARES = {"key_alone": 0.2, "named": 0.1, "misstated": 0.1, "abandoned": 0.05, "redial_p": 0.5}


@pytest.mark.heavy
def test_a_million_rows_are_the_same(local_spark, planted_log, guarded_log, centre, now, tmp_path):
    log = guarded_log(planted_log(FOLLOW_UPS, contacts=900_000, customers=220_000, **SHARES))
    assert len(log) > 1_000_000
    path = tmp_path / "log.parquet"
    log.to_parquet(path)
    inputs, settings = ChainInputs(centre, path, now), ChainSettings(key_cap=20)
    with DuckSql() as sql:
        local = build_chains(inputs, settings, sql=sql)
    begin = time.perf_counter()
    with local_spark({}) as session, SparkSql(session) as sql:
        spread = build_chains(inputs, settings, sql=sql)
    print(f"{len(log):,} interactions on Spark in {time.perf_counter() - begin:.0f} s")
    assert local.meta.facts["contacts"] > 1_000_000
    for name, table in local.tables.items():
        pd.testing.assert_frame_equal(table, spread.tables[name], check_exact=True, obj=name)
    assert local.state == spread.state
    assert local.meta == spread.meta

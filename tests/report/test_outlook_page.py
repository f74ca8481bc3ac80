"""Months of an outlook as the page and the terminal show them: by queue, and all together."""

import datetime as dt

import pandas as pd

from wfo.report.outlook_page import month_rows


def test_several_queues_come_together_where_sums_mean_something():
    rows = [
        ("voice", dt.date(2026, 1, 1), 100.0, 80.0, 120.0, 90.0),
        ("voice", dt.date(2026, 2, 1), 110.0, 90.0, 130.0, None),
        ("chat", dt.date(2026, 1, 1), 50.0, 40.0, 60.0, 60.0),
        ("chat", dt.date(2026, 2, 1), 55.0, 45.0, 65.0, 55.1),
    ]
    table = pd.DataFrame(rows, columns=["queue", "start", "volume_mean", "low", "high", "year_before"])
    shown = month_rows(table.assign(grain="month"))
    assert [row["queue"] for row in shown[4:]] == ["all queues", "all queues"]
    assert [row["volume_mean"] for row in shown[4:]] == ["150", "165"]
    assert {row["low"] for row in shown[4:]} == {"–"}
    assert [row["change"] for row in shown] == ["+11 %", "–", "-17 %", "0 %", "0 %", "–"]
    alone = month_rows(table[table["queue"] == "chat"].assign(grain="month"))
    assert [row["queue"] for row in alone] == ["chat", "chat"]

"""What the report says of how the forecast was made."""

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from wfo.report.forecast_made import forecast_content


@dataclass
class Run:
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        return self.tables.get(name, pd.DataFrame())


def test_a_queue_is_told_by_what_it_is_put_together_from_and_how_that_did():
    nothing = float("nan")
    ways = pd.DataFrame(
        [
            ("voice", "two_level (memory 120 d, drift 14 d)", 12, 5.04, -1.0, 0.7),
            ("voice", "same_weekday_mean (8 weeks)", 12, 6.5, 2.0, 0.3),
            ("voice", "seasonal_naive", 12, 9.0, 0.0, 0.0),
            ("web", "none", 0, nothing, nothing, 1.0),
        ],
        columns=["queue", "method", "weeks", "wape_pct", "bias_pct", "weight"],
    )
    found = forecast_content(Run({"methods": ways}))
    voice, web = found["ways"]
    assert (
        voice["made_of"]
        == "weekdays and calendar (memory 120 d, drift 14 d) 70 %, mean of same weekdays (8 weeks) 30 %"
    )
    assert (voice["weeks"], voice["least"], voice["usual"]) == ("12", "5.0 %", "6.5 %")
    assert (web["made_of"], web["least"]) == ("nothing: it counts as 0", "–")
    assert [r["weight"] for r in found["records"]] == ["70 %", "30 %", "–"]
    assert [r["bias"] for r in found["records"]] == ["-1.0 %", "+2.0 %", "0.0 %"]


def test_days_left_out_are_shown_the_latest_first_and_old_ones_folded():
    days = pd.DataFrame(
        {
            "queue": "voice_sales",
            "schedule_date": [dt.date(2025, 3, 1) + dt.timedelta(days=k) for k in range(15)],
            "kind": ["day", "burst", "closed"] * 5,
            "minutes": [0, 45, 0] * 5,
            "actual": 1234.0,
            "expected": 500.0,
        }
    )
    found = forecast_content(Run({"outliers": days}))
    assert len(found["outliers"]) == 12
    assert len(found["older_outliers"]) == 3
    first, second = found["outliers"][:2]
    assert first == {
        "queue": "voice sales",
        "day": "Sat 15 Mar 2025",
        "what": "came on a closed day",
        "actual": "1,234",
        "expected": "500",
    }
    assert second["what"] == "burst, 45 min"
    empty = forecast_content(Run())
    assert not any(empty.values())

"""Small frames that keep every rule."""

import pandas as pd


def interactions(**columns):
    """Three contacts; columns given replace or add."""
    frame = pd.DataFrame(
        {
            "interaction_id": ["007", "008", "009"],
            "customer_id": ["01", "02", ""],
            "channel": ["voice", "voice", "email"],
            "queue": ["billing", "billing", "mail"],
            "direction": ["in", "in", "in"],
            "started_at": [
                "2025-03-03T09:00:00+01:00",
                "2025-03-03T09:10:00+01:00",
                "2025-03-03T08:20:00Z",
            ],
            "ended_at": ["2025-03-03T09:05:00+01:00", "", "2025-03-03T12:00:00Z"],
            "handle_s": ["290.5", "", "600"],
            "resolved": ["true", "", "no"],
            "outcome": ["handled", "abandoned", "handled"],
        }
    )
    return frame.assign(**columns)


def agents(n=3, **columns):
    """Agents a0, a1, …"""
    return pd.DataFrame({"agent_id": [f"a{k}" for k in range(n)], "contract": ["full"] * n}).assign(**columns)

"""Build the data folder of the bank's week from its calls.

Agents are the names that answered a call in the four weeks before the week; an agent has a skill where he
answered over 2 % of that queue's calls in those weeks. Two names reach that in no queue: they stay in the
list, without a skill.
"""

import datetime as dt
from pathlib import Path

import pandas as pd

from wfo.tables.importer import Imported, import_table
from wfo.tables.parquet import write_frame

HERE = Path(__file__).parent
ZONE = "Asia/Jerusalem"
WEEK_START = dt.date(1999, 2, 21)
WEEKS_SEEN = 4
SHARE = 0.02
COST_PER_H = 40.0
"""Shekels; no wage of this centre is known."""


def build(source: Path, folder: Path) -> Imported:
    """Write interactions.parquet, agents.csv, agent_skills.csv and routing.csv.

    Parameters
    ----------
    source : Path
        Folder with calls.csv.gz.
    folder : Path
        Where the tables go.
    """
    imported = import_table(HERE / "bank.mapping.yaml", source)
    write_frame(imported.frame, folder / "interactions.parquet")
    answered = answered_before(imported.frame)
    names = sorted(answered["agent_id"].unique())
    skills = skills_seen(answered)
    agents = pd.DataFrame({"agent_id": names}).assign(
        contract="bank", site="centre", cost_per_h=COST_PER_H, role="agent"
    )
    queues = sorted(imported.frame["queue"].unique())
    agents.to_csv(folder / "agents.csv", index=False)
    skills.to_csv(folder / "agent_skills.csv", index=False)
    pd.DataFrame({"queue": queues, "skill": queues, "priority": 1}).to_csv(
        folder / "routing.csv", index=False
    )
    return imported


def answered_before(interactions: pd.DataFrame) -> pd.DataFrame:
    """Answered calls that name an agent, in the four weeks before the week."""
    end = pd.Timestamp(WEEK_START, tz=ZONE)
    begin = end - pd.DateOffset(weeks=WEEKS_SEEN)
    inside = (interactions["started_at"] >= begin) & (interactions["started_at"] < end)
    return interactions[inside & (interactions["outcome"] == "handled") & interactions["agent_id"].notna()]


def skills_seen(answered: pd.DataFrame) -> pd.DataFrame:
    """agent_id, skill: where an agent answered over 2 % of a queue's calls."""
    calls = answered.groupby(["agent_id", "queue"], sort=True).size()
    share = calls / calls.groupby("queue").transform("sum")
    return share[share > SHARE].index.to_frame(index=False, name=["agent_id", "skill"])

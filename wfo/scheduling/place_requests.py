"""What wants a time: requests from coaching and elsewhere, and the week's meetings and training."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from wfo.errors import Problem, TableError
from wfo.scheduling.settings import Activity
from wfo.timegrid import TimeGrid, instant


@dataclass(frozen=True)
class Wanted:
    """One activity that wants a time.

    Attributes
    ----------
    request_id, kind : str
    participants : tuple of str
    minutes : int
    begin_min, end_min : int
        The activity lies inside; minutes since the epoch.
    value : float
        Money it is worth; for each participant where not all need come.
    group : str
        Of one group at most one takes place; empty: alone.
    all_come : bool
        Whether all participants must be there; else those at work then, at least two.
    """

    request_id: str
    kind: str
    participants: tuple[str, ...]
    minutes: int
    begin_min: int
    end_min: int
    value: float
    group: str = ""
    all_come: bool = True


def requests_of(frame: pd.DataFrame) -> list[Wanted]:
    """Requests of the table ``activity_requests``, by id.

    Raises
    ------
    TableError
        With every row that has no participants, no length, or an id seen before.
    """
    problems, out = [], []
    seen: set[str] = set()
    for number, row in enumerate(frame.to_dict("records"), start=1):
        where = f"activity_requests, row {number}, column "
        name, people = str(row["request_id"]), tuple(str(p) for p in row["participants"])
        if name in seen:
            problems.append(
                Problem(f"{where}'request_id'", f"'{name}' occurs twice; give each request its own id")
            )
        if not people or len(set(people)) < len(people):
            text = f"{list(people)} found; name each participant once, and at least one"
            problems.append(Problem(f"{where}'participants'", text))
        if not row["minutes"] > 0:
            problems.append(Problem(f"{where}'minutes'", f"{row['minutes']} found; write minutes above 0"))
        seen.add(name)
        group = row.get("group")
        begin, end = (int(instant(row[c]).timestamp()) // 60 for c in ("window_start", "window_end"))
        known = "" if group is None or pd.isna(group) else str(group)
        out.append(
            Wanted(
                name, str(row["kind"]), people, int(row["minutes"]), begin, end, float(row["value"]), known
            )
        )
    if problems:
        raise TableError(problems)
    return sorted(out, key=lambda w: w.request_id)


def weekly(activities: Mapping[str, Activity], agents: pd.DataFrame, grid: TimeGrid) -> list[Wanted]:
    """The week's activities: one for each agent, or for each team where it comes together.

    A team that cannot be gathered whole meets with those at work; agents without a team have no team meeting.
    """
    end = grid.start_min + grid.n * grid.step_min
    out = []
    people = agents.sort_values("agent_id")
    for name in sorted(activities):
        what = activities[name]
        if what.by_team:
            teams = people[people["team"].notna()].groupby("team", sort=True)["agent_id"].agg(list)
            members = {str(team): tuple(str(a) for a in who) for team, who in teams.items()}
        else:
            members = {str(a): (str(a),) for a in people["agent_id"]}
        out += [
            Wanted(
                f"{name}/{key}",
                name,
                who,
                what.minutes,
                grid.start_min,
                end,
                what.value,
                all_come=not what.by_team,
            )
            for key, who in members.items()
        ]
    return out

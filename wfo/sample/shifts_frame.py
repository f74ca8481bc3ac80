"""The rota as tables: the published weeks, and what people really did in the last ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa

from wfo.domain.centre import Centre
from wfo.sample import columns
from wfo.sample.demand import Days
from wfo.sample.laws import QUEUE_SKILL
from wfo.sample.people import People
from wfo.sample.rota import ACTIVITIES, KINDS, Rota

PUBLISHED_WEEKS, STATE_WEEKS = 4, 8


def published_frame(centre: Centre, people: People, days: Days, rota: Rota, log_days: int) -> pd.DataFrame:
    """Table ``published_schedule``: the last weeks before the planning moment as they had been published."""
    keep = np.flatnonzero((rota.day >= log_days - 7 * PUBLISHED_WEEKS) & (rota.day < log_days))
    keep = keep[np.lexsort((rota.start_s[keep], rota.agent[keep]))]
    shift, part, start, end = _parts(_taken_off(rota), keep)
    activity = np.array(ACTIVITIES, dtype=object)[part]
    kind = np.array(KINDS, dtype=object)[part]
    activity[(activity == "training") & rota.meeting[shift]] = "team_meeting"
    activity[rota.time_off[shift]], kind[rota.time_off[shift]] = "time_off", "time_off"
    frame = columns.frame_of(
        {
            "agent_id": columns.named(list(people.ids), rota.agent[shift]),
            "start": columns.instants(days.grid, start),
            "end": columns.instants(days.grid, end),
            "shift_id": pa.array(_shift_ids(people, days, rota, shift)),
            "site": columns.named(list(people.agents["site"]), rota.agent[shift]),
            "activity": pa.array(list(activity), pa.string()),
            "kind": pa.array(list(kind), pa.string()),
            "paid": pa.array(activity != "lunch"),
        }
    )
    frame["paid"] = frame["paid"].astype(bool)
    frame["locked"] = True
    dates = np.array(days.dates, dtype=object)
    frame.insert(3, "schedule_date", pd.Series(dates[rota.day[shift]], dtype=object))
    own = _queues(centre, people)
    lists = [list(own[a]) if k == "work" else [] for a, k in zip(rota.agent[shift], kind, strict=True)]
    frame["queues"] = pd.Series(lists, dtype=object)
    return frame


def agent_states_frame(people: People, days: Days, rota: Rota, log_days: int) -> pd.DataFrame:
    """Table ``agent_states``: what the shifts of the last weeks became, with absences and late returns."""
    keep = np.flatnonzero((rota.day >= log_days - 7 * STATE_WEEKS) & (rota.day < log_days) & ~rota.time_off)
    gone, here = keep[rota.absent[keep]], keep[~rota.absent[keep]]
    shift, part, start, end = _parts(rota, here)
    begin = np.minimum(np.maximum(start, rota.start_s[shift] + rota.late_s[shift]), end)
    back = np.where(part == 4, np.minimum(start + rota.aux_s[shift], end), begin)
    state = np.array(["on_queue" if a == "work" else a for a in ACTIVITIES], dtype=object)[part]
    state[(state == "training") & rota.meeting[shift]] = "team_meeting"
    begin = np.maximum(begin, back)
    pieces = [
        (shift, begin, end, state),
        (shift, start, begin, np.where(part == 4, "unplanned_break", "late").astype(object)),
        (
            gone,
            rota.start_s[gone],
            rota.start_s[gone] + rota.edges_s[gone, -1],
            np.full(len(gone), "absent", dtype=object),
        ),
    ]
    shift, start, end, state = (np.concatenate(column) for column in zip(*pieces, strict=True))
    order = np.lexsort((start, rota.agent[shift]))
    order = order[end[order] > start[order]]
    return columns.frame_of(
        {
            "agent_id": columns.named(list(people.ids), rota.agent[shift[order]]),
            "start": columns.instants(days.grid, start[order]),
            "end": columns.instants(days.grid, end[order]),
            "state": pa.array(list(state[order]), pa.string()),
            "source": columns.named(("telephony",), np.zeros(len(order), dtype=np.int64)),
        }
    )


def _taken_off(rota: Rota) -> Rota:
    """The rota with one part in each shift that is taken off: as long as the shift is paid."""
    lunch = ACTIVITIES.index("lunch")
    paid = rota.edges_s[:, -1:] - np.diff(rota.edges_s, axis=1)[:, lunch : lunch + 1]
    edges = np.where(rota.time_off[:, None], paid, rota.edges_s)
    edges[:, 0] = 0.0
    return replace(rota, edges_s=edges)


def _parts(rota: Rota, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Parts with a length of some shifts: shift, part, start and end in seconds after the log's start."""
    edges = rota.edges_s[rows]
    row, part = np.nonzero(edges[:, 1:] > edges[:, :-1])
    start = rota.start_s[rows[row]]
    return rows[row], part, start + edges[row, part], start + edges[row, part + 1]


def _shift_ids(people: People, days: Days, rota: Rota, shift: np.ndarray) -> list[str]:
    dates = [d.isoformat() for d in days.dates]
    return [f"{people.ids[a]}/{dates[d]}" for a, d in zip(rota.agent[shift], rota.day[shift], strict=True)]


def _queues(centre: Centre, people: People) -> list[list[str]]:
    """Queues that each agent's skills serve, in the centre's order."""
    names = list(centre.skills)
    return [[q for q in centre.staffed_ids if row[names.index(QUEUE_SKILL[q])]] for row in people.has_skill]

"""Put coaching, meetings and training where they cost service least."""

from collections import defaultdict

import numpy as np
import pandas as pd

from wfo.effort import Effort
from wfo.scheduling.place_around import Rooms
from wfo.scheduling.place_choices import Choice, RequestOptions, options_of
from wfo.scheduling.place_inputs import PlaceInputs
from wfo.scheduling.place_model import solve
from wfo.scheduling.place_requests import requests_of, weekly
from wfo.scheduling.place_result import PLACEMENTS, PlaceResult
from wfo.scheduling.place_slots import Slots, build_slots
from wfo.scheduling.place_split import Cut, split
from wfo.scheduling.settings import PlaceSettings
from wfo.tables.contracts import RUN
from wfo.tables.result import Meta, Status
from wfo.timegrid import from_epoch_min

__all__ = ["PlaceInputs", "place"]

PLACED, NOT_PLACED = "placed", "not placed"


def place(inputs: PlaceInputs, settings: PlaceSettings, *, seed: int, effort: Effort) -> PlaceResult:
    """Give activities a time in a schedule.

    Each lies inside one work segment of every participant, away from the shift's ends, and takes place only
    where it is worth more than the service it costs. The week's own activities join the requests; a team that
    cannot be gathered whole meets with those at work.

    Parameters
    ----------
    inputs : PlaceInputs
    settings : PlaceSettings
    seed : int
        Of the solver.
    effort : Effort

    Returns
    -------
    PlaceResult
        ``placements`` has a row for each request: ``request_id, kind, start, end, participants, cost, value,
        status, reason``; cost and value in money, as of the placement.

    Raises
    ------
    TableError
        If a request cannot be read.
    """
    wanted = requests_of(inputs.activity_requests) + weekly(settings.activities, inputs.agents, inputs.grid)
    slots = build_slots(
        inputs.schedule,
        inputs.grid,
        step_min=settings.step_min,
        edge_min=settings.edge_min,
        prices=inputs.prices,
        agent_skills=inputs.agent_skills,
        cover=inputs.cover,
    )
    options = [options_of(w, slots, inputs.centre.currency) for w in wanted]
    plan = solve(options, slots, seed=seed, effort=effort)
    placements = _placements(options, plan.chosen, slots)
    placed = split(inputs.schedule, _cuts(options, plan.chosen, slots))
    rooms = Rooms(placed, inputs.agents, inputs.centre, slots, settings.edge_min)
    placements, more = _around(placements, options, rooms)
    tables = {
        "schedule": rooms.schedule(placed),
        "placements": placements,
        "coaching": _coaching(inputs.coaching, placements),
    }
    missing = placements[placements["start"].isna()]
    notes = (f"{len(missing)} of {len(placements)} activities not placed",) if len(missing) else ()
    # what moved breaks have won lies outside the solver's model, and so outside its bound
    objective, bound = plan.objective + more, max(plan.bound, plan.objective + more)
    gap = (bound - objective) / bound if bound > 0 else 0.0
    facts = {
        "placed": len(placements) - len(missing),
        "not_placed": len(missing),
        "won_by_breaks": round(more, 2),
    }
    meta = Meta(
        status=Status.FEASIBLE if more else plan.status,
        objective=round(objective, 2),
        bound=round(bound, 2),
        gap=gap,
        seed=seed,
        notes=notes,
        facts=facts,
    )
    return PlaceResult(tables=tables, meta=meta)


def _placements(
    options: list[RequestOptions], chosen: tuple[Choice | None, ...], slots: Slots
) -> pd.DataFrame:
    groups = {
        o.wanted.group for o, c in zip(options, chosen, strict=True) if c is not None and o.wanted.group
    }
    records = []
    for option, choice in zip(options, chosen, strict=True):
        w = option.wanted
        if choice is None:
            why = option.reason or _why_not(option, groups)
            records.append(
                (w.request_id, w.kind, 0, 0, list(w.participants), np.nan, w.value, NOT_PLACED, why)
            )
            continue
        begin = slots.start_min + choice.start * slots.step_min
        come = [slots.agents[a] for a in choice.agents]
        absent = [p for p in w.participants if p not in come]
        why = f"without {', '.join(absent)}, not free then" if absent else ""
        record = (
            w.request_id,
            w.kind,
            begin,
            begin + w.minutes,
            come,
            choice.cost + choice.together,
            choice.value,
            PLACED,
            why,
        )
        records.append(record)
    frame = pd.DataFrame(records, columns=PLACEMENTS)
    for side in ("start", "end"):
        times = pd.Series(from_epoch_min(frame[side].to_numpy(dtype=np.int64)), index=frame.index)
        frame[side] = times.where(frame["status"] == PLACED)
    text = dict.fromkeys(("request_id", "kind", "status", "reason"), "str")
    return frame.astype({**text, "cost": "float64", "value": "float64"}).sort_values(
        "request_id", ignore_index=True
    )


def _around(
    placements: pd.DataFrame, options: list[RequestOptions], rooms: Rooms
) -> tuple[pd.DataFrame, float]:
    """Give what found no time one by moving breaks, the most valuable first; the money it wins."""
    at = {name: n for n, name in enumerate(placements["request_id"])}
    groups = {
        o.wanted.group
        for o in options
        if o.wanted.group and placements["start"].notna()[at[o.wanted.request_id]]
    }
    out, won = placements.copy(), 0.0
    for option in sorted(options, key=lambda o: (-o.wanted.value, o.wanted.request_id)):
        wanted, row = option.wanted, at[option.wanted.request_id]
        if pd.notna(out["start"][row]) or wanted.group in groups:
            continue
        made = rooms.place(wanted)
        if made is None:
            continue
        for side, minute in (("start", made.begin), ("end", made.begin + wanted.minutes)):
            out.loc[row, side] = from_epoch_min(np.array([minute]))[0]
        out.loc[row, ["status", "reason"]] = [PLACED, "breaks made room"]
        out.loc[row, "cost"] = made.cost
        won += wanted.value - made.cost
        groups |= {wanted.group} - {""}
    return out, won


def _why_not(option: RequestOptions, groups: set[str]) -> str:
    if option.wanted.group in groups:
        return "another request of its group takes place instead"
    people = ", ".join(option.wanted.participants[:4]) + (" …" if len(option.wanted.participants) > 4 else "")
    return f"every time that pays is taken by other activities of {people}, or too many would be away at once"


def _cuts(
    options: list[RequestOptions], chosen: tuple[Choice | None, ...], slots: Slots
) -> dict[int, list[Cut]]:
    cuts: dict[int, list[Cut]] = defaultdict(list)
    for option, choice in zip(options, chosen, strict=True):
        if choice is None:
            continue
        begin = slots.start_min + choice.start * slots.step_min
        for agent in choice.agents:
            row = int(slots.segment[agent, choice.start])
            cuts[row].append(
                (begin, begin + option.wanted.minutes, option.wanted.kind, option.wanted.request_id)
            )
    return cuts


def _coaching(coaching: pd.DataFrame | None, placements: pd.DataFrame) -> pd.DataFrame:
    """Sessions with their times; those without one say why."""
    if coaching is None:
        kinds = {"text": "str", "time": "datetime64[us, UTC]", "number": "float64"}
        return pd.DataFrame({c.name: pd.Series(dtype=kinds[c.type]) for c in RUN["coaching"].columns})
    if coaching.empty:
        return coaching
    known = placements.set_index("request_id")
    out = coaching.copy()
    asked = out["session_id"].isin(known.index).to_numpy()
    for side in ("start", "end"):
        times = pd.Series(out["session_id"].map(known[side])).astype("datetime64[us, UTC]")
        out[side] = times
    placed = out["start"].notna().to_numpy()
    out["status"] = out["status"].mask(placed, "scheduled").mask(asked & ~placed, NOT_PLACED)
    why = out["session_id"].map(known["reason"])
    told = out["reason"].fillna("").astype("str") + "; " + why.fillna("").astype("str")
    out["reason"] = out["reason"].mask(asked & ~placed, told)
    return out

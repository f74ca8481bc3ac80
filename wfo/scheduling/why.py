"""Why an agent has a shift: what it wins, and what every other start of that day would win or break."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from wfo.domain.centre import Centre
from wfo.scheduling.repair_options import Option, shift_on, starts_of, week_with
from wfo.scheduling.revision import Revision
from wfo.scheduling.shift_rows import parts_of
from wfo.scheduling.wording import parts_text, shift_text


@dataclass(frozen=True)
class Alternative:
    """Another way to spend the day.

    Attributes
    ----------
    text : str
        ``08:30–16:30`` or ``free``.
    loss : float
        Money service and wages lose with it; negative: gained.
    breaks : tuple of str
        Rules it would break; empty: none.
    """

    text: str
    loss: float
    breaks: tuple[str, ...]


def alternatives(revision: Revision, agent: str, date: dt.date) -> list[Alternative]:
    """Every other start of the contract on a day at the same length, and the day off; the best first.

    All else stays as planned; activities inside the shift fall out of an alternative that cannot hold them.
    """
    shift = shift_on(revision, agent, date)
    if shift is None:
        return []
    zone, now = revision.agents[agent].zone.key, parts_of(shift)
    first, found = now[0][0], []
    for start in starts_of(revision, agent, date):
        parts = tuple((a + start - first, b + start - first) for a, b in now)
        week = week_with(revision, Option(agent, date, parts, "moved", 0.0)) if start != first else None
        if week is not None:
            found.append((parts_text(parts, zone), week))
    free = [r for r in revision.records[agent] if r["shift_id"] != shift[0]["shift_id"]]
    out = []
    for text, week in [*found, ("free", free)]:
        trial = revision.try_out({agent: week}, whole=False)
        rules = tuple(sorted({rule for rule, *_ in trial.breaches}))
        out.append(Alternative(text, round(trial.loss + trial.wages, 2), rules))
    return sorted(out, key=lambda a: (len(a.breaks) > 0, a.loss, a.text))


def why_shift(revision: Revision, agent: str, date: dt.date) -> list[str]:
    """Sentences that say why an agent has a shift on a day."""
    shift = shift_on(revision, agent, date)
    if shift is None:
        return []
    centre: Centre = revision.inputs.centre
    zone, money = revision.agents[agent].zone.key, centre.currency
    others = alternatives(revision, agent, date)
    out = [f"why {shift_text(shift, zone)}:"]
    if all(r["locked"] for r in shift):
        out.append("  the shift is fixed")
    legal = [a for a in others if not a.breaks]
    free = next(a for a in others if a.text == "free")
    if free.breaks:
        out.append(f"  a free day would break {_named(free.breaks)}")
    out.append(f"  without it service would lose {_loss_without(revision, agent, date):.2f} {money}")
    better = [a for a in legal if a.loss < -0.005 and a.text != "free"]
    worse = [a for a in legal if a.loss >= -0.005 and a.text != "free"]
    if worse:
        best = worse[0]
        out.append(
            f"  the next best start, {best.text}, would lose {best.loss:.2f} {money}; all else as planned"
        )
    if better:
        text = ", ".join(f"{a.text} ({-a.loss:.2f})" for a in better[:3])
        out.append(
            f"  better for service by itself, in {money}: {text}; wishes, fairness and sessions count too"
        )
    barred = Counter(rule for a in others if a.breaks and a.text != "free" for rule in a.breaks)
    if barred:
        parts = (f"{rule.replace('_', ' ')} bars {n}" for rule, n in sorted(barred.items()))
        out.append(f"  of the other starts {', '.join(parts)}")
    return out


def _loss_without(revision: Revision, agent: str, date: dt.date) -> float:
    shift = shift_on(revision, agent, date) or []
    gone = {r["shift_id"] for r in shift}
    return revision.value_loss({agent: [r for r in revision.records[agent] if r["shift_id"] not in gone]})


def _named(rules: tuple[str, ...]) -> str:
    return " and ".join(rule.replace("_", " ") for rule in rules)

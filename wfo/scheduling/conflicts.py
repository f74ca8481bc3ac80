"""Why an agent has no legal week: an irreducible set of rules and requests, and the cheapest ways out.

A set of bindings is in conflict when no week keeps all of them; it is irreducible when without any one of
them there is such a week. It is found by deletion (Chinneck and Dravnieks 1991), with the scheduler's own
dynamic program to say whether there is a week, so that the rules of the explanation are those of the plan.
"""

import re
from dataclasses import dataclass

from wfo.scheduling.agent_case import Binding, alone, bindings, has_week
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.settings import ScheduleSettings

_FIGURES = re.compile(r"[0-9.:]+")


@dataclass(frozen=True)
class WayOut:
    """A change after which there is a legal week.

    Attributes
    ----------
    text : str
    price : float
        Money the planner holds such a change to cost.
    inputs : ScheduleInputs
        Of the one agent, with the change.
    """

    text: str
    price: float
    inputs: ScheduleInputs


@dataclass(frozen=True)
class Conflict:
    """Why an agent has no legal week.

    Attributes
    ----------
    agent_id : str
    causes : tuple of str
        Rules and requests that contradict each other; without any of them the others can be kept.
    ways_out : tuple of WayOut
        Cheapest first.
    """

    agent_id: str
    causes: tuple[str, ...]
    ways_out: tuple[WayOut, ...]

    def text(self, currency: str, most: int = 3) -> str:
        """One sentence with the cheapest ways out."""
        return f"{self.agent_id}: {self.why(currency, most)}"

    def why(self, currency: str, most: int = 3) -> str:
        """The sentence without the agent."""
        causes = " + ".join(self.causes) or "the contract's shifts themselves"
        ways = "; or ".join(f"{way.text} ({way.price:g} {currency})" for way in self.ways_out[:most])
        return f"no week keeps {causes}" + (f"; what would do: {ways}" if ways else "")


def conflict_of(inputs: ScheduleInputs, agent_id: str, settings: ScheduleSettings) -> Conflict | None:
    """The conflict that leaves an agent without a legal week; None where there is a week.

    Parameters
    ----------
    inputs : ScheduleInputs
    agent_id : str
    settings : ScheduleSettings
        ``relax`` says what bending a rule or setting a request aside is held to cost.
    """
    own = alone(inputs, agent_id)
    if has_week(own, settings):
        return None
    zone = _zone(own)
    kept = irreducible(own, bindings(own, zone), settings)
    ways = [way for binding in kept for way in _bent(own, binding, settings)]
    ways.sort(key=lambda way: (way.price, way.text))
    return Conflict(agent_id, tuple(b.text for b in kept), tuple(ways))


def irreducible(inputs: ScheduleInputs, all_of: list[Binding], settings: ScheduleSettings) -> list[Binding]:
    """Bindings in conflict of which none can be left out; empty where lifting all does not help."""
    now, kept = inputs, list(all_of)
    for binding in all_of:
        without = binding.lift(now)
        if not has_week(without, settings):
            now = without
            kept.remove(binding)
    return kept


def least_violation(
    inputs: ScheduleInputs, agent_id: str, settings: ScheduleSettings
) -> tuple[ScheduleInputs, tuple[str, ...]] | None:
    """The one agent's inputs after the cheapest changes that leave a week, and what they are; None: no way.

    One conflict after the other is resolved where that is cheapest; a single change that resolves all of them
    is taken where it costs no more. The joint optimum of several changes is not looked for.
    """
    own, done, cost = alone(inputs, agent_id), dict[tuple[str, str], str](), 0.0
    zone, left = _zone(own), bindings(own, _zone(own))
    single: WayOut | None = None
    while not has_week(own, settings):
        kept = irreducible(own, left, settings)
        if not done:
            whole = (way for binding in kept for way in _bent(own, binding, settings))
            single = min(whole, key=lambda way: (way.price, way.text), default=None)
        ways = [(way, b) for b in kept for way in _bent(own, b, settings, among=(left, kept))]
        if not ways:
            break
        way, bent = min(ways, key=lambda pair: (pair[0].price, pair[0].text))
        own, left = way.inputs, [b for b in bindings(way.inputs, zone) if b.text != bent.text]
        done[_same_bend(bent, way.text)], cost = way.text, cost + way.price
        if single is not None and single.price <= cost:
            return single.inputs, (single.text,)
    if has_week(own, settings):
        return own, tuple(done.values())
    return None if single is None else (single.inputs, (single.text,))


def _same_bend(binding: Binding, text: str) -> tuple[str, str]:
    """What stays the same when a rule is bent further to the same side: its words and those of the bend."""
    if binding.request:
        return binding.text, ""
    return _FIGURES.sub("", binding.text), _FIGURES.sub("", text)


def _bent(
    inputs: ScheduleInputs,
    binding: Binding,
    settings: ScheduleSettings,
    among: tuple[list[Binding], list[Binding]] | None = None,
) -> list[WayOut]:
    """The least bend of a binding after which there is a week; ``among``: all bindings, those that bind."""
    price_h = settings.relax.price_request_h if binding.request else settings.relax.price_rule_h
    sides: dict[str, WayOut] = {}
    for text, hours, bend in binding.bends:
        side = text.split(" ")[1] if binding.name == "start" else ""
        if side in sides:
            continue
        changed = bend(inputs)
        tried = changed
        if among is not None:
            for other in among[0]:
                if other not in among[1]:
                    tried = other.lift(tried)
        if has_week(tried, settings):
            words = text if binding.request or text.startswith("without") else f"let it be {text}"
            sides[side] = WayOut(words, round(price_h * hours, 2), changed)
            if binding.name != "start":
                break
    return list(sides.values())


def _zone(inputs: ScheduleInputs) -> str:
    site = inputs.agents["site"].iloc[0] if "site" in inputs.agents else None
    return inputs.centre.zone_of(site)

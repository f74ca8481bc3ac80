"""vCon containers (IETF vcon-core): parties and their dialogs.

A container becomes one contact; each dialog that lasted becomes a segment of the agent who takes part in it.
Roles are optional: of two or more parties none of which has one, who began is the customer.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.account import Tally
from wfo.tables.formats.moments import epoch_s, iso
from wfo.tables.formats.part import Part, PartBuilder, Refused, unfolded
from wfo.tables.formats.records import json_records

_AGENTS = ("agent", "supervisor", "sme", "contact_center_agent")
_CUSTOMERS = ("customer", "caller", "client", "consumer")
_KINDS = {"recording", "text", "transfer", "incomplete"}
_LOST = {"no-answer", "congestion", "failed", "busy", "hung-up", "voicemail-no-message"}


def read(files: Iterable[Path], tally: Tally) -> dict[str, Part]:
    """Unfold containers: parts ``conversations`` and ``dialogs``."""
    conversations = PartBuilder(
        (
            "uuid",
            "channel",
            "direction",
            "started",
            "answered",
            "ended",
            "handle_s",
            "session_s",
            "agent",
            "customer",
            "customer_type",
            "subject",
            "transfers",
            "outcome",
            "agent_assumed",
        )
    )
    dialogs = PartBuilder(("uuid", "seq", "agent", "answered", "ended", "talk_s", "outcome"))
    for record in json_records(files, tally, ("vcons",)):
        found, fault = unfolded(record, _unfolded)
        if found is None:
            for builder in (conversations, dialogs):
                builder.refuse(record, fault)
            continue
        whole, spoken = found
        conversations.add(record, whole)
        if not spoken:
            dialogs.lacks("a container without a recording or text")
        for seq, one in enumerate(spoken, start=1):
            dialogs.add(record, {"uuid": whole["uuid"], "seq": seq, **one}, behind=int(seq == 1))
    return {"conversations": conversations.part(), "dialogs": dialogs.part()}


def _unfolded(content: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    fault = _fault(content)
    if fault:
        raise Refused(fault)
    agents, assumed = _agents(content)
    spoken = _spoken(content, agents)
    return {**_conversation(content, spoken, agents), "agent_assumed": assumed}, spoken


def _fault(content: dict[str, Any]) -> str:
    if not content.get("uuid"):
        return "no uuid"
    dialogs = content.get("dialog") or []
    if not any(epoch_s(d.get("start")) is not None for d in dialogs):
        return "no dialog with a start"
    unknown = [d.get("type") for d in dialogs if d.get("type") not in _KINDS]
    return f"unknown dialog type {unknown[0]}" if unknown else ""


def _party(content: dict[str, Any], index: Any) -> dict[str, Any]:
    parties = content.get("parties") or []
    return parties[index] if isinstance(index, int) and 0 <= index < len(parties) else {}


def _flat(parties: Any) -> list[int]:
    if isinstance(parties, int):
        return [parties]
    return [i for p in parties or [] for i in (p if isinstance(p, list) else [p])]


def _role(party: dict[str, Any]) -> str:
    return str(party.get("role") or "").lower()


def _agents(content: dict[str, Any]) -> tuple[set[int], bool]:
    """Places of the parties that are agents, and whether that is assumed because none is marked as one.

    Raises
    ------
    Refused
        If there are several parties without roles, and it is not told who began.
    """
    roles = [_role(party) for party in content.get("parties") or []]
    marked = {i for i, role in enumerate(roles) if role in _AGENTS}
    plain = {i for i, role in enumerate(roles) if not role}
    if marked or len(roles) < 2 or not plain:
        return marked, False
    if any(role in _CUSTOMERS for role in roles):
        return plain, True
    if len(plain) < len(roles):
        return set(), False
    opener = _opener(content)
    if opener not in plain:
        raise Refused("no party is marked as agent, nor told who began; give parties their roles")
    return plain - {opener}, True


def _opener(content: dict[str, Any]) -> Any:
    """Place of the party that began the first dialog; of those of a dialog it is the first unless told."""
    first = min(content["dialog"], key=lambda d: _start(d, float("inf")))
    return first.get("originator", next(iter(_flat(first.get("parties"))), None))


def _start(dialog: dict[str, Any], otherwise: float) -> float:
    begun = epoch_s(dialog.get("start"))
    return otherwise if begun is None else begun


def _channel(dialogs: list[dict[str, Any]]) -> str:
    """Voice where anything was spoken; else e-mail where the text is one, by its media type."""
    if not dialogs or any(d["type"] == "recording" for d in dialogs):
        return "voice"
    media = [str(d.get("mediatype") or d.get("mimetype") or "").lower() for d in dialogs]
    return "email" if any(kind.startswith(("message/", "multipart/")) for kind in media) else "message"


def _name(party: dict[str, Any]) -> str | None:
    for key in ("uuid", "tel", "mailto", "sip", "name"):
        if party.get(key):
            return str(party[key])
    return None


def _spoken(content: dict[str, Any], agents: set[int]) -> list[dict[str, Any]]:
    """Dialogs that lasted, in the order of time."""
    rows = []
    for dialog in content["dialog"]:
        begun, lasted = epoch_s(dialog.get("start")), dialog.get("duration")
        if begun is None or dialog["type"] not in ("recording", "text"):
            continue
        here = [_party(content, i) for i in _flat(dialog.get("parties")) if i in agents]
        seconds = float(lasted) if isinstance(lasted, int | float) else 0.0
        rows.append(
            {
                "agent": _name(here[0]) if here else None,
                "answered": iso(begun),
                "ended": iso(begun + seconds),
                "talk_s": seconds,
                "outcome": "handled",
            }
        )
    return sorted(rows, key=lambda row: str(row["answered"]))


def _conversation(content: dict[str, Any], spoken: list[dict[str, Any]], places: set[int]) -> dict[str, Any]:
    dialogs = content["dialog"]
    starts = [s for d in dialogs if (s := epoch_s(d.get("start"))) is not None]
    customers = [p for i, p in enumerate(content.get("parties") or []) if i not in places]
    customer = customers[0] if customers else {}
    kind = next((k for k in ("tel", "mailto", "sip", "name") if customer.get(k)), None)
    lost = any(d["type"] == "incomplete" and d.get("disposition") in _LOST for d in dialogs)
    agents = [row["agent"] for row in spoken if row["agent"]]
    return {
        "uuid": content["uuid"],
        "channel": _channel([d for d in dialogs if d["type"] in ("recording", "text")]),
        "direction": "out" if _opener(content) in places else "in",
        "started": iso(min(starts)),
        "answered": spoken[0]["answered"] if agents else None,
        "ended": max((str(row["ended"]) for row in spoken), default=iso(min(starts))),
        "handle_s": sum(row["talk_s"] for row in spoken if row["agent"]) if agents else None,
        "session_s": sum(row["talk_s"] for row in spoken) if spoken else None,
        "agent": agents[-1] if agents else None,
        "customer": str(customer[kind]) if kind else None,
        "customer_type": {"tel": "phone", "mailto": "email"}.get(kind, kind) if kind else None,
        "subject": content.get("subject"),
        "transfers": sum(d["type"] == "transfer" for d in dialogs),
        "outcome": "handled" if agents else "abandoned" if lost or not spoken else "contained",
    }

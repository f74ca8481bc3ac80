"""vCon containers (IETF vcon-core): parties and their dialogs.

A container becomes one contact; each dialog that lasted becomes a segment of the agent who takes part in it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wfo.tables.account import Tally
from wfo.tables.formats.moments import epoch_s, iso
from wfo.tables.formats.part import Part, PartBuilder, Refused, unfolded
from wfo.tables.formats.records import json_records

_AGENTS = ("agent", "supervisor", "sme", "contact_center_agent")
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
    spoken = _spoken(content)
    return _conversation(content, spoken), spoken


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


def _is_agent(party: dict[str, Any]) -> bool:
    return str(party.get("role", "")).lower() in _AGENTS


def _name(party: dict[str, Any]) -> str | None:
    for key in ("uuid", "tel", "mailto", "sip", "name"):
        if party.get(key):
            return str(party[key])
    return None


def _spoken(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Dialogs that lasted, in the order of time."""
    rows = []
    for dialog in content["dialog"]:
        begun, lasted = epoch_s(dialog.get("start")), dialog.get("duration")
        if begun is None or dialog["type"] not in ("recording", "text"):
            continue
        agents = [p for i in _flat(dialog.get("parties")) if _is_agent(p := _party(content, i))]
        seconds = float(lasted) if isinstance(lasted, int | float) else 0.0
        rows.append(
            {
                "agent": _name(agents[0]) if agents else None,
                "answered": iso(begun),
                "ended": iso(begun + seconds),
                "talk_s": seconds,
                "outcome": "handled",
            }
        )
    return sorted(rows, key=lambda row: str(row["answered"]))


def _conversation(content: dict[str, Any], spoken: list[dict[str, Any]]) -> dict[str, Any]:
    dialogs = content["dialog"]
    starts = [s for d in dialogs if (s := epoch_s(d.get("start"))) is not None]
    first = min(dialogs, key=lambda d: epoch_s(d.get("start")) or float("inf"))
    opener = first.get("originator", next(iter(_flat(first.get("parties"))), None))
    customers = [p for p in content.get("parties") or [] if not _is_agent(p)]
    customer = customers[0] if customers else {}
    kind = next((k for k in ("tel", "mailto", "sip", "name") if customer.get(k)), None)
    lost = any(d["type"] == "incomplete" and d.get("disposition") in _LOST for d in dialogs)
    text = all(d["type"] == "text" for d in dialogs if d["type"] in ("recording", "text"))
    agents = [row["agent"] for row in spoken if row["agent"]]
    return {
        "uuid": content["uuid"],
        "channel": "message" if spoken and text else "voice",
        "direction": "out" if _is_agent(_party(content, opener)) else "in",
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

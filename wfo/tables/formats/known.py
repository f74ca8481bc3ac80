"""Formats by the name that a mapping file gives."""

from collections.abc import Callable, Iterable
from pathlib import Path

from wfo.tables.account import Tally
from wfo.tables.formats import (
    amazon_connect,
    genesys_conversations,
    genesys_intervals,
    nice_cxone,
    ocel,
    vcon,
    web_events,
    zendesk_metric_events,
)
from wfo.tables.formats.part import Part

FORMATS: dict[str, Callable[[Iterable[Path], Tally], dict[str, Part]]] = {
    "genesys_conversations": genesys_conversations.read,
    "genesys_intervals": genesys_intervals.read,
    "amazon_connect": amazon_connect.read,
    "nice_cxone": nice_cxone.read,
    "zendesk_metric_events": zendesk_metric_events.read,
    "vcon": vcon.read,
    "web_events": web_events.read,
    "ocel": ocel.read,
}
"""Each reads files into parts by name, and counts what it reads."""

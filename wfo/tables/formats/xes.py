"""Write event logs as XES (IEEE 1849-2016): a trace a chain, an event a contact."""

from pathlib import Path
from xml.sax.saxutils import quoteattr

import pandas as pd

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <classifier name="Channel" keys="concept:name"/>
"""
_KEYS = {"channel": "concept:name", "agent_id": "org:resource", "queue": "org:group"}
_PLAIN = ("interaction_id", "customer_id", "direction", "intent", "outcome", "role")


def write_xes(interactions: pd.DataFrame, path: Path) -> None:
    """Write contacts in the order of their chains.

    Parameters
    ----------
    interactions : DataFrame
        After the table contract, with ``chain_id``; contacts of no chain make traces of one.
    path : Path
    """
    trace = interactions["chain_id"].fillna(interactions["interaction_id"]).rename("trace")
    rows = interactions.assign(trace=trace).sort_values(["trace", "started_at", "interaction_id"])
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD)
        for name, contacts in rows.groupby("trace", sort=True):
            file.write(f"  <trace>\n    {_string('concept:name', str(name))}\n")
            file.writelines(_event(row) for row in contacts.to_dict("records"))
            file.write("  </trace>\n")
        file.write("</log>\n")


def _event(row: dict) -> str:
    cells = {**_KEYS, **{name: name for name in _PLAIN}}
    lines = [_string(key, str(row[column])) for column, key in cells.items() if _known(row, column)]
    lines.append(f'<date key="time:timestamp" value="{row["started_at"].isoformat()}"/>')
    if _known(row, "handle_s"):
        lines.append(f'<float key="handle_s" value="{row["handle_s"]!r}"/>')
    return "    <event>\n" + "".join(f"      {line}\n" for line in lines) + "    </event>\n"


def _known(row: dict, column: str) -> bool:
    return column in row and not pd.isna(row[column])


def _string(key: str, value: str) -> str:
    # XML 1.0 has no control characters, not even escaped.
    clean = "".join(c for c in value if c >= " " or c in "\t\n")
    return f"<string key={quoteattr(key)} value={quoteattr(clean)}/>"

"""``wfo customer``: one customer's story."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import newest_run, run_folder, runs_option


@click.command("customer")
@click.argument("customer")
@click.argument("run", default="")
@runs_option
@output.speaking
def command(customer: str, run: str, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Tell the story of CUSTOMER from the chains of RUN: open chains first, every channel merged.

    CUSTOMER is a customer id, a key (phone number, e-mail address), an interaction or a chain.
    Without RUN the newest one is read.

    \b
    Example:
      wfo customer C000123 scenarios/week.yaml
    """
    from wfo.pipeline.planned import CACHE
    from wfo.pipeline.source import open_source
    from wfo.pipeline.story import story
    from wfo.scenario.load import load_scenario
    from wfo.tables.parquet import read_frame

    folder = run_folder(run, runs) if run else newest_run(runs, f"wfo customer {customer}")
    scenario = load_scenario(folder / "scenario.yaml")
    source = open_source(scenario, None, runs / CACHE / "data")
    tables = {name: read_frame(folder / f"{name}.parquet") for name in ("chains", "chain_members")}
    if "interactions" not in source.frames:
        output.message("chains are not available: the data hold counts, not contacts", quiet=quiet)
        return
    told = story(customer, tables, source.frames["interactions"])
    if as_json:
        output.as_json(output.records(told))
    else:
        output.data(_text(output.records(told), scenario.centre.zone))
    output.next_word(f"wfo explain plan {folder}", quiet=quiet)


def _text(rows: list, zone: str) -> str:
    import pandas as pd

    lines, chain = [], None
    for row in rows:
        if row["chain_id"] != chain:
            chain = row["chain_id"]
            lines.append(f"{chain} · {row['status']} · {row.get('intent') or 'no intent known'}")
        at = pd.Timestamp(row["started_at"]).tz_convert(zone)
        who = f" by {row['agent_id']}" if row.get("agent_id") else ""
        where = row.get("queue") or row["channel"]
        lines.append(f"  {at:%a %d %b %Y %H:%M}  {where:<16} {row['role']:<9} {row['outcome']}{who}")
    return "\n".join(lines)

"""``wfo chains``: chains of a log of any size, without planning a week."""

from collections.abc import Sequence
from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import runs_option


@click.command("chains")
@click.argument("scenario")
@output.overriding
@runs_option
@output.speaking
def command(scenario: str, overrides: Sequence[str], runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Put the contacts of SCENARIO's log together into chains, out of core: for logs larger than memory.

    The log is interactions.parquet among the scenario's data (wfo import writes it). chains.memory_gb says
    how much memory the engine may take.

    \b
    Example:
      wfo chains mine.yaml
      wfo chains mine.yaml --set chains.memory_gb=5
    """
    from wfo.pipeline.large_log import large_chains
    from wfo.scenario.load import load_arms

    done = [(arm, large_chains(arm, runs=runs)) for arm in load_arms(scenario, set=list(overrides))]
    told = []
    for arm, one in done:
        facts, metrics = one.result.meta.facts, one.result.tables["chain_metrics"]
        told.append(
            {
                "arm": arm.arm,
                "folder": str(one.folder),
                "read": one.rows,
                **facts,
                "metrics": output.records(metrics),
            }
        )
        if as_json:
            continue
        contacts, left_out = facts["contacts"], facts["left_out"]
        output.data(f"{arm.name} · {arm.arm} · up to {one.now:%Y-%m-%d %H:%M} UTC\n")
        output.data(
            f"{one.rows:,} interactions = {contacts:,} in chains + {left_out:,} outgoing or later; "
            f"{facts['chains']:,} chains, {facts['open_chains']:,} of them open"
        )
        over_all = metrics[metrics["intent"].isna() & (metrics["scope"] == "known")]
        rows = [(r["metric"], f"{r['value']:.3f}", f"{r['chains']:,}") for r in output.records(over_all)]
        output.data(output.table(rows, ("metric, known customers", "value", "over"), right=(1, 2)))
        output.data(str(one.folder))
        for note in one.result.meta.notes:
            output.message(f"  {note}", quiet=quiet)
    if as_json:
        output.as_json(told)
    output.next_word(f"wfo run {scenario} --until insight", quiet=quiet)

"""``wfo customer``: one customer's story."""

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from wfo.cli import output
from wfo.cli.places import newest_run, run_folder, runs_option

if TYPE_CHECKING:
    from wfo.chains.stories.timeline import Chain, Story


@click.command("customer")
@click.argument("customer")
@click.argument("run", default="")
@runs_option
@output.speaking
def command(customer: str, run: str, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Tell the story of CUSTOMER from the chains of RUN: every channel merged, what is open first.

    CUSTOMER is a customer id, a key (phone number, e-mail address, handle), an interaction or a chain.
    Without RUN the newest one is read.

    \b
    Example:
      wfo customer C000123 scenarios/week.yaml
    """
    from wfo.pipeline.stories import timeline
    from wfo.scenario.load import load_scenario

    folder = run_folder(run, runs) if run else newest_run(runs, f"wfo customer {customer}")
    story = timeline(customer, folder, runs=runs)
    if as_json:
        output.as_json(output.records(story.frame()))
    else:
        output.data(_text(story, ZoneInfo(load_scenario(folder / "scenario.yaml").centre.zone)))
    output.next_word(f"wfo explain plan {folder}", quiet=quiet)


def _text(story: "Story", zone: ZoneInfo) -> str:
    told = sum(len(chain.contacts) for chain in story.chains)
    more = f", the latest {told:,} told" if told < story.contacts else ""
    lines = [f"{story.customer_id or 'no customer id known'}: {story.contacts:,} contacts{more}"]
    for chain in story.chains:
        lines += ["", _head(chain, zone)]
        for contact in chain.contacts:
            facts = contact.facts
            who = f" by {facts['agent_id']}" if facts["agent_id"] else ""
            where = facts["queue"] or contact.channel
            role = contact.role if contact.direction == "in" else "outgoing"
            at = contact.at.astimezone(zone)
            lines.append(f"  {at:%a %d %b %Y %H:%M}  {where:<16} {role:<9} {facts['outcome']}{who}")
    return "\n".join(lines)


def _head(chain: "Chain", zone: ZoneInfo) -> str:
    promise = chain.promise_due
    due = f" · promised by {promise.astimezone(zone):%a %d %b %H:%M}" if promise else ""
    return f"{chain.chain_id or 'outside chains'} · {chain.status} · {chain.intent or 'no intent known'}{due}"

"""``wfo import``: sources brought in by mapping files."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wfo.cli import output
from wfo.cli.exits import INPUT_WRONG, Exit

if TYPE_CHECKING:
    from wfo.tables.imported import ImportedFile

WRONG = ("unreadable", "broken")
"""Outcomes of rows that the mapping did not mean to leave out."""


@click.command("import")
@click.argument("mapping", required=False)
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option(
    "-o",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Into this folder.",
)
@click.option(
    "--append",
    is_flag=True,
    help="Add to the tables of the folder; a row whose key is there already takes its place.",
)
@output.speaking
def command(
    mapping: str | None, source: Path | None, folder: Path, append: bool, as_json: bool, quiet: bool
) -> None:
    r"""Bring in SOURCE by the rules of MAPPING; every row is kept or refused with a reason.

    MAPPING is a file, or the name of a ready mapping; without SOURCE its text is shown, to copy and change;
    without either the ready ones are listed.

    \b
    Example:
      wfo import calls.mapping.yaml calls.csv.gz -o data
      wfo import amazon_connect records/ -o data
      wfo import amazon_connect today/ -o data --append
      wfo import genesys_conversations/interactions > mine.yaml
    """
    from wfo.tables.importer import import_into
    from wfo.tables.mapping_files import find_mappings

    if mapping is None:
        _list(as_json)
        return
    files = find_mappings(mapping)
    if source is None:
        output.data("\n".join(path.read_text(encoding="utf-8") for path in files).rstrip())
        output.next_word(f"wfo import {mapping} SOURCE -o {folder}", quiet=quiet)
        return
    done = [import_into(path, source, folder, append=append) for path in files]
    if as_json:
        output.as_json(
            [
                {
                    "table": d.table,
                    "file": str(d.path),
                    "read": d.rows,
                    "rows": output.records(d.summary),
                    "before": d.before,
                    "replaced": d.replaced,
                }
                for d in done
            ]
        )
    else:
        rows = [
            (
                d.table,
                r["outcome"],
                r["reason"] + (f"; found {r['found']}" if r["found"] else ""),
                f"{r['rows']:,}",
            )
            for d in done
            for r in output.records(d.summary)
        ]
        output.data(output.table(rows, ("table", "outcome", "reason", "rows"), right=(3,)))
    for one in done:
        added = f"; {one.before:,} were there, {one.replaced:,} of them replaced" if append else ""
        output.message(f"{one.table}: {one.kept:,} rows of {one.rows:,} in {one.path}{added}", quiet=quiet)
        if one.refused:
            output.message(
                f"{one.table}: {one.refused:,} rows refused, listed in {one.refused_path}", quiet=quiet
            )
    nothing = [one for one in done if one.refused and not one.kept]
    for one in nothing:
        output.message(f"{one.table}: no row could be kept, what was there stays; mend mapping or source")
    most = [one for one in done if one.kept and 2 * _wrong(one) > one.rows]
    for one in most:
        output.message(f"{one.table}: most rows were refused as wrong; mend the mapping and import again")
    if most or (nothing and not any(one.kept for one in done)):
        raise Exit(INPUT_WRONG)
    output.next_word(f"wfo check {done[0].path}", quiet=quiet)


def _wrong(one: "ImportedFile") -> int:
    """Source rows refused because they could not be read or break a rule of the table."""
    told = one.summary
    return int(told.loc[told["outcome"].isin(WRONG), "rows"].sum())


def _list(as_json: bool) -> None:
    from wfo.tables.mapping_files import load_mapping, ready_mappings

    rows = [
        (source, path.stem, load_mapping(path).source)
        for source, paths in ready_mappings().items()
        for path in paths
    ]
    if as_json:
        output.as_json([dict(zip(("mapping", "table", "source"), row, strict=True)) for row in rows])
    else:
        output.data(output.table(rows, ("mapping", "table", "of")))

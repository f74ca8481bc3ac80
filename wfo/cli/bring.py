"""``wfo import``: a source file brought in by a mapping file."""

from pathlib import Path

import click

from wfo.cli import output


@click.command("import")
@click.argument("mapping", type=click.Path(path_type=Path))
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Into this folder.",
)
@output.speaking
def command(mapping: Path, source: Path, folder: Path, as_json: bool, quiet: bool) -> None:
    r"""Bring in SOURCE by the rules of MAPPING; every row is kept or refused with a reason.

    \b
    Example:
      wfo import calls.mapping.yaml calls.csv.gz -o data
    """
    from wfo.tables.importer import import_table

    done = import_table(mapping, source)
    done.save(folder)
    summary = done.summary()
    if as_json:
        output.as_json({"table": done.table, "folder": str(folder), "rows": output.records(summary)})
    else:
        rows = [(r["outcome"], r["reason"], f"{r['rows']:,}") for r in output.records(summary)]
        output.data(output.table(rows, ("outcome", "reason", "rows"), right=(2,)))
    output.message(f"{done.table}: {len(done.frame):,} rows in {folder}", quiet=quiet)
    output.next_word(f"wfo check {folder / done.table}.parquet", quiet=quiet)

"""What the command line says: data on stdout, messages on stderr, ``--json`` and ``--quiet`` everywhere."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def examples(command: F) -> F:
    r"""Keep the lines of a help text's paragraph behind ``\b`` as they are written."""
    command.__doc__ = (command.__doc__ or "").replace("\\b\n", "\b\n")
    return command


def speaking(command: F) -> F:
    """Give a word the options ``--json`` and ``--quiet``."""
    command = examples(command)
    command = click.option("--quiet", "-q", is_flag=True, help="No messages and no progress.")(command)
    return click.option("--json", "as_json", is_flag=True, help="Data as JSON on stdout.")(command)


def overriding(command: F) -> F:
    """Give a word the option ``--set``."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override a setting, e.g. demand.scale=1.1.",
    )(command)


def data(text: str) -> None:
    """Write data to stdout."""
    click.echo(text)


def as_json(content: Any) -> None:
    """Write data as JSON to stdout."""
    click.echo(json.dumps(content, indent=1, default=str, ensure_ascii=False))


def message(text: str, *, quiet: bool = False) -> None:
    """Write a message to stderr."""
    if not quiet:
        click.echo(text, err=True)


def next_word(text: str, *, quiet: bool = False) -> None:
    """Say which command comes next."""
    message(f"Next: {text}", quiet=quiet)


def table(rows: Iterable[Sequence[Any]], head: Sequence[str], *, right: Sequence[int] = ()) -> str:
    """Rows as aligned text.

    Parameters
    ----------
    rows : iterable of sequence
    head : sequence of str
    right : sequence of int
        Columns aligned to the right.
    """
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    out = []
    for line in lines:
        cells = [
            c.rjust(w) if i in right else c.ljust(w)
            for i, (c, w) in enumerate(zip(line, widths, strict=True))
        ]
        out.append("  ".join(cells).rstrip())
    return "\n".join([out[0], "  ".join("-" * w for w in widths), *out[1:]])


def records(frame: Any) -> list[Mapping[str, Any]]:
    """Rows of a frame as plain mappings, empty cells as None."""
    return [dict(row) for row in json.loads(frame.to_json(orient="records", date_format="iso"))]

"""The account of an import: each row that the reader counted is kept, folded, refused or empty."""

from dataclasses import dataclass

from wfo.errors import RunError


@dataclass
class Tally:
    """Source rows that a reader handed out, counted there, before anything is made of them.

    Attributes
    ----------
    rows : int
        Records of JSON, rows of tables; lines with nothing in them too.
    """

    rows: int = 0


def settle(
    table: str, *, read: int, behind: int, refused: int, empty: int, kept: int, written: int | None = None
) -> None:
    """Check that nothing was lost.

    Parameters
    ----------
    table : str
    read : int
        Source rows, as the reader counted them.
    behind, refused, empty : int
        Source rows behind the rows kept; refused, as reported; with nothing for this table.
    kept : int
        Rows that should have been written.
    written : int, optional
        Rows that the file written says it has.

    Raises
    ------
    RunError
        If they do not add up: an error of this program, not of the source.

    Examples
    --------
    >>> settle("agents", read=5, behind=3, refused=1, empty=1, kept=3)
    >>> settle("agents", read=5, behind=3, refused=1, empty=0, kept=3)
    Traceback (most recent call last):
    ...
    wfo.errors.RunError: agents: 5 rows were read, but 3 kept or folded, 1 refused and 0 empty make 4; \
nothing was written: please report this
    """
    if behind + refused + empty != read:
        raise RunError(
            f"{table}: {read:,} rows were read, but {behind:,} kept or folded, {refused:,} refused and "
            f"{empty:,} empty make {behind + refused + empty:,}; nothing was written: please report this"
        )
    if written is not None and written != kept:
        raise RunError(
            f"{table}: {kept:,} rows were kept, but the file has {written:,}; nothing was written: "
            "please report this"
        )

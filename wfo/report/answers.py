"""``answers.xlsx``: what requests were answered, or what was changed, as people read it."""

from pathlib import Path

import pandas as pd
import xlsxwriter

from wfo.report.excel import write_sheet


def write_answers(frame: pd.DataFrame, path: Path, zone: str) -> Path:
    """Write answers or changes as a workbook with one sheet, times in the centre's zone.

    Parameters
    ----------
    frame : DataFrame
        Table ``answers`` or ``changes``.
    path : Path
    zone : str

    Returns
    -------
    Path
    """
    frame = frame.copy()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.tz_convert(zone).dt.tz_localize(None)
        elif frame[name].dtype == object:
            frame[name] = frame[name].map(lambda cell: f"{cell:%Y-%m-%d}", na_action="ignore")
    with xlsxwriter.Workbook(path, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        book.set_properties({"created": pd.Timestamp(0).to_pydatetime()})
        head = book.add_format({"bold": True, "bg_color": "#E8EEF2", "text_wrap": True, "valign": "top"})
        write_sheet(book, "answers", frame, head)
    return path

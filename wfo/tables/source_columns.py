"""Which columns of its source a mapping names, and how a workbook's headings are told by them."""

import pandas as pd

from wfo.tables.mapping import Mapping
from wfo.tables.sources import plain_heading


def source_columns(rules: Mapping, *, optional: bool = False) -> list[str]:
    """Names of source columns in a mapping, each once; with those that the source may lack, or without."""
    fields = rules.columns.values()
    names = [rule.from_ for rule in fields if rule.from_ is not None and (optional or not rule.optional)]
    for rule in fields:
        names += [*rule.plus_s, *(rule.when or {})]
    for row in (*rules.drop, *rules.quarantine, *rules.flag):
        names += row.when
    names += [*rules.legs, *([rules.keep_latest] if rules.keep_latest else [])]
    return list(dict.fromkeys(names))


def headed_as_named(frame: pd.DataFrame, rules: Mapping) -> pd.DataFrame:
    """A sheet whose headings are as the mapping writes them, where they differ in case and spaces alone."""
    wanted = source_columns(rules, optional=True)
    plain = {plain_heading(name): name for name in reversed(wanted) if name not in frame.columns}
    of = {h: plain.get(plain_heading(h), h) for h in frame.columns if h not in wanted}
    return frame.rename(columns=of)

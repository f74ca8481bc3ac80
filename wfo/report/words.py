"""Numbers as planners read them."""

import math
from typing import Any


def missing(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or value != value


def amount(value: Any, unit: str, currency: str = "") -> str:
    """A figure with its unit: ``82 %``, ``35 s``, ``12,400 EUR``; a dash where there is none.

    Examples
    --------
    >>> amount(0.8234, "share"), amount(35.2, "s"), amount(None, "s")
    ('82.3 %', '35 s', '–')
    """
    if missing(value):
        return "–"
    number = float(value)
    if unit == "share":
        return percent(number)
    if unit == "s":
        return f"{unsigned(f'{number:,.0f}')} s" if number < 600 else f"{number / 60:,.0f} min"
    if unit == "money":
        return f"{unsigned(f'{number:,.0f}')} {currency}".strip()
    text = unsigned(f"{number:,.0f}" if abs(number) >= 10 else f"{number:,.1f}")
    return text if unit in ("", "count", "contacts") else f"{text} {unit}"


def spread(low: Any, high: Any, unit: str, currency: str = "") -> str:
    """``74.0 – 86.1 %``: a range with its unit once; empty where there is none."""
    if missing(low) or missing(high):
        return ""
    first, last = amount(low, unit, currency), amount(high, unit, currency)
    tail = last[len(last.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ%$€£ ")) :]
    return f"{first.removesuffix(tail)} – {last}" if tail and first.endswith(tail) else f"{first} – {last}"


def chance(value: Any) -> str:
    """A probability; never more certain than a simulation can be.

    Examples
    --------
    >>> chance(1.0), chance(0.42), chance(0.0)
    ('> 95 %', '42 %', '< 5 %')
    """
    if missing(value):
        return "–"
    if value > 0.95:
        return "> 95 %"
    return "< 5 %" if value < 0.05 else f"{100 * value:.0f} %"


def plain(name: str) -> str:
    """An identifier as words: ``service_level`` → ``service level``."""
    return name.replace("_", " ")


def counted(number: int, word: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "agent"), counted(1200, "agent")
    ('1 agent', '1,200 agents')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def unsigned(figure: str) -> str:
    """A figure without the sign where it is rounded to nothing.

    Examples
    --------
    >>> unsigned("-0.0"), unsigned("+0"), unsigned("-0.1")
    ('0.0', '0', '-0.1')
    """
    return figure.lstrip("+-") if not figure.strip("+-0.,") else figure


def percent(value: Any, digits: int = 1, *, sign: bool = False) -> str:
    """A share in per cent, ``82.4 %``; a dash where there is none."""
    if missing(value):
        return "–"
    figure = f"{100 * float(value):{'+' if sign else ''}.{digits}f}"
    return f"{unsigned(figure)} %"


def points(value: Any, *, sign: bool = True) -> str:
    """A difference of two shares in points, ``+1.2 pt``; a dash where there is none."""
    if missing(value):
        return "–"
    figure = f"{100 * float(value):{'+' if sign else ''}.1f}"
    return f"{unsigned(figure)} pt"

"""Compiled: formulas over several files, kept on disk under the hash of all of them."""

from wfo import compiled

KERNEL = tuple(
    f"staffing/{name}.py"
    for name in (
        "compiled",
        "gamma",
        "queue_law",
        "limited_lines",
        "chat_law",
        "search",
        "mixture",
        "corrected",
        "changing_load",
        "chat_days",
    )
)
"""Files whose compiled functions call each other: a change in one compiles them anew."""

formula = compiled.entry(*KERNEL, "metrics/abandonment.py")
"""For all of them; Python calls most."""

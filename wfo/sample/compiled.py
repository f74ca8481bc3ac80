"""How the loops of the past are compiled."""

from wfo import compiled

KERNEL = tuple(
    f"sample/{name}.py"
    for name in ("compiled", "customers", "homes", "laws", "queueing", "starts", "work_plan")
)
"""Files that compiled functions and their constants come from: a change in one compiles them anew."""

entry = compiled.entry(*KERNEL)
"""For functions that Python calls."""
inner = compiled.inner
"""For functions that only compiled ones call."""

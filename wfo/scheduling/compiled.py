"""How the inner loops are compiled."""

from numba import njit

from wfo import compiled

KERNEL = tuple(
    f"scheduling/{name}.py"
    for name in (
        "problem",
        "compiled",
        "state",
        "queue_worth",
        "flow",
        "cover",
        "hours_value",
        "shift_values",
        "week_options",
        "week",
        "legal_week",
        "turns",
        "bound",
        "marginal",
    )
)
"""Files that compiled functions come from: a change in one compiles them anew."""

entry = compiled.entry(*KERNEL, "draws.py", nogil=True)
"""For functions that Python calls; other threads run beside them."""
inner = compiled.inner
"""For functions that only compiled ones call: they need no code that unpacks Python's arguments."""
plain = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
"""For inner functions that make no arrays: without reference counts, which cost more than their work."""

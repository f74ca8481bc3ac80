"""How the inner loops are compiled."""

from numba import njit

entry = njit(cache=True, error_model="numpy")
"""For functions that Python calls."""
inner = njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that only compiled ones call: they need no code that unpacks Python's arguments."""
plain = njit(cache=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)
"""For inner functions that make no arrays: without reference counts, which cost more than their work."""

"""Properties are checked on the same examples everywhere, however slow the machine."""

from hypothesis import settings

settings.register_profile("wfo", deadline=None, derandomize=True)
settings.load_profile("wfo")

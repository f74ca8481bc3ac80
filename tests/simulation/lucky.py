"""The kernel's draws, compiled so that Python can call them."""

from wfo.compiled import entry
from wfo.simulation import luck

_entry = entry("simulation", "draws.py")

replication_word = _entry(luck.replication_word.py_func)
stream_word = _entry(luck.stream_word.py_func)
fresh_word = _entry(luck.fresh_word.py_func)
calls_word = _entry(luck.calls_word.py_func)
old_word = _entry(luck.old_word.py_func)
chase_word = _entry(luck.chase_word.py_func)
try_word = _entry(luck.try_word.py_func)
comes_back = _entry(luck.comes_back.py_func)
chases = _entry(luck.chases.py_func)
chase_delay_ms = _entry(luck.chase_delay_ms.py_func)
is_reached = _entry(luck.is_reached.py_func)
redial_word = _entry(luck.redial_word.py_func)
follow_up_word = _entry(luck.follow_up_word.py_func)
chance = _entry(luck.chance.py_func)
arrival_ms = _entry(luck.arrival_ms.py_func)
handle_ms = _entry(luck.handle_ms.py_func)
patience_ms = _entry(luck.patience_ms.py_func)
balks = _entry(luck.balks.py_func)
takes_callback = _entry(luck.takes_callback.py_func)
redials = _entry(luck.redials.py_func)
redial_delay_ms = _entry(luck.redial_delay_ms.py_func)
forced_to_abandon = _entry(luck.forced_to_abandon.py_func)
follows_up = _entry(luck.follows_up.py_func)
follow_up_delay_ms = _entry(luck.follow_up_delay_ms.py_func)
landing_ms = _entry(luck.landing_ms.py_func)

"""How the command line ends: exit codes."""

DONE = 0
UNEXPECTED = 1
INPUT_WRONG = 2
NO_PLAN = 3
TARGETS_MISSED = 4
INTERRUPTED = 130


class Exit(Exception):
    """Ends the program with a code, everything having been said."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code

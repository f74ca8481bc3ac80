"""The command line: ``wfo`` and its words; each word's module is loaded when it is used."""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from wfo.cli import output
from wfo.cli.exits import INPUT_WRONG, INTERRUPTED, UNEXPECTED, Exit
from wfo.errors import InputError, Interrupted, WfoError

WORDS = {
    "new": ("wfo.cli.new", "Write a working example into a folder."),
    "import": ("wfo.cli.bring", "Bring in a file with a mapping file."),
    "check": ("wfo.cli.check", "Check scenarios, tables and schedules."),
    "run": ("wfo.cli.run", "Plan a week: forecast, schedule, coaching, scorecard."),
    "chains": ("wfo.cli.chains", "Chains of a log of any size, without planning a week."),
    "compare": ("wfo.cli.compare", "Compare two runs: assumptions first, then results."),
    "outlook": ("wfo.cli.outlook", "Forecast the weeks and months of a year."),
    "replay": ("wfo.cli.replay", "Plan past weeks again and see how good it was."),
    "report": ("wfo.cli.report", "Write the page of a run again."),
    "capacity": ("wfo.cli.capacity", "Plan people by month: need, leavers, hiring classes, ramp."),
    "export": ("wfo.cli.export", "Write a run's workbook, CSV tables or calendars."),
    "rebreak": ("wfo.cli.rebreak", "Place the breaks of a planned week anew."),
    "publish": ("wfo.cli.publish", "Freeze a run as the published week."),
    "customer": ("wfo.cli.customer", "Tell a customer's story: chains and contacts."),
    "explain": ("wfo.cli.explain", "Explain a setting, a metric, a shift, the schema, a run."),
}


class LazyWords(click.Group):
    """A group that loads a word's module only when the word is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All words, in the order of a planner's week."""
        return list(WORDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The word, or None."""
        if cmd_name not in WORDS:
            return None
        command: click.Command = import_module(WORDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the words without loading them."""
        with formatter.section("Words"):
            formatter.write_dl([(word, text) for word, (_, text) in WORDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the word; for a wrong one say which is near."""
        from difflib import get_close_matches

        if args and args[0] not in WORDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], WORDS, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"the words are {', '.join(WORDS)}"
            raise click.UsageError(f"there is no '{args[0]}'; {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyWords,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Next: wfo new my-centre",
)
@click.version_option(package_name="wfo", prog_name="wfo")
@output.examples
def cli() -> None:
    r"""Plan a service centre's week from its log of customer interactions.

    \b
    Example:
      wfo run scenarios/week.yaml
    """


_OF_FILES = {
    errno.EACCES: "no right to it (permission denied); give this user the right, or name another place",
    errno.EPERM: "no right to it (not permitted); give this user the right, or name another place",
    errno.EROFS: "it lies where nothing can be written; name another place (-o)",
    errno.ENOSPC: "it is full; make room, or name a folder on another disk (-o)",
}
"""What is said of files and folders that the machine refuses."""


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    args : sequence of str, optional
        Words; empty: those the program was started with.

    Returns
    -------
    int
        0 done, 1 unexpected, 2 usage or invalid input, 3 no feasible plan, 4 targets missed (under
        ``--fail-on``), 130 interrupted.
    """
    try:
        result = cli.main(args=args, prog_name="wfo", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except Exit as stop:
        return stop.code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return INPUT_WRONG
    except InputError as error:
        _say("\n".join(str(problem) for problem in error.problems))
        return INPUT_WRONG
    except Interrupted as error:
        _say(str(error))
        return INTERRUPTED
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; finished stages are kept and will be reused")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        return 0
    except WfoError as error:
        _say(str(error))
        return UNEXPECTED
    except OSError as error:
        if error.errno not in _OF_FILES:
            _say(f"unexpected, please report this:\n{traceback.format_exc()}")
            return UNEXPECTED
        _say(f"{error.filename or 'the disk'}: {_OF_FILES[error.errno]}")
        return INPUT_WRONG
    except Exception:
        _say(f"unexpected, please report this:\n{traceback.format_exc()}")
        return UNEXPECTED


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    sys.exit(main())

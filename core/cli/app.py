"""Puts the sub-commands together, and turns how they end into an exit code."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

import typer

from core.cli import demo, models, predicting, pretrain, projects, register
from core.cli.console import say
from core.cli.interrupt import INTERRUPTED, on_interrupt
from core.cli.session import Wishes
from core.errors import Cancelled, UsageProblem, UserFacingError

_HELP = """The review desk for pet portraits: finds the designer's image in the photo, and the portrait's mask with it.

Without a sub-command the desk opens.

Exit codes: 0 all went well; 1 something failed; 2 the command line makes no sense; 130 interrupted with Ctrl-C
(what was written until then is whole).
"""


_REFUSAL: type[Exception] = typer.BadParameter.__mro__[2]
"""Of a command line; Typer has it from click, or brings one of its own along, by its version."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended.

    ``desk_project`` is the project that the desk should open now, or None. ``exit_code`` is for a command that
    ends here, or that asks for the desk where no window can be shown.
    """

    exit_code: int
    desk_project: str | None = None


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"pawtrait {version('pawtrait')}")
        raise typer.Exit


def make_app() -> typer.Typer:
    """Return the command line with all its sub-commands."""
    app = typer.Typer(
        name="pawtrait",
        help=_HELP,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",  # its line breaks are not kept: a terminal has its own width
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_program)
    for module in (demo, projects, register, predicting, models, pretrain):
        module.add_commands(app)
    return app


def _program(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and end.")
    ] = False,
) -> None:
    """Stand for the program itself, which has an option of its own."""


def run_command_line(args: Sequence[str]) -> Outcome:
    """Run one command; errors of the environment are printed as a sentence and a remedy, bugs propagate."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a file's name may hold what the terminal cannot write
            stream.reconfigure(errors="backslashreplace")
    wishes = Wishes()
    command = typer.main.get_command(make_app())
    main_thread = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, on_interrupt) if main_thread else None
    try:
        ended = command.main(args=list(args), prog_name="pawtrait", obj=wishes, standalone_mode=False)
        code = ended if isinstance(ended, int) else 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except _REFUSAL as error:
        say(f"pawtrait: {_refusal(error)}", err=True)
        code = 2
    except UserFacingError as error:
        say(f"pawtrait: {error}", err=True)
        code = 2 if isinstance(error, UsageProblem) else 1
    except (Cancelled, typer.Abort):
        say("Interrupted.", err=True)
        code = INTERRUPTED
    finally:
        if main_thread:
            signal.signal(signal.SIGINT, before)
    return Outcome(code, wishes.desk_project)


def _refusal(error: Exception) -> str:
    """Return what is wrong with a command line as one line, as all other errors are told."""
    told = " ".join(error.format_message().split())  # type: ignore[attr-defined]
    told = told.replace("Value error, ", "").rstrip(".")  # what checks choices for Typer puts that before its sentence
    context = getattr(error, "ctx", None)
    command = "pawtrait" if context is None else context.command_path
    return f"{told}. `{command} --help` says what can be given."

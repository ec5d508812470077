"""How a running job shows itself: a bar on a terminal, plain lines elsewhere, JSON lines for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

import typer

from core.errors import printable
from core.jobs.context import ItemFailed

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

OnPartial = Callable[[object], None] | None


class TalkingContext:
    """A job's context that shows nothing but what failed; the base of those that show more."""

    def __init__(self, check: Callable[[], None], on_partial: OnPartial = None) -> None:
        self._check, self._on_partial = check, on_partial

    def progress(self, done: int, total: int, label: str = "") -> None:
        """Say how far the job is."""

    def check(self) -> None:
        """Raise ``Cancelled`` once Ctrl-C was pressed."""
        self._check()

    def partial(self, result: object) -> None:
        """Show a failed item; hand everything on."""
        if isinstance(result, ItemFailed):
            self.failed(result)
        if self._on_partial is not None:
            self._on_partial(result)

    def failed(self, failure: ItemFailed) -> None:
        """Show what went wrong with one item."""
        typer.echo(failure_text(failure), err=True)

    def log(self, message: str) -> None:
        """Show a message for the log."""
        say(message, err=True)


class _PlainContext(TalkingContext):
    """For pipes and log files: one line for each tenth of the way."""

    def __init__(self, title: str, check: Callable[[], None], on_partial: OnPartial) -> None:
        super().__init__(check, on_partial)
        self._title, self._tenth = title, -1

    def progress(self, done: int, total: int, label: str = "") -> None:
        tenth = 10 * done // total if total else 0
        if tenth != self._tenth:
            self._tenth = tenth
            typer.echo(f"{self._title}: {done} of {total}" if total else self._title, err=True)


class _RichContext(TalkingContext):
    """For terminals: a bar with the time left."""

    def __init__(self, progress: Progress, task: TaskID, check: Callable[[], None], on_partial: OnPartial) -> None:
        super().__init__(check, on_partial)
        self._progress, self._task = progress, task

    def progress(self, done: int, total: int, label: str = "") -> None:
        self._progress.update(self._task, completed=done, total=total or None, label=printable(label))

    def failed(self, failure: ItemFailed) -> None:
        self._progress.console.print(failure_text(failure), markup=False, highlight=False, style="yellow")

    def log(self, message: str) -> None:
        self._progress.console.print(printable(message), markup=False, highlight=False, style="dim")


class _JsonContext(TalkingContext):
    """For programs: every event is one line of JSON on the standard output."""

    def progress(self, done: int, total: int, label: str = "") -> None:
        print_json({"event": "progress", "done": done, "total": total, "label": label})

    def failed(self, failure: ItemFailed) -> None:
        print_json({"event": "failed", "item": failure.item, "message": failure.message, "remedy": failure.remedy})


class MakeContext(Protocol):
    """Opens a context for a job with a title."""

    def __call__(
        self, title: str, check: Callable[[], None], on_partial: OnPartial
    ) -> AbstractContextManager[TalkingContext]:
        """Return it as a context manager."""
        ...


@contextmanager
def json_context(title: str, check: Callable[[], None], on_partial: OnPartial) -> Iterator[TalkingContext]:
    """Show a job as JSON lines on the standard output."""
    yield _JsonContext(check, on_partial)


@contextmanager
def _plain_context(title: str, check: Callable[[], None], on_partial: OnPartial) -> Iterator[TalkingContext]:
    yield _PlainContext(title, check, on_partial)


@contextmanager
def _rich_context(title: str, check: Callable[[], None], on_partial: OnPartial) -> Iterator[TalkingContext]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[label]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _RichContext(progress, progress.add_task(title, total=None, label=""), check, on_partial)


def pick_context(stream: TextIO) -> MakeContext:
    """Return the kind of context that suits a stream: a bar for a terminal, plain lines for anything else."""
    return _rich_context if stream.isatty() else _plain_context


def say(text: str, *, err: bool = False) -> None:
    """Write a line in which names from outside may stand: nothing in it can steer the terminal."""
    typer.echo(printable(text), err=err)


def print_json(value: object) -> None:
    """Write one line of JSON to the standard output."""
    typer.echo(json.dumps(value))


def failure_text(failure: ItemFailed) -> str:
    """Return one line for a failed item; its name is not said twice, and nothing in it can steer the terminal."""
    sentence = f"{failure.message} {failure.remedy}".rstrip()
    text = sentence if sentence.startswith(failure.item) else f"{failure.item}: {sentence}"
    return f"  ! {printable(text)}"

"""What every command needs: settings and services, a project, a job run to its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import typer

from core.cli.console import TalkingContext, json_context, pick_context
from core.cli.interrupt import INTERRUPTED, stoppable
from core.errors import StorageProblem
from core.jobs import inline
from core.jobs.services import Services
from core.jobs.specs import OpenProject, Spec
from core.settings import Settings, reviewer
from core.store.base import Store


@dataclass(slots=True)
class Wishes:
    """What a command asks of its caller; lies in the context of the command line."""

    desk_project: str | None = None


def load_services() -> Services:
    """Return the services of a command, with the user's settings.

    Raises:
        FileProblem: the settings file is damaged.
    """
    from core.images.previews import PreviewCache, bounds, default_folder

    settings = Settings.load()
    return Services(settings, PreviewCache(default_folder(), *bounds(settings)))


@contextmanager
def opened(folder: Path, *, create: bool = False, write: bool = False) -> Iterator[Services]:
    """Open a project for the duration of a command; with ``create``, make it if it is not there.

    Unless it is to ``write``, others may open it to write meanwhile: a long export keeps nobody from deciding.

    Raises:
        StorageProblem: there is none, it is damaged, or it must be written and cannot be.
        Cancelled: Ctrl-C was pressed meanwhile.
    """
    services = load_services()
    spec = OpenProject(str(folder), reviewer(services.settings), create, to_read=not write)
    with stoppable() as stop:
        store = inline.run(spec, services, TalkingContext(stop.check))
    with_store = replace(services, store=store)  # type: ignore[arg-type]
    project: Store = with_store.project()
    try:
        stop.check()  # opening asks at its beginning alone
        if write and project.info.read_only:
            raise StorageProblem(
                f"The project {folder} can only be read: {project.info.read_only_reason}",
                "Close it where it is open, or check the permissions of its folder.",
            )
        yield with_store
    finally:
        project.close()


def run_job(
    spec: Spec, services: Services, *, as_json: bool = False, on_partial: Callable[[object], None] | None = None
) -> object:
    """Run a job to its end, show its progress, and return its answer; Ctrl-C asks it to stop.

    ``on_partial`` gets the partial results; failed items are shown in any case.
    """
    with stoppable() as stop:
        make = json_context if as_json else pick_context(sys.stderr)
        with make(spec.title, stop.check, on_partial) as context:
            return inline.run(spec, services, context)


def leave(*, failed: bool = False, cancelled: bool = False) -> NoReturn:
    """End the command with the exit code that fits."""
    raise typer.Exit(INTERRUPTED if cancelled else 1 if failed else 0)

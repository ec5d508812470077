"""The command that makes a project to try the desk with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from core.cli.options import chosen_workers
from core.cli.projects import import_pairs, reconcile_pairs, show_batch, show_import, to_reconcile
from core.cli.session import Wishes, leave, load_services, opened, run_job
from core.errors import FileProblem, UsageProblem
from core.files import remedy_for
from core.jobs.answers import DemoReport
from core.jobs.services import Services
from core.jobs.specs import MakeDemo, ReconcilePairs, reconcile_options
from core.settings import reviewer

_PICTURES = "demo-pictures"
_MOST_WORKERS = 4  # somebody waits for the first sight of the desk: the demo is not shy of the machine's cores


def add_commands(app: typer.Typer) -> None:
    """Put this module's command on the command line."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Folder of the demo project.", file_okay=False)
    ] = Path("pawtrait-demo"),
    photos: Annotated[
        Path | None,
        typer.Option(
            help="Make it from the photos in DIR/originals and the portraits' masks in DIR/masks instead.",
            exists=True,
            file_okay=False,
            metavar="DIR",
        ),
    ] = None,
    no_window: Annotated[
        bool, typer.Option("--no-window", help="Stop after the summary instead of opening the desk.")
    ] = False,
) -> None:
    """Make a demo project, reconcile it, and open the desk on it.

    Photographs that come with scikit-image are edited as a designer would (recoloured, turned, mirrored, cut out,
    with hats and text painted on, one from a wrong photo), imported and reconciled. Run again on the same folder, it
    goes on where it stopped and keeps what you have decided.
    """
    _see_that_it_is_ours(folder)
    originals, designers, pairs = _pictures(load_services(), folder / _PICTURES, photos)
    with opened(folder, create=True, write=True) as services:
        imported = import_pairs(services, originals, designers, pairs)
        show_import(imported)
        if imported.cancelled:
            leave(cancelled=True)
        failed = _reconcile(services) or bool(imported.unreadable or imported.duplicates)
    wishes: Wishes = context.obj
    if no_window:
        typer.echo(f"To look at it: pawtrait open {folder}")
    else:
        wishes.desk_project = str(folder)
    leave(failed=failed)


def _see_that_it_is_ours(folder: Path) -> None:
    """Refuse a folder with other things in it; an empty one, a new one and a demo begun before are fine."""
    from core.store.folder import is_project

    try:
        if not folder.exists() or (folder / _PICTURES).is_dir() or not any(folder.iterdir()):
            return
    except OSError as error:
        raise FileProblem(f"{folder} cannot be read: {error.strerror or error}.", remedy_for(error)) from error
    what = "is a project of its own" if is_project(folder) else "is not empty"
    raise UsageProblem(f"{folder} {what}, not a demo.", "Choose another folder: pawtrait demo DIR.")


def _pictures(services: Services, folder: Path, photos: Path | None) -> tuple[Path, Path, Path]:
    """Return the demo's originals, designer images and table of pairs; make them unless they are there."""
    table = folder / "pairs.csv"  # written last: where it stands, the pictures are complete
    if table.exists():
        typer.echo(f"The pictures are in {folder} already.")
        return folder / "originals", folder / "designers", table
    answer = run_job(MakeDemo(str(folder), None if photos is None else str(photos)), services)
    assert isinstance(answer, DemoReport)
    typer.echo(f"Made {answer.pairs} pairs in {folder}.")
    return Path(answer.originals), Path(answer.designers), Path(answer.pairs_csv)


def _reconcile(services: Services) -> bool:
    """Reconcile what has not been yet; return whether something failed."""
    ids = to_reconcile(services)
    settings = services.settings
    workers = max(chosen_workers(settings, None), min(os.cpu_count() or 1, _MOST_WORKERS))
    spec = ReconcilePairs(ids, reconcile_options(settings), reviewer(settings), workers)
    report = reconcile_pairs(services, spec)
    show_batch(report)
    if report.cancelled:
        leave(cancelled=True)
    return bool(report.failures)

"""The commands on a project: import, reconcile, open, export, stats, tidy."""

from __future__ import annotations

import os.path
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import failure_text, print_json, say
from core.cli.options import (
    GuidedOption,
    JsonOption,
    ProjectArgument,
    SearchWishes,
    WorkersOption,
    chosen_options,
    chosen_workers,
    with_search_options,
)
from core.cli.session import Wishes, leave, opened, run_job
from core.domain import Decision, PairOrder, PairQuery, Statistics
from core.errors import UsageProblem
from core.jobs.answers import BatchReport, ExportReport, ImportReport
from core.jobs.pairing import read_pairs_csv
from core.jobs.services import Services
from core.jobs.specs import ExportPairs, ImportPairs, ReconcilePairs, is_guided
from core.settings import reviewer
from core.store.folder import is_project, remove_empty_project


class Format(StrEnum):
    """What ``export`` can write; the keys of ``core.export.exporters.EXPORTERS``."""

    MASKS = "masks"
    CUTOUTS = "cutouts"
    CLEAN_CUTOUTS = "clean-cutouts"


def add_commands(app: typer.Typer) -> None:
    """Put this module's commands on the command line."""
    app.command("import")(import_)
    app.command("reconcile")(reconcile)
    app.command("open")(open_)
    app.command("export")(export)
    app.command("stats")(stats)
    app.command("tidy")(tidy)


def import_(
    project: ProjectArgument,
    *,
    originals: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the customers' photos; not needed with a table of pairs.",
            exists=True,
            file_okay=False,
            metavar="DIR",
        ),
    ] = None,
    designers: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the designer images. Without it each photo comes in alone, and a model predicts its mask.",
            exists=True,
            file_okay=False,
            metavar="DIR",
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="Table with the columns pair,original,designer; its paths are relative to it. A line without a "
            "designer image is a photo alone. Without the table, files with the same name (but for the suffix) belong "
            "together.",
            exists=True,
            dir_okay=False,
            metavar="CSV",
        ),
    ] = None,
    photos_alone: Annotated[
        bool, typer.Option("--photos-alone", help="Also photos without a designer image; they are only named else.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring pairs of photos and designer images into a project; the project is made if it is not there.

    The pictures stay where they are and are never changed. A photo that is there alone gets its designer image as soon
    as one is imported for it. Ends with a report of unmatched, unreadable and
    duplicate files; the exit code is 1 if a file was unreadable or there was no pair at all.
    """
    if pairs is not None:
        read_pairs_csv(pairs, alone=True)  # a table that makes no sense must not leave an empty project behind
    elif originals is None:
        raise UsageProblem("Name the folder of the photos (--originals) or a table of pairs (--pairs).")
    made, folder_made = not is_project(project), not os.path.exists(project)  # noqa: PTH110 - Path.exists may raise
    with opened(project, create=True, write=True) as services:
        report = import_pairs(services, originals, designers, pairs, photos_alone=photos_alone, as_json=as_json)
        made = made and not services.project().pair_ids()  # it may be somebody else who made it just now
    if as_json:
        print_json({"event": "report", **asdict(report)})
    else:
        show_import(report)
    nothing = not report.added and not report.already_there and not report.completed
    if made:
        remove_empty_project(project, folder_made)
    leave(failed=bool(report.unreadable or nothing), cancelled=report.cancelled)


def import_pairs(
    services: Services,
    originals: Path | None,
    designers: Path | None,
    pairs: Path | None,
    *,
    photos_alone: bool = False,
    as_json: bool = False,
) -> ImportReport:
    """Import into the open project, with visible progress."""
    who = reviewer(services.settings)
    folder, table = (None if path is None else str(path) for path in (designers, pairs))
    spec = ImportPairs("" if originals is None else str(originals), folder, table, who, photos_alone)
    report = run_job(spec, services, as_json=as_json)
    assert isinstance(report, ImportReport)
    return report


def show_import(report: ImportReport) -> None:
    """Print how an import ended."""
    there = f", {report.already_there} already there" if report.already_there else ""
    alone = f" ({report.alone} without a designer image)" if report.alone else ""
    typer.echo(f"Imported {_pairs(report.added)}{alone}{there}.")
    if report.completed:
        photos = "1 photo that was" if report.completed == 1 else f"{report.completed} photos that were"
        typer.echo(f"The designer image was added to {photos} there alone.")
    for title, lines in (
        ("Without a partner", report.unmatched),
        ("Unreadable", [failure_text(failure).removeprefix("  ! ") for failure in report.unreadable]),
        ("Left out as duplicates", report.duplicates),
    ):
        if lines:
            typer.echo(f"{title} ({len(lines)}):")
            for line in lines:
                say(f"  {line}")
    if not report.added and not report.already_there and not report.completed and not report.cancelled:
        typer.echo(
            "No pair was found: look whether these are the right folders, or name the pairs in a table (--pairs)."
        )
    if report.cancelled:
        typer.echo("Interrupted. What was imported is kept; run the command again to go on.")


@with_search_options
def reconcile(
    project: ProjectArgument,
    *,
    search: SearchWishes,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="Also pairs that have been reconciled before: their placements and masks are replaced, unless "
            "somebody has placed them by hand, or accepted, corrected or edited the mask.",
        ),
    ] = False,
    guided: GuidedOption = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the designer image in the photo, and the mask, for all pairs that have not been reconciled yet.

    "No match" is an answer, not a failure. A pair that fails is named and the others go on; the exit code is then 1.
    """
    with opened(project, write=True) as services:
        options = chosen_options(services.settings, search)
        spec = ReconcilePairs(
            to_reconcile(services, everything),
            options,
            reviewer(services.settings),
            chosen_workers(services.settings, workers),
            guided=is_guided(services.settings, options) if guided is None else guided,
        )
        report = reconcile_pairs(services, spec, as_json=as_json)
    if as_json:
        print_json({"event": "report", **asdict(report)})
    else:
        show_batch(report)
    leave(failed=bool(report.failures), cancelled=report.cancelled)


def to_reconcile(services: Services, everything: bool = False) -> tuple[int, ...]:
    """Return the pairs that a reconciliation waits for: a photo alone is none."""
    store = services.project()
    ids = store.pair_ids(PairQuery(order=PairOrder.NAME, only_unreconciled=not everything))
    return tuple(row.id for row in store.summaries(ids) if row.designer is not None)


def reconcile_pairs(services: Services, spec: ReconcilePairs, *, as_json: bool = False) -> BatchReport:
    """Reconcile pairs of the open project, with visible progress."""
    report = run_job(spec, services, as_json=as_json)
    assert isinstance(report, BatchReport)
    return report


def show_batch(report: BatchReport) -> None:
    """Print how a batch ended."""
    if not report.asked:
        typer.echo("Nothing to reconcile.")
        return
    without, failed = report.done - report.matched, len(report.failures)
    typer.echo(
        f"Reconciled {_pairs(report.done)} in {report.seconds:.1f} s: {report.matched} placed, "
        f"{without} without a match" + (f"; {failed} failed." if failed else ".")
    )
    if report.cancelled:
        typer.echo("Interrupted. What was reconciled is kept; run the command again to go on.")


def open_(context: typer.Context, project: ProjectArgument) -> None:
    """Open the desk on a project."""
    wishes: Wishes = context.obj
    wishes.desk_project = str(project)
    leave(failed=True)  # counts only where no window can be shown


def export(
    project: ProjectArgument,
    *,
    format_: Annotated[
        Format,
        typer.Option(
            "--format",
            help="masks: PNG 0/255 of the original's size; cutouts: the original with the mask as transparency, "
            "soft edges kept.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="Folder for the files; made if it is not there.", metavar="DIR", file_okay=False)
    ],
    state: Annotated[
        list[Decision] | None,
        typer.Option(
            help=f"Export pairs in this state ({', '.join(Decision)}); may be given several times.",
            metavar="STATE",
            show_default="accepted, corrected",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the masks or cut-outs of accepted pairs, one file a pair, named as the pair.

    Files of an earlier export into the same folder are replaced; a file that Pawtrait did not write never is.
    """
    with opened(project) as services:
        decisions = frozenset(state) if state else ExportPairs("", "").decisions
        report = run_job(ExportPairs(format_.value, str(out), decisions), services, as_json=as_json)
    assert isinstance(report, ExportReport)
    if as_json:
        print_json({"event": "report", **asdict(report)})
    else:
        skipped = f", {report.skipped} without a mask skipped" if report.skipped else ""
        failed = f", {len(report.failures)} failed" if report.failures else ""
        files = "file" if report.written == 1 else "files"
        typer.echo(f"Wrote {report.written} {files} to {out}{skipped}{failed}.")
        if not (report.written or report.skipped or report.failures or report.cancelled):
            wanted = " or ".join(sorted(decisions)).replace("_", " ")
            typer.echo(f"No pair is {wanted} yet: there is nothing to export.")
        if report.cancelled:
            typer.echo("Interrupted. The files written until then are whole.")
    leave(failed=bool(report.failures), cancelled=report.cancelled)


def stats(project: ProjectArgument, *, as_json: JsonOption = False) -> None:
    """Print a project's numbers: pairs, decisions, reviewers, pace, agreement with the confidence."""
    with opened(project) as services:
        statistics = services.project().statistics()
    if as_json:
        print_json(asdict(statistics))
        return
    for name, value in _statistics_rows(statistics):
        say(f"{name:<28} {value}")


def tidy(
    project: ProjectArgument,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Delete nothing; only say how many files that would be, and how large.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete mask files of a project that nothing in it refers to any more.

    Such files are left by masks that were looked at and not taken, and by programs that were killed. What a pair or
    its history names stays, so that every undo works as before. Your pictures are never touched. Nobody else may have
    the project open.
    """
    with opened(project, write=not dry_run) as services:
        found = services.project().drop_orphans(dry_run=dry_run)
    if as_json:
        print_json({"event": "report", **asdict(found), "dry_run": dry_run})
        return
    files = "1 mask file" if found.files == 1 else f"{found.files} mask files"
    size = f"{files} that nothing refers to, {found.bytes / 1e6:.1f} MB"
    if not found.files:
        typer.echo("There is nothing to tidy: every mask file is needed.")
    else:
        typer.echo(f"Would delete {size}." if dry_run else f"Deleted {size}.")


def _statistics_rows(statistics: Statistics) -> list[tuple[str, str]]:
    rows = [
        ("Pairs", str(statistics.pairs)),
        *([("  without a designer image", str(statistics.alone))] if statistics.alone else []),
        ("Reconciled", str(statistics.reconciled)),
        ("  with a placement", str(statistics.matched)),
        *([("  of these by hand", str(statistics.by_hand))] if statistics.by_hand else []),
        ("Predicted", str(statistics.predicted)),
    ]
    rows += [(f"Decision: {name.replace('_', ' ')}", str(count)) for name, count in statistics.decisions.items()]
    rows += [(f"Rejected: {name.replace('_', ' ')}", str(count)) for name, count in statistics.reject_reasons.items()]
    rows += [(f"Decided by {name}", str(count)) for name, count in statistics.reviewers.items()]
    if statistics.median_decision_seconds is not None:
        rows.append(("Median seconds a decision", f"{statistics.median_decision_seconds:.1f}"))
    if statistics.pairs_per_hour is not None:
        rows.append(("Pairs an hour", f"{statistics.pairs_per_hour:.0f}"))
    rows += [(f"Accepted at {band}", f"{share:.0%}") for band, share in statistics.agreement.items()]
    return rows


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count} pairs"

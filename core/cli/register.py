"""The command that reconciles files without a project."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Self

import typer

from core.cli.console import failure_text, print_json, say
from core.cli.options import (
    GuidedOption,
    JsonOption,
    SearchWishes,
    WorkersOption,
    chosen_options,
    chosen_workers,
    with_search_options,
)
from core.cli.session import leave, load_services, run_job
from core.errors import FileProblem, UsageProblem
from core.files import remedy_for
from core.jobs.answers import BatchReport, RegisterLine
from core.jobs.context import ItemFailed
from core.jobs.pairing import FilePair, is_one_of, read_pairs_csv
from core.jobs.services import Services
from core.jobs.specs import RegisterFiles, RegisterRow, is_guided
from core.reconcile.options import ReconcileOptions


def add_commands(app: typer.Typer) -> None:
    """Put this module's command on the command line."""
    app.command("register")(register)


@with_search_options
def register(
    *,
    search: SearchWishes,
    original: Annotated[
        Path | None, typer.Argument(metavar="ORIGINAL", help="The customer's photo.", readable=False)
    ] = None,
    designer: Annotated[
        Path | None, typer.Argument(metavar="DESIGNER", help="The designer image.", readable=False)
    ] = None,
    mask: Annotated[
        Path | None, typer.Option(help="With two files: write the mask here (PNG, 0/255).", metavar="FILE")
    ] = None,
    footprint: Annotated[
        Path | None,
        typer.Option(
            help="With two files: write here what the designer image covers of the photo (PNG, 0/255).",
            metavar="FILE",
        ),
    ] = None,
    painted: Annotated[
        Path | None,
        typer.Option(
            help="With two files: write here what was painted on, parts that show nothing of the photo (PNG, 0/255).",
            metavar="FILE",
        ),
    ] = None,
    prior: Annotated[
        Path | None,
        typer.Option(
            help="With two files: what is known before the search. JSON with a rough matrix, "
            '{"matrix": [[a11, a12, tx], [a21, a22, ty]]}, or two or more landmarks, '
            '{"landmarks": [[dx, dy, ox, oy], …]}; or a grey picture over the photo, the lighter the likelier.',
            metavar="FILE",
        ),
    ] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            help="Many pairs: a table with the columns pair,original,designer and, if you like, prior (a file as "
            "for --prior); its paths are relative to it.",
            exists=True,
            dir_okay=False,
            metavar="CSV",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="With --pairs: write one line of JSON a pair here, in the table's order.", metavar="FILE.jsonl"
        ),
    ] = None,
    masks: Annotated[
        Path | None, typer.Option(help="With --pairs: write the masks into this folder, as PAIR.png.", metavar="DIR")
    ] = None,
    guided: GuidedOption = None,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find a designer image in a photo (or many, with --pairs) without a project.

    The matrix takes a pixel (x, y, 1) of the designer image to a pixel of the original, pixel centres at integers,
    both upright; "null" means no match, and no mask: one of an earlier run is removed. A file that cannot be read gives
    a line with "error", no mask either, and the exit code is 1. While --pairs runs, its lines go to FILE.jsonl.part;
    the file gets its own name when it is complete.
    """
    services = load_services()
    options = chosen_options(services.settings, search)
    guided = is_guided(services.settings, options) if guided is None else guided
    if pairs is not None:
        if any(given is not None for given in (original, mask, footprint, painted, prior)) or out is None:
            raise UsageProblem(
                "--pairs takes --out FILE.jsonl, and neither ORIGINAL and DESIGNER nor --mask, --footprint, --painted "
                "and --prior.",
                "Priors of many pairs stand in the table, in a column called prior.",
            )
        _register_table(
            services,
            pairs,
            out,
            masks=masks,
            options=options,
            guided=guided,
            workers=chosen_workers(services.settings, workers),
            as_json=as_json,
        )
    if original is None or designer is None or out is not None or masks is not None:
        raise UsageProblem("register takes ORIGINAL and DESIGNER, or --pairs CSV and --out FILE.jsonl.")
    row = RegisterRow(
        original.stem,
        str(original),
        str(designer),
        mask_file=_text(mask),
        footprint_file=_text(footprint),
        painted_file=_text(painted),
        prior_file=_text(prior),
    )
    spec = RegisterFiles((row,), options, guided=guided)
    _register_two(services, spec, as_json=as_json)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def json_line(line: RegisterLine) -> str:
    """Return a result in the format of ``--out``: RegisterLine's keys in order, "error" only where there is one."""
    return json.dumps(_values(line), allow_nan=False)


def _values(line: RegisterLine) -> dict[str, object]:
    values = asdict(line)
    if line.error is None:
        del values["error"]
    return values


def _register_two(services: Services, spec: RegisterFiles, *, as_json: bool) -> None:
    lines: list[RegisterLine] = []

    def take(result: object) -> None:
        if isinstance(result, RegisterLine):
            lines.append(result)

    report = run_job(spec, services, on_partial=take)
    assert isinstance(report, BatchReport)
    for line in lines:
        if as_json:
            typer.echo(json_line(line))
        elif line.error is not None:
            say(f"pawtrait: {line.error}", err=True)
        else:
            typer.echo(_words(line))
    leave(failed=bool(report.failures), cancelled=report.cancelled)


def _words(line: RegisterLine) -> str:
    if line.matrix is None or line.rotation_deg is None or line.scale is None:
        found = "No match."
    else:
        mirrored = ", mirrored" if line.mirrored else ""
        (a11, a12, tx), (a21, a22, ty) = line.matrix
        found = (
            f"Found: turned by {line.rotation_deg:.2f}°, scale {line.scale:.4f}{mirrored}.\n"
            f"Matrix: {a11:.6f} {a12:.6f} {tx:.3f}\n        {a21:.6f} {a22:.6f} {ty:.3f}"
        )
    return f"{found}\nConfidence {line.confidence:.2f}: {line.reason}\n{line.seconds:.2f} s"


def _register_table(
    services: Services,
    pairs: Path,
    out: Path,
    *,
    masks: Path | None,
    options: ReconcileOptions,
    guided: bool,
    workers: int,
    as_json: bool,
) -> None:
    table = read_pairs_csv(pairs)
    if os.path.exists(out) and not os.path.isfile(out):  # noqa: PTH110, PTH113 - those of Path may raise
        raise UsageProblem(f"{out} is no file.", "Choose another name for --out.")
    file = _LineFile(out)
    read = [path for row in table.rows for path in (row.original, row.designer, row.prior) if path is not None]
    if any(is_one_of(path, (pairs, *read)) for path in (out, file.part)):
        raise UsageProblem(f"Writing {out} would destroy what it is made from.", "Choose another name for --out.")
    rows = tuple(
        RegisterRow(row.name, str(row.original), str(row.designer), prior_file=_text(row.prior)) for row in table.rows
    )
    spec = RegisterFiles(rows, options, None if masks is None else str(masks), workers, guided)
    with file:

        def put(line: RegisterLine) -> None:
            file.write(json_line(line))
            if as_json:
                print_json({"event": "result", **_values(line)})

        left = iter(table.lines)

        def put_bad_rows() -> None:
            """Put the errors of the table's bad rows up to its next good one, which has the next result."""
            for entry in left:
                if isinstance(entry, FilePair):
                    break
                put(RegisterLine(entry.item, error=f"{entry.message} {entry.remedy}"))

        def take(result: object) -> None:
            if isinstance(result, RegisterLine):
                put_bad_rows()
                put(result)

        report = run_job(spec, services, as_json=as_json, on_partial=take)
        assert isinstance(report, BatchReport)
        if not report.cancelled:
            put_bad_rows()
            file.complete()
    failures = (*table.problems, *report.failures)
    if as_json:
        print_json({"event": "report", **asdict(replace(report, failures=failures))})
    else:
        _show(report, failures, out, file.part)
    leave(failed=bool(failures), cancelled=report.cancelled)


def _show(report: BatchReport, failures: tuple[ItemFailed, ...], out: Path, part: Path) -> None:
    for failure in failures:
        typer.echo(failure_text(failure), err=True)
    if report.cancelled:
        done = report.done + len(report.failures)
        typer.echo(f"Interrupted after {done} of {report.asked} pairs; their lines are in {part}.")
        return
    without = report.done - report.matched
    failed = f", {len(failures)} failed" if failures else ""
    typer.echo(f"{out}: {report.matched} placed, {without} without a match{failed}; {report.seconds:.1f} s.")


class _LineFile:
    """A file of lines that gets its name only when it is complete; until then it is called ``NAME.part``.

    Each line is on its way to the disk at once, so an interrupted run keeps what it found, under a name that
    nobody takes for the whole.
    """

    def __init__(self, path: Path) -> None:
        self._path, self.part = path, path.with_name(path.name + ".part")

    def __enter__(self) -> Self:
        try:
            self.part.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.part.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise self._problem(error) from error
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def write(self, line: str) -> None:
        """Add a line."""
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except OSError as error:
            raise self._problem(error) from error

    def complete(self) -> None:
        """Give the file its name."""
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            self.part.replace(self._path)
        except OSError as error:
            raise self._problem(error) from error

    def _problem(self, error: OSError) -> FileProblem:
        return FileProblem(f"{self._path} cannot be written: {error.strerror or error}.", remedy_for(error))

"""The command that predicts portraits: in photos, or for the pairs of a project."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import failure_text, print_json, say
from core.cli.options import Device, JsonOption, WorkersOption, chosen_workers
from core.cli.session import leave, load_services, opened, run_job
from core.domain import PairOrder, PairQuery
from core.errors import UsageProblem, UserFacingError
from core.jobs.answers import BatchReport, PredictLine
from core.jobs.pairing import list_files
from core.jobs.services import Services
from core.jobs.specs import PredictFiles, PredictOptions, PredictPairs, predict_options
from core.settings import BY_KEY, Settings, reviewer


class Views(StrEnum):
    """Choices of the setting ``model.views``."""

    ONE = "1"
    TWO = "2"
    FOUR = "4"


def _help(key: str) -> str:
    return BY_KEY[f"model.{key}"].help


def _shown(key: str) -> str:
    return f"{BY_KEY[f'model.{key}'].default or 'none'}, or as set"


ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Which model: a name that `pawtrait models` lists, a version, a read-out's file, or a published DeepGaze "
        "checkpoint (I, II or IIE, the latter seconds a photo on a CPU; a centerbias*.npy beside it is used).",
        show_default=_shown("name"),
        metavar="NAME",
    ),
]
ModelDeviceOption = Annotated[
    Device | None, typer.Option("--device", help=_help("device"), show_default=_shown("device"))
]
WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", help=_help("vgg16_weights"), show_default=False, metavar="FILE", dir_okay=False),
]
ViewsOption = Annotated[Views | None, typer.Option("--views", help=_help("views"), show_default=_shown("views"))]


def chosen_model(
    settings: Settings,
    model: str | None = None,
    device: Device | None = None,
    weights: Path | None = None,
    views: Views | None = None,
) -> PredictOptions:
    """Return the user's settings with the command line's wishes over them."""
    options = predict_options(settings, model)
    if device is not None:
        options = replace(options, device=device.value)
    if weights is not None:
        options = replace(options, weights=str(weights))
    return options if views is None else replace(options, views=int(views.value))


def add_commands(app: typer.Typer) -> None:
    """Put this module's command on the command line."""
    app.command("predict")(predict)


def predict(
    what: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGE… | PROJECT", help="Photos, folders of photos, or one project's folder.", readable=False
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the masks, STEM.png each; made if it is not there.", metavar="DIR", file_okay=False
        ),
    ] = None,
    model: ModelOption = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Cut every map here instead of at the threshold learned for it.", min=0, max=1, show_default=False
        ),
    ] = None,
    device: ModelDeviceOption = None,
    weights: WeightsOption = None,
    views: ViewsOption = None,
    maps: Annotated[
        bool, typer.Option("--maps", help="Write the maps as well: STEM.map.png, 16 bit, the photo's size.")
    ] = False,
    portrait: Annotated[
        int, typer.Option(help="Which portrait, where a photo shows several: 0 is the clearest.", min=0)
    ] = 0,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="With a project: also pairs that this version has predicted; accepted masks stay as they are."
        ),
    ] = False,
    workers: WorkersOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the pet's portrait in photos, and cut it out.

    Photos: writes a black and white mask of each into the folder given by --out. A photo is never written over. With
    --json there is one line for each photo, in order. "Nothing found" is an answer, not a failure; a photo that cannot
    be read is named and the others go on, and the exit code is then 1.

    Project: predicts every pair that the model's version in use has not, and stores the maps in the project. Masks
    that were accepted or corrected stay as they are.
    """
    from core.store.folder import is_project

    projects = [path for path in what if is_project(path)]
    if projects:
        if len(what) > 1 or out is not None or maps:
            raise UsageProblem(
                "A project is predicted alone, without --out and --maps: its maps are stored in it.",
                "`pawtrait export PROJECT` writes its masks.",
            )
        with opened(what[0], write=True) as services:
            options = chosen_model(services.settings, model, device, weights, views)
            options = replace(options, threshold=threshold, portrait=portrait)
            count = chosen_workers(services.settings, workers)
            _project(services, options, everything=everything, workers=count, as_json=as_json)
    if out is None:
        raise UsageProblem("predict has no folder to write the masks into.", "Give --out DIR, or a project's folder.")
    services = load_services()
    options = chosen_model(services.settings, model, device, weights, views)
    options = replace(options, threshold=threshold, portrait=portrait)
    spec = PredictFiles(tuple(_photos(what)), str(out), options, maps, chosen_workers(services.settings, workers))
    _files(services, spec, as_json=as_json)


def _photos(given: Sequence[Path]) -> list[str]:
    """Return the files that are meant; of a folder its pictures."""
    from core.images.io import is_picture

    found: list[str] = []
    for path in given:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises over what cannot be looked at
            inside = list_files(path, is_picture, lambda: None)
            if not inside:
                raise UserFacingError(
                    f"There is no picture in {path}.", "Give photos, a folder of photos, or a project."
                )
            found += map(str, inside)
        else:
            found.append(str(path))
    return found


def _files(services: Services, spec: PredictFiles, *, as_json: bool) -> None:
    def take(result: object) -> None:
        if not isinstance(result, PredictLine):
            return
        if as_json:
            print_json(_values(result))
        else:
            say(_words(result, spec.options.threshold is not None), err=result.error is not None)

    report = run_job(spec, services, on_partial=take)
    assert isinstance(report, BatchReport)
    if not as_json:
        _show(report, f" in {spec.out_dir}")
    leave(failed=bool(report.failures), cancelled=report.cancelled)


def _project(services: Services, options: PredictOptions, *, everything: bool, workers: int, as_json: bool) -> None:
    ids = tuple(services.project().pair_ids(PairQuery(order=PairOrder.NAME)))
    spec = PredictPairs(ids, options, reviewer(services.settings), keep_newer=not everything, workers=workers)
    report = run_job(spec, services, as_json=as_json)
    assert isinstance(report, BatchReport)
    if as_json:
        print_json({"event": "report", **asdict(report)})
    else:
        _show(report, "")
    leave(failed=bool(report.failures), cancelled=report.cancelled)


def _values(line: PredictLine) -> dict[str, object]:
    """Return PredictLine's keys in order, "error" only where there is one."""
    values = asdict(line)
    if line.error is None:
        del values["error"]
    return values


def _words(line: PredictLine, asked: bool) -> str:
    from core.jobs.context import ItemFailed

    name = Path(line.image).name
    if line.error is not None:
        return failure_text(ItemFailed(name, line.error, ""))
    assert line.threshold is not None
    # where nothing was found nothing is cut, unless the user says where
    cut = f"cut at {line.threshold:.2f}. " if asked or line.portraits else ""
    return f"{name}: {cut}{line.reason}"


def _show(report: BatchReport, where: str) -> None:
    without, failed = report.done - report.matched, len(report.failures)
    photos = "1 photo" if report.done == 1 else f"{report.done} photos"
    if not report.done and not failed and not report.cancelled:
        typer.echo("Nothing to predict.")
        return
    rate = report.done / max(report.seconds, 1e-3)
    typer.echo(
        f"Predicted {photos}{where} in {report.seconds:.1f} s, {rate:.1f} a second: "
        f"{report.matched} with a portrait, {without} without" + (f"; {failed} failed." if failed else ".")
    )
    if report.cancelled:
        typer.echo("Interrupted. What was predicted is kept; run the command again to go on.")

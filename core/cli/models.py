"""The commands that train models, measure them, list them, and say which version a project uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import failure_text, print_json, say
from core.cli.options import JsonOption
from core.cli.predicting import ModelDeviceOption, ModelOption, ViewsOption, WeightsOption, chosen_model
from core.cli.session import leave, load_services, opened, run_job
from core.errors import UsageProblem
from core.jobs.answers import FixationScore, ModelEntry, ModelList, Score, TrainPoint, TrainReport
from core.jobs.context import ItemFailed
from core.jobs.services import Services
from core.jobs.specs import EvaluateModel, ListModels, TrainModel, TrainOptions, UseModel, predict_options
from core.settings import reviewer

SHIPPED = "shipped"


class Promote(StrEnum):
    """When a new version is used from now on."""

    BETTER = "better"
    ALWAYS = "always"
    NEVER = "never"


def add_commands(app: typer.Typer) -> None:
    """Put this module's commands on the command line."""
    app.command("train")(train)
    app.command("evaluate")(evaluate)
    app.command("models")(models)


def _folder(help_text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(help=help_text, exists=True, file_okay=False, metavar="DIR")
    return option


def train(
    project: Annotated[
        Path | None, typer.Argument(metavar="[PROJECT]", help="Train on its accepted and corrected pairs.")
    ] = None,
    *,
    images: Annotated[Path | None, _folder("Instead of a project: folder of photos.")] = None,
    masks: Annotated[Path | None, _folder("Their masks: PNG of the same stem and size, 255 portrait.")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="What to train: pawtrait or deepgaze2-vgg16.", show_default="pawtrait", metavar="NAME"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the read-out here as well (with folders: only here).", metavar="FILE", dir_okay=False),
    ] = None,
    start_from: Annotated[
        str,
        typer.Option(
            "--from",
            help="Model to go on from: a name, a version, or a file, ours or a published DeepGaze II's.",
            show_default="what the project uses; for folders what ships, or ImageNet's weights with --full",
            metavar="NAME",
        ),
    ] = "",
    quick: Annotated[
        bool | None,
        typer.Option(
            "--quick/--full",
            help="Train the read-out on cached features (minutes), or the trunk as well.",
            show_default="quick for a project, full for folders",
        ),
    ] = None,
    without: Annotated[
        Path | None, _folder("Folder of pictures that show no portrait, so that the model learns to say so.")
    ] = None,
    held_out: Annotated[
        float,
        typer.Option(help="Share of the photos that the result is judged on; a project's first training fixes it."),
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="Of the training's random numbers.", min=0)] = 1,
    promote: Annotated[
        Promote, typer.Option(help="With a project: when to use the new version from now on.")
    ] = Promote.BETTER,
    licence: Annotated[str, typer.Option(help="Of the photos, for the model's card.")] = "",
    device: ModelDeviceOption = None,
    weights: WeightsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a read-out on the masks of a project, or of two folders.

    The photos are split by their content: a part is never trained on, and says how well the new version does beside
    the one in use. Interrupted (or after a power cut), the same command goes on where it stopped.
    """
    if (project is None) == (images is None and masks is None):
        raise UsageProblem("train takes a project, or --images DIR and --masks DIR.")
    with _services(project) as services:
        chosen = chosen_model(services.settings, model or "pawtrait", device, weights)
        is_quick = project is not None if quick is None else quick
        options = TrainOptions(
            chosen.model, chosen.device, chosen.weights, seed, held_out, quick=is_quick, start_from=start_from
        )
        spec = TrainModel(
            options,
            _text(images),
            _text(masks),
            _text(out),
            who=reviewer(services.settings),
            promote=promote.value,
            without=_text(without),
            licence=licence,
        )

        def take(result: object) -> None:
            if as_json and isinstance(result, TrainPoint):
                print_json({"event": "point", **asdict(result)})

        report = run_job(spec, services, as_json=as_json, on_partial=take)
    assert isinstance(report, TrainReport)
    if as_json:
        print_json({"event": "report", **asdict(report)})
    else:
        _show_training(report)
    leave(cancelled=report.cancelled)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


@contextmanager
def _services(project: Path | None, *, write: bool = True) -> Iterator[Services]:
    if project is None:
        yield load_services()
    else:
        with opened(project, write=write) as services:
            yield services


def _show_training(report: TrainReport) -> None:
    if report.cancelled:
        typer.echo("Interrupted. Run the command again to go on where it stopped.")
        return
    typer.echo(
        f"{report.file}\nVersion {report.version} of {report.model}, trained on {report.trained_on} photos in "
        f"{report.seconds / 60:.1f} min, judged on {report.held_out} others:"
    )
    for name, score in (("new", report.new), ("in use before", report.old)):
        if score is not None:
            typer.echo(f"  {name:<14} IoU {score.iou:.3f}, boundary F {score.boundary_f:.3f}")
    if report.promoted:
        typer.echo("It is used from now on.")
    for failure in report.failures:
        typer.echo(failure_text(failure), err=True)


def evaluate(
    *,
    images: Annotated[Path, _folder("Folder of pictures.")],
    masks: Annotated[Path | None, _folder("Their masks: PNG of the same stem and size, 255 portrait.")] = None,
    fixations: Annotated[
        Path | None,
        typer.Option(
            help="Instead of masks: where people looked: OSIE's CSV, SALICON's JSON or MAT files, or MIT1003's DATA.",
            exists=True,
            metavar="TABLE",
        ),
    ] = None,
    model: ModelOption = None,
    device: ModelDeviceOption = None,
    weights: WeightsOption = None,
    views: ViewsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a model on photos with masks, or on pictures with fixations.

    Masks: overlap (IoU, Dice), boundary F at 0.4 % of the long side, the density's negative log-likelihood in nats,
    its information gain over the centre bias in bits, and the overlap when all are cut at one threshold.

    Fixations: information gain over the centre bias in bits for each fixation, the share of it that people explain of
    each other, AUC and NSS.

    A photo that cannot be read is named and the others are measured; the exit code is then 1.
    """
    services = load_services()
    options = chosen_model(services.settings, model, device, weights, views)
    spec = EvaluateModel(str(images), options, _text(masks), _text(fixations))
    failed: list[ItemFailed] = []

    def take(result: object) -> None:
        if isinstance(result, ItemFailed):
            failed.append(result)

    score = run_job(spec, services, on_partial=take)
    assert isinstance(score, Score | FixationScore)
    if as_json:
        print_json({"model": options.model, **_score_values(score)})
    else:
        for name, value in _score_rows(score):
            typer.echo(f"{name:<28} {value}")
    leave(failed=bool(failed))


def _score_values(score: Score | FixationScore) -> dict[str, object]:
    values = asdict(score)
    if isinstance(score, Score):
        values["threshold_curve"] = values.pop("curve")
        values["by_photo"] = [dict(zip(("key", "iou", "boundary_f"), row, strict=True)) for row in score.by_photo]
    return values


def _score_rows(score: Score | FixationScore) -> list[tuple[str, str]]:
    if isinstance(score, FixationScore):
        return [
            ("Pictures", str(score.pictures)),
            ("Information gain, bits", f"{score.information_gain_bits:.3f}"),
            ("  of what people explain", f"{score.explained:.1%}"),
            ("AUC", f"{score.auc:.3f}"),
            ("NSS", f"{score.nss:.3f}"),
        ]
    best = max(score.curve, key=lambda point: point[1], default=None)
    rows = [
        ("Photos", str(score.photos)),
        ("IoU", f"{score.iou:.3f}"),
        ("Dice", f"{score.dice:.3f}"),
        ("Boundary F", f"{score.boundary_f:.3f}"),
        ("NLL, nats", f"{score.nll:.3f}"),
        ("Information gain, bits", f"{score.information_gain_bits:.3f}"),
    ]
    return rows if best is None else [*rows, ("Best single threshold", f"{best[0]:.2f} (IoU {best[1]:.3f})")]


def models(
    project: Annotated[
        Path | None, typer.Argument(metavar="[PROJECT]", help="A project's folder: its own versions as well.")
    ] = None,
    *,
    use: Annotated[
        str | None,
        typer.Option(help=f"Use this version from now on, or “{SHIPPED}” for the model that ships.", metavar="VERSION"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="With --use: of which model.", show_default="pawtrait", metavar="NAME")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the models that ship and, for a project, its own versions; or say which one it uses."""
    if use is not None and project is None:
        raise UsageProblem("--use says which version a project uses.", "Name the project's folder as well.")
    with _services(project, write=use is not None) as services:
        spec = ListModels() if use is None else UseModel(model or "pawtrait", "" if use == SHIPPED else use)
        listed = run_job(spec, services)
    assert isinstance(listed, ModelList)
    if as_json:
        print_json([asdict(entry) for entry in listed.entries])
        return
    if not listed.entries:
        typer.echo("There is no model.")
        return
    name = model or predict_options(services.settings).model
    for entry in listed.entries:
        say(_entry_words(entry, entry.predicts(name)))


def _entry_words(entry: ModelEntry, used: bool) -> str:
    mark = "*" if used else " "
    which = f"version {entry.version}, {entry.made_at[:10]}" if entry.version else "ships"
    worth = "" if entry.held_out_iou is None else f", IoU {entry.held_out_iou:.3f}"
    return f"{mark} {entry.model:<26} {which}: {entry.title} ({entry.trained_on} photos{worth})"

"""The command that trains the paper's read-out on eye tracking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import print_json
from core.cli.interrupt import INTERRUPTED, stoppable
from core.cli.options import JsonOption
from core.errors import Cancelled, UsageProblem


def add_commands(app: typer.Typer) -> None:
    """Put this module's command on the command line."""
    app.command("pretrain")(pretrain)


def pretrain(
    *,
    fixations: Annotated[
        Path,
        typer.Option(
            help="Table of fixations: a CSV with image, subject, order, x, y; SALICON's JSON; a folder of SALICON's "
            "MAT files; or MIT1003's folder DATA."
        ),
    ],
    images: Annotated[Path, typer.Option(help="Folder of the pictures that were looked at.", metavar="DIR")],
    out: Annotated[Path, typer.Option(help="The read-out's file, *.safetensors.", metavar="FILE")],
    start_from: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Read-out to go on from, ours or a published DeepGaze II's.", metavar="FILE", dir_okay=False
        ),
    ] = None,
    weights: Annotated[Path | None, typer.Option(help="File with VGG-16's weights.", metavar="FILE")] = None,
    size: Annotated[
        int | None,
        typer.Option(
            help="Long side to which pictures are scaled; the paper's is 800.",
            show_default="400, or that of --from",
            min=64,
            max=2048,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides all that is drawn.", min=0)] = 0,
    held_out: Annotated[float, typer.Option(help="Share of the pictures on which it is judged.", min=0, max=0.9)] = 0.2,
    mirror: Annotated[
        bool, typer.Option("--mirror/--no-mirror", help="Train on mirrored pictures too; their features take as long.")
    ] = True,
    data: Annotated[str, typer.Option(help="What the pictures and gazes are, for the model's card.")] = "",
    licence: Annotated[str, typer.Option(help="Of the data, for the model's card.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Train DeepGaze II's read-out on fixations, and judge it on pictures held out.

    Prints the information gain over the centre bias, the share of it that other people's fixations explain, AUC and
    NSS. Run again after an interruption, it goes on where it stopped.
    """
    if out.suffix.lower() != ".safetensors":
        raise UsageProblem(f"{out} is no name for a read-out.", "Let it end in .safetensors.")
    from core.model import checkpoint, deepgaze, deepgaze2, fixation_tables
    from core.model.features import default_folder
    from core.model.trunks import vgg16

    def tell(stage: str, epoch: int, epochs: int, loss: float, iou: float | None) -> None:
        if as_json:
            print_json({"event": "progress", "stage": stage, "epoch": epoch, "epochs": epochs, "loss": round(loss, 4)})
        elif stage != "features" or epoch % 50 == 0 or epoch == epochs:
            typer.echo(f"{stage}: {epoch} of {epochs}" + (f", loss {loss:.4f}" if loss else ""), err=True)

    if size is None:
        told = deepgaze2.read(start_from)[0].options.get("size") if start_from is not None else None
        size = told if isinstance(told, int) else deepgaze2.SIZE
    pictures = fixation_tables.read(fixations, images)
    trunk = vgg16.quicken(vgg16.load(weights, lambda sentence: typer.echo(sentence, err=True)))
    going = out.with_name(f".{out.stem}.going.safetensors")
    setting = deepgaze.Setting(trunk, default_folder(), size, seed, resume=going, start_from=start_from)
    setting = replace(setting, schedule=replace(deepgaze.FIXATIONS, mirror=mirror))
    with stoppable() as stop:
        try:
            tensors, card = deepgaze.pretrain(pictures, setting, tell, stop.check, held_out)
        except Cancelled as cancelled:
            typer.echo("Interrupted. The same command goes on from here.", err=True)
            raise typer.Exit(INTERRUPTED) from cancelled
    command = f"pawtrait pretrain --fixations {fixations.name} --images {images.name} --size {size} --seed {seed}"
    command += ("" if mirror else " --no-mirror") + ("" if start_from is None else f" --from {start_from.name}")
    about = f"{card.trained_on} pictures of {data or fixations.name}, {held_out:.0%} of all held out"
    card = replace(
        card, command=command, data=about, licence=licence, title="DeepGaze II's read-out for gazes, on VGG-16"
    )
    checkpoint.save(out, tensors, card)
    going.unlink(missing_ok=True)
    if as_json:
        print_json({"event": "result", "file": str(out), "trained_on": card.trained_on, **card.metrics})
        return
    typer.echo(f"Trained on {card.trained_on} pictures: {out}")
    for name, value in card.metrics.items():
        typer.echo(f"  {name.replace('_', ' ')}: {value}")

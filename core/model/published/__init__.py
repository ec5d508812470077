"""DeepGaze checkpoints that others have published: read-outs become ours, networks that bring their own run whole.

The layout is that of deepgaze_pytorch (github.com/matthias-k/DeepGaze).
"""

from __future__ import annotations

from pathlib import Path

import torch

from core.errors import printable
from core.model.card import ModelCard, ModelProblem
from core.model.published import bias, checkpoints, plain
from core.model.published.checkpoints import Checkpoint
from core.model.published.files import read
from core.model.published.network import SIZE, PublishedGaze
from core.model.published.trunks import VGG19, Tapped
from core.model.trunks import vgg16

_SLOW = " (takes seconds a photo on a CPU)"


def card_of(path: Path) -> ModelCard:
    """Return a card for a published checkpoint, which has none.

    Raises:
        FileProblem: it cannot be read.
        ModelProblem: it is no DeepGaze checkpoint, or one that cannot be used here.
    """
    found = checkpoints.taken_apart(path)
    return _card(found, plain.is_plain(found))


def read_out(path: Path) -> tuple[ModelCard, dict[str, torch.Tensor]]:
    """Return a published checkpoint as a read-out of ours, from which a training may go on.

    Raises:
        FileProblem: it cannot be read.
        ModelProblem: it is no DeepGaze checkpoint, is not sound, or belongs to another network than our VGG-16.
    """
    found = checkpoints.taken_apart(path)
    if not plain.is_plain(found):
        raise ModelProblem(
            f"{path.name} holds {found.title} with a network or layers of its own: it predicts, but no training goes "
            "on from it.",
            "Go on from a read-out that Pawtrait has written, such as deepgaze2-vgg16-fixations.",
        )
    return _card(found, True), plain.tensors(found)


def load(path: Path, device: str, weights: Path | None, views: int) -> PublishedGaze:
    """Return a published network, whole, as it was published: it looks at a photo once, whatever ``views``.

    Args:
        path: the checkpoint.
        device: "cpu" or "cuda".
        weights: of a VGG, for a file that holds read-outs alone: torchvision's VGG-19, or VGG-16 as for our own.

    Raises:
        FileProblem: a file cannot be read.
        ModelProblem: the checkpoint or the weights are not sound.
    """
    found = checkpoints.taken_apart(path)
    vgg = None if all(part.trunk for part in found.parts) else _vgg(path, weights)
    return PublishedGaze(found.mixture(vgg), bias.beside(path)[1], device)


def is_vgg19(weights: Path) -> bool:
    """Return whether a file holds torchvision's VGG-19, which DeepGaze II reads as it was published.

    Raises:
        FileProblem, ModelProblem: it cannot be read, or holds no weights.
    """
    return VGG19.is_in(_as_in_checkpoints(weights))


def _as_in_checkpoints(weights: Path) -> dict[str, torch.Tensor]:
    return {f"1.{name}": value for name, value in read(weights).items()}


def _vgg(path: Path, weights: Path | None) -> torch.nn.Module:
    if weights is not None and is_vgg19(weights):
        with checkpoints.blamed(weights):
            return Tapped(VGG19, _as_in_checkpoints(weights))
    if weights is None and vgg16.announcement(None):
        raise ModelProblem(
            f"{path.name} holds a read-out without its network.",
            "Give the network's weights: --weights FILE, torchvision's VGG-19 or VGG-16.",
        )
    return vgg16.load(weights)


def _card(found: Checkpoint, is_plain: bool) -> ModelCard:
    trunks = [part.trunk.title if part.trunk else "VGG" for part in found.parts]
    return ModelCard(
        name=printable(found.path.stem),
        architecture="deepgaze2" if is_plain else "published",
        trunk="vgg16" if is_plain else ", ".join(trunks),
        title=f"{found.title}, published elsewhere" + (_SLOW if len(trunks) > 1 else ""),
        data="published elsewhere; data and licence unknown",
        licence="unknown",
        command="",
        seed=0,
        trained_on=0,
        options={"size": SIZE // 2 if is_plain else SIZE, "centre_bias": bias.beside(found.path)[0]},
    )

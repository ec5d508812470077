"""The table of trunks: a new one is a file here and a row."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.card import ModelProblem

if TYPE_CHECKING:
    from core.model.trunks.base import Trunk

TRUNKS = {
    "efficientnet-lite0": "core.model.trunks.lite0",
    "efficientnet-lite2": "core.model.trunks.lite2",
    "vgg16": "core.model.trunks.vgg16",
}
"""Module by name; each has a function ``load(weights: Path | None) -> Trunk``."""
TITLES = {"efficientnet-lite0": "EfficientNet-Lite0", "efficientnet-lite2": "EfficientNet-Lite2", "vgg16": "VGG-16"}
"""As people write them."""


def load_trunk(name: str, weights: Path | None = None) -> Trunk:
    """Return a trunk with its ImageNet weights, in evaluation mode, on the CPU.

    Args:
        name: a key of :data:`TRUNKS`.
        weights: a file to take them from; None: where the trunk finds them by itself.

    Raises:
        ModelProblem: there is no such trunk, or the weights are not its own.
        FileProblem: they cannot be read.
    """
    if name not in TRUNKS:
        raise ModelProblem(f"There is no trunk called {name!r}.", f"Use {' or '.join(TRUNKS)}.")
    trunk: Trunk = import_module(TRUNKS[name]).load(weights)
    return trunk


def build_trunk(name: str) -> Trunk:
    """Return a trunk without weights, for a read-out that brings its own.

    Raises:
        ModelProblem: there is no such trunk.
    """
    if name not in TRUNKS:
        raise ModelProblem(f"There is no trunk called {name!r}.", f"Use {' or '.join(TRUNKS)}.")
    trunk: Trunk = import_module(TRUNKS[name]).build()
    return trunk

"""Turns DeepGaze II's read-out, with the paper's layers, into a read-out of ours, which can be trained further."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch

from core.model.centre_bias import GRID
from core.model.published import bias
from core.model.published.checkpoints import Checkpoint, blamed
from core.model.published.files import State, see_that_it_is_finite
from core.model.raw_map import normalised
from core.model.readout import CHANNELS, HIDDEN, UPSCALE, ReadOut
from core.model.trunks import vgg16

_STAIRS = (16 * 16 - 1) / 12
"""Variance, pixels squared, that DeepGaze's upsampling adds to its blur: each cell becomes 16 equal pixels …"""
_SLOPES = 44.0
"""… and ours, which draws straight lines between cells, each seen at the middles of UPSCALE pixels."""
_LEAST = 0.25
"""Variance of the least blur that our grid can show."""


def is_plain(found: Checkpoint) -> bool:
    """Return whether a checkpoint is a read-out with the paper's layers for VGG-16 with our weights, or for no trunk.

    Raises:
        ModelProblem: it is not as it was published.
    """
    (part, *others) = found.parts
    ours = part.trunk is None or (part.trunk.title == "VGG-16" and _is_ours(part.features))
    if others or len(part.networks) != 1 or not ours:
        return False
    with blamed(found.path):
        layers = part.layers(0)
    widths = list(zip((CHANNELS, *HIDDEN), HIDDEN, strict=False))
    return not any(layer.normed for layer in layers) and [(layer.inside, layer.outside) for layer in layers] == widths


def tensors(found: Checkpoint) -> dict[str, torch.Tensor]:
    """Return the tensors of a read-out of ours that gives the same density, but for what the grids differ by.

    Raises:
        ModelProblem: numbers are not finite, or the centre bias beside the file is none.
    """
    with blamed(found.path):
        component = found.parts[0].component(0)
    see_that_it_is_finite(component, found.path.name)
    readout = ReadOut()
    state = readout.state_dict()
    for number, layer in enumerate(found.parts[0].layers(0)):
        state[f"layers.{number}.weight"], state[f"layers.{number}.bias"] = layer.weight[:, :, 0, 0], layer.bias
    # Their map has a cell for every pixel of the halved photo, ours for every UPSCALE-th of the photo as we scale it.
    sigma = math.sqrt(max(float(component.sigma) ** 2 + _STAIRS - _SLOPES, _LEAST)) / UPSCALE
    state["log_sigma"] = torch.tensor(math.log(sigma))
    state["centre_weight"] = torch.tensor(component.centre_weight)
    density = np.exp(bias.beside(found.path)[1].log_density)
    small = cv2.resize(density, (GRID, GRID), interpolation=cv2.INTER_AREA)
    state["centre_bias"] = torch.from_numpy(normalised(np.log(np.maximum(np.asarray(small, np.float32), 1e-30))))
    return state


def _is_ours(features: State) -> bool:
    first = features.get("conv1_1.weight", features.get("1.features.0.weight"))
    return first is not None and first.shape == (64, 3, 3, 3) and vgg16.is_known(first.float())

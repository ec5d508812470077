"""The paper's model ready for use: frozen VGG-16, DeepGaze II's read-out, a calibrated score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch

from core.model import checkpoint, threshold
from core.model.card import ModelCard, ModelProblem
from core.model.features import STRIDE, Features, Rgb
from core.model.portrait import number
from core.model.raw_map import Network, RawMap, normalised
from core.model.readout import ReadOut
from core.model.trunks import vgg16

SIZE = 400
"""Long side to which photos are scaled unless the card says otherwise; the paper's is 800."""


class DeepGaze2:
    """Maps of photos by the paper's model."""

    def __init__(self, readout: ReadOut, card: ModelCard, trunk: vgg16.VGG16, views: int = 1) -> None:
        """``views`` 1: the photo as it is; 2 and more: mirrored as well, the log-densities averaged.

        Raises:
            ModelProblem: the card makes no sense.
        """
        size = card.options.get("size", SIZE)
        if not isinstance(size, int) or isinstance(size, bool) or not STRIDE <= size <= 4096:
            raise ModelProblem(f"The model's card says {size!r} for the photo's size.", "Choose another model.")
        self.card = card
        self._readout = readout.eval()
        self._features = Features(trunk, size, None)
        self._slope = number(card.calibration, "slope", 1.0)
        self._offset = number(card.calibration, "offset", 0.0)
        self._views = views

    @classmethod
    def load(cls, path: Path, trunk: vgg16.VGG16, views: int = 1) -> Self:
        """Read a read-out and put it on a trunk.

        Raises:
            ModelProblem, FileProblem: the file is not sound, or of another kind.
        """
        card, readout = read(path)
        return cls(readout, card, trunk, views)

    def maps(self, photos: Sequence[Rgb]) -> list[RawMap]:
        """Return the maps of photos, (h, w, 3) uint8 sRGB each, any size from 1 x 1."""
        sides = (False, True) if self._views > 1 else (False,)
        found = [self._features.of_photos(photos, side) for side in sides]
        return [self.map_of([one.permute(1, 2, 0) for one in views]) for views in zip(*found, strict=True)]

    def map_of(self, views: Sequence[torch.Tensor]) -> RawMap:
        """Return the map of a photo from its features.

        Args:
            views: (h, w, 1536) each: of the photo, and of the photo mirrored if there is a second one.
        """
        device = self._readout.log_sigma.device
        found = np.zeros(1)
        with torch.inference_mode():
            for number, features in enumerate(views):
                one = self._readout([features.to(device)]).of(0).cpu().numpy()
                found = found + (one[:, ::-1] if number else one)
        density = normalised(np.asarray(found / len(views), np.float32))
        return RawMap(threshold.score(threshold.values(density, "area"), self._slope, self._offset), density)


def read(path: Path) -> tuple[ModelCard, ReadOut]:
    """Read a read-out's file.

    Raises:
        ModelProblem, FileProblem: it is not sound, or of another kind.
    """
    card, tensors = checkpoint.load(path)
    if card.architecture != "deepgaze2" or card.trunk != "vgg16":
        raise ModelProblem(f"{path.name} is no read-out of the paper's model.", "Choose one of the kind deepgaze2.")
    readout = ReadOut()
    checkpoint.fill(readout, tensors, path.name)
    sigma = float(readout.log_sigma.detach().exp())
    if not 1e-2 < sigma < 64:
        raise ModelProblem(f"{path.name} blurs by {sigma:.3g} cells, which makes no sense.", "Choose another model.")
    return card, readout.eval()


def load(path: Path, device: str, weights: Path | None, views: int) -> Network:
    """Return the model of a file on a device, with the trunk's weights from ``weights`` or where it finds them.

    A published read-out does not say whether it is for VGG-16 or, as DeepGaze II was published, for VGG-19: given the
    weights of the latter, it runs on that.

    Raises:
        ModelProblem, FileProblem: the file or the weights are not sound.
    """
    card, readout = read(path)  # first: a wrong file is told before weights are fetched
    if weights is not None and not checkpoint.is_ours(path):
        from core.model import published

        if published.is_vgg19(weights):
            return published.load(path, device, weights, views)
    trunk = vgg16.quicken(vgg16.load(weights).to(device))
    return DeepGaze2(readout.to(device), card, trunk, views)

"""Published DeepGaze networks, whole: trunks and read-outs from one checkpoint, mixed as they were published."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import nn

from core.model import threshold
from core.model.centre_bias import CentreBias
from core.model.features import Rgb, prepare
from core.model.published.readouts import Component, shrunk
from core.model.raw_map import RawMap, normalised

SIZE = 1024
"""Long side to which photos are scaled: the networks were trained on pictures of that size."""
LEAST = 128
"""Pixels of the short side: of less than that nothing would be left after a trunk's poolings."""
_HALF = 2
"""Trunks see every other pixel, across and down."""


class Member(nn.Module):
    """One trunk and the read-outs that read it; their densities are averaged."""

    def __init__(self, trunk: nn.Module, components: Sequence[Component], readout_factor: int) -> None:
        """``readout_factor``: pixels of the halved photo for each cell of the read-outs."""
        super().__init__()
        self.trunk = trunk
        self.components = nn.ModuleList(components)
        self._cell = _HALF * readout_factor

    def forward(self, photo: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Return the log-density (1, 1, H, W) of a photo (1, 3, H, W), 0 to 255, over a centre bias (1, 1, H, W)."""
        grid = [math.ceil(side / self._cell) for side in photo.shape[2:]]
        levels = cast(Sequence[torch.Tensor], self.trunk(shrunk(photo, _HALF)))
        maps = torch.cat([nn.functional.interpolate(level, grid) for level in levels], 1)
        return _mean([component(maps, bias) for component in self.components])


class Mixture(nn.Module):
    """Some members, whose densities are averaged."""

    def __init__(self, members: Sequence[Member]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, photo: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Return the log-density of a photo (see :class:`Member`)."""
        return _mean([member(photo, bias) for member in self.members])


def _mean(log_densities: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.stack(list(log_densities)).logsumexp(0) - math.log(len(log_densities))


class PublishedGaze:
    """Maps of photos by a network that others have published; where people look, not where a portrait is."""

    def __init__(self, mixture: Mixture, centre_bias: CentreBias, device: str = "cpu") -> None:
        self._mixture, self._centre_bias, self._device = mixture.to(device), centre_bias, device

    def maps(self, photos: Sequence[Rgb]) -> list[RawMap]:
        """Return the maps of photos, (h, w, 3) uint8 sRGB each, any size from 1 x 1."""
        return [self._map(photo) for photo in photos]

    def _map(self, photo: Rgb) -> RawMap:
        ready = prepare(photo, SIZE)
        ready = nn.functional.interpolate(ready, [max(side, LEAST) for side in ready.shape[2:]])
        bias = torch.from_numpy(self._centre_bias.on(*ready.shape[2:]))[None, None]
        with torch.inference_mode():
            found = self._mixture(ready.to(self._device), bias.to(self._device))
        density = normalised(found[0, 0].cpu().numpy())
        return RawMap(threshold.score(threshold.values(density), 1.0, 0.0), density)

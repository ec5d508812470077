"""DeepGaze II's read-out (Kümmerer, Wallis, Bethge 2016): from sampled maps of block 5 to a density over the photo."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from core.model.centre_bias import CentreBias, flat
from core.model.trunks.vgg16 import quick_type, sampled

CHANNELS = 5 * 512
HIDDEN = (16, 32, 2, 1)
UPSCALE = 4
"""Cells of the output for each cell of block 5, across and down: every fourth pixel of the scaled photo."""
_NOWHERE = -1e4
"""Log-density of the padding: its exponential is nought, and nought times it is no NaN."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Log-densities of photos of different sizes, padded on the right and below to one size."""

    log_density: torch.Tensor
    """(n, H, W); within each photo's rectangle the exponential sums to one, outside it is nought."""
    sizes: tuple[tuple[int, int], ...]
    """(height, width) of each photo's rectangle."""

    def of(self, number: int) -> torch.Tensor:
        """Return one photo's log-density without the padding."""
        height, width = self.sizes[number]
        return self.log_density[number, :height, :width]


class ReadOut(nn.Module):
    """1 x 1 convolutions, upsampling, Gaussian blur of learned width, centre bias of learned weight, log-softmax.

    The convolutions see one cell at a time, so they run on the cells of all photos in one list and the padding of
    a batch never meets them; upsampling and blur see each photo continued by its own border.
    """

    def __init__(self, centre_bias: CentreBias | None = None, dropout: float = 0.0) -> None:
        """``dropout``: share of the maps that each step of a training does without."""
        super().__init__()
        widths = (CHANNELS, *HIDDEN)
        self.layers = nn.ModuleList(nn.Linear(inside, outside) for inside, outside in zip(widths, HIDDEN, strict=False))
        self.dropout = dropout
        self.register_buffer("scale", torch.ones(CHANNELS))
        bias = centre_bias or flat()
        self.register_buffer("centre_bias", torch.from_numpy(bias.log_density.copy()))
        self.log_sigma = nn.Parameter(torch.tensor(math.log(2.0)))
        self.centre_weight = nn.Parameter(torch.tensor(1.0))

    def start(self, generator: torch.Generator) -> None:
        """Draw first weights; all depends on the generator alone."""
        with torch.no_grad():
            for number, layer in enumerate(self.layers):
                layer = cast(nn.Linear, layer)
                spread = math.sqrt(2.0 / layer.in_features)
                layer.weight.normal_(0.0, spread, generator=generator)
                # A little above nought: few channels follow, and a ReLU that starts dead stays dead.
                layer.bias.fill_(0.0 if number == len(self.layers) - 1 else 0.1)

    def forward(self, features: Sequence[torch.Tensor]) -> Batch:
        """Return log-densities.

        Args:
            features: for each photo (h, w, 1536), as :meth:`core.model.trunks.vgg16.VGG16.compact` gives them, the
                channels last, any floating type.
        """
        cells = torch.cat([one.reshape(-1, one.shape[-1]) for one in features])
        exact = self.log_sigma.dtype
        # Training bears rounded products, which are several times faster; answers are exact.
        kind = quick_type(cells.device) if self.training and exact == torch.float32 else exact
        first = cast(nn.Linear, self.layers[0])
        # Scaling and dropping whole maps is scaling and dropping weights, for a thousandth of the price.
        scale = nn.functional.dropout(cast(torch.Tensor, self.scale), self.dropout, self.training)
        weight = first.weight * scale
        x = nn.functional.linear(_sampled(cells.to(kind)), weight.to(kind)).to(exact) + first.bias
        for number, layer in enumerate(self.layers):
            if number > 0:
                x = layer(torch.relu(x))
        sizes = [(one.shape[0], one.shape[1]) for one in features]
        return self._density(x[:, 0], sizes)

    def _density(self, cells: torch.Tensor, sizes: Sequence[tuple[int, int]]) -> Batch:
        """Return log-densities from one value for each cell."""
        sigma = self.log_sigma.exp()
        radius = max(1, math.ceil(3.5 * float(sigma.detach())))
        margin = -(-radius // UPSCALE) + 1
        high, wide = max(size[0] for size in sizes), max(size[1] for size in sizes)
        maps = []
        for one, (height, width) in zip(torch.split(cells, [h * w for h, w in sizes]), sizes, strict=True):
            plane = one.reshape(height, width)
            rows = torch.arange(-margin, high + margin, device=cells.device).clamp(0, height - 1)
            columns = torch.arange(-margin, wide + margin, device=cells.device).clamp(0, width - 1)
            maps.append(plane[rows][:, columns])
        x = nn.functional.interpolate(torch.stack(maps)[:, None], scale_factor=UPSCALE, mode="bilinear")
        x = _blur(x, sigma, radius)
        edge = margin * UPSCALE - radius
        x = x[:, 0, edge : edge + high * UPSCALE, edge : edge + wide * UPSCALE]
        fine = tuple((height * UPSCALE, width * UPSCALE) for height, width in sizes)
        bias, inside = self._bias(fine, x)
        x = torch.where(inside, x + self.centre_weight * bias, _NOWHERE)
        return Batch(torch.log_softmax(x.flatten(1), 1).view_as(x).clamp(min=_NOWHERE), fine)

    def _bias(self, sizes: Sequence[tuple[int, int]], like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the centre bias on each photo's rectangle, and where the rectangles are."""
        bias = torch.zeros_like(like)
        inside = torch.zeros_like(like, dtype=torch.bool)
        made: dict[tuple[int, int], torch.Tensor] = {}
        square = cast(torch.Tensor, self.centre_bias).to(like.dtype)[None, None]
        for number, size in enumerate(sizes):
            if size not in made:
                small = nn.functional.interpolate(square, size=size, mode="bilinear")[0, 0]
                made[size] = torch.log_softmax(small.flatten(), 0).view(size)
            bias[number, : size[0], : size[1]] = made[size]
            inside[number, : size[0], : size[1]] = True
        return bias, inside


def _sampled(cells: torch.Tensor) -> torch.Tensor:
    return sampled(cells[:, :, None, None])[:, :, 0, 0]


def _blur(x: torch.Tensor, sigma: torch.Tensor, radius: int) -> torch.Tensor:
    """Return maps (n, 1, h, w) blurred by a Gaussian; they lose ``radius`` cells on every side."""
    away = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    kernel = torch.softmax(-0.5 * (away / sigma) ** 2, 0)
    x = nn.functional.conv2d(x, kernel.view(1, 1, -1, 1))
    return nn.functional.conv2d(x, kernel.view(1, 1, 1, -1))


def cross_entropy(predicted: Batch, wanted: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return the paper's loss, mean over photos, in nats.

    H(q, p) = - sum q log p, with q the mask normalised to sum one: minus the mean log-likelihood of its pixels.

    Args:
        predicted: the read-out's answer.
        wanted: for each photo its mask on the photo's grid, or the number of fixations in each cell; not empty.
    """
    total = predicted.log_density.new_zeros(())
    for number, mask in enumerate(wanted):
        q = mask / mask.sum()
        total = total - (q * predicted.of(number)).sum()
    return total / len(wanted)

"""DeepGaze's read-outs of whatever layers: 1 x 1 convolutions on a trunk's maps, blur, centre bias, log-density."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import cast

import torch
from torch import nn

from core.model.published.files import State

_EPSILON = 1e-12
_LAYER = re.compile(r"(layernorm|conv|bias)(\d{1,2})\.(?:(?:layernorm|conv)_part0\.)?(weight|bias)")


class Layer(nn.Module):
    """A norm over a whole photo, if it has one, a 1 x 1 convolution, and what follows it."""

    def __init__(self, part: State, after: Callable[[torch.Tensor], torch.Tensor] | None) -> None:
        """``part``: its weights by kind; ``after``: what follows the convolution, None: nothing.

        Raises:
            KeyError, ValueError, RuntimeError: they are not all there, or do not fit.
        """
        super().__init__()
        weight = part["conv.weight"].float()
        self.outside, self.inside = weight.shape[:2]
        if weight.shape[2:] != (1, 1):
            raise ValueError("a convolution is not 1 x 1")
        bias = sum((part[name].float() for name in ("conv.bias", "bias.bias") if name in part), torch.zeros(1))
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.bias = nn.Parameter(bias.expand(self.outside), requires_grad=False)
        self.normed = "layernorm.weight" in part
        if self.normed:
            for name, kind in (("scale", "weight"), ("shift", "bias")):
                value = part[f"layernorm.{kind}"].float().expand(self.inside)
                self.register_buffer(name, value[:, None, None])
        self._after = after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (n, out, h, w) for (n, in, h, w)."""
        if self.normed:
            x = nn.functional.layer_norm(x, x.shape[1:], eps=_EPSILON)
            x = x * cast(torch.Tensor, self.scale) + cast(torch.Tensor, self.shift)
        x = nn.functional.conv2d(x, self.weight, self.bias)
        return x if self._after is None else self._after(x)


def layers(*networks: State) -> list[Layer]:
    """Return the layers of networks that follow one another, from their weights.

    A checkpoint does not say what lies between its convolutions. As they were published, networks with norms have a
    softplus after each bias that is a module of its own, also after the last; the paper's, which have none, a ReLU
    after each convolution but the last.

    Raises:
        KeyError, ValueError, RuntimeError: a part is missing, unknown, or does not fit.
    """
    made: list[Layer] = []
    for network in networks:
        parts: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in network.items():
            found = _LAYER.fullmatch(name)
            if found is None:
                raise ValueError(f"an unknown layer {name}")
            parts.setdefault(int(found[2]), {})[f"{found[1]}.{found[3]}"] = value
        soft = any("layernorm.weight" in part for part in parts.values())
        for number in range(len(parts)):
            bent = number < len(parts) - 1 or (soft and "bias.bias" in parts[number])
            made.append(Layer(parts[number], (nn.functional.softplus if soft else torch.relu) if bent else None))
    if any(one.outside != other.inside for one, other in pairwise(made)):
        raise ValueError("the layers do not fit one another")
    if not made or made[-1].outside != 1:
        raise ValueError("the last layer gives no map")
    return made


class Component(nn.Module):
    """A read-out and its finaliser."""

    def __init__(self, made: Sequence[Layer], finaliser: State, map_factor: int) -> None:
        """``map_factor``: photo pixels for each cell of the map that is blurred.

        Raises:
            KeyError, ValueError: the finaliser is not as it was published.
        """
        super().__init__()
        self.layers = nn.Sequential(*made)
        self.sigma = finaliser["gauss.sigma"].float().reshape(())
        """Of the blur, in cells of that map."""
        self.centre_weight = float(finaliser["center_bias_weight"])
        if not 1e-2 < float(self.sigma) < 256 or not math.isfinite(self.centre_weight):
            raise ValueError("the blur or the weight of the centre bias makes no sense")
        self._map_factor = map_factor

    def forward(self, maps: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        """Return the log-density (1, 1, H, W) over a photo.

        Args:
            maps: (1, channels, h, w), what the trunk says of the photo.
            bias: (1, 1, H, W), the log-density of the centre bias over it.
        """
        small = shrunk(bias, self._map_factor)
        x = nn.functional.interpolate(cast(torch.Tensor, self.layers(maps)), small.shape[2:])
        x = _blurred(x, self.sigma) + self.centre_weight * small
        x = nn.functional.interpolate(x, bias.shape[2:])
        return x - x.flatten().logsumexp(0)


def shrunk(x: torch.Tensor, factor: int) -> torch.Tensor:
    """Return every so manieth pixel, as DeepGaze shrinks: what is left over on the right and below is dropped."""
    return nn.functional.interpolate(x, scale_factor=1 / factor, recompute_scale_factor=False)


def _blurred(x: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    """Return a map (1, 1, h, w) blurred by a Gaussian that ends at three sigma; beyond its border it goes on."""
    radius = math.ceil(3 * sigma)
    away = torch.arange(-radius, radius + 1, dtype=x.dtype, device=x.device)
    kernel = torch.softmax(-0.5 * (away / sigma) ** 2, 0)
    x = nn.functional.pad(x, 4 * (radius,), mode="replicate")
    return nn.functional.conv2d(nn.functional.conv2d(x, kernel.view(1, 1, -1, 1)), kernel.view(1, 1, 1, -1))

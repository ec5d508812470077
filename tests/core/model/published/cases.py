"""Tiny checkpoints in the layout of deepgaze_pytorch, with random weights, and what they should answer."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import nn

from core.model.published.trunks import Trunk

State = dict[str, torch.Tensor]


class Net(nn.Sequential):
    """A trunk of 5 channels at stride 4, and 3 at stride 8."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(3, 5, 4, 4), nn.ReLU(inplace=True), nn.Conv2d(5, 3, 2, 2, bias=False), nn.ReLU(inplace=True)
        )


FIRST = Trunk("First", "1.", Net, ("2", "0"), 8, "2", 4, 2)
SECOND = Trunk("Second", "1.inner.", Net, ("3", "0"), 8, "2", 8, 2)
TABLE = (FIRST, SECOND)


def saliency(random: torch.Generator, channels: int) -> State:
    """The first network of a read-out of DeepGaze IIE."""
    return _network(random, (channels, 8, 16, 1), last_bias=True)


def selection(random: torch.Generator) -> State:
    """The second one."""
    state = _network(random, (1, 12, 6, 1), last_bias=False)
    for name in ("layernorm0.weight", "layernorm0.bias", "conv0.weight"):
        layer, _, kind = name.partition(".")
        state[f"{layer}.{layer[:-1]}_part0.{kind}"] = state.pop(name)
    del state["layernorm2.weight"], state["layernorm2.bias"]
    return state


def plain(random: torch.Generator, inputs: int = 2560, bias: str = "conv{}.bias") -> State:
    """The paper's read-out."""
    state = {}
    for number, (inside, outside) in enumerate(((inputs, 16), (16, 32), (32, 2), (2, 1))):
        state[f"conv{number}.weight"] = _rand(random, outside, inside, 1, 1) * (2.0 / inside) ** 0.5
        state[bias.format(number)] = _rand(random, outside) * 0.3 + 0.2
    return state


def finaliser(random: torch.Generator, sigma: float | None = None) -> State:
    """Blur and weight of the centre bias."""
    drawn = float(torch.rand((), generator=random)) * 3 + 1
    return {"gauss.sigma": torch.tensor(sigma or drawn), "center_bias_weight": torch.rand(1, generator=random) + 0.5}


def weights(random: torch.Generator) -> State:
    """Of :class:`Net`."""
    return {
        "0.weight": _rand(random, 5, 3, 4, 4) * 0.2,
        "0.bias": _rand(random, 5),
        "2.weight": _rand(random, 3, 5, 2, 2),
    }


def mixture(random: torch.Generator, trunk: Trunk, components: int) -> State:
    """A member of DeepGaze IIE."""
    state = under(f"features.features.{trunk.prefix}", weights(random))
    for number in range(components):
        state |= under(f"saliency_networks.{number}.", saliency(random, trunk.channels))
        state |= under(f"fixation_selection_networks.{number}.", selection(random))
        state |= under(f"finalizers.{number}.", finaliser(random))
    return state


def under(prefix: str, state: Mapping[str, torch.Tensor]) -> State:
    """Put a prefix before all names."""
    return {f"{prefix}{name}": value for name, value in state.items()}


def bare(random: torch.Generator, sigma: float | None = None) -> State:
    """The paper's read-out with its finaliser, without a trunk."""
    return under("readout_network.", plain(random)) | under("finalizer.", finaliser(random, sigma))


def answer(
    maps: torch.Tensor, networks: list[State], final: State, factor: int, bias: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the log-density of a read-out, worked out by hand in NumPy.

    Args:
        maps: (channels, h, w).
        networks: one after the other.
        final: sigma and weight of the centre bias.
        factor: photo pixels per cell that is blurred.
        bias: (H, W), of the photo's size.
    """
    x = maps.double().numpy()
    for network in networks:
        soft = any("layernorm" in name for name in network)
        count = sum("conv" in name and name.endswith("weight") for name in network)
        for number in range(count):
            part = {name.replace("_part0", ""): value.double().numpy() for name, value in network.items()}
            part = {name.split(".")[0] + name[name.rindex(".") :]: value for name, value in part.items()}
            if f"layernorm{number}.weight" in part:
                x = (x - x.mean()) / np.sqrt(x.var() + 1e-12)
                x = (
                    x * part[f"layernorm{number}.weight"][:, None, None]
                    + part[f"layernorm{number}.bias"][:, None, None]
                )
            x = np.einsum("oi,ihw->ohw", part[f"conv{number}.weight"][:, :, 0, 0], x)
            for name in (f"conv{number}.bias", f"bias{number}.bias"):
                x = x + part[name][:, None, None] if name in part else x
            if soft and f"bias{number}.bias" in part:
                x = np.log1p(np.exp(x))
            elif number < count - 1:
                x = np.maximum(x, 0)
    height, width = bias.shape
    small = bias[::factor, ::factor][: height // factor, : width // factor]
    y = nearest(x[0], small.shape)
    sigma = float(final["gauss.sigma"])
    y = gaussian_filter(y, sigma, mode="nearest", radius=int(np.ceil(3 * sigma)))
    y = nearest(y + float(final["center_bias_weight"]) * small, bias.shape)
    return y - np.log(np.exp(y).sum())


def nearest(x: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return a map at another size, each pixel the one that lies above it."""
    rows, columns = (np.arange(to) * side // to for to, side in zip(shape, x.shape, strict=True))
    return x[rows][:, columns]


def _network(random: torch.Generator, widths: tuple[int, ...], last_bias: bool) -> State:
    state = {}
    for number, (inside, outside) in enumerate(itertools.pairwise(widths)):
        state[f"layernorm{number}.weight"] = _rand(random, inside) * 0.3 + 1
        state[f"layernorm{number}.bias"] = _rand(random, inside) * 0.3
        state[f"conv{number}.weight"] = _rand(random, outside, inside, 1, 1) * inside**-0.5
        if last_bias or number < len(widths) - 2:
            state[f"bias{number}.bias"] = _rand(random, outside) * 0.3
    return state


def _rand(random: torch.Generator, *shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=random)

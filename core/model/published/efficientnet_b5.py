"""EfficientNet-B5 up to its last but three blocks, under the names that efficientnet_pytorch gives its layers."""

from __future__ import annotations

import torch
from torch import nn

_STAGES = (  # kernel, blocks, channels in, channels out, expansion, stride
    (3, 3, 48, 24, 1, 1),
    (3, 5, 24, 40, 6, 2),
    (5, 5, 40, 64, 6, 2),
    (3, 7, 64, 128, 6, 2),
    (5, 7, 128, 176, 6, 1),
    (5, 9, 176, 304, 6, 2),
)
_EPSILON = 1e-3


class _Same(nn.Conv2d):
    """A convolution padded for photos of 456 pixels, whatever the photo: on each level as if its side were even."""

    def __init__(self, inside: int, outside: int, kernel: int, stride: int = 1, *, groups: int = 1, bias: bool = False):
        super().__init__(inside, outside, kernel, stride, groups=groups, bias=bias)
        before = (kernel - stride) // 2
        self.pad = 2 * (before, kernel - stride - before)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(nn.functional.pad(x, self.pad))


class _Block(nn.Module):
    """An inverted residual (MBConv) with squeeze and excitation."""

    def __init__(self, kernel: int, inside: int, outside: int, expansion: int, stride: int) -> None:
        super().__init__()
        wide = inside * expansion
        if expansion > 1:
            self._expand_conv = _Same(inside, wide, 1)
            self._bn0 = nn.BatchNorm2d(wide, _EPSILON)
        self._depthwise_conv = _Same(wide, wide, kernel, stride, groups=wide)
        self._bn1 = nn.BatchNorm2d(wide, _EPSILON)
        self._se_reduce = _Same(wide, inside // 4, 1, bias=True)
        self._se_expand = _Same(inside // 4, wide, 1, bias=True)
        self._project_conv = _Same(wide, outside, 1)
        self._bn2 = nn.BatchNorm2d(outside, _EPSILON)
        self.expands, self.residual = expansion > 1, stride == 1 and inside == outside

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        silu = nn.functional.silu
        wide = silu(self._bn0(self._expand_conv(x))) if self.expands else x
        wide = silu(self._bn1(self._depthwise_conv(wide)))
        squeezed = self._se_expand(silu(self._se_reduce(wide.mean((2, 3), keepdim=True))))
        out: torch.Tensor = self._bn2(self._project_conv(wide * torch.sigmoid(squeezed)))
        return out + x if self.residual else out


class EfficientNetB5(nn.Module):
    """Blocks 0 to 35; what follows them nobody reads here."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = _Same(3, 48, 3, 2)
        self._bn0 = nn.BatchNorm2d(48, _EPSILON)
        self._blocks = nn.Sequential(
            *(
                _Block(kernel, outside if number else inside, outside, expansion, 1 if number else stride)
                for kernel, blocks, inside, outside, expansion, stride in _STAGES
                for number in range(blocks)
            )
        )

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        """Return block 35's answer to photos (n, 3, h, w)."""
        found: torch.Tensor = self._blocks(nn.functional.silu(self._bn0(self._conv_stem(photos))))
        return found

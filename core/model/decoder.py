"""The read-out of our model: a feature pyramid that sums its levels (Lin et al. 2017), down to a quarter pixel."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional


class Decoder(nn.Module):
    """Feature maps of a trunk to one logit per cell of the finest level."""

    def __init__(self, channels: Sequence[int], width: int = 64, fine: int = 24) -> None:
        """``channels`` are the trunk's, finest first; ``fine`` is the width of the finest level alone."""
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in channels[1:])
        self.smooth = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in channels[1:])
        self.context = nn.Linear(channels[-1], width)
        self.lateral_fine = nn.Conv2d(channels[0], fine, 1)
        self.narrow = nn.Conv2d(width, fine, 1)
        self.smooth_fine = nn.Conv2d(fine, fine, 3, padding=1)
        self.head = nn.Conv2d(fine, 1, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                assert module.bias is not None
                nn.init.zeros_(module.bias)
        nn.init.normal_(self.head.weight, std=0.01)
        assert self.head.bias is not None
        nn.init.constant_(self.head.bias, -1.5)  # about a fifth of a photo is portrait

    def forward(self, levels: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return logits (n, 1, h, w) on the grid of the finest level.

        Args:
            levels: (n, channels[i], h_i, w_i), finest first.
        """
        context = self.context(levels[-1].mean((2, 3)))[:, :, None, None]
        top: torch.Tensor | None = None
        for level, lateral, smooth in zip(
            reversed(levels[1:]), reversed(self.lateral), reversed(self.smooth), strict=True
        ):
            here = lateral(level)
            here = here + (context if top is None else _onto(top, here))
            top = functional.relu(smooth(functional.relu(here)))
        assert top is not None
        fine = self.lateral_fine(levels[0])
        fine = functional.relu(fine + _onto(self.narrow(top), fine))
        logits: torch.Tensor = self.head(functional.relu(self.smooth_fine(fine)))
        return logits


def _onto(coarse: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(coarse, fine.shape[-2:], mode="bilinear", align_corners=False)

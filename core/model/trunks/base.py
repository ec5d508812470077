"""What every trunk is: a frozen network that turns photos into feature maps."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import nn


class Trunk(nn.Module, ABC):
    """Feature maps of photos. It does the preprocessing that its weights want, so nobody else can get it wrong."""

    channels: tuple[int, ...] = ()
    """Of the feature maps, finest first."""
    strides: tuple[int, ...] = ()
    """Photo pixels per feature cell, finest first."""

    @abstractmethod
    def forward(self, photos: torch.Tensor) -> list[torch.Tensor]:
        """Return the feature maps of photos.

        Args:
            photos: (n, 3, h, w) float, sRGB 0 to 255; h and w multiples of the largest stride.

        Returns:
            One (n, channels[i], h / strides[i], w / strides[i]) tensor per level, finest first.
        """

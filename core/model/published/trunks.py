"""The trunks whose weights published DeepGaze checkpoints hold, and the layers of each that are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn
from torchvision import models

from core.model.published.efficientnet_b5 import EfficientNetB5
from core.model.published.files import State, put, under

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet in red, green, blue, 0 to 1: torchvision's."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A row of the table."""

    title: str
    prefix: str
    """Before its layers' names in a checkpoint's ``features.features.``."""
    build: Callable[[], nn.Module]
    taps: tuple[str, ...]
    """The layers that are read."""
    channels: int
    """Of those layers together."""
    mark: str
    """A layer with weights that those below in the table have not."""
    readout_factor: int = 16
    """Photo pixels, once the photo is halved, for each cell of the read-out."""
    map_factor: int = 2
    """Photo pixels for each cell of the map that is blurred."""

    def is_in(self, state: State) -> bool:
        """Return whether a checkpoint's trunk, or another file, seems to be this one."""
        return f"{self.prefix}{self.mark}.weight" in state


def _named(layers: nn.Module) -> nn.Sequential:
    """Return a VGG under the names of its paper, and without losing the last row where a side is odd."""
    named: OrderedDict[str, nn.Module] = OrderedDict()
    block = number = 1
    for layer in cast(nn.Sequential, layers):
        if isinstance(layer, nn.MaxPool2d):
            named[f"pool{block}"] = nn.MaxPool2d(2, ceil_mode=True)
            block, number = block + 1, 1
        elif isinstance(layer, nn.Conv2d):
            named[f"conv{block}_{number}"] = layer
        else:
            named[f"relu{block}_{number}"] = layer
            number += 1
    return nn.Sequential(named)


VGG19 = Trunk("VGG-19", "1.features.", lambda: models.vgg19().features, ("28", "29", "31", "32", "35"), 2560, "34")
VGG16 = Trunk("VGG-16", "1.features.", lambda: models.vgg16().features, ("24", "25", "27", "28", "29"), 2560, "28")
_BLOCK_5 = ("conv5_1", "relu5_1", "relu5_2", "conv5_3")
TABLE = (
    Trunk(
        "ResNet-50 of ShapeNet-C",
        "1.module.",
        models.resnet50,
        (
            "layer3.0.conv2",
            "layer3.3.conv2",
            "layer3.5.conv1",
            "layer3.5.conv2",
            "layer4.1.conv2",
            "layer4.2.conv2",
        ),
        2048,
        "layer4.2.conv2",
    ),
    Trunk(
        "EfficientNet-B5",
        "1.",
        EfficientNetB5,
        ("_blocks.24._depthwise_conv", "_blocks.26._depthwise_conv", "_blocks.35._project_conv"),
        2416,
        "_blocks.35._project_conv",
    ),
    Trunk(
        "DenseNet-201",
        "1.features.",
        lambda: models.densenet201().features,
        ("denseblock4.denselayer32.norm1", "denseblock4.denselayer32.conv1", "denseblock4.denselayer31.conv2"),
        2048,
        "denseblock4.denselayer32.conv1",
    ),
    Trunk(
        "ResNeXt-50",
        "1.",
        models.resnext50_32x4d,
        ("layer3.5.conv1", "layer3.5.conv2", "layer3.4.conv2", "layer4.2.conv2"),
        2560,
        "layer4.2.conv2",
    ),
    Trunk("VGG-19", "", lambda: _named(models.vgg19().features), (*_BLOCK_5, "relu5_4"), 2560, "conv5_4"),
    Trunk("VGG-16", "", lambda: _named(models.vgg16().features), (*_BLOCK_5, "relu5_3"), 2560, "conv5_3"),
    VGG19,
    VGG16,
    Trunk("AlexNet", "1.features.", lambda: models.alexnet().features, ("10",), 256, "10", 4, 4),
)


def trunk_in(features: State) -> Trunk | None:
    """Return which trunk a checkpoint's ``features.features.`` holds; None: none of the table's."""
    return next((trunk for trunk in TABLE if trunk.is_in(features)), None)


class Tapped(nn.Module):
    """A trunk with its weights: photos go in, the maps of the layers that are read come out."""

    def __init__(self, trunk: Trunk, weights: State) -> None:
        """``weights`` has the names of the trunk's layers, and may have more.

        Raises:
            KeyError, RuntimeError: they are not the trunk's.
        """
        super().__init__()
        with torch.device("meta"):
            self.net = trunk.build()
        put(self.net, under(weights, trunk.prefix))
        self._taps = trunk.taps
        self._heard: dict[str, torch.Tensor] = {}
        for tap in trunk.taps:
            self.net.get_submodule(tap).register_forward_hook(self._listener(tap))
        for name, values in (("mean", _MEAN), ("deviation", _DEVIATION)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1))

    def _listener(self, tap: str) -> Callable[[nn.Module, object, torch.Tensor], None]:
        def hear(module: nn.Module, given: object, answer: torch.Tensor) -> None:
            self._heard[tap] = answer.clone()  # the next layer may write into it

        return hear

    def forward(self, photos: torch.Tensor) -> Sequence[torch.Tensor]:
        """Return the maps of photos (n, 3, h, w), sRGB 0 to 255, any size."""
        mean, deviation = cast(torch.Tensor, self.mean), cast(torch.Tensor, self.deviation)
        self.net((photos / 255 - mean) / deviation)
        return [self._heard.pop(tap) for tap in self._taps]

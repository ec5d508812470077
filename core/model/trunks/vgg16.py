"""VGG-16's convolutions (Simonyan and Zisserman 2014), frozen, with their own ImageNet weights: the paper's trunk."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast
from urllib.error import URLError

import torch
from torch import nn

from core.errors import FileProblem
from core.files import remedy_for
from core.images.source import unreadable
from core.model.card import ModelProblem
from core.model.checkpoint import load_tensors
from core.model.trunks.base import Trunk
from core.settings import Settings

MEAN = (123.68, 116.779, 103.939)
"""Of ImageNet in red, green, blue, 0 to 255: it is taken off, and nothing is divided."""
VARIABLE = "PAWTRAIT_VGG16_WEIGHTS"
SETTING = "model.vgg16_weights"
MAPS = ("conv5_1", "relu5_1", "relu5_2", "conv5_3", "relu5_3")
"""The maps of block 5 that DeepGaze II reads, in the order in which they are handed out."""

_BLOCKS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
_FIRST = (  # sums over the 3 x 3 cells of the first four filters of features.0.weight, by red, green, blue
    (0.0262, -0.0325, 0.0180),
    (-1.5269, 0.3819, 1.3671),
    (-0.0390, 0.4554, 0.0355),
    (0.0220, -0.1048, 0.0731),
)
_REMEDY = (
    f"Give a file of VGG-16's weights: --weights FILE, the environment's {VARIABLE}, or the setting {SETTING}. "
    "torchvision's VGG16_Weights.IMAGENET1K_FEATURES is the right one."
)
_log = logging.getLogger(__name__)


def _layers() -> dict[str, nn.Conv2d]:
    """Return the convolutions under torchvision's names: their numbers count ReLUs and poolings too."""
    convolutions, inside, number = {}, 3, 0
    for block in _BLOCKS:
        for outside in block:
            convolutions[str(number)] = nn.Conv2d(inside, outside, 3, padding=1)
            inside, number = outside, number + 2
        number += 1  # the pooling
    return convolutions


class VGG16(Trunk):
    """The maps of block 5, stride 16, 14.7 million parameters."""

    channels = (512,) * len(MAPS)
    strides = (16,) * len(MAPS)

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.ModuleDict(_layers())
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.requires_grad_(False)

    def prepare(self, photos: torch.Tensor) -> torch.Tensor:
        """Return photos as the weights want them: sRGB 0 to 255, red first, less the mean."""
        return photos - cast(torch.Tensor, self.mean)

    def compact(self, photos: torch.Tensor) -> torch.Tensor:
        """Return (n, 1536, h / 16, w / 16): conv5_1, conv5_2 and conv5_3 one after the other, before their ReLUs.

        They hold all that :meth:`forward` hands out at three fifths of the size; :func:`sampled` makes it of them.
        """
        layers = iter(self.features.values())
        first = cast(nn.Conv2d, self.features["0"]).weight
        x = self.prepare(photos.float())
        x = x.to(first.dtype, memory_format=torch.channels_last)
        maps = []
        for number, block in enumerate(_BLOCKS):
            for _ in block:
                before = next(layers)(x)
                x = torch.relu(before)
                if number == len(_BLOCKS) - 1:
                    maps.append(before)
            if number < len(_BLOCKS) - 1:
                x = nn.functional.max_pool2d(x, 2)
        return torch.cat(maps, 1).float()

    def forward(self, photos: torch.Tensor) -> list[torch.Tensor]:
        """Return :data:`MAPS` (see :class:`Trunk`)."""
        return list(sampled(self.compact(photos)).chunk(len(MAPS), 1))


def sampled(compact: torch.Tensor) -> torch.Tensor:
    """Return :data:`MAPS` side by side, (n, 2560, h, w), from what :meth:`VGG16.compact` gives."""
    first, second, third = compact.chunk(3, 1)
    return torch.cat([first, first.relu(), second.relu(), third, third.relu()], 1)


def quick_type(device: torch.device) -> torch.dtype:
    """Return bfloat16 where the machine computes it in hardware, else float32."""
    knows = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    has = device.type == "cuda" or (knows is not None and knows())
    return torch.bfloat16 if has else torch.float32


def quicken(trunk: VGG16) -> VGG16:
    """Let the trunk compute as fast as this machine does without changing what the read-out sees beyond noise.

    bfloat16 with the channels last is three times faster on processors that have it in hardware, slower elsewhere.
    """
    if (quick := quick_type(next(trunk.parameters()).device)) != torch.float32:
        trunk.features.to(quick)
    trunk.features.to(memory_format=torch.channels_last)
    return trunk


def fingerprint(trunk: nn.Module) -> str:
    """Return 16 hexadecimal digits that tell these weights from others; files in half and full precision agree."""
    digest = hashlib.sha256()
    for name, value in sorted(trunk.state_dict().items()):
        digest.update(name.encode() + value.to(torch.bfloat16).contiguous().view(torch.int16).numpy().tobytes())
    return digest.hexdigest()[:16]


def load(weights: Path | None, say: Callable[[str], None] | None = None) -> VGG16:
    """Return the trunk with its weights (see :func:`core.model.trunks.load_trunk`).

    Args:
        weights: a file: safetensors with the keys features.N.weight and features.N.bias, or torchvision's own; None:
            as the environment says, else the settings, else torchvision's is fetched once, its hash checked.
        say: takes a sentence before anything is fetched; it is logged as well.
    """
    path = weights or _told()
    state = _fetched(say) if path is None else _from_file(path)
    name = "torchvision's file" if path is None else path.name
    trunk = VGG16()
    wanted = trunk.state_dict()
    found = {key: value for key, value in state.items() if key in wanted}  # torchvision's has a classifier as well
    fits = found.keys() == wanted.keys() and all(found[key].shape == value.shape for key, value in wanted.items())
    if not fits or not all(bool(torch.isfinite(value).all()) for value in found.values()):
        raise ModelProblem(f"{name} does not hold the weights of VGG-16.", _REMEDY)
    _see_that_they_are_these(found["features.0.weight"].float(), name)
    trunk.load_state_dict({key: value.float() for key, value in found.items()})
    return trunk.requires_grad_(False).eval()


def is_known(first: torch.Tensor) -> bool:
    """Return whether a first layer's weights, (64, 3, 3, 3), are those on which read-outs are trained here."""
    return torch.allclose(first[:4].sum((2, 3)), torch.tensor(_FIRST), atol=0.01)


def _see_that_they_are_these(first: torch.Tensor, name: str) -> None:
    """Refuse another network of the same build: read-outs are worth nothing on its features."""
    if is_known(first):
        return
    if is_known(first.flip(1)):
        raise ModelProblem(f"{name} holds VGG-16 for blue, green, red, not for red, green, blue.", _REMEDY)
    raise ModelProblem(f"{name} holds a VGG-16 that was trained otherwise, such as IMAGENET1K_V1.", _REMEDY)


def _told() -> Path | None:
    told = os.environ.get(VARIABLE) or Settings.load().text(SETTING)
    return Path(told).expanduser() if told else None


def _from_file(path: Path) -> Mapping[str, torch.Tensor]:
    if not path.is_file():
        raise FileProblem(f"There is no file {path} with VGG-16's weights.", _REMEDY)
    if path.suffix.lower() == ".safetensors":
        return load_tensors(path)
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except OSError as error:
        raise unreadable(path, error) from error
    except Exception:  # torch raises many kinds for a damaged file; only newer ones can be mapped
        try:
            found = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise ModelProblem(f"{path.name} is not a file of weights, or is damaged.", _REMEDY) from error
    if not isinstance(found, Mapping) or not all(isinstance(value, torch.Tensor) for value in found.values()):
        raise ModelProblem(f"{path.name} does not hold the weights of VGG-16.", _REMEDY)
    return found


def announcement(weights: Path | None) -> str:
    """Return the sentence to say before :func:`load` is called with these weights; empty: it will fetch nothing."""
    url, kept = _source()
    if weights is not None or _told() is not None or kept.exists():
        return ""
    return f"VGG-16's weights are fetched once from {url} (528 MB) and kept in {kept.parent}."


def _source() -> tuple[str, Path]:
    from torchvision.models import VGG16_Weights

    url = VGG16_Weights.IMAGENET1K_FEATURES.url
    return url, Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]


def _fetched(say: Callable[[str], None] | None) -> Mapping[str, torch.Tensor]:
    url, kept = _source()
    if sentence := announcement(None):
        _log.info(sentence)
        if say is not None:
            say(sentence)
    try:
        state = torch.hub.load_state_dict_from_url(
            url, map_location="cpu", progress=False, check_hash=True, weights_only=True
        )
    except (URLError, TimeoutError, ConnectionError) as error:
        raise ModelProblem("VGG-16's weights cannot be fetched: the network does not answer.", _REMEDY) from error
    except OSError as error:
        raise FileProblem(
            f"VGG-16's weights cannot be kept in {kept.parent}: {error.strerror or error}.", remedy_for(error)
        ) from error
    except Exception as error:  # a wrong hash is a RuntimeError; a damaged file many things
        raise ModelProblem(
            "VGG-16's weights did not arrive whole.", f"Remove {kept} and try again, or: {_REMEDY}"
        ) from error
    return cast(Mapping[str, torch.Tensor], state)

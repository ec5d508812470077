"""Feature maps of a frozen trunk, kept on disk: retraining a read-out on them takes minutes instead of hours."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from core.files import write_atomically
from core.model.augment import View
from core.model.precision import autocast
from core.model.trunks.base import Trunk


class FeatureCache:
    """Feature maps by view. Views are made by their seed, so the same one is never computed twice."""

    def __init__(self, folder: Path, trunk: Trunk) -> None:
        """``trunk`` is asked where the disk has nothing yet; its weights are part of the key."""
        digest = hashlib.sha256()
        for name, tensor in sorted(trunk.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.to(torch.float16).numpy().tobytes())
        self._folder = folder / digest.hexdigest()[:16]
        self._trunk = trunk

    def put(self, key: str, view: View) -> None:
        """Compute a view's feature maps and keep them, in half precision."""
        photo = torch.from_numpy(view.photo).permute(2, 0, 1)[None].float()
        with torch.inference_mode(), autocast("cpu"):
            levels = self._trunk(photo.contiguous(memory_format=torch.channels_last))
        parts = {f"level{n}": level[0].float().to(torch.float16) for n, level in enumerate(levels)}
        parts["mask"] = torch.from_numpy((view.mask * 255).round().astype(np.uint8))
        parts["inside"] = torch.from_numpy(view.inside.astype(np.uint8))
        tensors = {name: tensor.contiguous() for name, tensor in parts.items()}
        write_atomically(self._path(key), save(tensors), durable=False)

    def get(self, key: str) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor] | None:
        """Return a view's feature maps (c, h, w), mask and inside (h, w), all float32.

        None where there is none, or a power cut has left half of a file: it can be made again.
        """
        try:
            found = load(self._path(key).read_bytes())
            levels = [found[f"level{n}"].float() for n in range(len(self._trunk.channels))]
            return levels, found["mask"].float() / 255, found["inside"].float()
        except (OSError, KeyError, ValueError, SafetensorError):
            return None

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.safetensors"

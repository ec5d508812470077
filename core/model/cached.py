"""Feature maps of a frozen trunk, kept on disk: retraining a read-out on them takes minutes instead of hours."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from core.errors import FileProblem
from core.files import write_atomically
from core.model.augment import View
from core.model.bounded import evict
from core.model.precision import autocast
from core.model.trunks.base import Trunk

Entry = tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]
"""A view's feature maps (c, h, w), mask and inside (h, w), all float32."""


class FeatureCache:
    """Feature maps by view. Views are made by their seed, so the same one is seldom computed twice."""

    def __init__(self, folder: Path, trunk: Trunk, max_megabytes: float = 4096.0) -> None:
        """``trunk`` is asked where the disk has nothing yet; its weights are part of the key.

        The folder holds at most about ``max_megabytes``, whatever trunks they are of; the oldest go first.
        """
        digest = hashlib.sha256()
        for name, tensor in sorted(trunk.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.to(torch.float16).numpy().tobytes())
        self._root, self._folder = folder, folder / digest.hexdigest()[:16]
        self._max_bytes = max_megabytes * 1e6
        self._bytes: int | None = None
        self._trunk = trunk

    def put(self, key: str, view: View) -> Entry:
        """Compute a view's feature maps, keep them, in half precision, and return them as :meth:`get` will.

        Where the disk takes no more the next one computes them again.
        """
        photo = torch.from_numpy(view.photo).permute(2, 0, 1)[None].float()
        with torch.inference_mode(), autocast("cpu"):
            levels = self._trunk(photo.contiguous(memory_format=torch.channels_last))
        parts = {f"level{n}": level[0].float().to(torch.float16) for n, level in enumerate(levels)}
        parts["mask"] = torch.from_numpy((view.mask * 255).round().astype(np.uint8))
        parts["inside"] = torch.from_numpy(view.inside.astype(np.uint8))
        tensors = {name: tensor.contiguous() for name, tensor in parts.items()}
        with contextlib.suppress(FileProblem):
            self._write(self._path(key), save(tensors))
        return self._entry(tensors)

    def get(self, key: str) -> Entry | None:
        """Return what was kept of a view.

        None where there is none, or a power cut has left half of a file: it can be made again.
        """
        path = self._path(key)
        try:
            found = self._entry(load(path.read_bytes()))
        except (OSError, KeyError, ValueError, SafetensorError):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used: the eviction looks at this
        return found

    def _entry(self, parts: dict[str, torch.Tensor]) -> Entry:
        levels = [parts[f"level{n}"].float() for n in range(len(self._trunk.channels))]
        return levels, parts["mask"].float() / 255, parts["inside"].float()

    def _write(self, path: Path, data: bytes) -> None:
        write_atomically(path, data, durable=False)
        self._bytes = None if self._bytes is None else self._bytes + len(data)
        if self._bytes is None or self._bytes > self._max_bytes:
            self._bytes = evict(self._root, "*/??/*.safetensors", self._max_bytes)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.safetensors"

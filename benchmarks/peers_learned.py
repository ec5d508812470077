"""Learned keypoints as a peer: ALIKED and LightGlue as kornia has them, if it is there with its weights."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import kornia.feature
import numpy as np
import torch
from numpy.typing import NDArray

from core.maths.masks import Mask

KEYPOINTS = 2048


@cache
def _models() -> tuple[Any, Any]:
    """Load both networks."""
    aliked = kornia.feature.ALIKED.from_pretrained("aliked-n16", max_num_keypoints=KEYPOINTS)
    return aliked.eval(), kornia.feature.LightGlue("aliked").eval()


def why_not_loaded() -> str | None:
    """Return why the networks cannot be loaded, or None if they can; nothing is downloaded to find out."""
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    there = all(any(folder.glob(name)) for name in ("aliked-n16*", "aliked_lightglue*"))
    return None if there else f"kornia's weights of ALIKED and LightGlue are not in {folder}"


def match(
    original: NDArray[np.uint8], designer: NDArray[np.uint8], inside: Mask
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (n, 2) designer and original points that belong together."""
    aliked, lightglue = _models()
    with torch.inference_mode():
        here, there = (_describe(aliked, plane) for plane in (designer, original))
        at = here["keypoints"][0].round().long()
        kept = torch.from_numpy(inside >= 128)[at[:, 1], at[:, 0]]
        for key in ("keypoints", "descriptors"):
            here[key] = here[key][:, kept]
        if min(here["keypoints"].shape[1], there["keypoints"].shape[1]) == 0:
            return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
        pairs = lightglue({"image0": here, "image1": there})["matches"][0]
    points = here["keypoints"][0][pairs[:, 0]], there["keypoints"][0][pairs[:, 1]]
    return points[0].numpy().astype(np.float32), points[1].numpy().astype(np.float32)


def _describe(aliked: Any, plane: NDArray[np.uint8]) -> dict[str, torch.Tensor]:
    image = torch.from_numpy(plane).float()[None, None] / 255
    found = aliked(image)[0]
    size = torch.tensor([[plane.shape[1], plane.shape[0]]])
    return {"keypoints": found.keypoints[None], "descriptors": found.descriptors[None], "image_size": size}

"""The centre bias of a published network, which is no part of its checkpoint: a file beside it, or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.model.card import ModelProblem
from core.model.centre_bias import CentreBias, flat
from core.model.raw_map import normalised

PATTERN = "centerbias*.npy"
"""As DeepGaze's authors call the files that they publish beside their networks: a log-density, NumPy's format."""
_MOST = 4096
FLAT = "flat"


def beside(checkpoint: Path) -> tuple[str, CentreBias]:
    """Return the name and the log-density of the centre bias in a checkpoint's folder; a flat one without a file.

    Raises:
        ModelProblem: there are several, or it is not what it should be.
    """
    found = sorted(checkpoint.parent.glob(PATTERN))
    if not found:
        return FLAT, flat()
    remedy = f"Keep one centre bias beside {checkpoint.name}, such as centerbias_mit1003.npy, or none."
    if len(found) > 1:
        raise ModelProblem(f"{len(found)} files beside {checkpoint.name} are called {PATTERN}.", remedy)
    (path,) = found
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
        if values.ndim != 2 or not 1 <= min(values.shape) <= max(values.shape) <= _MOST:
            raise ValueError("no map")
        density = normalised(np.asarray(values, np.float32))
        if not np.isfinite(density).all():
            raise ValueError("not finite")
    except Exception as error:  # NumPy raises many kinds for a damaged file
        raise ModelProblem(f"{path.name} is no log-density of a centre bias.", remedy) from error
    return path.name, CentreBias(density)

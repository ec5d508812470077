"""Chooses the compute device once; the only module that asks torch what the machine has."""

from __future__ import annotations

import ctypes.util
import os
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import DeviceProblem

if TYPE_CHECKING:
    from core.maths.backend import Backend


def resolve(wish: str) -> str:
    """Return "cpu" or "cuda" for a wish of "auto", "cpu" or "cuda".

    torch is imported only when a GPU is possible, as that import takes seconds.

    Raises:
        DeviceProblem: "cuda" was asked for and there is none.
    """
    if wish == "cpu":
        return "cpu"
    if wish not in ("auto", "cuda"):
        raise DeviceProblem(f"There is no device called {wish!r}.", "Use auto, cpu or cuda.")
    if wish == "auto" and not _has_driver():
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wish == "cuda":
        raise DeviceProblem("No CUDA device was found.", "Use the device auto or cpu, or check the GPU's driver.")
    return "cpu"


def backend_for(wish: str) -> Backend:
    """Return the arrays to compute with: torch's on a GPU, NumPy's on the CPU (which needs no import of torch).

    Raises:
        DeviceProblem: "cuda" was asked for and there is none, or there is no such device.
    """
    # Imported here: whoever only asks for the device need not wait for OpenCV and SciPy.
    from core.maths.backend import NumpyBackend

    if wish == "torch-cpu":  # the GPU's code without a GPU, for the tests that hold it against NumPy's
        device = "cpu"
    elif (device := resolve(wish)) == "cpu":
        return NumpyBackend()
    from core.maths.backend_torch import TorchBackend

    return TorchBackend(device)


def _has_driver() -> bool:
    """Return whether NVIDIA's driver is there; without one, torch need not be imported to find no GPU."""
    if os.name == "nt":
        return ctypes.util.find_library("nvcuda") is not None
    return Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()

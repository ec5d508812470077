"""Chooses the compute device once; the only module that asks torch what the machine has."""

from __future__ import annotations

from core.errors import DeviceProblem


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
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wish == "cuda":
        raise DeviceProblem("No CUDA device was found.", "Use the device auto or cpu, or check the GPU's driver.")
    return "cpu"

"""Reads weights that others have saved, PyTorch's files and safetensors; nothing in such a file is ever run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from core.images.source import unreadable
from core.model.card import ModelProblem

State = Mapping[str, torch.Tensor]
MAX_FILE = 1 << 30
"""No model that was published is larger than this many bytes."""
REMEDY = "Choose a read-out that Pawtrait has written, or DeepGaze I, II or IIE as it was published."
_ZIP, _PICKLE = b"PK", b"\x80\x02"
"""How PyTorch's files begin, since 1.6 and before."""


def read(path: Path) -> State:
    """Return the tensors of a file by name. They are mapped into memory, and read once they are used.

    Raises:
        FileProblem: it cannot be read.
        ModelProblem: it is too large, is damaged, or holds no weights.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(2)
    except OSError as error:
        raise unreadable(path, error) from error
    if size > MAX_FILE:
        raise ModelProblem(f"{path.name} is too large for a model's file.", REMEDY)
    try:
        if head in (_ZIP, _PICKLE):
            found = torch.load(path, map_location="cpu", weights_only=True, mmap=head == _ZIP)
        else:
            found = load_file(path)
        return _largest(found)
    except Exception as error:  # both raise many kinds for a damaged or hostile file
        raise ModelProblem(f"{path.name} is not a model's file, or is damaged.", REMEDY) from error


def _largest(found: object) -> State:
    """Return what was saved, or the table inside of it that holds most weights, such as a training's "state_dict"."""
    if not isinstance(found, Mapping):
        raise TypeError("no table")
    tables = [found, *(value for value in found.values() if isinstance(value, Mapping))]
    return max(({str(name): one for name, one in table.items() if _is_plain(one)} for table in tables), key=len)


def _is_plain(value: object) -> bool:
    return (
        isinstance(value, torch.Tensor)
        and value.layout == torch.strided
        and value.device.type == "cpu"
        and not value.is_quantized
        and value.numel() * value.element_size() <= value.untyped_storage().nbytes()  # else it claims to be larger
    )


def under(state: State, prefix: str) -> State:
    """Return what a prefix is common to, without it."""
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def numbered(state: State, prefix: str) -> list[State]:
    """Return the members of a list of modules, in order.

    Raises:
        KeyError: one is missing.
    """
    inside = under(state, prefix)
    count = len({name.partition(".")[0] for name in inside})
    members = [under(inside, f"{number}.") for number in range(count)]
    if not all(members):
        raise KeyError(prefix)
    return members


def put(module: nn.Module, state: State) -> None:
    """Put weights into a module on the meta device without copying them; what else there is is passed over.

    Raises:
        KeyError, RuntimeError: a name is missing, or a shape does not fit.
    """
    wanted = {name: state[name] for name in module.state_dict()}
    exact = {name: value.float() if value.is_floating_point() else value for name, value in wanted.items()}
    module.load_state_dict(exact, assign=True)
    module.requires_grad_(False).eval()


def see_that_it_is_finite(module: nn.Module, name: str) -> None:
    """Raise ModelProblem where the weights of the file ``name`` hold what is no number."""
    if not all(bool(torch.isfinite(value).all()) for value in module.state_dict().values()):
        raise ModelProblem(f"{name} holds numbers that are not finite.", REMEDY)

"""Read-outs on disk: one safetensors file, its card in the metadata; what comes from outside is checked first."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.files import write_atomically
from core.images.source import unreadable
from core.model.card import ModelCard, ModelProblem

if TYPE_CHECKING:
    import torch

MAX_FILE = 256 << 20
"""No read-out is larger than this many bytes."""
_MAX_HEADER = 16 << 20
_REMEDY = "Choose a read-out that Pawtrait has written."


def save(path: Path, tensors: Mapping[str, torch.Tensor], card: ModelCard) -> None:
    """Write a read-out; it is whole, or it is not there.

    Raises:
        FileProblem: the file cannot be written.
    """
    from safetensors.torch import save as to_bytes

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_atomically(path, to_bytes(plain, {"card": card.to_json()}))


def read_card(path: Path) -> ModelCard:
    """Return a read-out's card; only the head of the file is read. One is made for a published DeepGaze.

    Raises:
        FileProblem: it cannot be read.
        ModelProblem: it is no read-out.
    """
    if (card := _card_in(path)) is not None:
        return ModelCard.from_json(card)
    from core.model import published

    return published.card_of(path)


def load(path: Path) -> tuple[ModelCard, dict[str, torch.Tensor]]:
    """Read a read-out, also one that others have published.

    Raises:
        FileProblem: it cannot be read.
        ModelProblem: it is no read-out, is cut off or holds numbers that are not finite.
    """
    if (card := _card_in(path)) is not None:
        return ModelCard.from_json(card), load_tensors(path)
    from core.model import published

    return published.read_out(path)


def is_ours(path: Path) -> bool:
    """Return whether Pawtrait has written a file.

    Raises:
        FileProblem: it cannot be read.
    """
    return _card_in(path) is not None


def _card_in(path: Path) -> str | None:
    """Return what a file of ours says of itself; None: it is somebody else's, or damaged."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
            length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
            if not 2 <= length <= min(_MAX_HEADER, size - 8):
                return None
            header = json.loads(file.read(length))
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError):
        return None
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    card = metadata.get("card") if isinstance(metadata, dict) else None
    return card if isinstance(card, str) else None


def load_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Read the tensors of a safetensors file.

    Raises:
        FileProblem: it cannot be read.
        ModelProblem: it is damaged, too large, or holds numbers that are not finite.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load as from_bytes

    try:
        if path.stat().st_size > MAX_FILE:
            raise ModelProblem(f"{path.name} is too large for a model's file.", _REMEDY)
        tensors = from_bytes(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelProblem(f"{path.name} is damaged or cut off.", "Copy it again from where it came.") from error
    for name, tensor in tensors.items():
        if tensor.dtype not in (torch.float16, torch.bfloat16, torch.float32):
            raise ModelProblem(f"{path.name} holds numbers of a kind that no model has (in {name}).", _REMEDY)
        if not bool(torch.isfinite(tensor).all()):
            raise ModelProblem(f"{path.name} holds numbers that are not finite (in {name}).", _REMEDY)
    return tensors


def fill(module: torch.nn.Module, tensors: Mapping[str, torch.Tensor], what: str) -> None:
    """Put tensors into a module, all of them and nothing else; half precision is widened.

    Raises:
        ModelProblem: a name or a shape does not fit; the module is as it was.
    """
    wanted = module.state_dict()
    if wanted.keys() != tensors.keys() or any(tensors[name].shape != value.shape for name, value in wanted.items()):
        raise ModelProblem(f"{what} belongs to another network.", _REMEDY)
    module.load_state_dict({name: tensors[name].to(value.dtype) for name, value in wanted.items()})


def version_of(path: Path) -> str:
    """Return the version of a read-out's file: the first 12 hexadecimal digits of its SHA-256.

    Raises:
        FileProblem: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:12]
    except OSError as error:
        raise unreadable(path, error) from error

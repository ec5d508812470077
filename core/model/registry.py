"""The models there are: those that ship, and those of a project; our cards are read without importing torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserFacingError
from core.model.card import ModelCard, ModelProblem
from core.model.checkpoint import is_ours, version_of
from core.model.checkpoint import read_card as card_of

if TYPE_CHECKING:
    from core.model.raw_map import Network

__all__ = [
    "ARCHITECTURES",
    "DEFAULT",
    "Known",
    "build",
    "card_of",
    "find",
    "is_ours",
    "models",
    "shipped",
    "version_of",
]

DEFAULT = "pawtrait"
ARCHITECTURES = {
    "portrait": "core.model.portrait",
    "deepgaze2": "core.model.deepgaze2",
    "published": "core.model.published",
}
"""Module by architecture; each has a function ``load(path, device, weights, views) -> Network``."""


@dataclass(frozen=True, slots=True)
class Known:
    """A model that can be used."""

    card: ModelCard
    path: Path
    version: str


def shipped() -> Path:
    """Return the folder of the read-outs that ship."""
    return Path(str(resources.files("resources") / "models"))


def models(extra: Sequence[Path] = ()) -> list[Known]:
    """Return the models of the shipped folder and of ``extra`` ones; files that are none are passed over."""
    found = []
    for folder in (shipped(), *extra):
        for path in sorted(folder.glob("**/*.safetensors")):
            try:
                found.append(Known(card_of(path), path, version_of(path)))
            except UserFacingError:
                continue
    return found


def find(name: str, extra: Sequence[Path] = ()) -> Path:
    """Return the file of a model, by name, by version, or by path.

    Raises:
        ModelProblem: there is none.
    """
    path = Path(name)
    standard = shipped() / f"{name}.safetensors"
    if path.name == name and _is_file(standard):  # first: a stray file must not hide what ships
        return standard
    if path.suffix == ".safetensors" or _is_file(path):
        if not _is_file(path):
            raise ModelProblem(
                f"There is no model's file {path}.", "Give the path of a file that ends in .safetensors."
            )
        return path
    known = models(extra)
    for model in known:
        if name in (model.version, model.card.name):
            return model.path
    names = sorted({model.card.name for model in known})
    raise ModelProblem(f"There is no model called {name!r}.", f"Use {' or '.join([*names, 'the path of its file'])}.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # the name is longer than a file's can be, or the folder is barred
        return False


def build(path: Path, *, device: str, weights: Path | None, views: int) -> Network:
    """Return the network of a read-out's file.

    Raises:
        ModelProblem, FileProblem: the file or the trunk's weights are not sound.
    """
    architecture = card_of(path).architecture
    if architecture not in ARCHITECTURES:
        raise ModelProblem(
            f"{path.name} is of the kind {architecture!r}, which this version does not know.",
            "Install the newest version.",
        )
    module = import_module(ARCHITECTURES[architecture])
    network: Network = module.load(path, device, weights, views)
    return network

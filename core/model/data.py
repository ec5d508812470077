"""What read-outs are trained on: photos with their masks, split by photo."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageProblem
from core.images.io import is_picture


@dataclass(frozen=True, slots=True)
class Example:
    """One photo and its mask's file (8-bit grey PNG of its size). Several pairs of one photo are one example."""

    key: str
    """Tells the photo from all others: it decides on which side of the split the photo lies."""
    image: Path
    mask: Path
    by_hand: bool = True
    """False: the mask is a model's own cut, accepted as it was. It teaches, but nothing is judged by it."""


def from_folders(images: Path, masks: Path) -> list[Example]:
    """Return the photos of a folder that have a mask of the same stem in another, in order of name.

    Raises:
        UsageProblem: a folder is missing, no photo has a mask, or two files of one folder have the same stem.
    """
    for folder in (images, masks):
        if not folder.is_dir():
            raise UsageProblem(f"There is no folder {folder}.", "Give one folder of photos and one of masks.")
    found = _by_stem(path for path in masks.iterdir() if path.suffix.lower() == ".png")
    photos = _by_stem(path for path in images.iterdir() if is_picture(path))
    examples = [Example(stem, path, found[stem]) for stem, path in photos.items() if stem in found]
    if not examples:
        raise UsageProblem(
            f"No photo in {images} has a mask in {masks}.", "Masks are PNG files with the names of their photos."
        )
    return examples


def _by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(paths):
        if (other := found.setdefault(path.stem, path)) is not path:
            raise UsageProblem(
                f"{other.name} and {path.name} in {path.parent} have the same name but for the suffix: nobody knows "
                "which photo has which mask.",
                "Rename one of them, with its mask, or take it out.",
            )
    return found


def split(examples: Sequence[Example], held_out: float) -> tuple[list[Example], list[Example]]:
    """Split examples into those to train on and those held out.

    Each photo's side depends on its key alone, so that it stays there when others come and go.
    """
    train: list[Example] = []
    rest: list[Example] = []
    for example in examples:
        place = int.from_bytes(hashlib.sha256(example.key.encode("utf-8", "surrogateescape")).digest()[:8]) / 2**64
        (rest if place < held_out else train).append(example)
    return train, rest

"""The pairs that are measured: those of a folder with known truth, or made from photos by families of edits."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
from families import EQUAL, JUDGE, MASKS, TUNE, Made, make, negative
from numpy.typing import NDArray

from core.images.io import Limits, decode_mask, read
from core.images.picture import Picture
from core.maths.masks import Mask
from core.maths.warp import Affine

LIMITS = Limits(250, 1024)
SETS = {"tune": (TUNE, "train"), "masks": (MASKS, "train"), "judge": (JUDGE, "val"), "equal": (EQUAL, "val")}
"""Families of a set, and the photos (``split`` of the manifest) they are made from."""
ONE_NEGATIVE_IN = 4
"""One pair of another photo follows so many of the right one."""


@dataclass(frozen=True, eq=False)
class FileCase:
    """One pair of ``pairs/truth.csv``; ``affine`` is None where the right answer is "no match"."""

    number: int
    name: str
    original: Path
    designer: Path
    mask: Path
    affine: Affine | None
    edits: tuple[str, ...]
    family: str = ""

    def pictures(self) -> tuple[Picture, Picture]:
        """Return the original and the designer image."""
        return read(self.original, LIMITS), read(self.designer, LIMITS)

    def load(self) -> Made:
        """Read both pictures and the truth; what was painted on is not known."""
        original, designer = self.pictures()
        mask = decode_mask(self.mask.read_bytes())
        return Made(original, designer, self.affine, mask, None, self.edits)


@dataclass(frozen=True)
class MadeCase:
    """One pair to be made; ``stranger`` is the photo that stands in as the original of a negative."""

    name: str
    data: Path
    family: str
    seed: int
    photo: str
    others: tuple[str, ...]
    stranger: str | None

    def load(self) -> Made:
        """Make the pair."""
        photos = [self._photo(name) for name in (self.photo, *self.others)]
        made = make(*photos[0], self.family, self.seed, photos[1:])
        return made if self.stranger is None else negative(made, self._photo(self.stranger)[0])

    def _photo(self, name: str) -> tuple[NDArray[np.uint8], Mask]:
        return photo_with_mask(self.data, name)


Case = FileCase | MadeCase


def photo_with_mask(data: Path, name: str) -> tuple[NDArray[np.uint8], Mask]:
    """Return a photo of the portraits, (h, w, 3), and its portrait mask, (h, w), 0 or 255."""
    folder = data / "portraits"
    mask = decode_mask((folder / "masks" / f"{name}.png").read_bytes())
    return read(folder / "originals" / f"{name}.jpg", LIMITS).rgb, mask


def file_cases(data: Path) -> list[FileCase]:
    """Read the truth of the pairs."""
    answer = []
    folder = data / "portraits"
    for number, line in enumerate(_table(data / "pairs" / "truth.csv")):
        affine = None
        if line["matrix"].strip():
            affine = np.vstack([np.array(line["matrix"].split(), np.float64).reshape(2, 3), [0, 0, 1]])
        original = folder / "originals" / f"{line['original']}.jpg"
        mask = folder / "masks" / f"{line['original']}.png"
        designer = data / "pairs" / line["designer"]
        answer.append(FileCase(number, line["pair"], original, designer, mask, affine, tuple(line["edits"].split())))
    return answer


def made_cases(data: Path, set_name: str, families: Sequence[str], per_family: int, seed: int) -> list[MadeCase]:
    """Return the pairs of some families (none named: all of the set), one of each family in turn.

    Each family has ``per_family`` pairs and, for every four, one negative: in turns another photo of the same breed,
    where there is one, and any other photo.

    Raises:
        ValueError: a family is not of this set.
    """
    known, split = SETS[set_name]
    if unknown := [family for family in families if family not in known]:
        raise ValueError(f"{unknown[0]}: not one of {', '.join(known)}")
    breeds = {line["name"]: line["breed"] for line in _manifest(data) if line["split"] == split}
    by_family = [_family(data, family, breeds, per_family, seed) for family in families or known]
    return [case for row in zip_longest(*by_family) for case in row if case is not None]


def _family(data: Path, family: str, breeds: dict[str, str], count: int, seed: int) -> list[MadeCase]:
    rng = np.random.default_rng([seed, zlib.crc32(family.encode())])
    names = [str(name) for name in rng.permutation(sorted(breeds))]
    cases = []
    every = ONE_NEGATIVE_IN + 1
    for number in range(count + count // ONE_NEGATIVE_IN):
        photo = names[number % len(names)]
        rest = [name for name in names if name != photo]
        stranger = None
        if number % every == ONE_NEGATIVE_IN:
            kin = [name for name in rest if breeds[name] == breeds[photo]] if number % (2 * every) < every else []
            stranger = str(rng.choice(kin or rest))
        others = tuple(str(name) for name in rng.choice([name for name in rest if name != stranger], 2, replace=False))
        label = f"{family}-{number:02d}-{photo}" + (f"-not-{stranger}" if stranger else "")
        cases.append(MadeCase(label, data, family, 1000 * seed + number, photo, others, stranger))
    return cases


def _manifest(data: Path) -> list[dict[str, str]]:
    return _table(data / "portraits" / "manifest.csv")


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

"""Writes the demo: originals, designer images made from them, the table of pairs, and the truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.demo.designer import DesignerImage, make
from core.demo.photos import Photo, encode_jpeg, photos_in, shipped_photos
from core.demo.recipes import deal
from core.files import write_atomically
from core.images.io import Limits, encode_rgba

_JPEG_QUALITY = 90
_FEWEST_WITH_A_WRONG_ONE = 3


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    originals: Path
    designers: Path
    pairs_csv: Path
    truth_csv: Path
    pairs: int


def write_demo(
    folder: Path,
    photos: Path | None,
    seed: int,
    limits: Limits,
    *,
    progress: Callable[[int, int, str], None],
    check: Callable[[], None],
) -> Made:
    """Write ``originals/``, ``designers/``, ``truth.csv`` and, last of all, ``pairs.csv`` into ``folder``.

    The same seed and photos give the same files. One pair (of three or more) is a wrong one: its designer image was
    made from another photo. ``truth.csv`` has the columns ``pair``, ``original``, ``designer``, ``matrix`` (a11 a12
    tx a21 a22 ty, designer pixel to original pixel; empty for the wrong pair), ``mirrored`` and ``edits``.

    Raises:
        FileProblem: a photo cannot be read, or a file not written.
    """
    loaders = shipped_photos(limits) if photos is None else photos_in(photos, limits)
    recipes = deal(len(loaders), seed)
    wrong = len(loaders) * 2 // 3 if len(loaders) >= _FEWEST_WITH_A_WRONG_ONE else None
    made = Made(folder / "originals", folder / "designers", folder / "pairs.csv", folder / "truth.csv", len(loaders))
    truth: list[dict[str, str]] = []
    for index, (load, recipe) in enumerate(zip(loaders, recipes, strict=True)):
        check()
        photo = load()
        progress(index, len(loaders), photo.name)
        check()
        if index == wrong:
            stranger = _stranger(photo, loaders[index + 1 :] + loaders[:index])
            image, matrix, edits = make(stranger, recipe), "", ("wrong-photo", *recipe.words())
        else:
            image = make(photo, recipe)
            matrix, edits = " ".join(f"{value:.9g}" for row in image.matrix for value in row), recipe.words()
        check()
        designer = f"{Path(photo.file_name).stem}_edit.{'png' if image.alpha is not None else 'jpg'}"
        write_atomically(made.originals / photo.file_name, photo.data)
        write_atomically(made.designers / designer, _encode(image))
        truth.append(
            {
                "pair": photo.name,
                "original": f"originals/{photo.file_name}",
                "designer": f"designers/{designer}",
                "matrix": matrix,
                "mirrored": str(int(recipe.mirrored)),
                "edits": " ".join(edits),
            }
        )
    write_atomically(made.truth_csv, _table(truth, ("pair", "original", "designer", "matrix", "mirrored", "edits")))
    write_atomically(made.pairs_csv, _table(truth, ("pair", "original", "designer")))
    progress(len(loaders), len(loaders), "")
    return made


def _stranger(photo: Photo, others: Iterable[Callable[[], Photo]]) -> Photo:
    """Return the next photo that shows something else."""
    return next(other for other in (load() for load in others) if other.subject != photo.subject)


def _encode(image: DesignerImage) -> bytes:
    if image.alpha is None:
        return encode_jpeg(image.rgb, _JPEG_QUALITY)
    import numpy as np

    return encode_rgba(np.dstack([image.rgb, image.alpha]))


def _table(rows: list[dict[str, str]], columns: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()

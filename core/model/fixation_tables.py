"""Reads fixations as they are published: a CSV as OSIE's, SALICON's JSON or MAT files, MIT1003's folder of people."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import FileProblem, UsageProblem
from core.files import remedy_for
from core.images import io
from core.images.io import Limits
from core.model.fixation_mats import mit1003, salicon_mats
from core.model.fixation_rows import Row, checked
from core.settings import Settings

MAX_FILE = 2 << 30
MAX_ROWS = 50_000_000
_COLUMNS = ("image", "subject", "order", "x", "y")


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture and where people looked at it; all arrays have one entry for each fixation, all inside."""

    name: str
    file: Path
    width: int
    height: int
    subject: NDArray[np.int64]
    x: NDArray[np.float64]
    """From the left edge of the picture, in its pixels: 0 <= x < width."""
    y: NDArray[np.float64]


def read(table: Path, images: Path) -> list[Picture]:
    """Return the pictures of a folder that somebody looked at, in order of name.

    Left out are fixations beside the picture and each person's first one on each picture: it shows the cross on which
    they started.

    Args:
        table: a CSV with the columns image, subject, order, x and y (OSIE's); a JSON file (SALICON's); a folder of
            MAT files (SALICON's); or a folder of folders of MAT files, one for each person (MIT1003's DATA).
        images: the folder of the pictures.

    Raises:
        FileProblem: the table or a picture cannot be read.
        UsageProblem: the table makes no sense, or no picture in it is in the folder.
    """
    if not images.is_dir():
        raise UsageProblem(f"There is no folder {images}.", "Give the folder of the pictures that were looked at.")
    files = {path.name: path for path in sorted(images.iterdir()) if io.is_picture(path)}
    by_stem = {path.stem: path.name for path in files.values()}
    seen: dict[str, dict[str, list[tuple[float, float, float]]]] = {}
    limits = own_limits()
    for row in _rows(table):
        name = row.image if row.image in files else by_stem.get(Path(row.image).stem, "")
        if name:
            seen.setdefault(name, {}).setdefault(row.subject, []).append((row.order, row.x, row.y))
    pictures = []
    for name in sorted(seen):
        width, height = io.identify(files[name], limits)
        pictures.append(_picture(name, files[name], (width, height), seen[name]))
    if not pictures:
        raise UsageProblem(
            f"No picture in {images} has fixations in {table.name}.", "The table names the pictures' files."
        )
    return pictures


def own_limits() -> Limits:
    """Return what is refused before it is decoded, as the settings say."""
    return Limits.from_settings(Settings.load())


def _picture(
    name: str, file: Path, size: tuple[int, int], people: dict[str, list[tuple[float, float, float]]]
) -> Picture:
    rows: list[tuple[int, float, float]] = []
    for number, person in enumerate(sorted(people)):
        path = sorted(people[person], key=lambda entry: entry[0])[1:]
        rows += [(number, x, y) for _, x, y in path if 0 <= x < size[0] and 0 <= y < size[1]]
    table = np.array(rows, np.float64).reshape(-1, 3)
    return Picture(name, file, *size, table[:, 0].astype(np.int64), table[:, 1].copy(), table[:, 2].copy())


def _rows(table: Path) -> Iterator[Row]:
    if table.is_dir():
        mats = sorted(path for path in table.iterdir() if path.suffix.lower() == ".mat")
        return salicon_mats(mats) if mats else mit1003(table)
    try:
        if table.stat().st_size > MAX_FILE:
            raise FileProblem(f"{table.name} is too large for a table of fixations.", "Split it.")
    except OSError as error:
        raise FileProblem(f"{table} cannot be read: {error.strerror or error}.", remedy_for(error)) from error
    return _json_rows(table) if table.suffix.lower() == ".json" else _csv_rows(table)


def _csv_rows(table: Path) -> Iterator[Row]:
    """Yield the rows of a CSV as OSIE's."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise UsageProblem(
                    f"{table.name} has no column {missing[0]}.", f"Its columns must be {', '.join(_COLUMNS)}."
                )
            for entry in reader:
                where = f"line {reader.line_num} of {table.name}"
                if reader.line_num > MAX_ROWS or None in entry:
                    raise UsageProblem(f"There is too much in {where}.", "See that it is a table of fixations.")
                yield checked(entry["image"], entry["subject"], [entry[name] for name in _COLUMNS[2:]], where)
    except OSError as error:
        raise FileProblem(f"{table} cannot be read: {error.strerror or error}.", remedy_for(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise FileProblem(f"{table.name} is no CSV file in UTF-8.", "Export it anew.") from error


def _json_rows(table: Path) -> Iterator[Row]:
    """Yield the rows of SALICON's JSON: annotations with image_id, worker_id and fixations of row, column from 1."""
    remedy = "Give SALICON's fixations_…2014.json, or a CSV."
    try:
        data = json.loads(table.read_bytes())
        names = {entry["id"]: str(entry["file_name"]) for entry in data["images"]}
        for number, entry in enumerate(data["annotations"]):
            person, name = f"{entry.get('worker_id', number)}/{number}", names[entry["image_id"]]
            for order, (row, column) in enumerate(entry["fixations"]):
                where = f"annotation {number} of {table.name}"
                yield checked(name, person, (order, column - 1, row - 1), where)
    except OSError as error:
        raise FileProblem(f"{table} cannot be read: {error.strerror or error}.", remedy_for(error)) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FileProblem(f"{table.name} does not hold fixations as SALICON publishes them.", remedy) from error

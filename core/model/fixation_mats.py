"""Reads MAT files of fixations, SALICON's and MIT1003's; a file that would swell in memory is refused."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import FileProblem, UsageProblem
from core.files import remedy_for
from core.model.fixation_rows import Row, points_row

MAX_BYTES = 64 << 20
"""Of a MAT file, packed and unpacked: real ones have some tens of kilobytes."""
_COMPRESSED = 15
_SPREAD = 35.0
"""Samples that stay within so many pixels are one fixation: about one degree in MIT1003."""
_SHORTEST = 24
"""Samples of a fixation: 100 ms at 240 a second."""
_REMEDY = "Give the files as they were published."


def salicon_mats(files: Sequence[Path]) -> Iterator[Row]:
    """Yield the rows of SALICON's MAT files, one for each picture: gaze(i).fixations, x and y from 1."""
    for file in files:
        data = _load(file)
        try:
            people = np.atleast_1d(data["gaze"]).ravel()
            paths = [np.asarray(person["fixations"][()], np.float64) for person in people]
            paths = [path.reshape(-1, 2) - 1 for path in paths]
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise FileProblem(f"{file.name} does not hold fixations as SALICON publishes them.", _REMEDY) from error
        for number, path in enumerate(paths):
            yield from points_row(file.stem, f"{number}", ((float(x), float(y)) for x, y in path))


def mit1003(folder: Path) -> Iterator[Row]:
    """Yield the rows of MIT1003's folder DATA: PERSON/PICTURE.mat with gaze samples at 240 a second.

    Fixations are found in the samples by their dispersion (Salvucci and Goldberg 2000, I-DT).
    """
    people = sorted(path for path in folder.iterdir() if path.is_dir())
    files = [(person.name, file) for person in people for file in sorted(person.glob("*.mat"))]
    if not files:
        raise UsageProblem(
            f"There are no MAT files of fixations in {folder}.", "MIT1003's folder DATA has one folder for each person."
        )
    for person, file in files:
        data = _load(file)
        try:
            held = next(value for name, value in data.items() if not name.startswith("__"))
            samples = np.asarray(np.atleast_1d(held["DATA"][()]).ravel()[0]["eyeData"][()], np.float64)[:, :2]
        except (KeyError, ValueError, IndexError, TypeError, StopIteration) as error:
            raise FileProblem(f"{file.name} does not hold gaze as MIT1003 publishes it.", _REMEDY) from error
        yield from points_row(file.stem, person, fixations_in(samples))


def fixations_in(samples: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return the medians of runs of samples (n, 2) that stay close together long enough."""
    found = []
    start = 0
    good = np.all(np.isfinite(samples) & (np.abs(samples) < 1e5), axis=1)
    while start + _SHORTEST <= len(samples):
        end = start + _SHORTEST
        window = samples[start:end]
        if not good[start:end].all() or float(np.ptp(window, axis=0).sum()) > _SPREAD:
            start += 1
            continue
        low, high = window.min(0), window.max(0)
        while end < len(samples) and good[end]:
            low, high = np.minimum(low, samples[end]), np.maximum(high, samples[end])
            if float((high - low).sum()) > _SPREAD:
                break
            end += 1
        middle = np.median(samples[start:end], axis=0)
        found.append((float(middle[0]), float(middle[1])))
        start = end
    return found


def _load(file: Path) -> dict[str, Any]:
    from scipy.io import loadmat

    try:
        if file.stat().st_size > MAX_BYTES:
            raise FileProblem(f"{file.name} is too large for a file of fixations.", _REMEDY)
        data = file.read_bytes()
        _see_that_it_stays_small(data)
        return dict(loadmat(BytesIO(data), struct_as_record=True, squeeze_me=True, chars_as_strings=True))
    except FileProblem:
        raise
    except OSError as error:
        raise FileProblem(f"{file} cannot be read: {error.strerror or error}.", remedy_for(error)) from error
    except Exception as error:  # SciPy raises many kinds for a damaged file
        raise FileProblem(f"{file.name} is no MAT file that can be read, or is damaged.", _REMEDY) from error


def _see_that_it_stays_small(data: bytes) -> None:
    """Refuse a file whose packed elements unpack to more than :data:`MAX_BYTES`."""
    place, left = 128, MAX_BYTES
    order = "<" if data[126:128] == b"IM" else ">"
    while place + 8 <= len(data):
        kind, size = struct.unpack_from(f"{order}II", data, place)
        body = data[place + 8 : place + 8 + size]
        if kind == _COMPRESSED:
            left -= len(zlib.decompressobj().decompress(body, left + 1))
        if left < 0:
            raise ValueError("it unpacks to too much")
        place += 8 + size

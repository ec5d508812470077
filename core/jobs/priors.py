"""Reads a prior that a user gives as a file, and says in plain values which prior was used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NoReturn

import numpy as np

from core.domain import Placement
from core.errors import FileProblem, printable
from core.images import io
from core.images.headers import kind_of
from core.images.source import opened, shown, unreadable
from core.reconcile.prior import LandmarkPrior, MapPrior, PlacementPrior, Prior

_MAX_JSON_BYTES = 1_000_000
_MAP_SIDE = 2048
"""A map is shrunk to this long side: where to search needs no finer one."""
_FAR = 1e6
"""Larger numbers are no pixels of any picture that can be read."""
_SCALES = (1e-3, 1e3)
_FLAT = 1e-6
"""A matrix whose determinant is a smaller share of its size than this takes the picture to a line."""
_STRETCHED = 0.2
"""A matrix that differs from the nearest similarity by a larger share than this is none."""
_BOUNDS = {"reach": (0.0, 10.0), "scale_factor": (1.0, 100.0), "turn_deg": (0.0, 180.0)}
_REMEDY = (
    'Write {"matrix": [[a11, a12, tx], [a21, a22, ty]]} (with "reach", "scale_factor" and "turn_deg" if you like) '
    'or {"landmarks": [[dx, dy, ox, oy], …]}, or give a grey picture: the lighter, the likelier.'
)


def read_prior(path: Path, limits: io.Limits) -> Prior:
    """Read a prior from a file, whose content says which kind it is.

    A picture is a map over the whole original at any size, black 0 to white 1. Anything else must be JSON, one of:

    * ``{"matrix": [[a11, a12, tx], [a21, a22, ty]]}``: a rough placement, designer pixel to original pixel, with
      ``reach``, ``scale_factor`` and ``turn_deg`` as in ``PlacementPrior`` if wanted;
    * ``{"landmarks": [[dx, dy, ox, oy], …]}``: two or more points of the designer image and where they lie in the
      original.

    Pixels are those of the files at full size, upright, centres at integers.

    Raises:
        FileProblem: it cannot be read, is over the limits, or is no such prior.
    """
    with opened(path, limits) as file:
        try:
            data = file.read(_MAX_JSON_BYTES + 1)
        except OSError as error:
            raise unreadable(path, error) from error
    try:
        if kind_of(data[:64]) is not None:
            return _map(path, limits)
        if len(data) > _MAX_JSON_BYTES:
            raise ValueError("it is neither a picture nor a short piece of JSON")
        return _from_json(data)
    except ValueError as error:
        raise FileProblem(f"{shown(path)} is no prior: {error}.", _REMEDY) from error


def record_of(prior: Prior) -> dict[str, object]:
    """Return a prior in plain values, in the form in which a file may give it; of a map only width and height."""
    if isinstance(prior, MapPrior):
        height, width = prior.probability.shape
        return {"map": [width, height]}
    if isinstance(prior, LandmarkPrior):
        return {"landmarks": [list(point) for point in prior.points]}
    return {"matrix": prior.placement.matrix(), **{name: getattr(prior, name) for name in _BOUNDS}}


def _map(path: Path, limits: io.Limits) -> MapPrior:
    picture = io.read(path, limits, _MAP_SIDE)
    if picture.alpha is not None:
        raise ValueError("the picture is transparent in places")
    grey = picture.rgb[:, :, 0]
    if not (picture.rgb == grey[:, :, None]).all():
        raise ValueError("the picture has colours")
    if not grey.any():
        raise ValueError("the picture is black all over, so the portrait could be nowhere")
    return MapPrior(grey.astype(np.float32) / np.float32(255))


def _from_json(data: bytes) -> Prior:
    try:
        told = json.loads(data, parse_constant=_refuse, parse_int=float)  # as an int it may have any number of digits
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("it is neither a picture nor text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON (line {error.lineno}: {error.msg})") from None
    if not isinstance(told, dict) or ("matrix" in told) == ("landmarks" in told):
        raise ValueError("it holds neither or both of “matrix” and “landmarks”")
    allowed = {"landmarks"} if "landmarks" in told else {"matrix", *_BOUNDS}
    if unknown := sorted(told.keys() - allowed):
        raise ValueError(f"{_quoted(unknown[0])} does not belong there")
    if "landmarks" in told:
        return _landmarks(told["landmarks"])
    return PlacementPrior(_placement(told["matrix"]), **_bounds({name: told[name] for name in _BOUNDS if name in told}))


def _placement(matrix: object) -> Placement:
    (a11, a12, tx), (a21, a22, ty) = _rows(matrix, "matrix", 3, 2)
    size = a11 * a11 + a12 * a12 + a21 * a21 + a22 * a22
    if abs(a11 * a22 - a12 * a21) <= _FLAT * size:
        raise ValueError("its matrix is singular: it takes the designer image to a line or a point")
    place = Placement.from_matrix(((a11, a12, tx), (a21, a22, ty)))
    (b11, b12, _), (b21, b22, _) = place.matrix()
    off = (a11 - b11) ** 2 + (a12 - b12) ** 2 + (a21 - b21) ** 2 + (a22 - b22) ** 2
    if off > _STRETCHED**2 * size:
        raise ValueError(
            "its matrix stretches the designer image; a placement turns, scales, mirrors and moves it only"
        )
    if not _SCALES[0] <= place.scale <= _SCALES[1]:
        raise ValueError(f"its matrix scales by {place.scale:g}")
    return place


def _bounds(told: dict[str, object]) -> dict[str, float]:
    found = {}
    for name, value in told.items():
        number, (low, high) = _number(value), _BOUNDS[name]
        if not low <= number <= high:
            raise ValueError(f"“{name}” must lie between {low:g} and {high:g}")
        found[name] = number
    return found


def _landmarks(told: object) -> LandmarkPrior:
    points = tuple((row[0], row[1], row[2], row[3]) for row in _rows(told, "landmarks", 4))
    if min(len({point[:2] for point in points}), len({point[2:] for point in points})) < 2:
        raise ValueError("it takes two landmarks that differ in both pictures to place one in the other")
    return LandmarkPrior(points)


def _rows(told: object, name: str, columns: int, count: int | None = None) -> list[list[float]]:
    """Return a table of numbers.

    Raises:
        ValueError: it is none, or has another size.
    """
    fits = isinstance(told, list) and count in (None, len(told))
    if not isinstance(told, list) or not fits or not all(isinstance(row, list) and len(row) == columns for row in told):
        lines = "lines" if count is None else f"{count} lines"
        raise ValueError(f"“{name}” must be {lines} of {columns} numbers each")
    return [[_number(value) for value in row] for row in told]


def _number(value: object) -> float:
    if not isinstance(value, float) or not abs(value) <= _FAR:
        raise ValueError(f"{_quoted(value)} is no number that a picture can have")
    return value


def _quoted(value: object) -> str:
    """Return a value fit for a sentence, and short."""
    return f"“{printable(str(value)[:40])}”"


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"“{word}” is no number")

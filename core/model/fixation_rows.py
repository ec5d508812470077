"""One fixation as a file says it, whatever the file: numbers are numbers, picture and person are named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import UsageProblem


@dataclass(frozen=True, slots=True)
class Row:
    """One fixation as a file says it; nothing is known of it yet."""

    image: str
    subject: str
    order: float
    x: float
    y: float


def checked(image: object, subject: object, place: Sequence[object], where: str) -> Row:
    """Return a checked row; ``place`` is its order, x and y."""
    numbers = []
    for value in place:
        try:
            number = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise UsageProblem(f"{value!r} in {where} is no number.", "See what it should be.") from error
        # Not a number or infinite: how trackers write a blink. It is nowhere in the picture.
        numbers.append(number if math.isfinite(number) else -1.0)
    if not math.isfinite(float(place[0])):  # type: ignore[arg-type]
        raise UsageProblem(f"The order in {where} is no number.", "See what it should be.")
    if not image or subject is None or subject == "":
        raise UsageProblem(f"In {where} the picture or the person is missing.", "See what it should be.")
    return Row(Path(str(image)).name, str(subject), *numbers)


def points_row(image: str, subject: str, points: Iterable[tuple[float, float]]) -> Iterator[Row]:
    """Yield the rows of one person's path over one picture."""
    for order, (x, y) in enumerate(points):
        yield checked(image, subject, (order, x, y), f"{subject}'s fixations on {image}")

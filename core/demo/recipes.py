"""What the demo's designer does to a photo: drawn by a seed, dealt so that everything occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_BACKGROUNDS = ("transparent", "white", "coloured", "gradient", "transparent", "white", "kept")
_PAINTED = ("", "hat", "", "text", "")
_TONES = ("colour", "colour", "mono", "sepia", "colour")
_CANVASES = ((1000, 1000), (900, 1200), (1200, 1500), (800, 1000))
_PASTELS = ((244, 194, 194), (190, 220, 240), (200, 230, 201), (255, 236, 179), (225, 190, 231), (38, 50, 70))


@dataclass(frozen=True, slots=True)
class Recipe:
    """One designer image. Colours are RGB; angles are degrees; see ``core.demo.designer`` for what each does."""

    canvas: tuple[int, int]
    """Width and height of the designer image."""
    rotation_deg: float
    mirrored: bool
    fill: float
    """Share of the canvas that the portrait spans."""
    background: str
    colour: tuple[int, int, int]
    tone: str
    hue_deg: float
    saturation: float
    gamma: float
    light_deg: float
    light: float
    """Strength of the light from the side: 0 none, 0.5 half as bright on the far side."""
    painted: str
    softness: float
    """Width of the soft edge, as a share of the canvas."""

    def words(self) -> tuple[str, ...]:
        """Return the edits by name, for the table of the truth."""
        words = ["recolour" if self.tone == "colour" else self.tone, "relight", "rotate", "scale"]
        words += ["mirror"] if self.mirrored else []
        words += [f"background-{self.background}"]
        return (*words, self.painted) if self.painted else tuple(words)


def deal(count: int, seed: int) -> list[Recipe]:
    """Return recipes for ``count`` pairs; the same for the same seed."""
    decks = np.random.default_rng(seed)
    backgrounds = _shuffled(_BACKGROUNDS, count, decks)
    painted = _shuffled(_PAINTED, count, decks)
    tones = _shuffled(_TONES, count, decks)
    mirrored = _shuffled((True, False, False), count, decks)
    return [
        _draw(np.random.default_rng((seed, index)), *cards)
        for index, cards in enumerate(zip(backgrounds, painted, tones, mirrored, strict=True))
    ]


def _draw(rng: np.random.Generator, background: str, painted: str, tone: str, mirrored: bool) -> Recipe:
    steepest = 12.0 if background == "kept" else 35.0  # a turned rectangle would show what lies outside the photo
    return Recipe(
        canvas=_CANVASES[rng.integers(len(_CANVASES))],
        rotation_deg=float(rng.uniform(-steepest, steepest)),
        mirrored=mirrored,
        fill=float(rng.uniform(0.6, 0.68) if painted == "hat" else rng.uniform(0.7, 0.86)),
        background=background,
        colour=_PASTELS[rng.integers(len(_PASTELS))],
        tone=tone,
        hue_deg=float(rng.uniform(-14, 14)),
        saturation=float(rng.uniform(0.7, 1.45)),
        gamma=float(np.exp(rng.uniform(-0.3, 0.3))),
        light_deg=float(rng.uniform(0, 360)),
        light=float(rng.uniform(0.1, 0.4)),
        painted=painted,
        softness=float(rng.uniform(0.0015, 0.004)),
    )


def _shuffled(cards: Sequence[T], count: int, rng: np.random.Generator) -> list[T]:
    """Return ``count`` cards: whole decks one after the other, each shuffled."""
    dealt: list[T] = []
    while len(dealt) < count:
        dealt += [cards[index] for index in rng.permutation(len(cards))]
    return dealt[:count]

"""Makes pairs with known truth out of a photo and its portrait mask: an ordinary designer image with one hard edit.

Sets of families that share no edit: ``TUNE`` and ``MASKS`` may be looked at while developing, ``JUDGE`` may not.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import accessories
import judge_shapes
import judge_styles
import mask_edits
import numpy as np
import tune_edits
from drafting import (
    BACKGROUNDS,
    Draft,
    Photo,
    Rgb,
    begin,
    compose_on_background,
    draw_tone,
    lay_out,
    resample,
    save,
    soften,
)
from numpy.typing import NDArray

from core.images.picture import Picture
from core.maths.masks import Mask
from core.maths.warp import Affine, compose

Edit = Callable[[Draft, np.random.Generator], None]
Style = Callable[[Rgb, float, np.random.Generator], Rgb]


@dataclass(frozen=True, eq=False)
class Truth:
    """One right answer: the affine, designer pixel to original pixel, the portrait's mask, what was painted on."""

    affine: Affine
    mask: Mask
    painted: Mask | None


@dataclass(frozen=True, eq=False)
class Made:
    """A pair and the truth about it.

    ``affine`` (3, 3) takes designer pixels to original pixels, pixel centres at integers; None for a negative.
    ``mask`` (h, w) is the portrait in the original, what is covered included: the photo shows it; ``painted`` (h, w) is
    where something was painted on, over the portrait or beside it; both 0 or 255 in the original's frame; None: not
    known.
    ``also`` is other answers that are as right (the animal is in the photo twice).
    """

    original: Picture
    designer: Picture
    affine: Affine | None
    mask: Mask
    painted: Mask | None
    edits: tuple[str, ...]
    also: tuple[Truth, ...] = ()


@dataclass(frozen=True)
class Family:
    """One hard edit and when it is done.

    ``stage``: "photo" (before anything is drawn), "shape" (before the colours), "content" (before the background),
    "paint" (with what is painted on), "whole" (with the background), "either" (content or whole, by chance).
    """

    stage: str
    edit: Edit | None
    backgrounds: tuple[str, ...] = tuple(BACKGROUNDS)
    least: float = 80.0
    """Smallest portrait in the designer image, pixels."""
    room: str = "usual"
    bare: bool = False
    """No ordinary accessories beside the family's own."""


def _style(style: Style) -> Edit:
    def edit(draft: Draft, rng: np.random.Generator) -> None:
        draft.rgb = style(draft.rgb, draft.extent, rng)

    return edit


_CUT_OUT = tuple(name for name in BACKGROUNDS if name != "kept")
_DETAIL = 200.0
"""Paintings and prints have a portrait at least this large: nobody prints dots on a thumbnail."""

TUNE: dict[str, Family] = {
    **{name: Family("whole", _style(style)) for name, style in tune_edits.STYLES.items()},
    "hidden": Family("paint", tune_edits.hide, bare=True),
    "white-on-white": Family("content", tune_edits.bleach, ("white",)),
    "accessories": Family("paint", tune_edits.dress_up, room="roomy", bare=True),
    "kept": Family("content", _style(tune_edits.recolour), ("kept",)),
}
MASKS: dict[str, Family] = {
    "fade": Family("whole", mask_edits.fade),
    "ghost": Family("whole", mask_edits.ghost),
    "etched": Family("either", mask_edits.etch, least=120.0),
    "robe": Family("paint", mask_edits.robe, room="roomy", bare=True),
    "caption": Family("paint", mask_edits.caption, bare=True),
    "mount": Family("whole", mask_edits.mount, room="roomy"),
    "torn": Family("content", mask_edits.tear, _CUT_OUT),
    "rays": Family("whole", mask_edits.rays),
    "deep": Family("whole", _style(mask_edits.deepen)),
}
JUDGE: dict[str, Family] = {
    "oil": Family("either", _style(judge_styles.oil), least=_DETAIL),
    "watercolour": Family("content", judge_styles.watercolour, _CUT_OUT, least=_DETAIL),
    "pencil": Family("either", judge_styles.pencil, least=_DETAIL),
    "comic": Family("either", _style(judge_styles.comic), least=_DETAIL),
    "solarise": Family("either", judge_styles.solarise),
    "duotone": Family("either", judge_styles.duotone),
    "halftone": Family("either", judge_styles.halftone, least=_DETAIL),
    "film": Family("whole", _style(judge_styles.film)),
    "crushed": Family("whole", _style(judge_styles.crush)),
    "motion": Family("either", _style(judge_styles.motion)),
    "vignette": Family("whole", _style(judge_styles.vignette)),
    "frame": Family("whole", accessories.frame, room="roomy"),
    "liquify": Family("shape", judge_shapes.liquify),
    "perspective": Family("shape", judge_shapes.tilt),
    "several": Family("paint", judge_shapes.join, _CUT_OUT, least=120.0, room="wide"),
    "glitter": Family("either", _style(judge_styles.glitter), least=_DETAIL),
    "lettering": Family("paint", accessories.lettering, bare=True),
    "exposure": Family("whole", judge_styles.expose_twice),
    "relief": Family("either", judge_styles.relief, least=120.0),
    "costume": Family("paint", judge_shapes.costume, room="roomy", bare=True),
}
EQUAL: dict[str, Family] = {"twice": Family("photo", None, _CUT_OUT)}
"""The animal is in the photo twice: either answer is right, and so is "two places fit equally"."""
FAMILIES = {**TUNE, **MASKS, **JUDGE, **EQUAL, "ordinary": Family("content", None), "plain": Family("none", None)}
"""All families; "ordinary" has no hard edit, "plain" no edit at all (the truth of the geometry is checked on it)."""


def make(
    photo: NDArray[np.uint8],
    mask: Mask,
    family: str,
    seed: int,
    others: Sequence[Photo] = (),
    *,
    background: str | None = None,
) -> Made:
    """Make one pair; the same arguments give the same pair.

    Args:
        photo: (h, w, 3) uint8 sRGB, the original.
        mask: (h, w) uint8, 0 or 255: the portrait a designer would keep.
        family: one of ``FAMILIES``.
        seed: draws everything.
        others: other photos with their masks, for backgrounds, company and double exposures; "several" needs one.
        background: what lies behind, whatever the seed draws; None: as drawn.

    Raises:
        KeyError: there is no such family.
        ValueError: the family needs other photos.
    """
    kind = FAMILIES[family]
    rng = np.random.default_rng([seed, zlib.crc32(family.encode())])
    second: tuple[Photo, Affine] | None = None
    if family == "twice":
        (photo, mask), there, _, to_second = judge_shapes.twice((photo, mask), rng)
        second = there, to_second
    words: list[str] = []
    drawn = _draw_background(kind, bool(others), rng)
    background = background or drawn
    affine, size = lay_out(photo, mask, rng, background=background, least=kind.least, room=kind.room)
    tone = draw_tone(rng, words)
    draft = begin(photo, mask, affine, size, {"background": background, "tone": tone, "others": others})
    if kind.stage != "none":
        _edit(draft, kind, rng, words)
    else:
        draft.background, draft.alpha = "kept", np.ones_like(draft.alpha)
    if np.linalg.det(draft.affine[:2, :2]) < 0:
        words.append("mirror")
    designer = save(draft, rng) if kind.stage != "none" else _exact(draft)
    original = Picture(np.ascontiguousarray(photo), None, photo.shape[1], photo.shape[0])
    truth, painted = _seen(draft, draft.affine, mask)
    edits = (family, *words, f"bg-{draft.background}")
    also: tuple[Truth, ...] = ()
    if second is not None:
        placed = compose(second[1], draft.affine)
        also = (Truth(placed, *_seen(draft, placed, second[0][1])),)
    return Made(original, designer, draft.affine, truth, painted, edits, also)


def negative(made: Made, photo: NDArray[np.uint8]) -> Made:
    """Return the pair with another photo as its original: the right answer is "no match"."""
    nothing = np.zeros(photo.shape[:2], np.uint8)
    original = Picture(np.ascontiguousarray(photo), None, photo.shape[1], photo.shape[0])
    return replace(made, original=original, affine=None, mask=nothing, painted=nothing, also=())


def _draw_background(kind: Family, photos: bool, rng: np.random.Generator) -> str:
    names = [name for name in kind.backgrounds if photos or name != "photo"]
    shares = np.array([BACKGROUNDS[name] for name in names])
    return str(rng.choice(names, p=shares / shares.sum()))


def _edit(draft: Draft, kind: Family, rng: np.random.Generator, words: list[str]) -> None:
    """Do the ordinary edits and, at its stage, the family's."""
    stage = kind.stage
    if stage == "either":
        stage = "content" if rng.random() < 0.5 else "whole"

    def family(now: str) -> None:
        if now == stage and kind.edit is not None:
            kind.edit(draft, rng)

    family("shape")
    soften(draft, rng)
    draft.rgb = draft.tone(draft.rgb)
    family("content")
    if not kind.bare:
        for _ in range(int(rng.choice([0, 1, 2], p=[0.72, 0.24, 0.04]))):
            name = str(rng.choice(list(accessories.ORDINARY)))
            if name not in words:
                accessories.ORDINARY[name](draft, rng)
                words.append(name)
    family("paint")
    compose_on_background(draft, rng)
    family("whole")


def _exact(draft: Draft) -> Picture:
    rgb = np.ascontiguousarray(np.rint(draft.rgb), np.uint8)
    return Picture(rgb, None, rgb.shape[1], rgb.shape[0])


def _seen(draft: Draft, affine: Affine, mask: Mask) -> tuple[Mask, Mask]:
    """Return the portrait, and what was painted on, in the original's frame."""
    on = resample(draft.painted, affine, (mask.shape[1], mask.shape[0])) >= 0.5
    whole = np.where(mask >= 128, np.uint8(255), np.uint8(0))
    return whole, np.where(on, np.uint8(255), np.uint8(0))

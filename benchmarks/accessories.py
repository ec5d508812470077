"""Things painted onto a portrait: hats, bows, collars, glasses, letters. Drawn in head coordinates (-1 to 1)."""

from __future__ import annotations

import math

import cv2
import numpy as np
from drafting import Draft, Plane, Rgb, grid, resample
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.maths.warp import Affine, apply, similarity

NAMES = ("Bella", "LUNA", "Max", "ROCKY", "Milo", "COCO", "Charlie", "DAISY", "Oscar", "NALA", "Simba", "REX")


def colour(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a colour that looks like cloth or paint: seldom grey."""
    hsv = np.float32([[[rng.uniform(0, 360), rng.uniform(0.35, 1.0), rng.uniform(0.25, 1.0)]]])
    return 255 * cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]


def fill(draft: Draft, points: NDArray[np.float64]) -> Plane:
    """Return the polygon of (n, 2) head coordinates as a layer of the designer image."""
    layer = np.zeros(draft.alpha.shape, np.uint8)
    corners = np.rint(apply(draft.head, points) * 16).astype(np.int32)
    cv2.fillPoly(layer, [corners], 255, cv2.LINE_AA, 4)
    return layer.astype(np.float32) / 255


def ellipse(x: float, y: float, a: float, b: float, arc: tuple[float, float] = (0, 360)) -> NDArray[np.float64]:
    """Return an ellipse (or an arc of it, degrees) as points."""
    angles = np.radians(np.linspace(*arc, 60))
    return np.stack([x + a * np.cos(angles), y + b * np.sin(angles)], axis=1)


def put(draft: Draft, points: NDArray[np.float64], paint: NDArray[np.float32], opaque: float = 1.0) -> Plane:
    """Paint a polygon with rounded shading and return its layer."""
    layer = fill(draft, points)
    deep = cv2.distanceTransform((layer > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / (0.08 * draft.extent)
    draft.put(layer * opaque, _shaded(paint, np.clip(deep, 0, 1)))
    return layer


def _shaded(paint: NDArray[np.float32], deep: Plane) -> Rgb:
    return np.clip(paint * (0.6 + 0.4 * deep[..., None]), 0, 255).astype(np.float32)


def hat(draft: Draft, rng: np.random.Generator, size: float = 1.0) -> None:
    """A hat with a brim."""
    paint, y, lean = colour(rng), -0.6, rng.uniform(-0.15, 0.15)
    half, high = 0.42 * size, rng.uniform(0.5, 0.9) * size
    crown = np.array([[-half, y], [-half * 0.85 + lean, y - high], [half * 0.85 + lean, y - high], [half, y]])
    put(draft, crown, paint)
    band = np.array([[-half, y], [-half, y - 0.15 * size], [half, y - 0.15 * size], [half, y]])
    put(draft, band, colour(rng))
    put(draft, ellipse(0, y, 0.8 * size, 0.13 * size), paint)


def bow(draft: Draft, rng: np.random.Generator, size: float = 1.0) -> None:
    """A bow tie at the neck, or a ribbon at an ear."""
    x, y = (0.0, 0.78) if rng.random() < 0.6 else (rng.choice([-0.5, 0.5]), -0.62)
    paint, a, b = colour(rng), 0.42 * size, 0.26 * size
    for side in (-1, 1):
        put(draft, np.array([[x, y], [x + side * a, y - b], [x + side * a * 0.9, y], [x + side * a, y + b]]), paint)
    put(draft, ellipse(x, y, 0.1 * size, 0.11 * size), paint * 0.8)


def collar(draft: Draft, rng: np.random.Generator) -> None:
    """A band round the neck, with a tag."""
    low, high = ellipse(0, 0.5, 0.85, 0.38, (15, 165)), ellipse(0, 0.5, 0.85, 0.52, (165, 15))
    put(draft, np.concatenate([low, high]), colour(rng))
    put(draft, ellipse(0, 1.08, 0.1, 0.12), np.float32([230, 190, 60]))


def glasses(draft: Draft, rng: np.random.Generator) -> None:
    """Round spectacles: rims and a bridge, the eyes stay visible."""
    paint, y = colour(rng) * 0.6, -0.12
    for x in (-0.36, 0.36):
        ring = fill(draft, ellipse(x, y, 0.3, 0.27)) - fill(draft, ellipse(x, y, 0.25, 0.22))
        draft.put(np.clip(ring, 0, 1), paint)
    put(draft, np.array([[-0.1, y - 0.05], [0.1, y - 0.05], [0.1, y + 0.01], [-0.1, y + 0.01]]), paint)


def sunglasses(draft: Draft, rng: np.random.Generator) -> None:
    """Dark glasses over the eyes, with a gleam."""
    dark, y = np.float32(rng.uniform(5, 50, 3)), -0.1
    for side in (-1, 1):
        lens = np.array([[0.06, -0.2], [0.72, -0.22], [0.66, 0.12], [0.5, 0.22], [0.22, 0.2], [0.1, 0.06]])
        put(draft, lens * [side, 1] + [0, y], dark, 0.96)
        gleam = np.array([[0.2, -0.14], [0.32, -0.15], [0.24, 0.1], [0.18, 0.08]])
        draft.put(fill(draft, gleam * [side, 1] + [0, y]) * 0.5, (235, 240, 250))
    bar = np.array([[-0.95, -0.2], [0.95, -0.2], [0.95, -0.13], [-0.95, -0.13]])
    put(draft, bar + np.array([0, y]), dark)


def bandana(draft: Draft, rng: np.random.Generator) -> None:
    """A dotted kerchief at the neck."""
    paint = colour(rng)
    cloth = put(draft, np.array([[-0.9, 0.45], [0, 0.62], [0.9, 0.45], [0.75, 0.68], [0, 1.35], [-0.75, 0.68]]), paint)
    dots = np.zeros_like(cloth)
    for y in np.arange(0.5, 1.3, 0.16):
        for x in np.arange(-0.9, 0.95, 0.2):
            dots = np.maximum(dots, fill(draft, ellipse(x + (y * 6 % 1) * 0.1, y, 0.045, 0.045)))
    draft.put(dots * cloth, (250, 250, 245))


def party_hat(draft: Draft, rng: np.random.Generator) -> None:
    """A striped cone with a ball on top."""
    one, two, lean = colour(rng), colour(rng), rng.uniform(-0.25, 0.25)
    base, top = -0.55, -1.45
    for stripe in range(6):
        low, high = base + (top - base) * stripe / 6, base + (top - base) * (stripe + 1) / 6
        a, b = 0.4 * (1 - stripe / 6), 0.4 * (1 - (stripe + 1) / 6)
        x, z = lean * stripe / 6, lean * (stripe + 1) / 6
        put(draft, np.array([[x - a, low], [z - b, high], [z + b, high], [x + a, low]]), one if stripe % 2 else two)
    put(draft, ellipse(lean, top, 0.13, 0.11), two)


def letters(word: str, height: int) -> Plane:
    """Return a word as a layer, ``height`` pixels high."""
    font = ImageFont.load_default(height)
    left, top, right, bottom = font.getbbox(word, stroke_width=height // 18)
    image = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), word, 255, font, stroke_width=height // 18)
    return np.asarray(image, np.float32) / 255


def write(draft: Draft, word: str, place: tuple[float, float], *, width: float, turn: float, paint: Rgb) -> None:
    """Write a word, upright but for ``turn`` degrees: centre in designer pixels, width in designer pixels."""
    layer = letters(word, 120)
    centre = ((layer.shape[1] - 1) / 2, (layer.shape[0] - 1) / 2)
    affine: Affine = similarity(width / layer.shape[1], turn, False, centre, place)
    ink = np.clip(resample(layer, affine, draft.size), 0, 1)
    if paint.mean() > 110:  # a darker rim keeps light letters legible
        rim = cv2.dilate(ink, np.ones((3, 3), np.uint8), iterations=max(round(width / 200), 1))
        draft.put(rim, paint * 0.35)
    draft.put(ink, paint)


def text(draft: Draft, rng: np.random.Generator, width: float = 0.9) -> None:
    """A name below the face."""
    x, y = apply(draft.head, np.array([[0.0, 0.0]]))[0]
    low = y + rng.uniform(0.35, 0.6) * draft.extent
    word, turn = str(rng.choice(NAMES)), rng.uniform(-6, 6)
    write(draft, word, (x, low), width=width * draft.extent, turn=turn, paint=colour(rng))


def lettering(draft: Draft, rng: np.random.Generator) -> None:
    """Big words across the face."""
    x, y = apply(draft.head, np.array([[0.0, 0.0]]))[0]
    words = [str(word) for word in rng.choice(NAMES, int(rng.integers(1, 3)), replace=False)]
    paint, turn = colour(rng), rng.uniform(-25, 25)
    for index, word in enumerate(words):
        off = (index - (len(words) - 1) / 2) * 0.55 * draft.extent + rng.uniform(-0.12, 0.12) * draft.extent
        place = x - off * math.sin(math.radians(turn)), y + off * math.cos(math.radians(turn))
        write(draft, word.upper(), place, width=rng.uniform(1.0, 1.25) * draft.extent, turn=turn, paint=paint)


def frame(draft: Draft, rng: np.random.Generator) -> None:
    """An ornamental border, straight or oval, over the picture's edge; it is opaque even where nothing else is."""
    w, h = draft.size
    x, y = grid(draft.size)
    thick = rng.uniform(0.05, 0.09) * min(w, h)
    gold = np.float32([rng.uniform(170, 230), rng.uniform(130, 180), rng.uniform(50, 110)])
    paint = gold if rng.random() < 0.5 else colour(rng)
    if rng.random() < 0.5:
        deep = np.minimum(np.minimum(x, w - 1 - x), np.minimum(y, h - 1 - y))
        along = np.where(np.minimum(x, w - 1 - x) < np.minimum(y, h - 1 - y), y, x)
        layer = np.clip(thick - deep, 0, 1)
    else:
        r = np.hypot((x - (w - 1) / 2) / (0.48 * w), (y - (h - 1) / 2) / (0.48 * h))
        deep = (1 - r) * 0.48 * min(w, h) + thick
        along = np.arctan2(y - h / 2, x - w / 2) * min(w, h) / 2
        layer = np.clip(thick - deep, 0, 1)
        mat = deep < -0.2 * thick
        paint = np.where(mat[..., None], colour(rng), paint)
    pattern = 0.75 + 0.25 * np.cos(2 * math.pi * deep / thick * rng.integers(1, 4))
    period = thick * rng.uniform(0.6, 1.4)
    if rng.random() < 0.5:
        pattern *= 0.85 + 0.15 * np.sign(np.cos(2 * math.pi * along / period))
    else:  # beads along the middle of the border
        pattern += 0.5 * (np.hypot((along % period) - period / 2, deep - thick / 2) < 0.3 * min(thick, period))
    draft.put(layer.astype(np.float32), np.clip(paint * pattern[..., None], 0, 255).astype(np.float32))


ORDINARY = {"hat": hat, "bow": bow, "collar": collar, "glasses": glasses, "text": text}

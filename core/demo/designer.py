"""Makes a designer image of a photo by a recipe, and knows exactly where it came from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.demo.painting import paint_hat, paint_text
from core.demo.photos import Photo
from core.demo.recipes import Recipe
from core.domain import Matrix
from core.images.picture import Pixels
from core.maths import warp

_SEPIA = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]], np.float32)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601


@dataclass(frozen=True, slots=True, eq=False)
class DesignerImage:
    """What the designer delivers.

    ``rgb`` is (h, w, 3) uint8; ``alpha`` is (h, w) uint8, or None where the picture is opaque. ``matrix`` takes a
    pixel of it to the photo's, pixel centres at integers. ``untouched`` is (h, w) bool: portrait with nothing
    painted over.
    """

    rgb: Pixels
    alpha: Pixels | None
    matrix: Matrix
    untouched: NDArray[np.bool_]


def make(photo: Photo, recipe: Recipe) -> DesignerImage:
    """Make one designer image."""
    to_photo = _place(photo.mask, recipe)
    portrait = _warped(photo.rgb, to_photo, recipe.canvas)
    alpha = _warped(photo.mask, to_photo, recipe.canvas, border=0.0)
    sigma = recipe.softness * max(recipe.canvas)
    soft = np.full_like(alpha, 255) if recipe.background == "kept" else cv2.GaussianBlur(alpha, (0, 0), sigma)
    untouched = cv2.erode(alpha, np.ones((9, 9), np.uint8)) == 255
    rgb = _relight(_recolour(portrait, recipe), recipe)
    layer = np.dstack([rgb, np.asarray(soft, np.uint8)])
    before = layer.copy()
    if recipe.painted == "hat":
        paint_hat(layer, recipe.colour)
    elif recipe.painted == "text":
        paint_text(layer, photo.name, recipe.colour)
    untouched &= (layer == before).all(axis=2)
    matrix = warp.matrix_from_affine(to_photo)
    if recipe.background == "transparent":
        return DesignerImage(np.ascontiguousarray(layer[..., :3]), layer[..., 3].copy(), matrix, untouched)
    return DesignerImage(_over(layer, _background(recipe)), None, matrix, untouched)


def _place(mask: Pixels, recipe: Recipe) -> warp.Affine:
    """Return the similarity from the canvas to the photo that lets the portrait fill its share of the canvas."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = np.concatenate([np.asarray(outline, np.float64).reshape(-1, 2) for outline in outlines])
    turned = warp.apply(warp.invert(warp.similarity(1.0, recipe.rotation_deg, recipe.mirrored)), points)
    low, high = turned.min(axis=0), turned.max(axis=0)
    width, height = recipe.canvas
    scale = max((high[0] - low[0]) / width, (high[1] - low[1]) / height) / recipe.fill
    room = 0.6 if recipe.painted == "hat" else 0.5  # a hat needs room above the head
    centre = ((width - 1) / 2, (height - 1) * room)
    middle = warp.apply(warp.similarity(1.0, recipe.rotation_deg, recipe.mirrored), (low + high)[None] / 2)[0]
    least = scale / 4  # a portrait at the photo's very edge: rather show a little of what is not there
    while True:
        to_photo = warp.similarity(float(scale), recipe.rotation_deg, recipe.mirrored, centre, (middle[0], middle[1]))
        corners = warp.apply(to_photo, warp.corners(recipe.canvas))
        outside = (corners < 0).any() or (corners > (mask.shape[1] - 1, mask.shape[0] - 1)).any()
        if recipe.background != "kept" or not outside or scale < least:
            return to_photo
        scale *= 0.97  # a background that is kept must be there


def _warped(img: Pixels, to_photo: warp.Affine, size: tuple[int, int], border: float | None = None) -> Pixels:
    scale = warp.scale_of(to_photo)
    if scale > 1:  # blurred first to what the canvas can show
        img = np.asarray(cv2.GaussianBlur(img, (0, 0), 0.5 * math.sqrt(scale * scale - 1) + 1e-3), np.uint8)
    return warp.warp(img, warp.invert(to_photo), size, border=border, interpolation=cv2.INTER_CUBIC)


def _recolour(rgb: Pixels, recipe: Recipe) -> Pixels:
    curve = (255 * (np.arange(256) / 255) ** recipe.gamma).round().astype(np.uint8)
    toned = np.asarray(cv2.LUT(rgb, curve), np.uint8)
    if recipe.tone == "mono":
        return np.repeat((toned @ _LUMA).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    if recipe.tone == "sepia":
        return (toned @ _SEPIA.T).clip(0, 255).astype(np.uint8)
    hsv = cv2.cvtColor(toned, cv2.COLOR_RGB2HSV).astype(np.float32)  # OpenCV's hue: 0 to 180
    hsv[..., 0] = (hsv[..., 0] + recipe.hue_deg / 2) % 180
    hsv[..., 1] = (hsv[..., 1] * recipe.saturation).clip(0, 255)
    return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), np.uint8)


def _relight(rgb: Pixels, recipe: Recipe) -> Pixels:
    factor = 1 - recipe.light * _ramp(recipe.canvas, recipe.light_deg)
    return (rgb * factor[..., None]).clip(0, 255).astype(np.uint8)


def _ramp(size: tuple[int, int], direction_deg: float) -> NDArray[np.float32]:
    """Return (h, w) values that rise from 0 to 1 across the canvas."""
    angle = math.radians(direction_deg)
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, size[0]), np.linspace(-0.5, 0.5, size[1]))
    ramp = x * math.cos(angle) + y * math.sin(angle)
    return np.asarray((ramp - ramp.min()) / (ramp.max() - ramp.min()), np.float32)


def _background(recipe: Recipe) -> Pixels:
    width, height = recipe.canvas
    colour = (255, 255, 255) if recipe.background == "white" else recipe.colour
    plain = np.broadcast_to(np.array(colour, np.float32), (height, width, 3))
    if recipe.background == "gradient":
        plain = plain * (1 - 0.45 * _ramp(recipe.canvas, recipe.light_deg + 90))[..., None]
    return plain.round().astype(np.uint8)


def _over(layer: Pixels, background: Pixels) -> Pixels:
    share = layer[..., 3:].astype(np.float32) / 255
    return (layer[..., :3] * share + background * (1 - share)).round().astype(np.uint8)

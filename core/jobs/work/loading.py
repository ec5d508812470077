"""Makes what the canvas shows: a picture, a mask or a map as a pyramid."""

from __future__ import annotations

import numpy as np

from core.images import convert, io
from core.images.picture import Pixels
from core.jobs.answers import DisplayPicture, MapLayer, MaskLayer
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import LoadMap, LoadMask, LoadPicture
from core.maths.masks import Mask, trace_outline
from core.model.threshold import expected_iou


def load_picture(spec: LoadPicture, services: Services, ctx: JobContext) -> DisplayPicture:
    """Decode a picture (see the spec).

    Raises:
        FileProblem: the file is gone, damaged, too large, or has changed since it was imported.
    """
    ctx.check()
    if spec.long_side is None:
        picture = io.read_known(spec.ref, io.Limits.from_settings(services.settings))
    else:
        picture = services.previews.preview(spec.ref, spec.long_side)
    ctx.check()
    levels = convert.display_levels(picture)
    return DisplayPicture(levels, picture.alpha is None, picture.full_width, picture.full_height)


def load_mask(spec: LoadMask, services: Services, ctx: JobContext) -> MaskLayer:
    """Read a mask and trace its outline (see the spec).

    Raises:
        StorageProblem: the mask's file is missing or damaged.
        FileProblem: it is no PNG that can be decoded.
    """
    ctx.check()
    mask = io.decode_mask(services.project().mask_png(spec.ref))
    ctx.check()
    return mask_layer(mask, outline_only=spec.outline_only)


def mask_layer(mask: Mask, *, outline_only: bool = False) -> MaskLayer:
    """Return a mask as the canvas wants it."""
    levels = () if outline_only else convert.mask_levels(mask)
    return MaskLayer(levels, trace_outline(mask), int(np.count_nonzero(mask >= 128)))


def load_map(spec: LoadMap, services: Services, ctx: JobContext) -> MapLayer:
    """Read a prediction's map and work out what to expect of each threshold (see the spec).

    Raises:
        StorageProblem: the map's file is missing or damaged.
        FileProblem: it is no PNG that can be decoded.
    """
    ctx.check()
    found = io.decode_mask(services.project().mask_png(spec.ref))
    ctx.check()
    return map_layer(found)


def map_layer(found: Pixels) -> MapLayer:
    """Return an 8-bit map as the canvas wants it."""
    counts = np.bincount(found.ravel(), minlength=256)
    return MapLayer(convert.mask_levels(found), counts, expected_iou(counts))

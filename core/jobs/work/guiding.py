"""Lets a model say where in a photo the portrait is likely, for a search whose photo nobody has predicted yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.domain import Pair
from core.errors import UserFacingError
from core.images import io
from core.images.picture import Picture, Pixels
from core.images.shrink import area_mean, fitted
from core.jobs.context import JobContext
from core.jobs.work.predictor import Loading, predict_all
from core.model import registry, versions
from core.reconcile.prior import MapPrior, Prior
from core.store.base import Store

MODEL = "pawtrait"
"""The model that is asked; the project's own version of it, where one is in use."""
FOUND = 0.5
"""A prediction that finds less than this likely that there is a portrait guides no search."""
MAP_SIDE = 512
"""A map is handed to the search at this long side: where to look needs no finer one."""
_LOOKED_AT = 1024
"""The model sees the photo at this long side at most."""
_VIEWS = 1
_EVERYWHERE = "Searched everywhere, as the model cannot be asked."


@dataclass(frozen=True, slots=True)
class Guide:
    """What the model says of a photo: nothing where it finds no portrait, or cannot be used (``note`` says why)."""

    prior: MapPrior | None
    seconds: float
    note: str = ""


def find_guide(project: Path | None, device: str, ctx: JobContext) -> tuple[Loading | None, str]:
    """Return the model to ask, and its version; None, where there is none: the log then says so."""
    try:
        file = versions.resolve(project, MODEL)
        registry.card_of(file)
        return loading(file, device), registry.version_of(file)
    except UserFacingError as error:
        ctx.log(f"{_EVERYWHERE} {error.message}")
        return None, ""


def loading(file: Path, device: str) -> Loading:
    """Return how a model's file is loaded: one view of a photo is enough to guide a search."""
    return Loading(file, device, views=_VIEWS)


def ask(how: Loading, photo: Picture) -> Guide:
    """Predict a photo, in a child; whatever is wrong with the model is no reason not to search."""
    rgb = area_mean(photo.rgb, None, fitted(photo.width, photo.height, _LOOKED_AT))[0]
    try:
        ((_, said, note),) = predict_all(how, [(rgb, 0)])
    except (UserFacingError, RuntimeError) as error:
        message = error.message if isinstance(error, UserFacingError) else f"It fails ({error})."
        return Guide(None, 0.0, f"{_EVERYWHERE} {message}")
    prior = None if said.found < FOUND else as_prior(said.map8(MAP_SIDE))
    return Guide(prior, said.seconds, note)


def predicted(pair: Pair, store: Store, ctx: JobContext) -> MapPrior | None:
    """Return the map of a pair's prediction; None where it says nothing."""
    said = pair.prediction
    if said is None or said.found < FOUND:
        return None
    try:
        return as_prior(io.decode_mask(store.mask_png(said.map)))
    except UserFacingError as error:  # a search without the map is only slower and less sure
        ctx.log(f"{pair.name}: searched for everywhere, as its prediction cannot be read. {error.message}")
        return None


def joined(prior: Prior | None, known: MapPrior) -> Prior:
    """Return a prior with a map beside it: what else says where to search goes before, the mask has use for both."""
    if prior is None or isinstance(prior, MapPrior):
        return known
    return replace(prior, likely=known.probability)


def as_prior(map8: Pixels) -> MapPrior:
    """Return a map of 0 to 255 as what is known before a search."""
    height, width = map8.shape
    small = area_mean(map8, None, fitted(width, height, MAP_SIDE))[0]
    return MapPrior(small.astype(np.float32) / np.float32(255))

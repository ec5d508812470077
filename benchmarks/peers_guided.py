"""The program's own method, told by the model where in the photo the portrait is likely."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from peers import Found, as_found

from core.images.picture import Picture
from core.model.predict import FOUND, Model, load_model
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile
from core.reconcile.prior import MapPrior

SIDE = 512
"""Long side of the map, as a project's searches are given it."""


@cache
def _model() -> Model:
    import torch

    torch.set_num_threads(1)
    return load_model("pawtrait", device="cpu")


def by_guided(original: Picture, designer: Picture) -> Found:
    """Predict the photo, then search; the time of both counts, though a project has predicted before."""
    said = _model().predict(original.rgb)
    prior = None
    if said.found >= FOUND:
        prior = MapPrior(np.asarray(said.map8(SIDE), np.float32) / np.float32(255))
    cv2.setNumThreads(1)
    return as_found(reconcile(original, designer, ReconcileOptions(device="cpu"), lambda: None, prior))

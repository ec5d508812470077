"""The program's own method as it runs by default: told by the model where in the photo the portrait is likely."""

from __future__ import annotations

from functools import cache

import cv2
from peers_found import Found, as_found

from core.images.picture import Picture
from core.jobs.work import guiding
from core.jobs.work.predictor import Loading, model_of
from core.model import registry
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import reconcile


@cache
def _model() -> Loading:
    import torch

    torch.set_num_threads(1)
    loading = guiding.loading(registry.find(guiding.MODEL), "cpu")
    model_of(loading)
    return loading


def by_guided(original: Picture, designer: Picture) -> Found:
    """Predict the photo, then search; the time of both counts."""
    guide = guiding.ask(_model(), original)
    cv2.setNumThreads(1)
    return as_found(reconcile(original, designer, ReconcileOptions(device="cpu"), lambda: None, guide.prior))

"""What another model would change in masks that people have settled on; nothing is taken here."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from core.domain import Pair, Run
from core.images import io
from core.jobs.answers import BatchReport, MaskChange
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.settled import is_settled
from core.jobs.specs import CompareMasks, PredictPairs
from core.jobs.work import deriving
from core.jobs.work.predicting import PredictionBatch
from core.jobs.work.predictor import Said
from core.maths.masks import Mask
from core.maths.recipes import change

LOOK_SIDE = 640
"""Long side, in pixels, of the masks that are looked at."""


def compare_masks(spec: CompareMasks, services: Services, ctx: JobContext) -> BatchReport:
    """Compare them (see the spec); what becomes of pairs that fail, and of the run's record, says ``PairBatch``.

    Raises:
        UsageProblem, ModelProblem, FileProblem, DeviceProblem: nothing can be predicted with this model.
        StorageProblem: the project cannot be written.
    """
    asked = PredictPairs(spec.pair_ids, spec.options, spec.who, keep_decided=False, workers=spec.workers)
    batch = _Comparison(asked, services, ctx)
    return batch.run("compare", batch.ready.name, batch.record(), spec.who)


class _Comparison(PredictionBatch):
    """Predicts, and tells what would become of it in place of writing it."""

    doing = "compared"

    def _stays(self, pair: Pair) -> bool:
        """Return whether a pair is passed over."""
        return not is_settled(pair) or super()._stays(pair)

    def _keep(self, pair: Pair, answer: Said, run: Run) -> None:
        edit = self.edit(pair, answer, run)
        before = self._mask(pair)
        self._ctx.check()
        after = self._mask(replace(pair, prediction=edit.after))
        found = change(before, after)
        self._ctx.partial(MaskChange(pair, edit, found, _small(before), _small(after)))
        self._done += 1
        self._matched += found.box is not None

    def _mask(self, pair: Pair) -> Mask:
        made_of = deriving.ingredients(pair)
        assert made_of is not None, "a mask that was settled on is made of something"
        return deriving.read(self._store, made_of).mask()


def _small(mask: Mask) -> bytes:
    height, width = mask.shape
    factor = min(LOOK_SIDE / max(height, width), 1.0)
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    return io.encode_mask(np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8))

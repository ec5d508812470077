"""Measures a model on photos with masks, or on pictures with a fixation table."""

from __future__ import annotations

from pathlib import Path

from core.errors import UsageProblem
from core.images import io
from core.jobs.answers import FixationScore, Score
from core.jobs.context import JobContext, Notes
from core.jobs.services import Services
from core.jobs.specs import EvaluateModel
from core.jobs.work import measuring
from core.jobs.work.measuring import Gazes
from core.jobs.work.predicting import loaded
from core.model.data import from_folders


def evaluate_model(spec: EvaluateModel, services: Services, ctx: JobContext) -> Score | FixationScore:
    """Measure a model in a child process (see the spec).

    Raises:
        UsageProblem: neither masks nor fixations are given, or a folder is missing.
        ModelProblem, FileProblem, DeviceProblem: the model cannot be used, or a picture cannot be read.
    """
    if (spec.masks is None) == (spec.fixations is None):
        raise UsageProblem("A model is measured against masks or against fixations.", "Give one of the two.")
    images = Path(spec.images)
    examples = () if spec.masks is None else tuple(from_folders(images, Path(spec.masks)))
    fixations = None if spec.fixations is None else Path(spec.fixations)
    ctx.progress(0, 0, "loading the model")
    loading, ready = loaded(spec.options, services.store, ctx)
    say = Notes(ctx.log)
    say(ready.note)
    limits = io.Limits.from_settings(services.settings)
    if fixations is not None:
        return measuring.on_fixations(loading, Gazes(loading.file, fixations, images), limits, ctx, say)
    score, failures = measuring.on_masks(loading, examples, limits, ctx, label="measuring", say=say)
    for failure in failures:
        ctx.partial(failure)
    return score

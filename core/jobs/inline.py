"""Runs a job in the calling thread: for the command line, for tests, and inside every other runner."""

from __future__ import annotations

from importlib import import_module

from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import Spec

# Module and function by spec. Imported only when the work begins: a window must not wait for torch.
_WORK = {
    "OpenProject": ("core.jobs.work.projects", "open_project"),
    "MakeDemo": ("core.jobs.work.demo", "make_demo"),
    "ImportPairs": ("core.jobs.work.importing", "import_pairs"),
    "ReconcilePairs": ("core.jobs.work.reconciling", "reconcile_pairs"),
    "RegisterFiles": ("core.jobs.work.reconciling", "register_files"),
    "ExportPairs": ("core.jobs.work.exporting", "export_pairs"),
    "LoadPicture": ("core.jobs.work.loading", "load_picture"),
    "LoadMask": ("core.jobs.work.loading", "load_mask"),
    "LoadMap": ("core.jobs.work.loading", "load_map"),
    "PredictPairs": ("core.jobs.work.predicting", "predict_pairs"),
    "PredictFiles": ("core.jobs.work.predicting", "predict_files"),
    "TrainModel": ("core.jobs.work.training", "train_model"),
    "PlanTraining": ("core.jobs.work.parting", "plan_training"),
    "EvaluateModel": ("core.jobs.work.evaluating", "evaluate_model"),
    "ListModels": ("core.jobs.work.models", "list_models"),
    "UseModel": ("core.jobs.work.models", "use_model"),
    "TryModel": ("core.jobs.work.predicting", "try_model"),
    "EstimateColours": ("core.jobs.work.hands", "estimate_colours"),
    "CompareMasks": ("core.jobs.work.comparing", "compare_masks"),
    "LoadMaskOf": ("core.jobs.work.hands", "load_mask_of"),
    "OpenMask": ("core.jobs.work.hands", "open_mask"),
    "MatteMask": ("core.jobs.work.hands", "matte_mask"),
    "SetEdge": ("core.jobs.work.hands", "set_edge"),
    "SnapPath": ("core.jobs.work.hands", "snap_to_edge"),
    "FitColours": ("core.jobs.work.placing", "fit_colours"),
    "PickRegion": ("core.jobs.work.picking", "pick_region"),
    "PickHole": ("core.jobs.work.picking", "pick_hole"),
    "PackStroke": ("core.jobs.work.painting", "pack_stroke"),
    "DeriveMask": ("core.jobs.work.placing", "derive_mask"),
}


def run(spec: Spec, services: Services, ctx: JobContext) -> object:
    """Do what ``spec`` says and return its answer.

    Raises:
        Cancelled: the owner asked to stop and there was nothing to report.
        UserFacingError: the job could not be done; what it wrote until then is whole.
    """
    module, function = _WORK[type(spec).__name__]
    return getattr(import_module(module), function)(spec, services, ctx)

"""Lists the models, and says which version a project uses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import StorageProblem, UsageProblem
from core.jobs.answers import ModelEntry, ModelList
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import ListModels, UseModel
from core.jobs.work.predicting import project_folder
from core.model import registry, versions
from core.model.registry import Known
from core.model.versions import Version


def list_models(spec: ListModels, services: Services, ctx: JobContext) -> ModelList:
    """Name the models (see the spec).

    Raises:
        ModelProblem: what says which versions are in use is damaged.
    """
    ctx.check()
    return _listed(project_folder(services.store))


def use_model(spec: UseModel, services: Services, ctx: JobContext) -> ModelList:
    """Put a version in use (see the spec).

    Raises:
        UsageProblem: no project is open, or it lies in memory.
        StorageProblem: it can only be read.
        ModelProblem: the project has no such version.
    """
    info = services.project().info
    folder = project_folder(services.store)
    if folder is None:
        raise UsageProblem("A project in memory has no models of its own.", "Open a project on the disk.")
    if info.read_only:
        raise StorageProblem(f"The project can only be read: {info.read_only_reason}", "Close it where it is open.")
    ctx.check()
    versions.put_in_use(folder, spec.model, spec.version or None)
    return _listed(folder)


def _listed(project: Path | None) -> ModelList:
    own = [] if project is None else versions.versions(project)
    known = registry.models()
    names = {model.card.name for model in known} | {version.card.name for version in own}
    used = {name: _in_use(project, name) for name in names}
    entries = [_own(version, used[version.card.name] == version.file) for version in reversed(own)]
    entries += [_shipped(model, used[model.card.name] is None) for model in known]
    return ModelList(tuple(entries))


def _in_use(project: Path | None, name: str) -> Path | None:
    return None if project is None else versions.in_use(project, name)


def _own(version: Version, in_use: bool) -> ModelEntry:
    new = version.record.get("new")
    score: Mapping[str, Any] = new if isinstance(new, dict) else {}
    return ModelEntry(
        model=version.card.name,
        version=version.version,
        name=version.version,
        title=version.card.title,
        made_at=str(version.record.get("at", "")),
        trained_on=version.card.trained_on,
        held_out_iou=_number(score.get("iou")),
        boundary_f=_number(score.get("boundary_f")),
        in_use=in_use,
    )


def _shipped(model: Known, in_use: bool) -> ModelEntry:
    card = model.card
    return ModelEntry(
        model=card.name,
        version="",
        name=model.version,  # the card's name would mean the version that the project uses
        title=card.title,
        trained_on=card.trained_on,
        held_out_iou=_number(card.metrics.get("iou")),
        boundary_f=_number(card.metrics.get("boundary_f")),
        in_use=in_use,
    )


def _number(told: object) -> float | None:
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else None

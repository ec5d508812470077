"""Opens a project, or makes one."""

from __future__ import annotations

from pathlib import Path

from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import OpenProject
from core.store import opening
from core.store.base import Store
from core.store.folder import is_project


def open_project(spec: OpenProject, services: Services, ctx: JobContext) -> Store:
    """Open the project in ``spec.folder``; with ``spec.create``, make it first if none is there.

    Raises:
        StorageProblem: there is no project, it is damaged, or it was written by a newer program.
    """
    folder = Path(spec.folder)
    ctx.check()
    if spec.create and not is_project(folder):
        return opening.create_project(folder, spec.who)
    return opening.open_project(folder, spec.who, to_read=spec.to_read)

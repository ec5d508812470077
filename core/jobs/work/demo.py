"""Writes the demo's pictures."""

from __future__ import annotations

from pathlib import Path

from core.demo.generate import write_demo
from core.images.io import Limits
from core.jobs.answers import DemoReport
from core.jobs.context import JobContext
from core.jobs.services import Services
from core.jobs.specs import MakeDemo


def make_demo(spec: MakeDemo, services: Services, ctx: JobContext) -> DemoReport:
    """Write photos, designer images, ``pairs.csv`` and ``truth.csv`` (see the spec).

    Raises:
        FileProblem: a photo cannot be read, or a picture not written.
        Cancelled: the owner asked to stop; the pictures written until then are whole.
    """
    folder = Path(spec.folder)
    photos = Path(spec.photos) if spec.photos else None
    limits = Limits.from_settings(services.settings)
    made = write_demo(folder, photos, spec.seed, limits, progress=ctx.progress, check=ctx.check)
    return DemoReport(str(made.originals), str(made.designers), str(made.pairs_csv), made.pairs)

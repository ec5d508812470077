"""What a gesture changes of a mask, worked out and packed while the hand may go on."""

from __future__ import annotations

from core.images.io import encode_patch
from core.jobs.answers import PackedStroke
from core.jobs.context import JobContext
from core.jobs.hands import MaskProposal, PackStroke
from core.jobs.services import Services
from core.maths.patches import Mark


def pack_stroke(spec: PackStroke, services: Services, ctx: JobContext) -> PackedStroke | None:
    """Work out a patch and keep it (see the spec).

    Raises:
        StorageProblem: it cannot be written.
    """
    layer, painting = spec.layer, spec.painting
    if isinstance(painting, MaskProposal):
        left, top, right, bottom = painting.box
        patch = layer.set(painting.box, painting.mask, spec.base[top:bottom, left:right])
    else:
        mark = painting if isinstance(painting, Mark) else painting.mark(*layer.size)
        patch = None if mark is None else layer.painted(mark)
    ctx.check()
    if patch is None:
        return None
    height, width = patch.planes.shape
    kept = services.project().put_mask(encode_patch(patch.planes), width, height)
    return PackedStroke(patch.left, patch.top, kept, patch.parts())

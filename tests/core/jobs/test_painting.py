"""What gestures change of a mask: worked out as the plain way would, kept packed, and put together again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain import Stroke
from core.images.io import decode_patch
from core.jobs import inline
from core.jobs.answers import PackedStroke
from core.jobs.hands import MaskProposal, PackStroke, Painting
from core.jobs.services import Services
from core.maths.brush import Brush, BrushStroke, Way
from core.maths.patches import Mark, PaintedLayer, Patch
from core.maths.polygons import Around, fill_polygon

WIDTH, HEIGHT = 400, 300
LINE = ((20.0, 20.0), (200.0, 30.0), (90.0, 250.0))
POINTS = st.tuples(st.floats(-60, 460), st.floats(-60, 360), st.floats(0, 1))


def base() -> np.ndarray:
    made = np.zeros((HEIGHT, WIDTH), np.uint8)
    made[100:200] = np.linspace(0, 255, WIDTH).astype(np.uint8)
    return made


def packed(painting: Painting, layer: PaintedLayer, services: Services, ctx: Any) -> PackedStroke | None:
    answer = inline.run(PackStroke(painting, layer, base()), services, ctx)
    assert answer is None or isinstance(answer, PackedStroke)
    return answer


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.lists(POINTS, min_size=1, max_size=4), st.booleans()), min_size=1, max_size=4),
    st.floats(1, 300),
    st.floats(0, 1),
)
def test_strokes_come_to_what_the_plain_way_paints(
    services: Services, ctx: Any, strokes: list[tuple[list[tuple[float, float, float]], bool]], size: float, hard: float
) -> None:
    """The plain way: all of each stroke in one plane, laid over the whole picture."""
    layer, plain, kept = PaintedLayer(WIDTH, HEIGHT), PaintedLayer(WIDTH, HEIGHT), []
    brush = Brush(size, hard, pressure=0.5, smoothing=0.2)
    for points, adds in strokes:
        drawn = BrushStroke(brush, WIDTH, HEIGHT)
        for point in points:
            drawn.move_to(*point)
        drawn.finish()
        wanted = plain.stroke((0, 0, WIDTH, HEIGHT), drawn.alpha, 255 if adds else 0)
        made = packed(Way(brush, tuple(points), adds), layer, services, ctx)
        assert (made is None) == (wanted is None)
        if made is not None and wanted is not None:
            plain.apply(wanted)
            for part in made.parts:
                layer.apply(part)
            kept.append(Stroke(made.left, made.top, made.file, "brush"))
    assert np.array_equal(layer.cover, plain.cover)
    assert np.array_equal(layer.paint, plain.paint)
    read = PaintedLayer(WIDTH, HEIGHT)
    for stroke in kept:
        read.apply(Patch(stroke.left, stroke.top, decode_patch(services.project().mask_png(stroke.patch))))
    assert np.array_equal(read.over(base()), plain.over(base()))


def test_lines_regions_and_proposals_are_painted_alike(services: Services, ctx: Any) -> None:
    layer = PaintedLayer(WIDTH, HEIGHT)
    found = fill_polygon(np.array(LINE), WIDTH, HEIGHT)
    assert found is not None
    box, alpha = found
    around = packed(Around(LINE, True), layer, services, ctx)
    mark = packed(Mark(box, alpha, True), layer, services, ctx)
    assert around is not None
    assert mark is not None
    assert around.file == mark.file
    wanted = np.full((50, 60), 77, np.uint8)
    proposed = packed(MaskProposal((30, 80, 90, 130), wanted, ""), layer, services, ctx)
    assert proposed is not None
    for part in proposed.parts:
        layer.apply(part)
    assert np.array_equal(layer.over(base(), (30, 80, 90, 130)), wanted)
    assert packed(MaskProposal((30, 80, 90, 130), wanted, ""), layer, services, ctx) is None, "it is that already"


@pytest.mark.parametrize(
    "painting",
    [
        Way(Brush(20.0), ((-100.0, -100.0, 1.0),), True),
        Way(Brush(20.0), ((50.0, 50.0, 1.0),), False),
        Around(((5.0, 5.0), (90.0, 5.0), (40.0, 5.0)), True),
    ],
)
def test_what_changes_nothing_is_not_kept(services: Services, ctx: Any, painting: Painting) -> None:
    layer = PaintedLayer(WIDTH, HEIGHT)
    erased = packed(Way(Brush(60.0), ((50.0, 50.0, 1.0),), False), layer, services, ctx)
    assert erased is not None
    for part in erased.parts:
        layer.apply(part)
    assert packed(painting, layer, services, ctx) is None

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPolygonF
from pytestqt.qtbot import QtBot

from core.jobs.answers import MaskLayer
from gui.canvas.layers import CASING, LIGHT_CORE, Glass, pen_of, qt_transform
from gui.canvas.outline import CHUNK, OutlineLayer, thin
from gui.canvas.viewport import Viewport

Array = NDArray[np.uint8]
Ring = NDArray[np.float32]
GLASS = Glass((300.0, 200.0), 1.0)
rings = st.lists(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=40), min_size=1, max_size=5
)


def wavy(points: int) -> Ring:
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = 80 + 15 * np.sin(9 * angle)
    return np.stack([150 + radius * np.cos(angle), 100 + radius * np.sin(angle)], axis=1).astype(np.float32)


def layer(*polygons: Ring) -> OutlineLayer:
    return OutlineLayer(MaskLayer((np.zeros((4, 4), np.uint8),), polygons, 0))


def painted(paint: Callable[[QPainter], None], ratio: int = 1) -> Array:
    image = QImage(300 * ratio, 200 * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(120, 120, 120))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(200 * ratio, 300 * ratio, 4)[..., :3].copy()


@given(rings, st.integers(0, 6))
def test_thinned_points_stay_within_half_a_step_and_repeat_nothing(
    polygons: list[list[tuple[int, int]]], exponent: int
) -> None:
    points = np.array([at for ring in polygons for at in ring], np.float32)
    counts = np.array([len(ring) for ring in polygons])
    thinned, left = thin(points, counts, exponent)
    assert left.sum() == len(thinned)
    if exponent == 0:
        assert np.array_equal(thinned, points)
        return
    assert np.all(left > 1)
    for at in thinned:
        assert np.abs(points - at).max(axis=1).min() <= 2**exponent / 2
    ends = np.cumsum(left)
    for start, end in zip(ends - left, ends, strict=True):
        assert np.all(np.any(thinned[start + 1 : end] != thinned[start : end - 1], axis=1))


@pytest.mark.parametrize("zoom", [1.0, 2.5])
def test_chunks_look_like_the_whole_line(qapp: object, zoom: float) -> None:
    """Cut, culled and streamed, it is the line that Qt paints from the polygon in one piece."""
    ring = wavy(5 * CHUNK + 17)
    view = Viewport(((zoom, 0.0, -40.0), (0.0, zoom, -30.0)))
    whole = QPainterPath()
    whole.addPolygon(QPolygonF([QPointF(x, y) for x, y in [*ring.tolist(), ring[0].tolist()]]))

    def plainly(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(qt_transform(view.matrix))
        for colour, width in ((CASING, 3.0), (LIGHT_CORE, 1.25)):
            pen = pen_of(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPath(whole)

    ours = painted(lambda painter: layer(ring).paint(painter, view, GLASS))
    difference = np.abs(ours.astype(int) - painted(plainly)).max(axis=2)
    # joints of chunks may differ by a shade
    assert np.count_nonzero(difference > 60) <= 12
    assert np.count_nonzero(ours != 120) > 500


def test_a_line_far_away_is_not_painted(qapp: object) -> None:
    view = Viewport(((1.0, 0.0, 5000.0), (0.0, 1.0, 0.0)))
    ours = painted(lambda painter: layer(wavy(2000)).paint(painter, view, GLASS))
    assert np.all(ours == 120)


def test_a_long_straight_side_across_the_pane_is_painted(qapp: object) -> None:
    """Its ends lie outside: it is not left out with them."""
    on_centres = Viewport(((1.0, 0.0, 0.5), (0.0, 1.0, 0.5)))
    square = np.array([(-900, 100), (900, 100), (900, 900), (-900, 900)], np.float32)
    ours = painted(lambda painter: layer(square).paint(painter, on_centres, GLASS))
    assert np.all(ours[100, 5:295].max(axis=1) > 200)


@pytest.mark.parametrize("ratio", [1, 2])
def test_the_line_is_as_wide_in_view_pixels_on_every_screen(qapp: object, ratio: int) -> None:
    square = np.array([(50, 50), (50, 150), (250, 150), (250, 50)], np.float32)
    glass = Glass(GLASS.extent, float(ratio))
    ours = painted(lambda painter: layer(square).paint(painter, Viewport(), glass), ratio)
    across = np.count_nonzero(ours[20 * ratio : 80 * ratio, 150 * ratio, 0] != 120)
    assert 3 * ratio <= across <= 3 * ratio + 1


@pytest.mark.parametrize("turned", [False, True])
def test_the_side_between_two_chunks_is_painted_though_their_points_lie_outside(qapp: object, turned: bool) -> None:
    left, right = np.zeros((CHUNK, 2), np.float32), np.zeros((CHUNK, 2), np.float32)
    left[:, 0], right[:, 0] = -500, 500
    left[:, 1] = np.linspace(-900, 100, CHUNK)
    right[:, 1] = np.linspace(100, 900, CHUNK)
    if turned:
        left[:, 0], right[:, 0] = right[:, 0].copy(), left[:, 0].copy()
    on_centres = Viewport(((1.0, 0.0, 0.5), (0.0, 1.0, 0.5)))
    ours = painted(lambda painter: layer(np.concatenate([left, right])).paint(painter, on_centres, GLASS))
    assert np.all(ours[100, 5:295].max(axis=1) > 200)


def test_zoomed_out_the_line_stays_on_the_edge(qapp: object) -> None:
    square = np.array([(803, 403), (803, 1203), (1603, 1203), (1603, 403)], np.float32)
    view = Viewport(((0.1, 0.0, 0.0), (0.0, 0.1, 0.0)))
    ours = painted(lambda painter: layer(square).paint(painter, view, GLASS)).max(axis=2)
    assert np.all(ours[60:100, 79:82].max(axis=1) > 150)
    assert np.all(ours[60:100, 159:162].max(axis=1) > 150)


def test_no_outline_paints_nothing(qapp: object) -> None:
    assert np.all(painted(lambda painter: layer().paint(painter, Viewport(), GLASS)) == 120)


def test_noise_is_thinned_further_but_stays_near(qtbot: QtBot) -> None:
    """Forty thousand specks: fewer points than there are, and nothing far from where they were."""
    rng = np.random.default_rng(3)
    corners = rng.uniform(0, 1500, (40_000, 1, 2)).astype(np.float32)
    ring = np.array([(0, 0), (0, 9), (9, 9), (9, 0)], np.float32)
    noisy = layer(*(corners + ring))
    view = Viewport(((0.2, 0.0, 0.0), (0.0, 0.2, 0.0)))
    octave, _seen = noisy._choose(view, GLASS)
    assert len(octave.rings) < 0.75 * len(noisy._octave(0).rings)
    steps = np.abs(octave.rings % 16)
    assert np.all(np.minimum(steps, 16 - steps) < 1e-3)

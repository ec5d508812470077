"""The small picture in the corner: what it marks, what a drag on it does, and that it is not there while hidden."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.canvas.layers import PictureLayer
from gui.canvas.linking import Side
from gui.canvas.navigator import Navigator
from gui.canvas.pair_view import PairView
from gui.canvas.scene import PairScene
from gui.canvas.viewport import Size
from tests.gui.canvas.conftest import LEFT, Take, drag, pane, send, shot


def shown(view: PairView, scene: PairScene) -> Navigator:
    view.show_scene(replace(scene, mask=None))
    view.show_navigator(True)
    assert view.navigator is not None
    return view.navigator


def middle(view: PairView, side: Side = Side.ORIGINAL) -> tuple[float, float]:
    """Return the image point in the middle of a pane."""
    width, height = view._extent
    return view._views.view(side).to_image((width / 2, height / 2))


def test_it_shows_the_whole_original_in_its_corner(view: PairView, scene: PairScene, pixels: Take) -> None:
    bare = shot(view, pixels)
    navigator = shown(view, scene)
    size = scene.original_size
    assert size is not None
    assert navigator.width() / navigator.height() == pytest.approx(size[0] / size[1], rel=0.03)
    parent = pane(view)
    assert navigator.geometry().right() <= parent.rect().right()
    assert navigator.geometry().bottom() <= parent.rect().bottom()
    assert navigator.geometry().center().x() > parent.rect().center().x()
    assert not np.array_equal(shot(view, pixels), bare)
    got = pixels(navigator.grab().toImage())
    reds = np.argwhere((got[..., 0] > 180) & (got[..., 1] < 80))
    assert len(reds), "the original's red spot is in it"


def test_what_is_seen_is_marked(view: PairView, scene: PairScene) -> None:
    navigator = shown(view, scene)
    assert navigator._seen == navigator.rect().toRectF(), "all of it at first"
    for _ in range(8):
        view.zoom_by(1.25)
    seen = navigator._seen
    assert seen.width() < navigator.width() * 0.5
    assert math.dist((seen.center().x(), seen.center().y()), navigator._view.to_view(middle(view))) == pytest.approx(
        0, abs=0.01
    )


def test_a_drag_takes_the_view_along(view: PairView, scene: PairScene) -> None:
    navigator = shown(view, scene)
    for _ in range(10):
        view.zoom_by(1.25)
    scale = view._views.original.scale
    start, end = (
        (navigator.width() * 0.3, navigator.height() * 0.4),
        (navigator.width() * 0.7, navigator.height() * 0.6),
    )
    drag(navigator, start, end)
    assert middle(view) == pytest.approx(navigator._view.to_image(end), abs=0.01)
    assert view._views.original.scale == scale
    assert middle(view, Side.DESIGNER) == pytest.approx(scene.placement.apply_inverse(*middle(view)), abs=0.01)
    send(navigator, QEvent.Type.MouseMove, start)
    assert middle(view) == pytest.approx(navigator._view.to_image(end), abs=0.01), "without a button nothing moves"


def test_a_drag_beyond_its_edge_stays_in_the_picture(view: PairView, scene: PairScene) -> None:
    navigator = shown(view, scene)
    for _ in range(10):
        view.zoom_by(1.25)
    send(navigator, QEvent.Type.MouseButtonPress, (5, 5), LEFT, LEFT)
    send(navigator, QEvent.Type.MouseMove, (-500, -500), LEFT, LEFT)
    assert middle(view) == pytest.approx((-0.5, -0.5), abs=0.01)


def test_hidden_it_is_not_there(
    view: PairView, scene: PairScene, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Navigator, "follow", lambda *_: asked.append("follow"))
    monkeypatch.setattr(Navigator, "paintEvent", lambda *_: asked.append("paint"))
    view.show_scene(scene)
    view.zoom_by(2)
    assert view.findChildren(Navigator) == []
    view.show_navigator(True)
    assert asked.count("follow") == 1
    view.show_navigator(False)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert view.findChildren(Navigator) == []
    view.zoom_by(2)
    view.show_scene(replace(scene, mask=None))
    assert asked == ["follow"], "nothing has followed or painted since"


def test_it_is_drawn_once_from_what_is_there(
    view: PairView, scene: PairScene, pixels: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    navigator = shown(view, scene)
    navigator.grab()
    drawn: list[Size] = []
    monkeypatch.setattr(PictureLayer, "paint", lambda _self, _painter, _view, glass: drawn.append(glass.extent))
    view.zoom_by(1.25)
    navigator.grab()
    assert (float(navigator.width()), float(navigator.height())) not in drawn


def test_without_a_picture_it_is_out_of_the_way(view: PairView, scene: PairScene) -> None:
    navigator = shown(view, scene)
    view.show_scene(PairScene())
    assert navigator.isHidden()
    view.show_scene(scene)
    assert not navigator.isHidden()

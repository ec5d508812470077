"""The pair view: fitting, linking, previews, messages, layouts, themes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.domain import Placement
from core.jobs.answers import DisplayPicture
from gui.assets import LIGHT, apply_theme
from gui.canvas.pair_view import PairView, PaneLayout
from gui.canvas.pane import Pane
from gui.canvas.scene import OverlayStyle, PairScene
from tests.gui.canvas.conftest import (
    BARE,
    GREY,
    PLACEMENT,
    Take,
    centre_of,
    drag,
    pane,
    shot,
)


def test_a_new_pair_is_fitted_in_a_neutral_surround(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(scene)
    shown = shot(view, pixels)
    height, width = shown.shape[:2]
    assert "#{:02x}{:02x}{:02x}".format(*shown[3, 3]) == LIGHT.surround
    assert tuple(shown[height // 2, 20]) == GREY
    assert view.zoom() == pytest.approx((width - 24) / 600)


def test_linked_panes_show_a_mirrored_turned_detail_at_the_same_place(
    view: PairView, scene: PairScene, pixels: Take
) -> None:
    view.show_scene(replace(scene, mask=None))
    for move in (lambda: None, lambda: view.zoom_by(1.7), lambda: drag(pane(view), (200, 200), (230, 170))):
        move()
        red = centre_of(shot(view, pixels), (220, 30, 30))
        green = centre_of(shot(view, pixels, "Designer image"), (30, 200, 30))
        assert math.dist(red, green) < 1.5


def test_unlinked_the_designer_image_is_upright_and_whole(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(scene)
    view.set_linked(False)
    shown = shot(view, pixels, "Designer image")
    height, width = shown.shape[:2]
    scale = (width - 24) / 300
    x, y = PLACEMENT.apply_inverse(300, 200)
    assert centre_of(shown, (30, 200, 30)) == pytest.approx(
        (width / 2 + (x - 150) * scale, height / 2 + (y - 100) * scale), abs=2.5
    )
    before = shot(view, pixels, "Designer image")
    drag(pane(view), (200, 200), (150, 220))
    assert np.array_equal(shot(view, pixels, "Designer image"), before)
    view.set_linked(True)
    assert not np.array_equal(shot(view, pixels, "Designer image"), before)


def test_from_200_percent_pixels_are_squares(
    view: PairView, picture: Callable[..., DisplayPicture], pixels: Take
) -> None:
    stripes = np.zeros((400, 600, 3), np.uint8)
    stripes[:, ::2] = 255
    view.show_scene(PairScene(picture(stripes), original_size=(600, 400), pair_id=1))
    view.actual_size()
    assert view.zoom() == 1
    assert np.all(np.isin(shot(view, pixels)[200], (0, 255)))
    view.zoom_by(4)
    assert np.all(np.isin(shot(view, pixels)[200], (0, 255)))
    view.actual_size()
    view.zoom_by(1.6)
    assert not np.all(np.isin(shot(view, pixels)[200], (0, 255)))


def test_a_preview_gives_way_to_the_full_picture_without_a_jump(
    view: PairView, picture: Callable[..., DisplayPicture], pixels: Take
) -> None:
    full = np.full((800, 1201, 3), 120, np.uint8)
    full[300:500, 500:700] = (220, 30, 30)
    small = full.reshape(200, 4, 1201, 3).mean(axis=1)[:, :1200].reshape(200, 300, 4, 3).mean(axis=2).astype(np.uint8)
    scene = PairScene(picture(small, full=(1201, 800)), original_size=(1201, 800), pair_id=1)
    view.show_scene(scene)
    view.zoom_by(2)
    zoom, before = view.zoom(), centre_of(shot(view, pixels), (220, 30, 30))
    view.show_scene(replace(scene, original=picture(full)))
    assert view.zoom() == zoom
    assert centre_of(shot(view, pixels), (220, 30, 30)) == pytest.approx(before, abs=1)


def test_the_same_pair_keeps_its_view_and_another_is_fitted(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    fitted = view.zoom()
    view.zoom_by(3)
    view.show_scene(replace(scene, mask=None))
    assert view.zoom() == pytest.approx(3 * fitted)
    view.show_scene(replace(scene, pair_id=2))
    assert view.zoom() == pytest.approx(fitted)


def test_a_fitted_pair_stays_fitted_when_the_window_grows(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    small = view.zoom()
    view.resize(1201, 630)
    assert view.zoom() > 1.3 * small
    view.zoom_by(2)
    chosen = view.zoom()
    view.show_scene(replace(scene, mask=None))
    view.resize(801, 430)
    assert view.zoom() == chosen


@pytest.mark.parametrize("placement", [PLACEMENT, None])
def test_original_only_shows_it_in_both_panes_without_a_link(
    view: PairView, scene: PairScene, placement: Placement | None, pixels: Take
) -> None:
    view.set_linked(False)
    view.show_scene(replace(scene, placement=placement, style=OverlayStyle()))
    before = shot(view, pixels, "Designer image")
    view.set_original_only(True)
    assert np.array_equal(shot(view, pixels), shot(view, pixels, "Designer image"))
    drag(pane(view, "Designer image"), (200, 200), (230, 200))
    assert np.array_equal(shot(view, pixels), shot(view, pixels, "Designer image"))
    view.set_original_only(False)
    assert np.array_equal(shot(view, pixels, "Designer image"), before), "the hand moved the original"


def test_original_only_blinks_between_the_two(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, style=OverlayStyle()))
    before = shot(view, pixels), shot(view, pixels, "Designer image")
    view.set_original_only(True)
    left, right = shot(view, pixels), shot(view, pixels, "Designer image")
    assert centre_of(left, (220, 30, 30)) == pytest.approx(centre_of(right, (220, 30, 30)), abs=1.5)
    assert centre_of(right, (220, 30, 30)) == pytest.approx(centre_of(before[1], (30, 200, 30)), abs=1.5)
    view.set_original_only(False)
    assert np.array_equal(shot(view, pixels), before[0])
    assert np.array_equal(shot(view, pixels, "Designer image"), before[1])


def test_a_photo_alone_has_the_whole_canvas(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    half = pane(view).width()
    view.show_scene(replace(scene, designer=None, designer_size=None, placement=None, mask=None, pair_id=2))
    assert not pane(view, "Designer image").isVisible()
    QApplication.sendPostedEvents()
    assert pane(view).width() == 801
    view.show_scene(replace(scene, pair_id=3))
    QApplication.sendPostedEvents()
    assert pane(view).width() == half


def test_panes_can_lie_one_over_the_other(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    view.set_layout_mode(PaneLayout.STACKED)
    view.layout().activate()
    top, bottom = pane(view), pane(view, "Designer image")
    assert top.mapTo(view, QPoint(0, 0)).x() == bottom.mapTo(view, QPoint(0, 0)).x()
    assert top.mapTo(view, QPoint(0, 0)).y() < bottom.mapTo(view, QPoint(0, 0)).y()
    assert top.width() == 801


def test_messages_are_painted_and_read_out(view: PairView, scene: PairScene, pixels: Take) -> None:
    view.show_scene(replace(scene, original=None, mask=None))
    empty = shot(view, pixels)
    view.show_scene(replace(scene, original=None, mask=None, message_original="The file cat.jpg is gone. " * 6))
    shown = shot(view, pixels)
    changed = np.argwhere(np.any(shown != empty, axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert (left + right) / 2 == pytest.approx(shown.shape[1] / 2, abs=1.5)
    assert (top + bottom) / 2 == pytest.approx(shown.shape[0] / 2, abs=1.5)
    assert left > 0 and right < shown.shape[1] - 1
    assert pane(view).accessibleDescription().startswith("The file cat.jpg is gone.")


def test_a_message_over_a_picture_stands_at_its_foot(view: PairView, scene: PairScene, pixels: Take) -> None:
    bare = replace(scene, placement=None, mask=None)
    view.show_scene(bare)
    empty = shot(view, pixels, "Designer image")
    view.show_scene(replace(bare, message_designer="No match: made from another photo."))
    changed = np.argwhere(np.any(shot(view, pixels, "Designer image") != empty, axis=2))
    assert changed[:, 0].min() > 0.7 * empty.shape[0]


def test_a_transparent_designer_image_lies_on_a_checkerboard(
    view: PairView, scene: PairScene, picture: Callable[..., DisplayPicture], pixels: Take
) -> None:
    clear = picture(np.zeros((200, 300, 3), np.uint8), np.zeros((200, 300), np.uint8))
    view.show_scene(replace(scene, designer=clear, placement=None))
    middle = shot(view, pixels, "Designer image")[180:220, 180:220].reshape(-1, 3)
    assert {"#{:02x}{:02x}{:02x}".format(*each) for each in middle} == set(LIGHT.checker)


def test_zoom_is_told_once_for_each_change(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    heard: list[float] = []
    view.zoom_changed.connect(heard.append)
    view.actual_size()
    view.actual_size()
    view.zoom_by(2)
    assert heard == pytest.approx([1.0, 2.0])


def test_zoom_has_ends(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    for _ in range(80):
        view.zoom_by(2)
    assert view.zoom() == pytest.approx(64)
    for _ in range(80):
        view.zoom_by(0.5)
    assert 0.1 < view.zoom() < 0.5


def test_an_equal_scene_paints_nothing_anew(view: PairView, scene: PairScene, qtbot: QtBot) -> None:
    view.show_scene(scene)
    painted: list[QWidget] = []

    class Ear(QWidget):
        def eventFilter(self, watched: Any, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    ear = Ear()
    qtbot.addWidget(ear)
    QApplication.processEvents()
    for found in view.findChildren(Pane):
        found.installEventFilter(ear)
    view.show_scene(replace(scene))
    QApplication.processEvents()
    assert painted == []
    view.show_scene(replace(scene, style=replace(BARE, colour="#ff0000")))
    QApplication.processEvents()
    assert painted == [pane(view)]


def test_without_a_picture_there_is_no_zoom(view: PairView, scene: PairScene) -> None:
    told: list[float] = []
    view.zoom_changed.connect(told.append)
    assert view.zoom() == 0
    view.show_scene(scene)
    view.show_scene(PairScene(message_original="Nothing."))
    assert told[0] > 0
    assert told[-1] == 0


def test_both_themes_are_painted_at_once(view: PairView, scene: PairScene, pixels: Take) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    view.show_scene(scene)
    light = shot(view, pixels)[3, 3]
    apply_theme(app, "dark")
    dark = shot(view, pixels)[3, 3]
    apply_theme(app, "light")
    assert dark.max() < light.min()
    # colour is judged here: both greys are neutral
    assert len(set(dark.tolist())) == len(set(light.tolist())) == 1


def test_a_screen_reader_hears_what_the_captions_say(view: PairView, scene: PairScene) -> None:
    view.show_scene(scene)
    assert scene.original_size is not None
    width, height = scene.original_size
    assert f"Original, {width} × {height}" in pane(view).accessibleDescription()

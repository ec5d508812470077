"""The prediction over the original: what the cut shows, that moving it computes no pixels, heat map and legend."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from core.jobs.answers import DisplayPicture, MapLayer
from gui.canvas.colour_maps import cut_table, cut_value, heat_colours, heat_table
from gui.canvas.pair_view import PairView
from gui.canvas.scene import MapLook, MapScene, OverlayStyle, PairScene
from tests.gui.canvas.conftest import Array, pane, shot

Take = Callable[[QImage], Array]
RAMP = np.ascontiguousarray(np.tile(np.linspace(0, 255, 150).round().astype(np.uint8), (100, 1)))


def layer(values: Array) -> MapLayer:
    levels = [values]
    while max(levels[-1].shape) > 512:
        levels.append(np.ascontiguousarray(levels[-1][::2, ::2]))
    counts = np.bincount(values.ravel(), minlength=256)
    return MapLayer(tuple(levels), counts, np.linspace(0.5, 0.9, 256, dtype=np.float32))


@pytest.fixture
def predicted(picture: Callable[..., DisplayPicture]) -> PairScene:
    """Make a grey photo of 600 x 400 without a designer image, and a map that rises from left to right."""
    grey = picture(np.full((400, 600, 3), 120, np.uint8))
    said = MapScene(layer(RAMP), 0.5, "pawtrait · 3fa92b7")
    style = OverlayStyle(colour="#ff0000", opacity=1.0, outline=False)
    return PairScene(
        original=grey, original_size=(600, 400), prediction=said, shows_prediction=True, pair_id=1, style=style
    )


def red_from(shown: Array) -> float:
    """Return the first column, as a share of the photo's width, that is red."""
    row = shown[shown.shape[0] // 2].astype(int)
    photo = np.flatnonzero((abs(row - 120) <= 3).all(axis=1) | (row[:, 0] > 250) & (row[:, 1] < 5))
    red = np.flatnonzero((row[:, 0] > 200) & (row[:, 1] < 50))
    return float((red[0] - photo[0]) / (photo[-1] - photo[0]))


@pytest.mark.parametrize("cut", [0.25, 0.5, 0.8])
def test_the_mask_begins_where_the_map_reaches_the_cut(
    view: PairView, predicted: PairScene, pixels: Take, cut: float
) -> None:
    assert predicted.prediction is not None
    view.show_scene(replace(predicted, prediction=replace(predicted.prediction, cut=cut)))
    assert red_from(shot(view, pixels)) == pytest.approx(cut, abs=0.02)


def test_what_was_never_likely_is_in_no_mask() -> None:
    assert cut_value(0.0) == 1
    assert cut_value(0.5) == 128
    assert cut_value(1.0) == 255
    table = cut_table(0.0, "#ff0000", 1.0)
    assert (table[0], table[1]) == (0, 0xFFFF0000)


def test_moving_the_cut_sets_a_table_and_touches_no_pixel(view: PairView, predicted: PairScene, pixels: Take) -> None:
    view.show_scene(predicted)
    shot(view, pixels)
    before = view._layers._map
    assert before is not None
    assert predicted.prediction is not None
    levels = [level.image.constBits() for level in before._levels]
    view.show_scene(replace(predicted, prediction=replace(predicted.prediction, cut=0.7)))
    shot(view, pixels)
    assert view._layers._map is before
    assert [level.image.constBits() for level in before._levels] == levels
    assert before._table == (False, 1.0, "#ff0000", cut_value(0.7))


def test_a_finger_is_followed_within_a_frame(
    view: PairView, picture: Callable[..., DisplayPicture], qapp: QApplication
) -> None:
    """A map of 1600 pixels over a photo of 24 megapixels; processor time, as other programs may run beside."""
    yy, xx = np.mgrid[:1067, :1600]
    hill = (255 / (1 + np.exp(6 * (((xx - 800) / 500) ** 2 + ((yy - 520) / 400) ** 2 - 1)))).astype(np.uint8)
    said = MapScene(layer(hill), 0.5)
    preview = picture(np.full((1067, 1600, 3), 90, np.uint8), full=(6000, 4000))
    scene = PairScene(original=preview, original_size=(6000, 4000), prediction=said, shows_prediction=True, pair_id=2)
    view.show_scene(scene)
    qapp.processEvents()
    took = []
    for step in range(20):
        begin = time.thread_time()
        view.show_scene(replace(scene, prediction=replace(said, cut=0.3 + step / 50)))
        qapp.processEvents()
        took.append(time.thread_time() - begin)
    assert median(took) < 0.020, "8 ms on an idle machine; slow ones are allowed for"


def test_the_outline_look_draws_the_line_alone(view: PairView, predicted: PairScene, pixels: Take) -> None:
    style = replace(predicted.style, look=MapLook.OUTLINE)
    view.show_scene(replace(predicted, style=style))
    row = shot(view, pixels)[200].astype(int)
    assert not ((row[:, 0] > 200) & (row[:, 1] < 50)).any()
    light = np.flatnonzero(row.min(axis=1) > 140)
    assert abs(light[0] - len(row) / 2) < 5, "the line's light core"


def test_the_heat_map_says_likely_by_lightness_and_has_a_legend(
    view: PairView, predicted: PairScene, pixels: Take
) -> None:
    lightness = heat_colours().astype(int) @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(lightness) >= -0.6).all(), "it reads in grey as well"
    alpha = [entry >> 24 for entry in heat_table(0.8)]
    assert (alpha[0], alpha[255]) == (0, 204)
    bare = shot_of(view, predicted, MapLook.MASK, pixels)
    heat = shot_of(view, predicted, MapLook.HEAT, pixels)
    corner = np.s_[-60:-10, 10:200]
    assert (heat[corner] != bare[corner]).any(), "the legend"
    middle = heat[heat.shape[0] // 2].astype(int)
    assert middle[-30].sum() > middle[40].sum()


def shot_of(view: PairView, scene: PairScene, look: MapLook, pixels: Take) -> Array:
    view.show_scene(replace(scene, style=replace(scene.style, look=look)))
    return shot(view, pixels)


def test_the_reconciliations_mask_or_the_predictions_never_both(view: PairView, scene: PairScene, pixels: Take) -> None:
    said = MapScene(layer(np.full((40, 60), 255, np.uint8)), 0.5)
    both = replace(scene, prediction=said, style=OverlayStyle(colour="#00ff00", opacity=1.0))
    content = pane(view)._content
    view.show_scene(both)
    content = pane(view)._content
    assert (content.tint is not None, content.map is not None) == (True, False)
    view.show_scene(replace(both, shows_prediction=True))
    content = pane(view)._content
    assert (content.tint is not None, content.map is not None) == (False, True)
    view.set_original_only(True)
    assert pane(view)._content.map is None


def test_another_prediction_takes_the_designer_images_place(view: PairView, scene: PairScene, pixels: Take) -> None:
    other = MapScene(layer(RAMP), 0.3, "deepgaze2-vgg16")
    view.show_scene(replace(scene, message_compared="It is looking …"))
    assert pane(view, "Designer image")._content.message == "It is looking …"
    view.show_scene(replace(scene, compared=other))
    left, right = pane(view)._content, pane(view, "Designer image")._content
    assert right.picture is left.picture
    assert (right.map is not None, right.map_paint.cut) == (True, 0.3)
    assert view._captions[next(side for side in view._captions if side.value == "designer")]._name == other.name
    view.show_scene(scene)
    assert pane(view, "Designer image")._content.picture is not left.picture


def test_a_photo_alone_is_fitted_anew_when_it_gets_a_neighbour(
    view: PairView, predicted: PairScene, qapp: QApplication
) -> None:
    view.show_scene(predicted)
    qapp.processEvents()
    wide = view._views.original.scale
    view.show_scene(replace(predicted, compared=predicted.prediction))
    qapp.processEvents()
    assert view._views.original.scale < wide
    left, _ = view._views.original.to_view((-0.5, -0.5))
    right, _ = view._views.original.to_view((599.5, 399.5))
    assert 0 < left < right < pane(view).width()


def test_the_other_pets_frame_is_drawn_around_what_the_map_leaves_out(
    view: PairView, predicted: PairScene, pixels: Take
) -> None:
    assert predicted.prediction is not None
    pets = replace(predicted.prediction, portraits=((300, 50, 590, 350), (20, 50, 200, 350)))
    view.show_scene(replace(predicted, prediction=pets))
    assert pane(view)._content.map_paint.others == ((20, 50, 200, 350),)
    view.show_scene(replace(predicted, prediction=replace(pets, portrait=1)))
    assert pane(view)._content.map_paint.others == ((300, 50, 590, 350),)

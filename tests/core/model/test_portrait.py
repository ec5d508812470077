"""Two stages on one map: where the fine one lies, photos of any size, several at a time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.model import parts, portrait
from core.model.card import ModelProblem
from core.model.decoder import Decoder
from core.model.portrait import Calibration, PortraitNet, Stage, Stages
from core.model.raw_map import Map
from core.model.trunks import build_trunk
from tests.core.model.conftest import CARD, Brightness, bright_net, discs

Pixels = NDArray[np.uint8]


def _ramp(height: int, width: int) -> Pixels:
    """A photo that is brighter to the right and, in steps half as high, below."""
    y, x = np.mgrid[:height, :width]
    value = 200 * (x + 0.5) / width + 50 * (y + 0.5) / height
    return np.repeat(np.rint(value).astype(np.uint8)[..., None], 3, 2)


def _brightness(height: int, width: int, rows: int, columns: int) -> Map:
    """What the ramp's brightness is at the centre of each cell of a grid, as logits of the stage."""
    y, x = (np.mgrid[:rows, :columns] + 0.5) / np.array([rows, columns])[:, None, None]
    return ((200 * x + 50 * y) - 127.5) / 25.5


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (3, 2000), (2000, 3), (37, 53), (97, 31), (1500, 1021)], ids=str)
@pytest.mark.parametrize("views", [1, 2, 4])
def test_photos_of_any_size_have_a_map(size: tuple[int, int], views: int) -> None:
    raw = bright_net(views).raw(_ramp(*size))
    assert max(raw.score.shape) == min(max(size), portrait.GRID)
    assert raw.score.shape[0] / raw.score.shape[1] == pytest.approx(size[0] / size[1], rel=0.4)
    assert np.exp(raw.log_density.astype(np.float64)).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("size", [(330, 500), (683, 1024), (1501, 2203), (2200, 4400)], ids=str)
@pytest.mark.parametrize("views", [1, 4])
def test_the_coarse_map_covers_exactly_the_photo(size: tuple[int, int], views: int) -> None:
    logits = bright_net(views).coarse_logits(_ramp(*size))
    wanted = _brightness(*size, *logits.shape)
    inner = np.s_[3:-3, 3:-3]
    assert np.abs(logits - wanted)[inner].max() < 0.06  # a cell is about .04
    assert abs(np.mean((logits - wanted)[inner])) < 0.01


@pytest.mark.parametrize(
    "square",
    [
        (250.0, 160.0, 120.0),
        (251.3, 163.9, 77.7),
        (250.0, 160.0, 310.0),
        (20.0, 300.0, 100.0),
        (490.0, 10.0, 150.0),
        (250.0, 165.0, 900.0),
    ],
    ids=str,
)
@pytest.mark.parametrize("large", [1, 3])
def test_the_fine_map_goes_where_its_square_lies(square: tuple[float, float, float], large: int) -> None:
    height, width = 330 * large, 500 * large
    x, y, side = (value * large for value in square)
    logits = np.full((330, 500), -1000.0, np.float32)
    photo = _ramp(height, width)
    (looks,) = bright_net()._looks([photo], [(0, (x, y, side))])
    portrait._sharpen(logits, looks, photo.shape)
    weight = (logits + 1000) / (portrait.TRUST * (1000 + _brightness(height, width, 330, 500)))
    assert weight.min() > -0.01 and weight.max() < 1.01
    columns, rows = np.meshgrid((np.arange(500) + 0.5) * large, (np.arange(330) + 0.5) * large)
    away = np.maximum(abs(columns - x), abs(rows - y)) / side
    assert np.abs(weight[away > 0.51]).max(initial=0) == 0
    assert (weight[away < 0.42] > 0.98).all()
    # Where it counts in full, it says of each cell what the photo shows there, to a part of a cell.
    full = np.zeros((330, 500), np.float32)
    portrait._sharpen(full, looks, photo.shape)
    inside = (away < 0.42) & (columns > 3 * large) & (rows > 3 * large)
    inside &= (columns < width - side / 64 - 3 * large) & (rows < height - side / 64 - 3 * large)
    inside &= (columns > side / 64 + 3 * large) & (rows > side / 64 + 3 * large)
    error = (full / portrait.TRUST - _brightness(height, width, 330, 500))[inside]
    assert np.abs(error).max() < 0.04 + 8 * side / width / 64
    assert abs(error.mean()) < 0.25 * 200 / 25.5 / 500  # a quarter of a cell of the map


@pytest.mark.parametrize("side", [200.0, 341.3, 700.0, 2500.0])
def test_a_cut_shows_the_square(side: float) -> None:
    """A ramp stays a ramp, and its middle is the square's, at every reduction."""
    photo = _ramp(1200, 1800)
    x, y = 901.3, 602.8
    cut = portrait._cut(photo, (x, y, side)).astype(np.float64)[..., 0]
    n = portrait.FINE
    place = x - side / 2 + (np.arange(n) + 0.5) * side / n, y - side / 2 + (np.arange(n) + 0.5) * side / n
    wanted = 200 * place[0][None, :] / 1800 + 50 * place[1][:, None] / 1200
    within = (place[0] > 8)[None, :] & (place[0] < 1792)[None, :] & ((place[1] > 8) & (place[1] < 1192))[:, None]
    assert np.abs(cut - wanted)[within].max() < 1.1
    assert abs(np.mean((cut - wanted)[within])) < 0.06
    beyond = (place[0] < -2 * side / n)[None, :] | (place[1] > 1200 + 2 * side / n)[:, None]
    assert (cut[beyond] == 127).all()


@pytest.mark.parametrize("size", [(40, 2000), (2000, 40), (23, 1500)], ids=str)
def test_a_cut_of_a_thin_photo_is_not_stretched(size: tuple[int, int]) -> None:
    photo = np.full((*size, 3), 255, np.uint8)
    cut = portrait._cut(photo, (size[1] / 2, size[0] / 2, max(size) * 2.0))[..., 0] > 191
    assert max(cut.any(0).sum(), cut.any(1).sum()) == pytest.approx(portrait.FINE / 2, abs=2)


@pytest.mark.parametrize("square", [(50.0, 400.0, 90.0), (50.0, -400.0, 90.0), (900.0, 1.0, 90.0), (-90.0, 1.0, 90.0)])
def test_a_square_beside_the_photo_is_grey(square: tuple[float, float, float]) -> None:
    photo = np.full((3, 100, 3), 255, np.uint8)
    assert (portrait._cut(photo, square) == 127).all()


@pytest.mark.parametrize(("height", "width"), [(100, 100), (100, 250), (250, 100)])
def test_the_square_is_around_the_box(height: int, width: int) -> None:
    x, y, side = portrait._square((10, 20, 30, 30), (50, 50), (7.0, 9.0, width, height), 1.5)
    assert (x, y) == (7 + 20 * width / 50, 9 + 25 * height / 50)
    assert side == max(20 * width / 50, 10 * height / 50) * 1.5
    assert portrait._square((0, 0, 1, 1), (50, 50), (0.0, 0.0, 50.0, 50.0), 1.5)[2] == 8 * 1.5


@pytest.mark.parametrize("views", [1, 2, 4])
def test_a_head_at_the_edge_is_found_and_sharpened(views: int) -> None:
    photo, mask = discs(300, 420, (395, 20, 60))
    score = bright_net(views).raw(photo).score
    assert score.shape == (300, 420)
    assert np.mean((score >= 0.5) != (mask > 0)) < 0.002


class _ShortSighted(Brightness):
    """A stage that overlooks what holds no square of 31 pixels."""

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        opened = torch.nn.functional.max_pool2d(-torch.nn.functional.max_pool2d(-photos, 31, 1, 15), 31, 1, 15)
        return super().forward(opened)


class _Faint(_ShortSighted):
    """Sees the same, and is not sure of any."""

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        return super().forward(photos).clamp(max=0.5)


def _net(coarse: torch.nn.Module, fine: torch.nn.Module) -> PortraitNet:
    return PortraitNet(Stages(coarse, fine), Calibration())  # type: ignore[arg-type]


@pytest.mark.parametrize(("radius", "found"), [(70, True), (45, True), (30, True), (20, False)])
def test_a_head_that_is_small_in_the_photo_is_found_by_a_closer_look(radius: int, found: bool) -> None:
    photo, mask = discs(700, 1000, (300, 200, radius))
    other, _ = discs(700, 1000, (600, 300, 90))
    score, beside = (one.score for one in _net(_ShortSighted(), Brightness()).maps([photo, other]))
    assert bool(score.max() > 0.9) is found
    assert beside.max() > 0.9
    assert not found or np.mean((score >= 0.5) != (mask > 0)) < 0.002


def test_a_closer_look_that_is_not_sure_counts_for_nothing() -> None:
    photo, _ = discs(700, 1000, (300, 200, 30))
    net = _net(_ShortSighted(), _Faint())
    (alone,) = net._scores([photo], portrait.COARSE)
    assert alone.max() < 0.1
    (closer,) = net._scores([photo], portrait.CLOSER[-1])
    assert closer.max() > 0.4  # it would be a head, were it surer
    assert (net.raw(photo).score == alone).all()


@pytest.mark.parametrize("views", [2, 4])
def test_a_seam_does_not_show(views: int) -> None:
    photo = cv2.GaussianBlur(discs(300, 420, (200, 150, 60))[0], (0, 0), 12).astype(np.uint8)
    score = bright_net(views).raw(photo).score
    wanted = 1 / (1 + np.exp(-(photo[..., 0].astype(float) - 127.5) / 25.5))
    assert np.abs(score - wanted).max() < 0.03


@pytest.mark.parametrize("views", [2, 4])
def test_mirrored_photos_have_mirrored_maps(views: int) -> None:
    torch.manual_seed(1)
    stages = Stages(Stage(build_trunk("efficientnet-lite0")), Stage(build_trunk("efficientnet-lite0")))
    photo = np.random.default_rng(0).integers(0, 256, (96, 160, 3), np.uint8)
    net = PortraitNet(stages, Calibration(), views=views)
    straight, mirrored = (net.coarse_logits(np.ascontiguousarray(p)) for p in (photo, photo[:, ::-1]))
    assert mirrored[:, ::-1] == pytest.approx(straight, abs=0.02)


def test_large_photos_are_reduced_once_and_by_area() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (2048, 4096, 3), np.uint8)
    wanted = photo.reshape(512, 4, 1024, 4, 3).mean((1, 3))
    found = portrait._reduced(photo)
    assert found.shape == (512, 1024, 3)
    assert np.abs(found - wanted).max() <= 1.5
    odd = portrait._reduced(np.zeros((2047, 3001, 3), np.uint8))
    assert max(odd.shape) == portrait.GRID
    small = np.zeros((900, 2000, 3), np.uint8)
    assert portrait._reduced(small) is small


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, -1.0), (2.0, 3.0)])
def test_probabilities_are_calibrated_logits(slope: float, offset: float) -> None:
    net = PortraitNet(Stages(Brightness(), Brightness()), Calibration(slope, offset))  # type: ignore[arg-type]
    z = np.array([[-1e4, -3, 0, 2, 1e4]], np.float32)
    with np.errstate(over="ignore"):
        assert net.probability(z) == pytest.approx(1 / (1 + np.exp(-(slope * z.astype(float) + offset))), abs=1e-6)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, 10**400, "1", None, True, [1]], ids=str)
def test_a_calibration_that_makes_no_sense_is_refused(value: object) -> None:
    from dataclasses import replace

    with pytest.raises(ModelProblem, match="for its slope"):
        Calibration.from_card(replace(CARD, calibration={"slope": value}))


@pytest.mark.parametrize("views", [1, 2, 4])
def test_photos_looked_at_together_have_the_maps_that_each_has_alone(views: int) -> None:
    net = bright_net(views)
    sizes = ((90, 140), (140, 90), (90, 140), (60, 60), (1, 7))
    photos = [discs(*size, (size[1] / 2.5, size[0] / 2, min(size) / 4 + 1))[0] for size in sizes]
    photos[2] = photos[2][:, ::-1].copy()
    assert any(parts.heads(net.probability(net.coarse_logits(photo)), 0.4) for photo in photos)
    for together, photo in zip(net.maps(photos), photos, strict=True):
        alone = net.raw(photo)
        assert together.score.shape == alone.score.shape
        np.testing.assert_allclose(together.score, alone.score, atol=2e-3)
        np.testing.assert_allclose(np.exp(together.log_density), np.exp(alone.log_density), atol=1e-5)


def test_no_photo_has_no_map() -> None:
    assert bright_net().maps([]) == []


def test_the_read_out_s_tensors_survive_half_precision() -> None:
    torch.manual_seed(0)
    stages = portrait.empty("efficientnet-lite0")
    tensors = portrait.tensors_of(stages)
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert sum(name.startswith("fine.") for name in tensors) * 2 == len(tensors)
    assert isinstance(stages.coarse.decoder, Decoder)

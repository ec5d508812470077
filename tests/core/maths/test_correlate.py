"""The batched FFT correlation agrees with the definition, written out in float64, on either backend."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.maths import correlate
from core.maths.backend import Array, Backend
from core.maths.correlate import ENERGY_STEP
from core.maths.features import Window, band
from tests.core.maths.conftest import NUMPY, TORCH, texture

SHAPE = (48, 64)
Features = NDArray[np.float32]


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


def _scores(backend: Backend, picture: Features, templates: Features, weight: Features, floor: float) -> Features:
    """Masked NCC as the search computes it: (n, H, W) for a picture (c, H, W), templates (n, c, h, w) and one mask."""
    weights = np.repeat(weight[None], len(templates), axis=0)
    units = correlate.unit_templates(backend.array(templates), Window(backend, backend.array(weights)))
    here = backend.array(picture)
    answer = _correlated(backend, here, units, SHAPE)
    return answer * backend.numpy(correlate.gain(backend, here, weight, floor))


def _correlated(backend: Backend, picture: Array, templates: Array, shape: tuple[int, int]) -> Features:
    """Return the correlations (n, H, W) of any number of templates."""
    count = templates.shape[0]
    even = backend.xp.concat([templates, templates[: count % 2]], axis=0)
    pairs = correlate.paired_spectra(backend, even, shape)
    answer = correlate.correlate(backend, correlate.spectra(backend, picture[None], shape)[0], pairs)
    return np.moveaxis(backend.numpy(answer), -1, 1).reshape(-1, *shape)[:count]


def _reference(picture: Features, template: Features, weight: Features) -> NDArray[np.float64]:
    """Masked NCC with the template's corner at each pixel, indices modulo the shape; the slow way."""
    h, w = weight.shape
    answer = np.zeros(picture.shape[1:])
    w64 = weight.astype(np.float64)
    mean = (template * w64).sum(axis=(1, 2)) / w64.sum()
    centred = template - mean[:, None, None]
    norm = np.sqrt((w64 * centred**2).sum())
    for y in range(picture.shape[1]):
        for x in range(picture.shape[2]):
            part = np.roll(picture.astype(np.float64), (-y, -x), axis=(1, 2))[:, :h, :w]
            answer[y, x] = (w64 * centred * part).sum() / (norm * np.sqrt((w64 * part**2).sum()))
    return answer


@pytest.mark.parametrize("channels", [1, 2])
def test_masked_ncc_agrees_with_the_definition(backend: Backend, channels: int, random: np.random.Generator) -> None:
    picture = random.normal(size=(channels, *SHAPE)).astype(np.float32)
    templates = random.normal(size=(2, channels, 16, 16)).astype(np.float32)
    weight = np.zeros((16, 16), np.float32)
    weight[4:12, 0:12] = 1
    answer = _scores(backend, picture, templates, weight, floor=1e-3)
    assert answer.shape == (2, *SHAPE)
    step = ENERGY_STEP
    exact = np.s_[: SHAPE[0] - step : step, : SHAPE[1] - step : step]  # elsewhere the energy is interpolated
    for score, template in zip(answer, templates, strict=True):
        expected = _reference(picture, template, weight)
        assert np.allclose(score[exact], expected[exact], atol=2e-3)
        assert np.corrcoef(score.ravel(), expected.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("shape", [(48, 64), (45, 81), (17, 23)], ids=str)
def test_correlation_is_the_sum_of_products_modulo_the_shape(
    backend: Backend, shape: tuple[int, int], random: np.random.Generator
) -> None:
    picture = random.normal(size=(2, *shape)).astype(np.float32)
    templates = random.normal(size=(3, 2, 7, 9)).astype(np.float32)
    answer = _correlated(backend, backend.array(picture), backend.array(templates), shape)
    assert answer.shape == (3, *shape)
    for y, x in ((10, 12), (0, 0), (shape[0] - 3, shape[1] - 1)):
        part = np.roll(picture, (-y, -x), axis=(1, 2))[:, :7, :9]
        for score, template in zip(answer, templates, strict=True):
            assert score[y, x] == pytest.approx(float((template * part).sum()), abs=1e-3)


def test_both_backends_agree(random: np.random.Generator) -> None:
    picture = random.normal(size=(2, *SHAPE)).astype(np.float32)
    templates = random.normal(size=(5, 2, 15, 15)).astype(np.float32)
    weight = np.clip((texture((15, 15), 4) - 100) / 50, 0, 1)
    one, other = (_scores(backend, picture, templates, weight, 0.25) for backend in (NUMPY, TORCH))
    assert np.abs(one - other).max() < 1e-5


def test_a_hidden_template_is_found_with_a_score_of_one(backend: Backend, random: np.random.Generator) -> None:
    picture = random.normal(size=(1, *SHAPE)).astype(np.float32)
    templates = np.stack([picture[:, 8:24, 12:28] * 7 + 100, random.normal(size=(1, 16, 16)).astype(np.float32)])
    picture -= picture.mean()  # gain and offset of the template don't matter
    answer = _scores(backend, picture, templates, np.ones((16, 16), np.float32), floor=1.0)
    assert np.unravel_index(answer.argmax(), answer.shape) == (0, 8, 12)
    assert answer.max() == pytest.approx(1.0, abs=0.03)
    assert np.abs(answer[1]).max() < 0.6


def test_what_the_mask_hides_does_not_matter(backend: Backend, random: np.random.Generator) -> None:
    picture = random.normal(size=(1, *SHAPE)).astype(np.float32)
    weight = np.zeros((16, 16), np.float32)
    weight[:, :8] = 1
    template = picture[:, 20:36, 30:46].copy()
    painted = template.copy()
    painted[..., 8:] = 1000
    scores = _scores(backend, picture, np.stack([template, painted]), weight, floor=1e-3)
    assert np.allclose(scores[0], scores[1], atol=1e-3)


def test_flat_regions_cannot_win(backend: Backend, random: np.random.Generator) -> None:
    picture = (1e-4 * random.normal(size=(1, *SHAPE))).astype(np.float32)
    template = picture[None, :, 8:24, 12:28] * 1e4
    assert np.abs(_scores(backend, picture, template, np.ones((16, 16), np.float32), floor=10.0)).max() < 0.01


def test_the_gain_is_one_over_the_root_of_the_energy(backend: Backend, random: np.random.Generator) -> None:
    picture = random.normal(size=(2, *SHAPE)).astype(np.float32)
    weight = np.ones((11, 9), np.float32)  # no multiple of the step
    answer = backend.numpy(correlate.gain(backend, backend.array(picture), weight, 1e-3))
    assert answer.shape == SHAPE
    padded = np.pad(weight, ((0, 1), (0, 3)))
    blocks = padded.reshape(3, 4, 3, 4).mean(axis=(1, 3)).repeat(4, axis=0).repeat(4, axis=1)
    energy = (picture[:, 8:20, 16:28].astype(np.float64) ** 2 * blocks).sum()
    assert answer[8, 16] == pytest.approx(1 / np.sqrt(energy), rel=1e-4)
    assert answer[8, 18] == pytest.approx((answer[8, 16] + answer[8, 20]) / 2, rel=1e-4)
    assert np.allclose(answer[8, 60:], answer[8, 60])
    empty = backend.numpy(correlate.gain(backend, backend.array(picture * 0), weight, 4.0))
    assert np.allclose(empty, 0.5)


def test_unit_templates_have_no_mean_and_a_norm_of_one(backend: Backend) -> None:
    weights = np.clip((texture((20, 20), 4) - 100) / 50, 0, 1)[None]
    features = np.stack([[texture((20, 20), 1), texture((20, 20), 2)]]).astype(np.float32) / 100
    unit = backend.numpy(
        correlate.unit_templates(backend.array(features), Window(backend, backend.array(weights)))
    ).astype(float)
    assert np.allclose(unit.sum(axis=(2, 3)), 0, atol=1e-4)
    assert (unit**2 / np.maximum(weights, 1e-9)).sum() == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("level", [0, 90, 255])
def test_templates_of_one_colour_and_empty_ones_are_zero(backend: Backend, level: int) -> None:
    """Of a flat plane rounding leaves something, and a unit norm would make texture of it."""
    weights = np.zeros((2, 60, 60), np.float32)
    weights[0, 10:50, 5:40] = 1
    window = Window(backend, backend.array(weights))
    flat = band(backend.array(np.full((2, 60, 60), level, np.float32)), window)
    assert not backend.numpy(correlate.unit_templates(flat, window)).any()
    constant = backend.array(np.full((2, 1, 60, 60), 5, np.float32))
    assert not backend.numpy(correlate.unit_templates(constant, window)).any()

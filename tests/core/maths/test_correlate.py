"""The batched FFT correlation agrees with the definition, written out in float64."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.maths import correlate
from core.maths.warp import resize

SHAPE = (48, 64)


def _reference(
    picture: NDArray[np.float64], template: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Masked NCC with the template's corner at each pixel, indices modulo the shape; the slow way."""
    h, w = template.shape
    answer = np.zeros(picture.shape)
    centred = template - (template * weight).sum() / weight.sum()
    norm = np.sqrt((weight * centred**2).sum())
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            part = np.roll(picture, (-y, -x), axis=(0, 1))[:h, :w]
            energy = np.sqrt((weight * part**2).sum())
            answer[y, x] = (weight * centred * part).sum() / (norm * energy)
    return answer


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


def _spectra(
    templates: list[NDArray[np.float32]], weights: list[NDArray[np.float32]]
) -> tuple[correlate.Spectra, correlate.Spectra]:
    step = correlate.ENERGY_STEP
    units = np.stack([correlate.unit_template(*pair) for pair in zip(templates, weights, strict=True)])
    small = np.stack([resize(weight, (weight.shape[1] // step, weight.shape[0] // step)) for weight in weights])
    return correlate.spectra(units, SHAPE), correlate.spectra(small, (SHAPE[0] // step, SHAPE[1] // step))


def test_correlation_is_the_sum_of_products(random: np.random.Generator) -> None:
    picture = random.normal(size=SHAPE).astype(np.float32)
    templates = random.normal(size=(3, 7, 9)).astype(np.float32)
    answer = correlate.correlate(np.fft.rfft2(picture).astype(np.complex64), correlate.spectra(templates, SHAPE), SHAPE)
    assert answer.shape == (3, *SHAPE)
    for index in range(3):
        expected = (templates[index] * picture[10:17, 20:29]).sum()
        assert answer[index, 10, 20] == pytest.approx(expected, abs=1e-3)


def test_masked_ncc_agrees_with_the_definition(random: np.random.Generator) -> None:
    picture = random.normal(size=SHAPE).astype(np.float32)
    template = random.normal(size=(16, 16)).astype(np.float32)
    weight = np.zeros((16, 16), np.float32)
    weight[4:12, 0:12] = 1
    answer = correlate.masked_ncc(picture, *_spectra([template], [weight]), energy_floor=1e-3)[0]
    expected = _reference(picture.astype(np.float64), template.astype(np.float64), weight.astype(np.float64))
    step = correlate.ENERGY_STEP
    inner = np.s_[: SHAPE[0] - step : step, : SHAPE[1] - step : step]  # where the energy is exact, not interpolated
    assert np.allclose(answer[inner], expected[inner], atol=2e-3)
    assert np.corrcoef(answer.ravel(), expected.ravel())[0, 1] > 0.99


def test_a_hidden_template_is_found_with_a_score_of_one(random: np.random.Generator) -> None:
    picture = random.normal(size=SHAPE).astype(np.float32)
    templates = [picture[8:24, 12:28].copy(), random.normal(size=(16, 16)).astype(np.float32)]
    weights = [np.ones((16, 16), np.float32)] * 2
    templates[0] = templates[0] * 7 + 100  # gain and offset of the template don't matter
    picture -= picture.mean()
    answer = correlate.masked_ncc(picture, *_spectra(templates, weights), energy_floor=1.0)
    best = np.unravel_index(answer.argmax(), answer.shape)
    assert best == (0, 8, 12)
    assert answer.max() == pytest.approx(1.0, abs=0.03)
    assert answer[1].max() < 0.6


def test_what_the_mask_hides_does_not_matter(random: np.random.Generator) -> None:
    picture = random.normal(size=SHAPE).astype(np.float32)
    weight = np.zeros((16, 16), np.float32)
    weight[:, :8] = 1
    template = picture[20:36, 30:46].copy()
    painted = template.copy()
    painted[:, 8:] = 1000
    scores = correlate.masked_ncc(picture, *_spectra([template, painted], [weight, weight]), energy_floor=1e-3)
    assert np.allclose(scores[0], scores[1], atol=1e-3)


def test_flat_regions_cannot_win(random: np.random.Generator) -> None:
    picture = (1e-4 * random.normal(size=SHAPE)).astype(np.float32)
    template = picture[8:24, 12:28].copy()
    spectra = _spectra([template], [np.ones((16, 16), np.float32)])
    assert correlate.masked_ncc(picture, *spectra, energy_floor=10.0).max() < 0.01


def test_empty_and_constant_templates_score_zero() -> None:
    ones = np.ones((8, 8), np.float32)
    assert not correlate.unit_template(ones * 5, ones).any()
    assert not correlate.unit_template(ones, ones * 0).any()

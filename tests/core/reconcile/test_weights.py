"""Both logistics have a weight for each feature, and more of what speaks for a placement never makes it less likely."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.maths.filters import unit
from core.reconcile import agreement, confidence
from core.reconcile.agreement import Agreement, features, weigh
from core.reconcile.confidence import CHANCE, MATCH, SURE, TIE, Cues, probability
from core.reconcile.scene import Scene
from tests.core.reconcile.conftest import make_pair

SHARE = st.floats(0, 1)
CUES = st.builds(
    Cues,
    band=st.floats(-1, 1),
    edges=st.floats(-1, 1),
    agreeing=SHARE,
    agreeing_edges=SHARE,
    margin=st.floats(0, 2),
    head=st.floats(0, 1e5),
    deviation=st.floats(0, 10),
    stretch=st.floats(0, 10),
    keypoints=st.integers(0, 2000),
)
NAMES = [field.name for field in fields(Cues) if field.name != "left_out"]
WEIGHT = dict(zip(NAMES, confidence.WEIGHTS[1:].tolist(), strict=True))
HIGHEST = {"margin": 2.0, "head": 1e5, "deviation": 10.0, "stretch": 10.0, "keypoints": 2000}


def test_there_is_a_weight_for_each_cue_and_a_constant() -> None:
    vector = Cues(0, 0, 0, 0, 0, 64, 0.01, 0.01, 0).vector()
    assert confidence.WEIGHTS.shape == vector.shape == (1 + len(NAMES),)
    assert vector[0] == 1
    assert np.isfinite(confidence.WEIGHTS).all()
    assert 0 < TIE < MATCH < SURE < 1
    assert 0 < CHANCE < 1


@pytest.mark.parametrize(("index", "name"), list(enumerate(NAMES, start=1)))
def test_the_cues_stand_in_the_order_of_their_weights(index: int, name: str) -> None:
    low = Cues(0.2, 0.2, 0.2, 0.2, 0.2, 20, 0.002, 0.02, 2)
    changed = replace(low, **{name: 3 * getattr(low, name)}).vector() != low.vector()
    assert np.flatnonzero(changed).tolist() == [index]


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(CUES, st.sampled_from(NAMES), SHARE)
def test_more_of_a_cue_never_makes_a_placement_less_likely(cues: Cues, name: str, share: float) -> None:
    value = getattr(cues, name)
    if name == "band":
        cues = replace(cues, band=abs(value))
        value = abs(value)
    more = value + share * max(HIGHEST.get(name, 1.0) - value, 0.0)
    better = replace(cues, **{name: int(more) if name == "keypoints" else more})
    if WEIGHT[name] > 0:
        assert probability(better) >= probability(cues)
    else:
        assert probability(better) <= probability(cues)


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(CUES, st.floats(0, TIE, exclude_max=True))
def test_a_tie_is_no_match_whatever_else_speaks_for_it(cues: Cues, margin: float) -> None:
    assert probability(replace(cues, margin=margin)) < MATCH


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(CUES)
def test_it_is_a_probability_and_the_same_for_inverted_tones(cues: Cues) -> None:
    assert 0 <= probability(cues) <= 1
    assert probability(replace(cues, band=-cues.band)) == probability(cues)


# --- pixels -----------------------------------------------------------------------------------------------------------


@cache
def _scene(background: str) -> Scene:
    pair = make_pair("chelsea", background=background)
    return Scene.around(pair.original, pair.designer, pair.affine, 300.0, 192.0)


def test_there_is_a_weight_for_each_feature_of_a_pixel() -> None:
    found = features(_scene("photo"))
    assert found.shape == (*_scene("photo").inside.shape, len(agreement.WEIGHTS))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert np.isfinite(agreement.WEIGHTS).all()
    assert (found[..., 0] == 1).all()
    assert found[..., 1:6].min() >= -1.001  # correlations
    assert found[..., 1:6].max() <= 1.001
    assert found[..., 6:].min() >= 0  # residuals and distance


def _mean(found: Agreement, where: NDArray[np.bool_]) -> float:
    return float(found.probability[where].mean())


@pytest.mark.parametrize("background", ["photo", "flat"])
def test_the_portrait_agrees_and_another_background_does_not(background: str) -> None:
    scene = _scene(background)
    alpha = make_pair("chelsea", background="alpha").designer.alpha
    assert alpha is not None
    portrait, found = scene.bring(unit(alpha)), weigh(scene)
    assert 0 <= found.probability.min() <= found.probability.max() <= 1
    assert _mean(found, portrait > 0.98) > 0.9
    assert _mean(found, (portrait < 0.02) & (scene.inside > 0.9)) < 0.2
    assert not found.kept


def test_a_kept_background_is_seen() -> None:
    scene = _scene("kept")
    found = weigh(scene)
    assert found.kept
    assert _mean(found, scene.inside > 0.9) > 0.8
    assert (found.probability[scene.inside < 0.5] == 0).all()

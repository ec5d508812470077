"""The paper's read-outs that ship: whole, small, described, and without the trunk."""

from __future__ import annotations

import pytest

from core.model import registry
from core.model.deepgaze2 import read


@pytest.mark.parametrize("name", ["deepgaze2-vgg16", "deepgaze2-vgg16-fixations"])
def test_it_ships(name: str) -> None:
    path = registry.find(name)
    card, readout = read(path)
    assert card.name == name and card.command and card.licence and card.data and card.metrics
    assert path.stat().st_size < 1 << 20 and not any("features" in key for key in readout.state_dict())
    assert name in path.with_suffix(".md").read_text("utf-8")


def test_the_fixation_read_out_explains_what_it_must() -> None:
    card, _ = read(registry.find("deepgaze2-vgg16-fixations"))
    assert card.metrics["explained"] >= 0.70


def test_the_papers_model_has_its_learned_threshold() -> None:
    card, _ = read(registry.find("deepgaze2-vgg16"))
    low, high = card.calibration["interval"]
    assert low <= card.calibration["threshold"] <= high and card.metrics["iou"] >= 0.76

"""A card survives its file, and one from elsewhere is read with suspicion."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.card import FORMAT, ModelCard, ModelProblem
from tests.core.model.conftest import CARD

_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _with(**changes: object) -> str:
    return json.dumps({**json.loads(CARD.to_json()), **changes})


def test_it_comes_back() -> None:
    card = replace(CARD, options={"width": 64}, calibration={"slope": 0.9}, metrics={"iou": 0.86})
    assert ModelCard.from_json(card.to_json()) == card


def test_a_newer_version_asks_for_a_newer_program() -> None:
    with pytest.raises(ModelProblem, match=r"newer version of Pawtrait\. Install the newest"):
        ModelCard.from_json(_with(format=FORMAT + 1, what_is_new=True))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        "{}",
        '{"format": 1}',
        "{" * 100_000,
        '{"a":' * 50_000,
        "9" * 10_000,
        _with(more=1),
        _with(seed="1"),
        _with(trained_on=None),
        _with(options=[]),
        _with(calibration="none"),
        _with(metrics=3),
        _with(title=None),
        _with(title="\ud800"),
    ],
    ids=lambda text: text[:24],
)
def test_a_damaged_card_is_one_sentence_and_a_remedy(text: str) -> None:
    with pytest.raises(ModelProblem) as caught:
        ModelCard.from_json(text)
    assert str(caught.value) == (
        "The model's card is damaged or incomplete. Choose a read-out that Pawtrait has written."
    )


@given(st.sampled_from(sorted(json.loads(CARD.to_json()))), _JSON)
def test_whatever_stands_in_it_is_read_or_refused(name: str, value: object) -> None:
    try:
        card = ModelCard.from_json(_with(**{name: value}))
    except ModelProblem:
        return
    assert isinstance(card.name, str) and isinstance(card.metrics, dict)


def test_cards_are_read_without_torch() -> None:
    told = "import sys, core.model.card, core.model.checkpoint, core.model.registry as r; r.models(); r.shipped()"
    code = f"{told}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

"""What inspector, queue and bar say of a prediction, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from core.domain import Decision, MaskSource, Pair, PairOrder, PairQuery, Review
from core.images.io import Limits
from core.images.previews import PreviewCache
from core.jobs.answers import BatchReport, Score, TrainReport
from core.jobs.services import Services
from core.jobs.specs import PredictOptions, PredictPairs
from core.settings import Settings
from core.store.memory import MemoryStore
from gui.jobs.reports import answer_words
from gui.jobs.runner import Runner
from gui.review import words
from gui.review.delegate import QueueDelegate
from gui.review.inspector import Inspector
from gui.review.mask_bar import MaskBar, worth
from gui.review.queue_model import QueueModel
from gui.review.thumbnails import Thumbnails
from tests.gui.conftest import Gate, bare_pair, fill, tiny_picture
from tests.gui.predicting import map_layer, photo_alone, predicted_pair, prediction

PETS = ((0, 0, 9, 9), (20, 0, 30, 9))


def _facts(inspector: Inspector) -> dict[str, str]:
    rows = inspector._prediction._rows
    return {name.text(): value.accessibleName() for name, value in rows if not name.isHidden()}


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    made = Inspector()
    qtbot.addWidget(made)
    return made


def test_the_inspector_says_what_the_model_said(inspector: Inspector) -> None:
    inspector.show_pair(predicted_pair(1, chosen=0.6), [])
    assert inspector._predicted.text() == "One portrait found."
    assert _facts(inspector) == {
        "Overlap": "91% expected at 43%",
        "Threshold": "60%, yours",
        "Model": "pawtrait",
        "Version": "3fa92b7",
        "Took": "0.3 s",
    }
    inspector.show_pair(predicted_pair(1), [])
    assert _facts(inspector)["Overlap"] == "91% expected"
    inspector.show_pair(bare_pair(2, 0.9), [])
    assert inspector._predicted.text() == "Not predicted yet (Shift+P)"
    inspector.set_read_only()
    inspector.show_pair(bare_pair(3, 0.9), [])
    assert inspector._predicted.text() == "Not predicted yet"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Good mask, 91% overlap expected"),
        ({"expected_iou": 0.75}, "Fair mask, 75% overlap expected"),
        ({"expected_iou": 0.4}, "Poor mask, 40% overlap expected"),
        ({"found": 0.1}, "Most likely no portrait"),
    ],
)
def test_of_a_photo_alone_the_prediction_is_what_counts(
    inspector: Inspector, changes: dict[str, float], said: str
) -> None:
    inspector.show_pair(photo_alone(1, **changes), [])
    assert inspector._sure.text() == said
    assert inspector._bar.accessibleName() == "Expected overlap"
    inspector.show_pair(bare_pair(2, 0.9), [])
    assert inspector._bar.accessibleName() == "Confidence"


def test_which_of_several_pets_is_said() -> None:
    assert words.said_words(prediction(portraits=PETS, portrait=1)).endswith("The mask is of number 2 of 2.")
    assert words.said_words(prediction(reason="")) == "One portrait found."
    assert words.said_words(prediction(reason="", found=0.1)) == "No portrait found."


def test_the_queue_says_it_too(qtbot: QtBot) -> None:
    store = MemoryStore()
    fill(store, [predicted_pair(1), photo_alone(2, found=0.1), photo_alone(3), bare_pair(4, 0.8)])
    model = QueueModel(store)
    said = {
        str(model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)).partition(",")[0][-1]: str(
            model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)
        )
        for row in range(4)
    }
    assert said["1"] == "pair 00001, Undecided, confidence 60%, predicted 91%"
    assert "nothing found" in said["2"]
    assert "No designer image" not in said["3"]
    assert "predicted" not in said["4"]
    model.set_query(PairQuery(order=PairOrder.EXPECTED_IOU))
    names = [model.index(row).data() for row in range(4)]
    assert names[:2] == ["pair 00004", "pair 00002"], "what nobody has seen, then what was not found"


def test_a_row_shows_the_expected_overlap(runner: Runner, gate: Gate, tmp_path: Path, qtbot: QtBot) -> None:
    settings = Settings()
    services = Services(settings, PreviewCache(tmp_path, 100, Limits.from_settings(settings)))
    gate.do = lambda _spec, _ctx: tiny_picture()
    thumbnails = Thumbnails(runner, services)
    shown = []
    for pair in (photo_alone(1), replace(photo_alone(1), prediction=None)):
        store = MemoryStore()
        fill(store, [pair])
        model = QueueModel(store)
        image = QImage(300, 64, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        option = QStyleOptionViewItem()
        option.rect = image.rect()  # type: ignore[attr-defined]
        QueueDelegate(thumbnails).paint(painter, option, model.index(0))
        painter.end()
        data = np.frombuffer(image.constBits(), np.uint8).reshape(64, 300, 4)
        shown.append(data[34:60, 240:].copy())
    assert (shown[0] != shown[1]).any()


def test_what_a_cut_is_worth_goes_through_the_models_own_figure() -> None:
    said, layer = prediction(), map_layer()
    assert worth(said, layer, said.threshold) == pytest.approx(0.91)
    assert worth(said, None, 0.9) == 0.91
    assert worth(said, layer, 0.3) < 0.91 < worth(said, layer, 0.5) <= 1


def test_the_bar_in_a_read_only_project_only_shows(qtbot: QtBot) -> None:
    bar = MaskBar()
    qtbot.addWidget(bar)
    bar.set_read_only()
    bar.show_pair(photo_alone(1, chosen=0.6), MaskSource.PREDICTION)
    bar.show_map(map_layer())
    assert not bar.slider.isEnabled()
    assert not bar._reset.isEnabled()
    bar.show_pair(bare_pair(2), None)
    assert bar._why.text() == "This photo has not been predicted yet."


@pytest.mark.parametrize("width", [500, 900])
def test_the_bar_has_one_height_whatever_it_says(qtbot: QtBot, width: int) -> None:
    bar = MaskBar()
    qtbot.addWidget(bar)
    bar.resize(width, 64)
    bar.show()
    heights = set()
    pairs: list[tuple[Pair | None, MaskSource | None]] = [
        (None, None),
        (bare_pair(1), None),
        (photo_alone(1), MaskSource.PREDICTION),
        (predicted_pair(1), MaskSource.RECONCILIATION),
    ]
    for pair, source in pairs:
        bar.show_pair(pair, source)
        heights.add(bar.height())
    assert len(heights) == 1
    bar.show_pair(photo_alone(1), MaskSource.PREDICTION)
    qtbot.waitUntil(lambda: bar.slider.width() > 240)


def test_a_decision_tells_which_mask_it_is_about() -> None:
    said = words._review_words(Review(), Review(Decision.ACCEPTED, source=MaskSource.PREDICTION))
    assert said == "undecided → accepted, the prediction's mask"


def test_how_jobs_of_the_model_end_in_words() -> None:
    spec = PredictPairs((1, 2), PredictOptions())
    assert answer_words(BatchReport(2, 2, 1), "", spec) == "2 photos predicted, 1 without a portrait"
    assert answer_words(BatchReport(2, 2, 1)) == "2 pairs reconciled, 1 without a match"
    new, old = (Score(9, iou, 0.9, 0.4, 7.0, 1.3) for iou in (0.88, 0.86))
    done = TrainReport("pawtrait", "x", "/x", 30, 9, new, old, False)
    assert answer_words(done) == "Overlap on held-out photos 88%, was 86%"
    assert answer_words(replace(done, old=None)) == "Overlap on held-out photos 88%"
    assert answer_words(replace(done, cancelled=True)) == "Stopped; it can be resumed"

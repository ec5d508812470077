"""What is said of a pair, at every width."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.domain import MaskRef, Pair, Placement, Review
from core.edits import AddPair, Initiator, SetReconciliation, placed
from core.store.changes import ChangeSet
from gui.review.facts import Facts
from gui.review.inspector import Inspector
from tests.gui.conftest import bare_pair

FILE = "/studio/PXL_20240511_091730_a_very_long_name_of_a_phone.jpg"


class Windows(QObject):
    """Notes which windows come up."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


@pytest.fixture
def pair() -> Pair:
    made = bare_pair(1, 0.9)
    return replace(made, original=replace(made.original, path=FILE))


@pytest.fixture
def inspector(qtbot: QtBot) -> Inspector:
    made = Inspector()
    qtbot.addWidget(made)
    return made


def show(inspector: Inspector, pair: Pair, width: int, qtbot: QtBot) -> None:
    inspector.resize(width, 700)
    inspector.show_pair(pair, [])
    inspector.show()
    qtbot.waitExposed(inspector)


@pytest.mark.parametrize("width", [220, 300, 900])
def test_a_long_file_name_keeps_both_its_ends(inspector: Inspector, pair: Pair, width: int, qtbot: QtBot) -> None:
    show(inspector, pair, width, qtbot)
    name = next(label for label in inspector.findChildren(QLabel) if label.toolTip() == FILE)
    assert name.fontMetrics().horizontalAdvance(name.text()) <= name.contentsRect().width()
    assert name.text().startswith("PX")
    assert name.text().endswith("g")
    assert ("…" in name.text()) == (width < 900)
    inspector.resize(1200, 700)
    assert name.text() == FILE.rpartition("/")[2]


def test_the_values_of_all_sections_begin_at_one_line(inspector: Inspector, pair: Pair, qtbot: QtBot) -> None:
    show(inspector, pair, 300, qtbot)
    sections = inspector.findChildren(Facts)
    begins = {value.x() for facts in sections for _, value in facts._rows if value.isVisible()}
    assert len(sections) == 4
    assert len(begins) == 1


def test_a_change_adds_one_entry_to_the_history_and_leaves_the_others(inspector: Inspector, pair: Pair) -> None:
    changes = [
        ChangeSet(number, "2024-01-01T00:00:00.000Z", Initiator("anna", label=f"Step {number}"), (AddPair(pair),))
        for number in range(1, 41)
    ]

    def entries() -> list[QWidget | None]:
        column = inspector._history
        return [item.widget() for at in range(column.count()) if (item := column.itemAt(at)) is not None]

    def titles() -> list[str]:
        return [box.findChildren(QLabel)[0].text() for box in entries() if box is not None]

    inspector.show_pair(pair, changes[:35])
    before = entries()
    inspector.show_pair(pair, changes[:37])
    assert entries()[2:] == before[:-2]
    assert len(entries()) == 30
    assert [title.split()[-1] for title in titles()] == [str(number) for number in range(37, 7, -1)]
    inspector.show_pair(replace(pair, id=pair.id + 1), changes[:2])
    assert len(entries()) == 2
    assert not set(entries()) & set(before)


def test_a_key_is_offered_only_where_it_does_something(inspector: Inspector, qtbot: QtBot) -> None:
    show(inspector, bare_pair(1), 300, qtbot)
    assert inspector._sure.text() == "Not reconciled yet (R)"
    inspector.set_read_only()
    inspector.show_pair(bare_pair(2), [])
    assert inspector._sure.text() == "Not reconciled yet"


REF = MaskRef("0" * 64, 60, 40)


def painted_pair(number: int) -> Pair:
    made = bare_pair(number, 0.9)
    assert made.reconciliation is not None
    return replace(made, id=number, reconciliation=replace(made.reconciliation, footprint=REF, painted=REF))


def test_the_reason_stands_in_full_under_the_confidence(inspector: Inspector, pair: Pair, qtbot: QtBot) -> None:
    reason = "Clear match, <b>but</b> the left half of the portrait was painted over in another colour."
    assert pair.reconciliation is not None
    show(inspector, replace(pair, reconciliation=replace(pair.reconciliation, reason=reason)), 260, qtbot)
    assert inspector._reason.text() == reason
    assert inspector._reason.isVisible()
    assert inspector._sure.y() < inspector._reason.y() < inspector.comment.y(), "it is above what is asked"


def test_no_confidence_is_claimed_of_what_was_placed_by_hand(inspector: Inspector, pair: Pair, qtbot: QtBot) -> None:
    show(inspector, pair, 300, qtbot)
    assert inspector._bar.isVisible()
    (edit,) = placed(pair, Placement(1.0, 0.0, False, 60.0, 0.0))
    assert isinstance(edit, SetReconciliation)
    inspector.show_pair(replace(pair, reconciliation=edit.after), [])
    assert inspector._sure.text() == "Placed by hand"
    assert not inspector._bar.isVisible()
    assert not inspector._reason.isVisible()


def test_what_was_painted_on_is_said_with_its_share_once_that_is_known(inspector: Inspector, qtbot: QtBot) -> None:
    show(inspector, painted_pair(1), 300, qtbot)
    words = inspector._painted._text
    assert (words.isVisible(), words.text()) == (True, "Painted on: part of the footprint")
    inspector.show_painted(0.12, "#ff2fd0")
    assert words.text() == "Painted on: 12% of the footprint"
    assert not inspector._painted._sign.pixmap().isNull()
    commented = replace(painted_pair(1), review=Review(comment="nice hat"))
    inspector.show_pair(commented, [])
    assert words.text() == "Painted on: 12% of the footprint", "the same pair, changed, keeps what is known"
    inspector.show_pair(painted_pair(2), [])
    assert words.text() == "Painted on: part of the footprint", "nothing is left of another pair"
    inspector.show_pair(bare_pair(3, 0.9), [])
    assert not words.isVisible()
    inspector.show_pair(bare_pair(4), [])
    assert not words.isVisible()


def test_an_entry_that_is_dropped_before_it_was_seen_never_becomes_a_window(
    inspector: Inspector, pair: Pair, qtbot: QtBot
) -> None:
    show(inspector, pair, 300, qtbot)
    change = ChangeSet(1, "2024-01-01T00:00:00.000Z", Initiator("anna", label="Threshold"), (AddPair(pair),))
    inspector.show_pair(pair, [change])
    inspector.show_pair(replace(pair, id=2), [])
    seen = Windows()
    QApplication.instance().installEventFilter(seen)  # type: ignore[union-attr]  # there is one
    qtbot.wait(20)
    QApplication.instance().removeEventFilter(seen)  # type: ignore[union-attr]
    assert seen.shown == []

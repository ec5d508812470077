"""Names that do not fit are cut where that tells the least."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from gui.assets import elided_name

SERIES = "2024-05-11 Studio Sonnenschein Captain Whiskers von der Heide, front, retouched version {}"


@pytest.fixture
def metrics(qapp: QApplication) -> QFontMetrics:
    return QFontMetrics(qapp.font())


def test_a_name_that_fits_is_whole(metrics: QFontMetrics) -> None:
    assert elided_name("1043 Mango", metrics, metrics.horizontalAdvance("1043 Mango")) == "1043 Mango"


def test_names_of_a_series_are_told_apart(metrics: QFontMetrics) -> None:
    room = metrics.horizontalAdvance("a name of some thirty letters.")
    shown = [elided_name(SERIES.format(f"{number} blue"), metrics, room) for number in (12, 13)]
    assert shown[0] != shown[1]
    for name, number in zip(shown, (12, 13), strict=True):
        assert name.startswith("2024-")
        assert name.endswith(f"version {number} blue"), "most of the room is for the end"
        assert metrics.horizontalAdvance(name) <= room


def test_what_numbers_a_pair_stays_whole(metrics: QFontMetrics) -> None:
    for name in ("1048 Photographer of the year", "1048_Photographer_of_the_year"):
        shown = elided_name(name, metrics, metrics.horizontalAdvance(name) // 2)
        assert shown.startswith("1048…")
        assert shown.endswith("the year"[-4:])


def test_there_may_be_next_to_no_room(metrics: QFontMetrics) -> None:
    for room in (0, 3, 12):
        assert metrics.horizontalAdvance(elided_name(SERIES, metrics, room)) <= max(room, 20)

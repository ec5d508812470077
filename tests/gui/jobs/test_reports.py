"""How jobs end, in words."""

from __future__ import annotations

import pytest

from core.jobs.answers import BatchReport, ExportReport, ImportReport
from core.jobs.context import ItemFailed
from gui.jobs.reports import answer_words, failures_in

BROKEN = ItemFailed("a.png", "It is broken.", "Copy it again.")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (ImportReport(1, 0), "1 pair added"),
        (
            ImportReport(3, 0, alone=2, completed=1),
            "3 pairs added, 2 of them without a designer image, 1 completed with a designer image",
        ),
        (ImportReport(1200, 3), "1,200 pairs added, 3 there already"),
        (
            ImportReport(0, 0, ("x",), (BROKEN,), ("y", "z"), cancelled=True),
            "Cancelled: 0 pairs added, 1 without a partner, 1 unreadable, 2 duplicates",
        ),
        (BatchReport(3, 3, 3), "3 pairs reconciled"),
        (BatchReport(3, 3, 3, notes=("It goes on on the CPU.",)), "3 pairs reconciled. It goes on on the CPU."),
        (BatchReport(5, 3, 2, (BROKEN,), cancelled=True), "Cancelled: 3 pairs reconciled, 1 without a match, 1 failed"),
        (ExportReport(1, 0), "1 file written"),
        (ExportReport(2, 1, (BROKEN,)), "2 files written, 1 pair without a mask, 1 failed"),
        (None, "Done"),
    ],
)
def test_words(answer: object, words: str) -> None:
    assert answer_words(answer) == words


def test_whatever_stayed_out_has_a_remedy() -> None:
    report = ImportReport(0, 0, ("/o/x.png",), (BROKEN,), ("Two designer images for y.png.",))
    failures = failures_in(report)
    assert len(failures) == 3
    # what is said of duplicates ends with its remedy
    assert [(bool(failure.message), bool(failure.remedy)) for failure in failures] == [
        *((True, True), (True, True), (True, False))
    ]
    assert failures_in(BatchReport(1, 0, 0, (BROKEN,))) == [BROKEN]
    assert failures_in("nothing of the kind") == []

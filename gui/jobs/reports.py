"""How a job ended, in words, and what of it could not be done."""

from __future__ import annotations

from core.jobs.answers import BatchReport, ExportReport, ImportReport, TrainReport
from core.jobs.context import ItemFailed
from core.jobs.hands import MaskProposal
from core.jobs.specs import CompareMasks, PredictPairs

_NO_PARTNER = (
    "Give the original and the designer image the same name, import with a table of pairs, or import photos without a "
    "designer image as well."
)


def answer_words(answer: object, out_dir: str = "", spec: object = None) -> str:
    """Return a final answer to ``spec`` in one line; "Done" if there is no more to say.

    ``out_dir`` is where an export went.
    """
    if isinstance(answer, ImportReport):
        return _import_words(answer)
    if isinstance(answer, BatchReport):
        if isinstance(spec, CompareMasks):
            return _compared_words(answer)
        return _batch_words(answer, isinstance(spec, PredictPairs))
    if isinstance(answer, TrainReport):
        return _train_words(answer)
    if isinstance(answer, MaskProposal):
        return "Shown, to be taken or left"
    return _export_words(answer, out_dir) if isinstance(answer, ExportReport) else "Done"


def failures_in(answer: object) -> list[ItemFailed]:
    """Return what a final answer says could not be done."""
    if isinstance(answer, (BatchReport, ExportReport, TrainReport)):
        return list(answer.failures)
    if isinstance(answer, ImportReport):
        return [
            *answer.unreadable,
            *(ItemFailed(file, f"{file} has no partner.", _NO_PARTNER) for file in answer.unmatched),
            *(ItemFailed("", sentence, "") for sentence in answer.duplicates),
        ]
    return []


def _import_words(report: ImportReport) -> str:
    parts = [f"{_counted(report.added, 'pair')} added"]
    for number, words in (
        (report.alone, "of them without a designer image"),
        (report.completed, "completed with a designer image"),
        (report.already_there, "there already"),
        (len(report.unmatched), "without a partner"),
        (len(report.unreadable), "unreadable"),
        (len(report.duplicates), "duplicate" if len(report.duplicates) == 1 else "duplicates"),
    ):
        if number:
            parts.append(f"{number:,} {words}")
    return _ended(parts, report.cancelled)


def _batch_words(report: BatchReport, predicted: bool) -> str:
    what, failed = ("photo", "without a portrait") if predicted else ("pair", "without a match")
    parts = [f"{_counted(report.done, what)} {'predicted' if predicted else 'reconciled'}"]
    if report.done > report.matched:
        parts.append(f"{report.done - report.matched:,} {failed}")
    if report.failures:
        parts.append(f"{len(report.failures):,} failed")
    return _noted(_ended(parts, report.cancelled), report.notes)


def _compared_words(report: BatchReport) -> str:
    parts = [f"{_counted(report.done, 'mask')} compared", f"{report.matched:,} would change"]
    if report.failures:
        parts.append(f"{len(report.failures):,} failed")
    return _ended(parts, report.cancelled)


def _train_words(report: TrainReport) -> str:
    if report.cancelled:
        return "Stopped; it can be resumed"
    if report.new is None:
        return "Done"
    was = f", was {report.old.iou:.0%}" if report.old is not None else ""
    return _noted(f"Overlap on held-out photos {report.new.iou:.0%}{was}", report.notes)


def _export_words(report: ExportReport, out_dir: str) -> str:
    place = f" to {out_dir}" if out_dir and report.written else ""
    parts = [f"{_counted(report.written, 'file')} written{place}"]
    if report.skipped:
        parts.append(f"{_counted(report.skipped, 'pair')} without a mask")
    if report.failures:
        parts.append(f"{len(report.failures):,} failed")
    return _ended(parts, report.cancelled)


def _noted(words: str, notes: tuple[str, ...]) -> str:
    return ". ".join([words, *notes])


def _ended(parts: list[str], cancelled: bool) -> str:
    return ("Cancelled: " if cancelled else "") + ", ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")

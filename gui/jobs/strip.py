"""The strip along the foot of the desk: what runs, how far it is, how long it takes, and what could not be done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QToolButton, QWidget

from core.jobs.answers import ExportReport
from core.jobs.context import ItemFailed
from core.jobs.specs import ExportPairs
from gui.assets import set_icon
from gui.jobs.failures import FailureList
from gui.jobs.handle import Handle, State
from gui.jobs.reports import answer_words, failures_in
from gui.jobs.time_left import in_words

_RESTING_MS = 12_000
"""How long the end of a job stays to be read if it leaves nothing to look at."""


class JobStrip(QWidget):
    """Shows one job at a time: the oldest that runs, else the oldest that waits, else the one that ended last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs: dict[int, Handle] = {}
        self._shown: Handle | None = None
        self._failures: list[tuple[str, ItemFailed]] = []
        self._seen = 0
        """How many of these failures have stood in a list that was opened."""
        self._list: FailureList | None = None
        self._title = QLabel()
        font = self._title.font()
        font.setWeight(font.Weight.DemiBold)
        self._title.setFont(font)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedSize(180, 8)
        self._bar.setAccessibleName("Progress of the job")
        self._words = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._words.setProperty("role", "muted")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._problem = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._problem.setProperty("role", "warning")
        self._show = QPushButton("Show")
        self._show.setToolTip("Show what could not be done, and why")
        self._cancel = QPushButton("Cancel")
        self._cancel.setToolTip("Stop this job; what it has done stays")
        self._folder = QPushButton("Open folder")
        self._folder.setToolTip("Show what was written in the file manager")
        self._dismiss = QToolButton()
        self._dismiss.setToolTip("Dismiss")
        self._dismiss.setAccessibleName("Dismiss what the last job said")
        set_icon(self._dismiss, "close")
        for button in (self._show, self._folder, self._cancel, self._dismiss):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(self._bar)
        layout.addWidget(self._words, 1)
        for widget in (self._problem, self._show, self._folder, self._cancel, self._dismiss):
            layout.addWidget(widget)
        self.setFixedHeight(40)
        self._show.clicked.connect(self.show_failures)
        self._folder.clicked.connect(self._on_folder_clicked)
        self._dismiss.clicked.connect(self.forget)
        self._cancel.clicked.connect(self._on_cancel_clicked)
        self._rest = QTimer(self, singleShot=True, interval=_RESTING_MS)
        self._rest.timeout.connect(self._on_rested)
        self._refresh()

    def job_changed(self, handle: Handle) -> None:
        """Take news of a job (called by the runner)."""
        if handle.state.ended:
            self._jobs.pop(handle.number, None)
            self._gather(handle)
            self._rest.start()
        else:
            if not self._jobs:  # what nobody has looked at stays: an import's failures outlive the job that follows it
                del self._failures[: self._seen]
                self._seen = 0
            self._jobs[handle.number] = handle
            self._rest.stop()
        self._shown = min(self._jobs.values(), key=lambda job: job.state is State.QUEUED, default=handle)
        self._refresh()

    def forget(self) -> None:
        """Show nothing: the project has been closed, or the user has read it."""
        self._jobs.clear()
        self._failures = []
        self._seen = 0
        self._shown = None
        self._refresh()

    @property
    def words(self) -> str:
        """All that the strip says, in one line."""
        parts = (self._title.text(), self._words.text(), self._problem.text())
        return " · ".join(part for part in parts if part)

    def failures(self) -> list[tuple[str, ItemFailed]]:
        """Return what could not be done and was not seen before this run of jobs: the job's title and the failure."""
        return [*self._failures, *((job.title, failure) for job in self._jobs.values() for failure in job.failures)]

    def show_failures(self) -> None:
        """Open the list of what could not be done."""
        if self._list is not None:
            self._list.close()
        self._seen = len(self._failures)
        self._list = FailureList(self.failures(), self.window())
        self._list.finished.connect(self._on_list_closed)
        self._list.show()

    def _gather(self, handle: Handle) -> None:
        known = set(handle.failures)
        new = [*handle.failures, *(failure for failure in failures_in(handle.answer) if failure not in known)]
        if handle.error is not None:
            new.append(ItemFailed.from_error(handle.title, handle.error))
        if handle.state is State.DONE:
            self._forget_mended(handle, new)
        unseen = set(self._failures[self._seen :])  # the same trouble again, before anybody has looked, is one trouble
        self._failures += [entry for failure in new if (entry := (handle.title, failure)) not in unseen]

    def _forget_mended(self, handle: Handle, new: list[ItemFailed]) -> None:
        """Drop what could not be done to pairs to which a later job of the same kind has done it."""
        failed = {failure.pair_id for failure in new}
        done = set(getattr(handle.spec, "pair_ids", ())) - failed
        mended = [title == handle.title and failure.pair_id in done for title, failure in self._failures]
        self._seen -= sum(mended[: self._seen])
        self._failures = [entry for entry, gone in zip(self._failures, mended, strict=True) if not gone]

    def _refresh(self) -> None:
        job = self._shown
        running = job is not None and not job.state.ended
        count = len(self.failures())
        self._title.setText(job.title if job else "")
        self._title.setVisible(job is not None)
        self._bar.setVisible(running)
        self._cancel.setVisible(running)
        self._cancel.setEnabled(job is not None and job.state is not State.STOPPING)
        self._words.setText(_words(job) if job else "No job is running")
        self._words.setToolTip(self._words.text())  # the window may be too narrow for a path
        self._problem.setText("" if count == 0 else "1 failure" if count == 1 else f"{count:,} failures")
        self._problem.setVisible(count > 0)
        self._show.setVisible(count > 0)
        self._folder.setVisible(_written_to(job) != "")
        self._dismiss.setVisible(job is not None and not running)
        if job is not None and running:
            known = job.state is State.RUNNING and job.total > 0
            self._bar.setRange(0, job.total if known or job.total else 0)
            self._bar.setValue(job.done)

    def _on_cancel_clicked(self) -> None:
        if self._shown is not None:
            self._shown.cancel()

    def _on_folder_clicked(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(_written_to(self._shown)))

    def _on_list_closed(self) -> None:
        self._list = None

    def _on_rested(self) -> None:
        if not self._jobs and not self._failures and not _written_to(self._shown):
            self._shown = None
            self._refresh()


def _written_to(job: Handle | None) -> str:
    """Return the folder an export has written files to; empty for anything else."""
    if job is None or not isinstance(job.spec, ExportPairs) or not isinstance(job.answer, ExportReport):
        return ""
    return str(Path(job.spec.out_dir).absolute()) if job.answer.written else ""


def _words(job: Handle) -> str:
    if job.state is State.FAILED and job.error is not None:
        return str(job.error)
    if job.state is State.QUEUED:
        return "Waits for the job before it"
    if job.state is State.DONE:
        return answer_words(job.answer, _written_to(job), job.spec)
    if job.state.ended:
        counted = f" after {job.done:,} of {job.total:,}" if job.state is State.CANCELLED and job.total else ""
        return f"{job.state.value}{counted}"
    parts = []
    if job.state is State.STOPPING:
        parts.append("Stopping")
    if job.total:
        parts.append(f"{job.done:,} of {job.total:,}")
    left = job.seconds_left()
    if left is not None and job.state is State.RUNNING:
        parts.append(f"{in_words(left)} left")
    if job.label:
        parts.append(job.label)
    return " · ".join(parts) or "Begins"

"""The open project as the desk sees it: applies edits at once (decision 0004) and says once what changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from core.edits import Edit, Initiator, Origin
from core.settings import Settings
from core.store.base import Store
from core.store.changes import ChangeKind, ChangeSet


class Session(QObject):
    """One project, one person, from open to close."""

    changed = Signal(object)
    """A ``ChangeSet``: something in the project has changed, whoever did it, and is on the disk."""

    def __init__(self, store: Store, settings: Settings, who: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.settings = settings
        self.who = who

    def apply(
        self,
        edits: Sequence[Edit],
        label: str,
        seconds: float | None = None,
        *,
        kind: ChangeKind = ChangeKind.DO,
        target: int | None = None,
    ) -> ChangeSet:
        """Write one gesture to the project, then broadcast it. When this returns, it is on the disk.

        Args:
            edits: all of them are applied, or none.
            label: what the gesture is called in histories: "Accept".
            seconds: how long the person had the pair before them.
            kind: whether it does, takes back or does again.
            target: the revision taken back or done again.

        Raises:
            EditConflict: somebody else has changed the same thing; nothing has been written.
            StorageProblem: the project cannot be written; nothing has been.
        """
        initiator = Initiator(self.who, Origin.USER, seconds, label)
        change = self.store.apply(edits, initiator, kind=kind, target=target)
        self.changed.emit(change)
        return change

    def note(self, change: ChangeSet) -> None:
        """Broadcast a change that a job has made."""
        self.changed.emit(change)

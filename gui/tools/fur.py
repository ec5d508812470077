"""Fur: a job estimates the alpha around the edge; it is looked at before it is taken or left."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.domain import Box, Pair
from core.errors import UserFacingError
from core.jobs.hands import MaskProposal, MatteMask
from core.jobs.services import Services
from gui.current_keys import with_keys
from gui.jobs.handle import Handle, Listener
from gui.jobs.runner import Runner
from gui.tools.editor import Editor


class Fur(QObject):
    """What is shown of it lies on the editor's table, and is no part of the mask yet."""

    words_changed = Signal(str)
    """What is to be taken or left; empty: nothing is."""
    told = Signal(str)

    def __init__(self, runner: Runner, services: Services, editor: Editor) -> None:
        super().__init__(editor)
        self._runner = runner
        self._services = services
        self._editor = editor
        self._proposal: MaskProposal | None = None
        self._looked_at: Box | None = None
        """Where the mask is shown as a proposal would have it, a first look included."""
        self._job: Handle | None = None

    def ask(self, pair: Pair, radius: float) -> None:
        """Estimate the alpha within ``radius`` pixels of the edge, and show it."""
        self.drop()
        self.words_changed.emit(with_keys("Looking at the fur … {leave_edit} gives it up."))

        def came(part: object) -> None:
            if self._job is job and isinstance(part, MaskProposal):
                self._show(part)
                self.words_changed.emit(
                    with_keys("A first look; the fur itself is on its way … {leave_edit} gives it up.")
                )

        def done(answer: object) -> None:
            assert isinstance(answer, MaskProposal)
            if self._job is not job:
                return
            self._proposal, self._job = answer, None
            self._show(answer)
            self.words_changed.emit(answer.words + with_keys(" {commit} takes it, {leave_edit} leaves it."))

        def failed(problem: UserFacingError) -> None:
            ended()
            self.told.emit(str(problem))

        def ended() -> None:
            if self._job is job:
                self.drop()

        listener = Listener(done=done, failed=failed, cancelled=ended, partial=came, shown=True)
        # cancelled, not superseded, when it is given up: the job strip is to hear of its end
        job = self._runner.submit(MatteMask(pair, radius), self._services, listener)
        self._job = job

    def _show(self, proposal: MaskProposal) -> None:
        self._looked_at = proposal.box
        self._editor.hold(True)
        self._editor.show_box(proposal.box, proposal.mask)

    @property
    def looking(self) -> bool:
        """Whether a proposal is on the way."""
        return self._job is not None

    def take(self) -> MaskProposal | None:
        """Take what is shown, which stays on the table; None if nothing is shown."""
        proposal, self._proposal = self._proposal, None
        self._looked_at = None
        self.drop()
        return proposal

    @property
    def shown(self) -> bool:
        """Whether a proposal waits to be taken or left."""
        return self._proposal is not None

    def outdate(self) -> None:
        """The mask is another one than that in which fur was looked for."""
        if self.drop():
            self.told.emit(with_keys("The mask has changed meanwhile; {fur} looks at the fur again."))

    def drop(self) -> bool:
        """Leave what is shown, or give up what is on the way; False if there is neither."""
        found = self.looking or self._proposal is not None
        self._proposal = None
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self.words_changed.emit("")
        self._editor.hold(False)
        box, self._looked_at = self._looked_at, None
        if box is not None:
            self._editor.show_box(box)
        return found

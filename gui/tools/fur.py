"""Fur: a job estimates the alpha around the edge; it is looked at before it is taken or left."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.domain import Pair
from core.errors import UserFacingError
from core.jobs.answers import MaskProposal
from core.jobs.hands import MatteMask
from core.jobs.services import Services
from core.maths.patches import Patch
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
        self._job: Handle | None = None

    def ask(self, pair: Pair, radius: float) -> None:
        """Estimate the alpha within ``radius`` pixels of the edge, and show it."""
        self.drop()
        self.words_changed.emit(with_keys("Looking at the fur … {leave_edit} gives it up."))

        def done(answer: object) -> None:
            assert isinstance(answer, MaskProposal)
            if self._job is not job:
                return
            self._proposal, self._job = answer, None
            self._editor.hold(True)
            self._editor.show_box(answer.box, answer.mask)
            self.words_changed.emit(answer.words + with_keys(" {commit} takes it, {leave_edit} leaves it."))

        def failed(problem: UserFacingError) -> None:
            ended()
            self.told.emit(str(problem))

        def ended() -> None:
            if self._job is job:
                self._job = None
                self.words_changed.emit("")

        listener = Listener(done=done, failed=failed, cancelled=ended, shown=True)
        # cancelled, not superseded, when it is given up: the job strip is to hear of its end
        job = self._runner.submit(MatteMask(pair, radius), self._services, listener)
        self._job = job

    @property
    def looking(self) -> bool:
        """Whether a proposal is on the way."""
        return self._job is not None

    def take(self) -> Patch | None:
        """Take what is shown: return its patch, None if nothing is shown or nothing would change."""
        proposal, sheet = self._proposal, self._editor.sheet
        self.drop()
        return None if proposal is None or sheet is None else sheet.patch_to(proposal.box, proposal.mask)

    @property
    def shown(self) -> bool:
        """Whether a proposal waits to be taken or left."""
        return self._proposal is not None

    def drop(self) -> bool:
        """Leave what is shown, or give up what is on the way; False if there is neither."""
        found = self.looking or self._proposal is not None
        proposal, self._proposal = self._proposal, None
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        self.words_changed.emit("")
        self._editor.hold(False)
        if proposal is not None:
            self._editor.show_box(proposal.box)
        return found

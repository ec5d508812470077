"""The session writes first and tells afterwards, once."""

from __future__ import annotations

import pytest

from core.domain import Decision, Review
from core.edits import Origin, SetReview
from core.errors import EditConflict, StorageProblem
from core.settings import Settings
from core.store.changes import ChangeSet
from core.store.memory import MemoryStore
from gui.session import Session
from tests.gui.conftest import WHO

ACCEPTED = Review(Decision.ACCEPTED)


def test_a_change_is_in_the_store_before_anybody_hears_of_it(session: Session) -> None:
    heard: list[tuple[ChangeSet, Decision]] = []
    pair_id = session.store.pair_ids()[0]
    session.changed.connect(lambda change: heard.append((change, session.store.pairs([pair_id])[0].review.decision)))
    change = session.apply([SetReview(pair_id, Review(), ACCEPTED)], "Accept", 2.5)
    assert heard == [(change, Decision.ACCEPTED)]
    initiator = session.store.journal(newest=1)[0].initiator
    assert (initiator.who, initiator.origin, initiator.seconds, initiator.label) == (WHO, Origin.USER, 2.5, "Accept")


def test_a_refused_change_is_not_broadcast(session: Session) -> None:
    heard: list[ChangeSet] = []
    session.changed.connect(heard.append)
    pair_id = session.store.pair_ids()[0]
    with pytest.raises(EditConflict):
        session.apply([SetReview(pair_id, ACCEPTED, Review())], "Undecide")
    assert heard == []


def test_a_read_only_project_refuses(settings: Settings, qapp: object) -> None:
    session = Session(MemoryStore("ours", "Ben has it open."), settings, WHO)
    with pytest.raises(StorageProblem):
        session.apply([SetReview(1, Review(), ACCEPTED)], "Accept")

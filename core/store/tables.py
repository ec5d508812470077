"""The tables of a project's database, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.domain import MaskSource

HEAD = "0005"
"""Newest revision of the schema; kept here so that opening an up-to-date project need not import Alembic."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Sorted by code point everywhere, as SQLite and Python do it: the queue's order must not depend on a server's locale.
SORTED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")

# The state now: one row holds a pair with its one reconciliation and its one review. What they were before stands in
# the journal. Ids are given by the store (autoincrement=False): an id that was used once never names another pair.
pairs = Table(
    "pairs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("search_key", SORTED_TEXT, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("original_path", Text, nullable=False),
    Column("original_sha256", Text, nullable=False),
    Column("original_width", Integer, nullable=False),
    Column("original_height", Integer, nullable=False),
    Column("designer_path", Text),
    Column("designer_sha256", Text),
    Column("designer_width", Integer),
    Column("designer_height", Integer),
    Column("method", Text),
    Column("scale", Double),
    Column("rotation_deg", Double),
    Column("mirrored", Boolean),
    Column("tx", Double),
    Column("ty", Double),
    Column("confidence", Double),
    Column("confidence_reason", Text),
    Column("seconds", Double),
    Column("mask_sha256", Text),
    Column("mask_width", Integer),
    Column("mask_height", Integer),
    Column("run_id", Integer),
    Column("sureness", Double, nullable=False),
    Column("decision", Text, nullable=False),
    Column("reject_reason", Text),
    Column("comment", Text, nullable=False),
    Column("quality", Integer),
    *(
        Column(f"{prefix}_{part}", kind)
        for prefix in ("footprint", "painted")
        for part, kind in (("sha256", Text), ("width", Integer), ("height", Integer))
    ),
    Column("decided_source", Text),
    Column("predicted_by", Text),
    Column("predicted_version", Text),
    Column("map_sha256", Text),
    Column("map_width", Integer),
    Column("map_height", Integer),
    Column("threshold", Double),
    Column("threshold_low", Double),
    Column("threshold_high", Double),
    Column("chosen_threshold", Double),
    Column("threshold_moved", Double),
    Column("expected_iou", Double),
    Column("found", Double),
    Column("prediction_reason", Text),
    Column("prediction_seconds", Double),
    Column("portraits", Text),
    Column("portrait", Integer),
    Column("prediction_run_id", Integer),
    Column("promise", Double, nullable=False, server_default=text("-2.0")),
    Column("mask_placement", Text),
    Column("recipe", Text),
    Column("recipe_base", Text),
    UniqueConstraint("name"),
)
# The queue's orders; with the decision and each other's key in them every question of the queue is answered from an
# index alone.
Index("ix_pairs_by_sureness", pairs.c.sureness, pairs.c.search_key, pairs.c.id, pairs.c.decision, pairs.c.promise)
Index("ix_pairs_by_promise", pairs.c.promise, pairs.c.search_key, pairs.c.id, pairs.c.decision, pairs.c.sureness)
Index("ix_pairs_by_name", pairs.c.search_key, pairs.c.id, pairs.c.decision, pairs.c.sureness, pairs.c.promise)

_unsaid = pairs.c.decided_source.is_(None) | (pairs.c.decided_source == MaskSource.RECIPE)
_alone = pairs.c.recipe.is_(None) & pairs.c.mask_sha256.is_(None)
ABOUT_PREDICTION = (pairs.c.decided_source == MaskSource.PREDICTION) | (
    _unsaid & ((pairs.c.recipe_base == MaskSource.PREDICTION) | _alone)
)
"""Whether a prediction lies beneath the mask that stands for a pair, as ``Pair.base_source`` says."""

journal = Table(
    "journal",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Integer, ForeignKey("journal.revision")),
    Column("who", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("seconds", Double),
    Column("label", Text, nullable=False),
)

# ``before`` and ``after`` are JSON of what the kind of edit replaces: a pair, an image, a review, a reconciliation, a
# placement, a prediction, a threshold, a recipe, its steps, or a stroke with its number; NULL where there was or is
# none. ``decision`` is the one that the edit makes, NULL where it makes none.
journal_edits = Table(
    "journal_edits",
    metadata,
    Column("revision", Integer, ForeignKey("journal.revision"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("pair_id", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("decision", Text),
    Column("before", Text),
    Column("after", Text),
)
Index("ix_journal_edits_pair_id", journal_edits.c.pair_id, journal_edits.c.revision)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("finished_at", Text),
    Column("outcome", Text, nullable=False),
    Column("pairs_done", Integer, nullable=False),
    Column("failures", Text, nullable=False),
)

# At most one row, with id 1: who may write now.
write_lock = Table(
    "write_lock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("token", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("since", Text, nullable=False),
    Column("beat_at", Double, nullable=False),
)

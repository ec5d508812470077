"""A read-out's card for people, beside its file."""

from __future__ import annotations

from core.model.card import ModelCard

HOLDS = {
    "portrait": "Both trunks and read-outs, in half precision: nothing else is needed to predict.",
    "deepgaze2": "Read-out and centre bias alone; the trunk's weights are not in the file.",
}
"""What is in the file, by architecture."""


def describe(card: ModelCard) -> str:
    """Return a card as a page for people."""
    size = card.options.get("size")
    scaled = f", scaled to {size} pixels" if size else ""
    return (
        f"# {card.name}\n\n{card.title}. {HOLDS[card.architecture]}\n\n"
        f"- **Data**: {card.data}.\n- **Licence of the data**: {card.licence}.\n"
        f"- **Trained on**: {card.trained_on} pictures{scaled}.\n"
        f"- **Seed**: {card.seed}.\n- **Made by**: `{card.command}`\n"
        + _table("Measured on pictures that were held out", card.metrics)
        + _table("Learned after the weights", card.calibration)
    )


def _table(title: str, values: dict[str, object]) -> str:
    if not values:
        return ""
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in sorted(values.items()))
    return f"\n## {title}\n\n| | |\n|---|---|\n{rows}\n"

"""What edits do to recipes, and what a recipe must be like to be stored."""

from __future__ import annotations

from dataclasses import replace

from core.domain import CleanUp, MaskSource, Recipe, Stroke
from core.edits import AddStroke, RemoveStroke, SetCleanUp
from core.settings import MOST_MEGAPIXELS

MOST_STEPS = 100
MOST_AMOUNT = MOST_MEGAPIXELS * 1e6
"""No picture has more pixels."""


def painted(recipe: Recipe, edit: SetCleanUp | AddStroke | RemoveStroke) -> Recipe | None:
    """Return a recipe after an edit of it; None if it is not in the state that the edit was made on."""
    if isinstance(edit, SetCleanUp):
        return replace(recipe, steps=edit.after) if recipe.steps == edit.before else None
    if isinstance(edit, AddStroke):
        fits = len(recipe.strokes) == edit.index
        return replace(recipe, strokes=(*recipe.strokes, edit.stroke)) if fits else None
    fits = len(recipe.strokes) == edit.index + 1 and recipe.strokes[-1] == edit.stroke
    return replace(recipe, strokes=recipe.strokes[:-1]) if fits else None


def check_recipe(recipe: Recipe) -> None:
    """See to it that a recipe has a base that is none itself, and steps and strokes that can be done.

    Raises:
        ValueError: it has not.
    """
    if recipe.base is MaskSource.RECIPE:
        raise ValueError("a recipe with a recipe for its base")
    check_steps(recipe.steps)
    for stroke in recipe.strokes:
        check_stroke(stroke)


def check_steps(steps: tuple[CleanUp, ...]) -> None:
    """See to it that the amounts of clean-up steps are finite and not negative.

    Raises:
        ValueError: one is, or there are too many steps.
    """
    if len(steps) > MOST_STEPS:
        raise ValueError(f"a recipe of {len(steps)} steps")
    for step in steps:
        if not 0 <= step.amount <= MOST_AMOUNT:  # this too is false for what is no number
            raise ValueError(f"a step {step.kind} by {step.amount}")


def check_stroke(stroke: Stroke) -> None:
    """See to it that a stroke has pixels, and lies right of and below the corner of the picture.

    Raises:
        ValueError: it does not.
    """
    width, height = stroke.patch.width, stroke.patch.height
    if min(width, height) < 1 or height % 2:
        raise ValueError(f"a stroke with a patch of {width} × {height} pixels")
    if stroke.left < 0 or stroke.top < 0:
        raise ValueError(f"a stroke at {stroke.left}, {stroke.top}")


def check_strokes_within(recipe: Recipe, width: int, height: int) -> None:
    """See to it that all strokes lie within a picture of this size.

    Raises:
        ValueError: one does not.
    """
    for stroke in recipe.strokes:
        _, _, right, bottom = stroke.box
        if right > width or bottom > height:
            raise ValueError(f"a stroke reaches to {right}, {bottom} in {width} × {height}")

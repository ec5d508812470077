"""Pictures and masks for the canvas, and opening projects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import FileProblem, StorageProblem, UsageProblem
from core.images.io import encode_mask
from core.jobs import inline
from core.jobs.answers import DisplayPicture, MaskLayer
from core.jobs.services import Services
from core.jobs.specs import LoadMask, LoadPicture, OpenProject

Draw = Callable[..., Path]


def _picture(services: Services, ctx: Any, spec: LoadPicture) -> DisplayPicture:
    answer = inline.run(spec, services, ctx)
    assert isinstance(answer, DisplayPicture)
    return answer


def test_a_picture_at_full_size_and_as_a_preview(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, reference: Any
) -> None:
    ref = reference(draw(tmp_path / "a.png", 3, size=(1200, 800)))
    full, preview = (_picture(services, ctx, LoadPicture(ref, side)) for side in (None, 300))
    assert [level.shape for level in full.levels] == [(800, 1200, 4), (400, 600, 4), (200, 300, 4)]
    assert preview.levels[0].shape == (200, 300, 4)
    assert {(picture.full_width, picture.full_height) for picture in (full, preview)} == {(1200, 800)}
    assert full.opaque
    assert preview.opaque


def test_transparency_is_told(services: Services, ctx: Any, tmp_path: Path, draw: Draw, reference: Any) -> None:
    ref = reference(draw(tmp_path / "a.png", 3, mode="RGBA"))
    assert not _picture(services, ctx, LoadPicture(ref)).opaque


@pytest.mark.parametrize("long_side", [None, 20])
def test_a_picture_that_changed_is_not_shown_under_the_old_mask(
    services: Services, ctx: Any, tmp_path: Path, draw: Draw, reference: Any, long_side: int | None
) -> None:
    ref = reference(draw(tmp_path / "a.png", 3))
    draw(tmp_path / "a.png", 4)
    with pytest.raises(FileProblem, match="has changed since"):
        inline.run(LoadPicture(ref, long_side), services, ctx)


def test_a_mask_comes_with_its_outline(services: Services, ctx: Any) -> None:
    mask = np.zeros((30, 40), np.uint8)
    mask[10:20, 5:25] = 255
    ref = services.project().put_mask(encode_mask(mask), 40, 30)
    layer = inline.run(LoadMask(ref), services, ctx)
    assert isinstance(layer, MaskLayer)
    assert np.array_equal(layer.levels[0], mask)
    (outline,) = layer.outline
    low, high = outline.min(axis=0), outline.max(axis=0)
    assert np.all(np.abs(low - (5, 10)) <= 1)
    assert np.all(np.abs(high - (24, 19)) <= 1)
    assert layer.area == 200


def test_an_outline_comes_without_a_pyramid(services: Services, ctx: Any) -> None:
    ref = services.project().put_mask(encode_mask(np.full((30, 40), 255, np.uint8)), 40, 30)
    layer = inline.run(LoadMask(ref, outline_only=True), services, ctx)
    assert isinstance(layer, MaskLayer)
    assert (layer.levels, len(layer.outline), layer.area) == ((), 1, 1200)


def test_without_a_project_there_is_no_mask(services: Services, ctx: Any) -> None:
    alone = Services(services.settings, services.previews)
    ref = services.project().put_mask(encode_mask(np.zeros((2, 2), np.uint8)), 2, 2)
    with pytest.raises(UsageProblem, match="No project"):
        inline.run(LoadMask(ref), alone, ctx)


def test_a_project_is_made_once_and_opened_after(services: Services, ctx: Any, tmp_path: Path) -> None:
    for _ in range(2):
        store: Any = inline.run(OpenProject(str(tmp_path / "p"), "ann", create=True), services, ctx)
        assert store.pair_ids() == []
        store.close()
    with pytest.raises(StorageProblem):
        inline.run(OpenProject(str(tmp_path / "none"), "ann"), services, ctx)

"""Predicting files without a project: what is written, what is never written over, and what each failure says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import UsageProblem
from core.images import io
from core.jobs import inline
from core.jobs.answers import BatchReport, PredictLine
from core.jobs.services import Services
from core.jobs.specs import PredictFiles, PredictOptions
from tests.core.jobs.modelling import Loader, paint

OPTIONS = PredictOptions(device="cpu")


def _files(services: Services, ctx: Any, out: Path, *images: Path, **more: Any) -> BatchReport:
    options = more.pop("options", OPTIONS)
    report = inline.run(PredictFiles(tuple(map(str, images)), str(out), options, **more), services, ctx)
    assert isinstance(report, BatchReport)
    return report


def _open(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        opened.load()
        return opened


def test_masks_and_maps_have_the_photos_size(services: Services, ctx: Any, loader: Loader, tmp_path: Path) -> None:
    photo, tiny = paint(tmp_path / "Käthe.jpg", (2000, 900)), paint(tmp_path / "tiny.png", (3, 2))
    out = tmp_path / "out"
    report = _files(services, ctx, out, photo, tiny, maps=True)
    assert (report.done, report.failures) == (2, ())
    assert {path.name for path in out.iterdir()} == {"Käthe.png", "Käthe.map.png", "tiny.png", "tiny.map.png"}
    mask, deep = (_open(out / name) for name in ("Käthe.png", "Käthe.map.png"))
    assert (mask.size, mask.mode, deep.size, deep.mode) == ((2000, 900), "L", (2000, 900), "I;16")
    assert set(np.unique(np.asarray(mask))) == {0, 255}
    values = np.asarray(deep)
    assert values.dtype == np.uint16
    assert np.array_equal(np.asarray(mask) > 0, values >= 0.5 * 65535)
    first = ctx.of(PredictLine)[0]
    assert (first.image, first.threshold, first.mask_file) == (str(photo), 0.5, str(out / "Käthe.png"))
    assert first.version
    assert first.portraits


def test_a_threshold_cuts_all_of_them(services: Services, ctx: Any, loader: Loader, tmp_path: Path) -> None:
    photo = paint(tmp_path / "rex.png")
    areas = []
    for threshold in (0.1, 0.5, 0.9):
        _files(services, ctx, tmp_path / "out", photo, options=replace(OPTIONS, threshold=threshold))
        areas.append(int(np.count_nonzero(np.asarray(Image.open(tmp_path / "out" / "rex.png")))))
    assert areas[0] > areas[1] > areas[2] > 0
    assert ctx.of(PredictLine)[-1].threshold == 0.9


def test_a_photo_is_never_written_over(services: Services, ctx: Any, loader: Loader, tmp_path: Path) -> None:
    photo = paint(tmp_path / "rex.png")
    before = photo.read_bytes()
    with pytest.raises(UsageProblem, match="destroy"):
        _files(services, ctx, tmp_path, photo)
    _files(services, ctx, tmp_path / "out", photo)
    mask = tmp_path / "out" / "rex.png"
    with pytest.raises(UsageProblem, match="destroy a picture of yours"):
        _files(services, ctx, tmp_path / "out", mask)
    _files(services, ctx, tmp_path / "out", photo)
    assert photo.read_bytes() == before


def test_photos_of_one_name_get_a_mask_each(services: Services, ctx: Any, loader: Loader, tmp_path: Path) -> None:
    photos = [paint(tmp_path / "a" / "rex.png"), paint(tmp_path / "b" / "rex.jpg")]
    _files(services, ctx, tmp_path / "out", *photos)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"rex.png", "rex (2).png"}
    with pytest.raises(UsageProblem, match="given twice"):
        _files(services, ctx, tmp_path / "out", photos[0], photos[0])
    clash = paint(tmp_path / "c" / "rex.map.png")
    with pytest.raises(UsageProblem, match="Two results"):
        _files(services, ctx, tmp_path / "new", photos[0], clash, maps=True)
    with pytest.raises(UsageProblem, match="no photo"):
        _files(services, ctx, tmp_path / "new")


def test_a_file_that_is_no_photo_gets_a_line_with_its_error(
    services: Services, ctx: Any, loader: Loader, tmp_path: Path
) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no photo")
    photo = paint(tmp_path / "rex.png")
    report = _files(services, ctx, tmp_path / "out", text, photo)
    assert (report.done, report.matched, len(report.failures)) == (1, 1, 1)
    bad, good = ctx.of(PredictLine)
    assert "not a picture" in bad.error
    assert good.error is None
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rex.png"]


def test_where_nothing_is_found_the_mask_is_empty_unless_a_cut_is_asked_for(
    services: Services, ctx: Any, tmp_path: Path, loader: Loader
) -> None:
    faint = tmp_path / "faint.png"
    Image.fromarray(np.full((40, 60, 3), 80, np.uint8)).save(faint)
    _files(services, ctx, tmp_path / "out", faint)
    assert not io.decode_mask((tmp_path / "out" / "faint.png").read_bytes()).any()
    _files(services, ctx, tmp_path / "low", faint, options=replace(OPTIONS, threshold=0.2))
    assert io.decode_mask((tmp_path / "low" / "faint.png").read_bytes()).all()

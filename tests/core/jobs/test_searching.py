"""Searches as a child does them: many at once on a GPU, masks packed, priors handed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import DeviceProblem, UsageProblem
from core.images.io import Limits, decode_mask
from core.jobs.specs import near
from core.jobs.work import searching
from core.jobs.work.searching import Search, search
from core.reconcile.options import ReconcileOptions
from core.reconcile.pipeline import Asked
from core.reconcile.prior import LandmarkPrior, PlacementPrior
from core.reconcile.result import Result
from tests.core.jobs.conftest import PLACEMENT
from tests.core.jobs.reconciling import OPTIONS

Draw = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("in_process")


def test_what_the_search_finds_is_packed_and_the_prior_is_handed_on(
    tmp_path: Path, draw: Draw, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    masks = [np.full((30, 40), value, np.uint8) for value in (100, 130, 200)]
    asked: list[object] = []

    def reconcile_many(pairs: list[Asked], options: ReconcileOptions, check: Any, threads: int) -> list[Result]:
        asked.extend(prior for _, _, prior in pairs)
        return [Result(PLACEMENT, masks[0], 0.9, "Clear.", 0.1, masks[1], masks[2]) for _ in pairs]

    monkeypatch.setattr("core.reconcile.pipeline.reconcile_many", reconcile_many)
    file = tmp_path / "prior.json"
    file.write_text('{"landmarks": [[0, 0, 5, 5], [9, 9, 30, 20]]}', "utf-8")
    task = Search(draw(tmp_path / "o.png", 1), draw(tmp_path / "d.png", 2), OPTIONS, limits, prior=file)
    for two_valued, values in ((False, (100, 130, 200)), (True, (0, 255, 255))):
        found = search(replace(task, two_valued=two_valued))
        packed = [png for png in (found.mask_png, found.footprint_png, found.painted_png) if png is not None]
        assert [int(decode_mask(png).max()) for png in packed] == list(values)
    search(replace(task, prior=near(PLACEMENT)))
    landmarks = LandmarkPrior(((0, 0, 5, 5), (9, 9, 30, 20)))
    assert asked == [landmarks, landmarks, PlacementPrior(PLACEMENT)]


def test_a_gpu_gets_many_pairs_at_once_and_each_its_own_answer(
    tmp_path: Path, draw: Draw, limits: Limits, monkeypatch: pytest.MonkeyPatch, in_process: None
) -> None:
    groups: list[int] = []

    def reconcile_many(pairs: list[Asked], options: ReconcileOptions, check: Any, threads: int) -> list[Any]:
        groups.append(len(pairs))
        if len(pairs) == 1:
            raise DeviceProblem("Its memory is full.")
        return [UsageProblem("No."), *[Result(None, None, 0.0, str(pair[0].width), 0.1) for pair in pairs[1:]]]

    monkeypatch.setattr("core.reconcile.pipeline.reconcile_many", reconcile_many)
    monkeypatch.setattr(searching, "TOGETHER", 3)
    names = ["a", "b", "missing", "c", "d"]
    files = {name: draw(tmp_path / f"{name}.png", seed) for seed, name in enumerate(names) if name != "missing"}
    tasks = [Search(files.get(n, tmp_path / "missing.png"), files["a"], OPTIONS, limits) for n in names]
    answers = list(searching.search_all(iter(tasks), "cuda", lambda: None, 4))
    kinds = [type(answer).__name__ for answer in answers]
    assert kinds == ["UsageProblem", "Found", "FileProblem", "UsageProblem", "Found"]
    assert groups == [2, 2]
    answers = list(searching.search_all(iter(tasks[:1]), "cuda", lambda: None, 4))
    assert [str(answer) for answer in answers] == ["Its memory is full."]

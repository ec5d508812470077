"""Files of every unlovely kind, registered for real: a line or a named error each, and never a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from core.cli import run_command_line
from core.maths.metrics import corner_error
from core.maths.warp import affine_from_matrix
from tests.core.reconcile.conftest import Truth, make_pair

Pixels = NDArray[Any]


pytestmark = pytest.mark.usefixtures("searching")  # a child process for each file would take seconds to start


@pytest.fixture(scope="module")
def pair() -> Truth:
    return make_pair("chelsea", background="alpha", turn=12.0, scale=0.8, size=(330, 310))


def _save(path: Path, pixels: Pixels | Image.Image, **options: Any) -> Path:
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def _register(
    tmp_path: Path, pair: Truth, designer: Path, capsys: pytest.CaptureFixture[str], code: int = 0
) -> dict[str, Any]:
    original = _save(tmp_path / "photo.png", pair.original.rgb)
    outcome = run_command_line(["register", str(original), str(designer), "--json"])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err
    assert outcome.exit_code == code, shown.err
    line: dict[str, Any] = json.loads(shown.out)
    return line


def _on_white(pair: Truth) -> Pixels:
    assert pair.designer.alpha is not None
    share = pair.designer.alpha[..., None] / 255.0
    return np.rint(pair.designer.rgb * share + 255 * (1 - share)).astype(np.uint8)


def _grey(rgb: Pixels) -> Pixels:
    return np.asarray(Image.fromarray(rgb).convert("L"))


def _deep(path: Path, pair: Truth) -> Path:
    tifffile.imwrite(path, _on_white(pair).astype(np.uint16) * 257, photometric="rgb")
    return path


FOUND: dict[str, Callable[[Path, Truth], Path]] = {
    "16-bit colour": lambda folder, pair: _deep(folder / "d.tif", pair),
    "16-bit grey": lambda folder, pair: _save(folder / "d.png", _grey(_on_white(pair)).astype(np.uint16) * 257),
    "grey": lambda folder, pair: _save(folder / "d.png", _grey(_on_white(pair))),
    "grey with alpha": lambda folder, pair: _save(
        folder / "d.png",
        Image.merge(
            "LA", [Image.fromarray(_grey(pair.designer.rgb)), Image.fromarray(np.asarray(pair.designer.alpha))]
        ),
    ),
    "CMYK": lambda folder, pair: _save(folder / "d.jpg", Image.fromarray(_on_white(pair)).convert("CMYK"), quality=95),
    "CMYK TIFF": lambda folder, pair: _save(folder / "d.tif", Image.fromarray(_on_white(pair)).convert("CMYK")),
    "palette": lambda folder, pair: _save(folder / "d.png", Image.fromarray(_on_white(pair)).quantize(64)),
    "a small JPEG": lambda folder, pair: _save(folder / "d.jpg", _on_white(pair), quality=20),
}


@pytest.mark.parametrize("kind", FOUND)
def test_what_can_be_seen_is_found(kind: str, tmp_path: Path, pair: Truth, capsys: pytest.CaptureFixture[str]) -> None:
    line = _register(tmp_path, pair, FOUND[kind](tmp_path, pair), capsys)
    size = (pair.designer.width, pair.designer.height)
    assert line["matrix"] is not None, line["reason"]
    assert corner_error(affine_from_matrix(line["matrix"]), pair.affine, size) < 0.5
    assert line["confidence"] > 0.9
    assert line["reason"].endswith(".")


def _levels(*shape: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


NOTHING: dict[str, Callable[[Path], Path]] = {
    "blank": lambda folder: _save(folder / "d.png", np.full((300, 300, 3), 255, np.uint8)),
    "one colour": lambda folder: _save(folder / "d.jpg", np.full((300, 300, 3), (200, 90, 30), np.uint8)),
    "transparent": lambda folder: _save(folder / "d.png", np.zeros((300, 300, 4), np.uint8)),
    "one pixel": lambda folder: _save(folder / "d.png", np.zeros((1, 1, 3), np.uint8)),
    "very wide": lambda folder: _save(folder / "d.png", _levels(20, 20_000, 3)),
    "very tall": lambda folder: _save(folder / "d.png", _levels(20_000, 20)),
    "one bit": lambda folder: _save(folder / "d.png", Image.fromarray(_levels(200, 200) > 127)),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_what_shows_nothing_is_no_match_with_a_sentence(
    kind: str, tmp_path: Path, pair: Truth, capsys: pytest.CaptureFixture[str]
) -> None:
    line = _register(tmp_path, pair, NOTHING[kind](tmp_path), capsys)
    assert line["matrix"] is None
    assert line["confidence"] < 0.5
    assert line["reason"].endswith(".")


def test_a_float_file_is_refused_by_name(tmp_path: Path, pair: Truth, capsys: pytest.CaptureFixture[str]) -> None:
    pixels = np.dstack([_on_white(pair) / 255.0, np.full(pair.designer.rgb.shape[:2], np.nan)]).astype(np.float32)
    tifffile.imwrite(tmp_path / "d.tif", pixels, photometric="rgb", extrasamples=["unassalpha"])
    line = _register(tmp_path, pair, tmp_path / "d.tif", capsys, code=1)
    assert "d.tif" in line["error"]
    tifffile.imwrite(tmp_path / "grey.tif", pixels[..., 3])
    line = _register(tmp_path, pair, tmp_path / "grey.tif", capsys, code=1)
    assert "grey.tif" in line["error"]


def test_the_same_file_twice_is_itself(tmp_path: Path, pair: Truth, capsys: pytest.CaptureFixture[str]) -> None:
    line = _register(tmp_path, pair, _save(tmp_path / "d.png", pair.original.rgb), capsys)
    size = (pair.original.width, pair.original.height)
    assert corner_error(affine_from_matrix(line["matrix"]), np.eye(3), size) < 0.1
    assert line["confidence"] > 0.9
    assert "guess" in line["reason"]  # what is portrait and what background, nobody said

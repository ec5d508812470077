"""The demo's pictures: the same for a seed, every kind of edit among them, and the truth is true."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from core.demo import designer, photos
from core.demo.generate import Made, write_demo
from core.demo.painting import paint_hat
from core.demo.photos import Photo, photos_in, shipped_photos
from core.demo.recipes import Recipe, deal
from core.demo.scenes import PORTRAITS, SHOTS
from core.errors import Cancelled, FileProblem
from core.images import io
from core.images.io import Limits
from core.jobs.pairing import read_pairs_csv
from core.maths import warp

LIMITS = Limits(max_megapixels=20, max_file_megabytes=50)


def _write(folder: Path, source: Path | None = None, seed: int = 1) -> Made:
    return write_demo(folder, source, seed, LIMITS, progress=lambda *_: None, check=lambda: None)


@dataclass(frozen=True)
class Few:
    """A folder of the user's: photos and masks."""

    folder: Path
    count: int


@pytest.fixture
def few(tmp_path: Path) -> Few:
    rng = np.random.default_rng(3)
    (tmp_path / "mine" / "originals").mkdir(parents=True)
    (tmp_path / "mine" / "masks").mkdir()
    for index in range(3):
        noise = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        photo = np.clip(cv2.resize(noise, (320, 240), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)
        mask = cv2.ellipse(np.zeros((240, 320), np.uint8), (150, 120), (80, 60), 20, 0, 360, (255,), -1)
        Image.fromarray(photo).save(tmp_path / "mine" / "originals" / f"pet {index}.jpg", quality=95)
        Image.fromarray(mask).save(tmp_path / "mine" / "masks" / f"pet {index}.png")
    return Few(tmp_path / "mine", 3)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_seed_decides_every_byte(few: Few, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        _write(tmp_path / name, few.folder, seed)
    assert _files(tmp_path / "a") == _files(tmp_path / "b")
    assert _files(tmp_path / "a") != _files(tmp_path / "c")


def test_the_photos_are_copied_byte_by_byte_and_the_table_names_them(few: Few, tmp_path: Path) -> None:
    made = _write(tmp_path / "demo", few.folder)
    table = read_pairs_csv(made.pairs_csv)
    assert made.pairs == few.count == len(table.rows)
    assert table.problems == ()
    for row in table.rows:
        assert row.original.read_bytes() == (few.folder / "originals" / row.original.name).read_bytes()
        assert row.designer.is_file()


def test_one_pair_of_three_or_more_is_a_wrong_one(few: Few, tmp_path: Path) -> None:
    made = _write(tmp_path / "demo", few.folder)
    rows = list(csv.DictReader(made.truth_csv.read_text("utf-8").splitlines()))
    wrong = [row for row in rows if not row["matrix"]]
    assert len(wrong) == 1
    assert wrong[0]["edits"].startswith("wrong-photo ")
    for path in (few.folder / "originals").glob("*2.jpg"):
        path.unlink()
    made = _write(tmp_path / "two", few.folder)
    assert all(row["matrix"] for row in csv.DictReader(made.truth_csv.read_text("utf-8").splitlines()))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.astype(np.float64), b.astype(np.float64))[0, 1])


def _agreement(original: Path, image: Path, matrix: np.ndarray, mask: np.ndarray) -> float:
    """Correlation of the photo and the designer image brought back onto it, inside the mask's core."""
    photo, edit = io.read(original, LIMITS), io.read(image, LIMITS)
    affine = np.vstack([matrix, [0, 0, 1]])
    size = (photo.width, photo.height)
    grey = [cv2.cvtColor(picture.rgb, cv2.COLOR_RGB2GRAY) for picture in (photo, edit)]
    back = warp.warp(np.asarray(grey[1], np.uint8), affine, size)
    core = cv2.erode(mask, np.ones((15, 15), np.uint8)) > 0
    high = [
        plane.astype(np.float32) - cv2.GaussianBlur(plane.astype(np.float32), (0, 0), 25) for plane in (grey[0], back)
    ]
    return _correlation(high[0][core], high[1][core])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_truth_brings_the_designer_image_back_onto_the_photo(few: Few, tmp_path: Path, seed: int) -> None:
    made = _write(tmp_path / "demo", few.folder, seed)
    rows = list(csv.DictReader(made.truth_csv.read_text("utf-8").splitlines()))
    for row in rows:
        if not row["matrix"]:
            continue
        matrix = np.array(row["matrix"].split(), float).reshape(2, 3)
        assert (np.linalg.det(matrix[:, :2]) < 0) == (row["mirrored"] == "1")
        mask = io.read(few.folder / "masks" / f"{row['pair']}.png", LIMITS).rgb[..., 0]
        files = (made.originals.parent / row["original"], made.originals.parent / row["designer"])
        right = _agreement(*files, matrix, mask)
        beside = _agreement(*files, matrix + np.array([[0, 0, 12], [0, 0, 12]]), mask)
        assert right > 0.8, row
        assert right > beside + 0.1, row


def test_every_kind_of_edit_occurs_in_the_shipped_demo() -> None:
    words = {word for recipe in deal(len(SHOTS), 1) for word in recipe.words()}
    assert words >= {"recolour", "mono", "sepia", "relight", "rotate", "scale", "mirror", "hat", "text"}
    assert words >= {f"background-{kind}" for kind in ("transparent", "white", "coloured", "gradient", "kept")}


def test_more_pairs_do_not_change_the_cards_of_a_pair() -> None:
    assert deal(40, 9) == deal(40, 9)
    assert deal(40, 9) != deal(40, 8)


def _small(name: str) -> Photo:
    """A shot at a fifth of its size, for speed."""
    shot = next(shot for shot in SHOTS if shot.portrait == name)
    return photos._take(replace(shot, long_side=320), LIMITS)


@pytest.mark.parametrize("name", PORTRAITS)
def test_each_portrait_is_a_part_of_its_photograph(name: str) -> None:
    photo = _small(name)
    assert photo.rgb.shape[:2] == photo.mask.shape
    share = (photo.mask > 0).mean()
    assert 0.03 < share < 0.75
    pieces, _ = cv2.connectedComponents(photo.mask)
    assert pieces == 2  # background and one piece


def _recipe(**changes: object) -> Recipe:
    values: dict[str, object] = {
        "canvas": (240, 300),
        "rotation_deg": 20.0,
        "mirrored": False,
        "fill": 0.8,
        "background": "white",
        "colour": (244, 194, 194),
        "tone": "colour",
        "hue_deg": 5.0,
        "saturation": 1.1,
        "gamma": 1.1,
        "light_deg": 30.0,
        "light": 0.2,
        "painted": "",
        "softness": 0.003,
    }
    return Recipe(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("background", ["transparent", "white", "coloured", "gradient", "kept"])
def test_backgrounds(background: str) -> None:
    image = designer.make(_small("cat"), _recipe(background=background))
    corner = image.rgb[0, 0].tolist()
    assert (image.alpha is not None) == (background == "transparent")
    if image.alpha is not None:
        assert (image.alpha.min(), image.alpha.max()) == (0, 255)
        assert ((image.alpha > 0) & (image.alpha < 255)).any()
    elif background == "white":
        assert corner == [255, 255, 255]
    elif background == "coloured":
        assert corner == [244, 194, 194]
    else:
        assert corner != [255, 255, 255]


def test_a_background_that_is_kept_lies_inside_the_photo() -> None:
    photo = _small("cup")
    image = designer.make(photo, _recipe(background="kept", rotation_deg=10.0))
    corners = warp.apply(warp.affine_from_matrix(image.matrix), warp.corners((240, 300)))
    assert (corners >= 0).all()
    assert (corners <= (photo.rgb.shape[1] - 1, photo.rgb.shape[0] - 1)).all()


def test_a_portrait_at_the_very_edge_still_gives_a_picture() -> None:
    photo = _small("cup")
    edge = np.zeros_like(photo.mask)
    edge[50:150, 0] = 255
    image = designer.make(replace(photo, mask=edge), _recipe(background="kept"))
    assert image.rgb.std() > 1


@pytest.mark.parametrize("painted", ["hat", "text"])
def test_what_is_painted_on_is_opaque_and_known(painted: str) -> None:
    plain = designer.make(_small("cat"), _recipe(background="transparent"))
    image = designer.make(_small("cat"), _recipe(background="transparent", painted=painted))
    assert image.alpha is not None
    assert plain.alpha is not None
    assert not np.array_equal(image.alpha, plain.alpha)
    if painted == "text":
        changed = (image.rgb != plain.rgb).any(axis=2) & (image.alpha == 255)
        assert changed.any()
        assert not (changed & image.untouched).any()


def test_a_hat_goes_on_a_portrait_in_two_parts() -> None:
    layer = np.zeros((400, 400, 4), np.uint8)
    layer[50:60, 100:200, 3] = layer[200:390, 50:350, 3] = 255  # an ear apart, and nothing where the brim would lie
    before = layer.copy()
    paint_hat(layer, (200, 30, 30))
    assert (layer != before).any()


def test_a_name_without_latin_letters_is_no_obstacle() -> None:
    designer.make(replace(_small("coin"), name="狗狗"), _recipe(painted="text"))


def test_a_folder_without_masks_is_refused_with_a_remedy(few: Few, tmp_path: Path) -> None:
    for path in (few.folder / "masks").iterdir():
        path.unlink()
    with pytest.raises(FileProblem, match="no photo with a mask") as caught:
        photos_in(few.folder, LIMITS)
    assert caught.value.remedy
    with pytest.raises(FileProblem):
        photos_in(tmp_path / "none", LIMITS)


@pytest.mark.parametrize(
    "mask",
    [np.zeros((240, 320), np.uint8), np.full((10, 10), 255, np.uint8), np.eye(240, 320, 319, np.uint8) * 255],
    ids=["empty", "size", "a speck"],
)
def test_a_mask_of_something_else_is_refused(few: Few, mask: np.ndarray) -> None:
    Image.fromarray(mask).save(few.folder / "masks" / "pet 0.png")
    with pytest.raises(FileProblem, match="not the mask"):
        photos_in(few.folder, LIMITS)[0]()


def test_of_many_photos_some_are_taken(tmp_path: Path) -> None:
    for kind in ("originals", "masks"):
        (tmp_path / kind).mkdir()
        for index in range(100):
            (tmp_path / kind / f"{index:03}.png").touch()
    loaders = photos_in(tmp_path, LIMITS)
    assert len(loaders) == 24
    names = [loader.args[0].name for loader in loaders]  # type: ignore[attr-defined]
    assert (names[0], names[-1], len(set(names))) == ("000.png", "099.png", 24)


def test_the_shipped_photos_are_there_and_differ() -> None:
    loaders = shipped_photos(LIMITS)
    assert 14 <= len(loaders) <= 24
    assert len({shot.file_name for shot in SHOTS}) == len({shot.name for shot in SHOTS}) == len(SHOTS)
    assert len({(shot.portrait, shot.box, shot.flipped) for shot in SHOTS}) == len(SHOTS)


def test_a_cancelled_demo_leaves_no_table_that_looks_complete(few: Few, tmp_path: Path) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_demo(tmp_path / "demo", few.folder, 1, LIMITS, progress=lambda *_: None, check=check)
    assert not (tmp_path / "demo" / "pairs.csv").exists()
    assert not list((tmp_path / "demo").rglob(".writing-*"))


def test_progress_reaches_the_end(few: Few, tmp_path: Path) -> None:
    steps: list[tuple[int, int, str]] = []

    def progress(done: int, total: int, label: str) -> None:
        steps.append((done, total, label))

    write_demo(tmp_path / "demo", few.folder, 1, LIMITS, progress=progress, check=lambda: None)
    assert [step[0] for step in steps] == list(range(few.count + 1))

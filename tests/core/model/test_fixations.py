"""Fixation tables as they are published, and what is measured with them."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from core.errors import FileProblem, UsageProblem
from core.model import fixation_mats, fixation_tables, fixations
from core.model.fixation_tables import Picture
from core.model.raw_map import Map, normalised

_SIZE = (80, 60)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        Image.fromarray(np.zeros((_SIZE[1], _SIZE[0], 3), np.uint8)).save(folder / name)
    return folder


def _csv(folder: Path, lines: str) -> Path:
    path = folder / "fixations.csv"
    path.write_text("image,subject,order,x,y,duration_ms\n" + lines)
    return path


def _points(picture: Picture) -> list[tuple[float, float]]:
    return list(zip(picture.x.tolist(), picture.y.tolist(), strict=True))


def test_a_table_as_osies(tmp_path: Path, images: Path) -> None:
    table = _csv(
        tmp_path,
        "a.jpg,3,1,10,20,100\na.jpg,3,0,40,30,100\na.jpg,3,2,79.9,59.9,1\na.jpg,7,0,1,1,1\na.jpg,7,1,80,5,1\n"
        "a.jpg,7,2,-1,5,1\na.jpg,7,3,nan,5,1\na.jpg,7,4,0,0,1\nnowhere.jpg,3,1,5,5,1\n",
    )
    (found,) = fixation_tables.read(table, images)
    # each person's first is gone, whatever the order of the lines; so is what lies outside
    assert (found.name, found.width, found.height) == ("a.jpg", *_SIZE)
    assert _points(found) == [(10, 20), (79.9, 59.9), (0, 0)] and found.subject.tolist() == [0, 0, 1]


def test_salicons_json(tmp_path: Path, images: Path) -> None:
    data = {
        "images": [{"id": 5, "file_name": "b.jpg", "width": 80, "height": 60}],
        "annotations": [{"image_id": 5, "worker_id": 1, "fixations": [[1, 1], [21, 11], [60, 80], [61, 80]]}],
    }
    table = tmp_path / "fixations_train2014.json"
    table.write_text(json.dumps(data))
    (found,) = fixation_tables.read(table, images)
    assert found.name == "b.jpg" and _points(found) == [(10, 20), (79, 59)]


def test_salicons_mat_files(tmp_path: Path, images: Path) -> None:
    folder = tmp_path / "train"
    folder.mkdir()
    gaze = np.array(
        [(np.array([[1, 1], [11, 21]], float),), (np.array([[5, 5], [80, 60], [2, 3]], float),)],
        dtype=[("fixations", object)],
    )
    savemat(folder / "a.mat", {"gaze": gaze, "image": "a", "resolution": [60, 80]}, do_compression=True)
    (found,) = fixation_tables.read(folder, images)
    assert _points(found) == [(10, 20), (79, 59), (1, 2)] and found.subject.tolist() == [0, 1, 1]


def test_mit1003s_folder(tmp_path: Path, images: Path) -> None:
    rng = np.random.default_rng(1)
    for person in ("ajs", "emb"):
        (tmp_path / "DATA" / person).mkdir(parents=True)
        stays = [np.array(p) + rng.normal(0, 1, (60, 2)) for p in ((40, 30), (10, 12), (70, 50))]
        jumps = np.linspace((40, 30), (500, 700), 4)
        samples = np.concatenate([stays[0], jumps, stays[1], [[np.nan, np.nan]] * 30, stays[2]])
        held = {"DATA": {"eyeData": np.hstack([samples, np.zeros((len(samples), 1))])}}
        savemat(tmp_path / "DATA" / person / "a.mat", {"a": held})
    (found,) = fixation_tables.read(tmp_path / "DATA", images)
    assert np.array(_points(found)) == pytest.approx(np.array([(10, 12), (70, 50)] * 2), abs=1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", ""),
        ("t.csv", "image,subject,x,y\n"),
        ("t.csv", "image,subject,order,x,y\na.jpg,1,0,here,3\n"),
        ("t.csv", "image,subject,order,x,y\na.jpg,1,0\n"),
        ("t.csv", "image,subject,order,x,y\na.jpg,1,nan,3,3\n"),
        ("t.csv", "image,subject,order,x,y\n,1,0,3,3\n"),
        ("t.csv", "image,subject,order,x,y\na.jpg,1,0,3,3,9,9\n"),
        ("t.csv", "image,subject,order,x,y\n../../etc/passwd,1,0,3,3\n"),
        ("t.csv", "\xff\xfe\x00"),
        ("t.json", ""),
        ("t.json", "[" * 100_000),
        ("t.json", "[1, 2]"),
        ("t.json", '{"images": [], "annotations": [{"image_id": 1, "fixations": []}]}'),
        ("t.json", '{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "fixations": [3]}]}'),
    ],
)
def test_a_hostile_table_is_a_sentence(name: str, text: str, tmp_path: Path, images: Path) -> None:
    table = tmp_path / name
    table.write_bytes(text.encode("latin-1"))
    with pytest.raises((UsageProblem, FileProblem)):
        fixation_tables.read(table, images)


def _bomb() -> bytes:
    packed = zlib.compress(bytes(fixation_mats.MAX_BYTES + 100), 9)
    return (
        b"MATLAB 5.0 MAT-file".ljust(124)
        + struct.pack("<H2s", 0x100, b"IM")
        + struct.pack("<II", 15, len(packed))
        + packed
    )


@pytest.mark.parametrize("kind", ["noise", "empty", "bomb", "other", "hdf5"])
def test_a_hostile_mat_file_is_a_sentence(kind: str, tmp_path: Path, images: Path) -> None:
    folder = tmp_path / "mats"
    folder.mkdir()
    if kind == "other":
        savemat(folder / "a.mat", {"gaze": np.zeros(3)})
    else:
        content = {
            "noise": bytes(range(256)) * 4,
            "empty": b"",
            "bomb": _bomb(),
            "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(600),
        }
        (folder / "a.mat").write_bytes(content[kind])
    with pytest.raises(FileProblem):
        fixation_tables.read(folder, images)


def test_no_table_and_no_folder_are_sentences(tmp_path: Path, images: Path) -> None:
    with pytest.raises(FileProblem):
        fixation_tables.read(tmp_path / "none.csv", images)
    with pytest.raises(UsageProblem):
        fixation_tables.read(tmp_path, tmp_path / "none")
    with pytest.raises(UsageProblem, match="MIT1003"):
        fixation_tables.read(images, images)


def _looked_at(count: int, people: int = 5, seed: int = 1) -> tuple[list[Picture], dict[str, tuple[float, float]]]:
    """Pictures with one thing each, at which all people look."""
    rng = np.random.default_rng(seed)
    pictures, things = [], {}
    for number in range(count):
        name = f"{number}.jpg"
        thing = rng.uniform((20, 20), (140, 100))
        at = rng.normal(thing, 4, (people * 8, 2))
        subject = np.repeat(np.arange(people), 8)
        pictures.append(Picture(name, Path(name), 160, 120, subject, at[:, 0].clip(0, 159), at[:, 1].clip(0, 119)))
        things[name] = (float(thing[0]), float(thing[1]))
    return pictures, things


def _knowing(things: dict[str, tuple[float, float]], spread: float) -> fixations.Density:
    def density(picture: Picture) -> Map:
        y, x = np.mgrid[:60, :80] * 2 + 0.5
        away = (x - things[picture.name][0]) ** 2 + (y - things[picture.name][1]) ** 2
        return normalised((-0.5 * away / spread**2).astype(np.float32))

    return density


def test_who_knows_explains_it_all_and_who_knows_nothing_nothing() -> None:
    pictures, things = _looked_at(24)
    knows = fixations.evaluate(pictures, _knowing(things, 4))
    assert knows.explained == pytest.approx(1, abs=0.12) and knows.auc > 0.98 and knows.nss > 4
    assert knows.information_gain_bits > 3 and knows.fixations == 24 * 40
    flat = fixations.evaluate(pictures, lambda _: np.full((6, 8), -np.log(48), np.float32))
    assert flat.explained < 0.05 and flat.auc == pytest.approx(0.5) and flat.nss == pytest.approx(0, abs=1e-5)


def test_one_person_is_left_out_of_what_explains_her() -> None:
    pictures, _ = _looked_at(10, people=2)
    bias = [np.zeros(picture.x.size) for picture in pictures]
    alike = np.mean(np.concatenate(fixations.explainable_bits(pictures, bias)))
    apart = [
        Picture(p.name, p.file, p.width, p.height, p.subject, np.where(p.subject == 1, 159 - p.x, p.x), p.y)
        for p in pictures
    ]
    assert alike > 3 and np.mean(np.concatenate(fixations.explainable_bits(apart, bias))) < 1.5


def test_a_density_is_judged_alike_on_any_grid() -> None:
    pictures, things = _looked_at(8)
    score = fixations.evaluate(pictures, _knowing(things, 8))
    fine = fixations.evaluate(pictures, lambda p: fixations.on_grid(_knowing(things, 8)(p), (240, 320)))
    assert fine.information_gain_bits == pytest.approx(score.information_gain_bits, abs=0.05)


def test_one_person_alone_is_too_few() -> None:
    pictures, things = _looked_at(6, people=1)
    with pytest.raises(UsageProblem, match="too few"):
        fixations.evaluate(pictures, _knowing(things, 4))

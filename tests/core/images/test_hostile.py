"""Damaged, hostile and odd files: a picture or one FileProblem that names the file, and nothing else ever."""

from __future__ import annotations

import io
import logging
import os
import struct
import threading
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from core.errors import FileProblem
from core.images import source
from core.images.io import Limits, decode_picture, hash_file, identify, read


def _files(make) -> dict[str, bytes]:
    rgb, rgba = make.picture(), make.picture(channels=4)
    deep = rgb.astype(np.uint16) * 257
    turned = {"exif": b"Exif\0\0" + make.exif(6)}
    layer = make.Layer({n - 1: rgba[:, :, n - 1] for n in range(4)}, mask=(rgb[:, :, 0], 0, 0, 255), top=2, left=-3)
    profile = make.saved(rgb, "TIFF")[:600]  # no profile at all, but one may be anything
    animated = {"save_all": True, "append_images": [Image.fromarray(255 - rgb)]}
    return {
        "JPEG": make.saved(rgb, "JPEG", icc_profile=profile, **turned),
        "JPEG progressive": make.saved(rgb, "JPEG", progressive=True),
        "JPEG CMYK": make.saved(Image.frombytes("CMYK", rgba.shape[1::-1], rgba.tobytes()), "JPEG"),
        "PNG": make.saved(rgba, "PNG", icc_profile=profile, **turned),
        "PNG palette": make.saved(Image.fromarray(rgb).quantize(16), "PNG", transparency=3),
        "PNG 16": make.png(deep, 2),
        "PNG animated": make.saved(rgb, "PNG", **animated),
        "TIFF": make.saved(rgba, "TIFF", icc_profile=profile, tiffinfo={274: 6}),
        "TIFF LZW": make.saved(rgb, "TIFF", compression="tiff_lzw"),
        "TIFF JPEG": make.saved(rgb, "TIFF", compression="jpeg"),
        "TIFF 16": make.tiff(deep, photometric="rgb", compression="zlib"),
        "WEBP": make.saved(rgba, "WEBP", icc_profile=profile, **turned),
        "WEBP lossless": make.saved(rgb, "WEBP", lossless=True),
        "WEBP animated": make.saved(rgb, "WEBP", **animated),
        "BMP": make.saved(rgb, "BMP"),
        "AVIF": make.saved(rgba, "AVIF", **turned),
        "HEIC": make.heic(rgba, **turned),
        "PSD": make.psd(list(np.moveaxis(rgb, 2, 0)), layers=[layer], rle=True),
    }


FORMS = ["JPEG", "JPEG progressive", "JPEG CMYK", "PNG", "PNG palette", "PNG 16", "PNG animated", "TIFF", "TIFF LZW"]
FORMS += ["TIFF JPEG", "TIFF 16", "WEBP", "WEBP lossless", "WEBP animated", "BMP", "AVIF", "HEIC", "PSD"]
LIMITS = Limits(max_megapixels=1, max_file_megabytes=1)


@pytest.fixture(scope="module")
def files(make):
    return _files(make)


def _try(data: bytes, path: Path, long_side: int | None = None) -> str:
    """Read and identify; return "picture" or "problem", and let anything else out."""
    path.write_bytes(data)
    try:
        identify(path, LIMITS)
    except FileProblem as problem:
        _is_one_sentence(problem, path)
    try:
        got = decode_picture(data, path, LIMITS, long_side)
    except FileProblem as problem:
        _is_one_sentence(problem, path)
        return "problem"
    assert got.rgb.ndim == 3
    assert got.rgb.dtype == np.uint8
    assert got.alpha is None or got.alpha.shape == got.rgb.shape[:2]
    return "picture"


def _is_one_sentence(problem: FileProblem, path: Path) -> None:
    assert path.name in problem.message
    assert problem.message.endswith(".")
    assert "\n" not in problem.message
    assert problem.remedy


@pytest.mark.parametrize("form", FORMS)
def test_cut_off_anywhere(form, files, tmp_path):
    data = files[form]
    path = tmp_path / "photo.xyz"
    assert _try(data, path) == "picture"
    lengths = {*range(40), *np.linspace(40, len(data) - 1, 40).astype(int).tolist()}
    for length in sorted(lengths):
        answer = _try(data[:length], path)
        if length < 0.45 * len(data):
            assert answer == "problem", length


@pytest.mark.parametrize("form", FORMS)
def test_flipped_bytes(form, files, tmp_path, caplog):
    data = files[form]
    rng = np.random.default_rng(len(data))
    answers = set()
    for _ in range(60):
        broken = bytearray(data)
        for _ in range(rng.choice([1, 1, 3, 9])):
            at = int(rng.integers(0, min(len(data), 200) if rng.random() < 0.6 else len(data)))
            broken[at] = rng.choice([0, 1, 127, 128, 255, broken[at] ^ 1 << int(rng.integers(8))])
        answers.add(_try(bytes(broken), tmp_path / "photo.xyz", None if rng.random() < 0.5 else 10))
    assert "problem" in answers
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_garbage_behind_every_beginning(tmp_path):
    rng = np.random.default_rng(5)
    starts = [
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"BM",
        b"8BPS\0\1",
        b"8BPS\0\2",
        b"II*\0",
        b"MM\0*",
        b"II+\0\x08\0\0\0",
    ]
    starts += [b"RIFF\xff\0\0\0WEBPVP8 ", b"RIFF\xff\0\0\0WEBPVP8X", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypavif"]
    for start in starts:
        for size in (0, 20, 500):
            assert _try(start + rng.bytes(size), tmp_path / "garbage.jpg") == "problem"


def _bombs(make) -> dict[str, bytes]:
    plane = np.zeros((8, 8), np.uint8)
    huge = struct.pack(">II", 100_000, 100_000)
    png = bytearray(make.png(plane, 0))
    png[16:24] = huge
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    psd = bytearray(make.psd([plane] * 3))
    psd[14:22] = huge
    webp = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xfe\xff\xff" * 2
    webp = b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp
    tiff = io.BytesIO()
    ifd = [(256, 4, 60_000), (257, 4, 60_000), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (279, 4, 8)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in ifd)
    tiff.write(b"II*\0" + struct.pack("<IH", 8, len(ifd)) + entries + bytes(4))
    bmp = bytearray(make.saved(plane, "BMP"))
    bmp[18:26] = struct.pack("<ii", 60_000, 60_000)
    jpeg = bytearray(make.saved(plane, "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 60_000, 60_000)
    heic, avif = bytearray(make.heic(make.noise((64, 64, 3)))), bytearray(make.saved(make.noise((64, 64, 3)), "AVIF"))
    for data in (heic, avif):
        at = data.index(b"ispe") + 8
        data[at : at + 8] = struct.pack(">II", 16_000, 16_000)
    return {
        "PNG": bytes(png),
        "PSD": bytes(psd),
        "WEBP": webp,
        "TIFF": tiff.getvalue(),
        "BMP": bytes(bmp),
        "JPEG": bytes(jpeg),
        "HEIC": bytes(heic),
        "AVIF": bytes(avif),
    }


@pytest.mark.parametrize("form", ["PNG", "PSD", "WEBP", "TIFF", "BMP", "JPEG", "HEIC", "AVIF"])
def test_bombs_are_refused_by_their_header(form, make, file, monkeypatch):
    path = file(_bombs(make)[form], "bomb.jpg")

    def decode(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("core.images.io.decode", decode)
    for action in (identify, read):
        with pytest.raises(FileProblem, match="megapixels") as caught:
            action(path, Limits(max_megapixels=250, max_file_megabytes=8))
        _is_one_sentence(caught.value, path)
        assert "Largest picture" in caught.value.remedy


def test_the_limit_itself_is_allowed(make, file):
    path = file(make.png(np.zeros((100, 200), np.uint8), 0))
    assert read(path, Limits(0.02, 1)).width == 200
    with pytest.raises(FileProblem):
        read(path, Limits(0.0199, 1))


@pytest.mark.parametrize("name", [b"iCCP", b"zTXt", b"iTXt"])
def test_a_bomb_in_the_metadata_is_not_unpacked(name, make, file):
    import tracemalloc

    body = zlib.compress(bytes(200_000_000), 9)
    head = {b"iCCP": b"x\0\0", b"zTXt": b"x\0\0", b"iTXt": b"x\0\1\0\0\0"}[name]
    path = file(make.png(make.picture(), 2, before=[make.chunk(name, head + body)]))
    tracemalloc.start()
    try:
        answer = _try(path.read_bytes(), path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer in ("picture", "problem")
    assert peak < 50_000_000


def test_a_large_file_is_refused_unread(file, monkeypatch):
    path = file(b"\xff\xd8\xff" + bytes(1_000_000), "large.jpg")
    monkeypatch.setattr(source.os, "fdopen", None)
    with pytest.raises(FileProblem, match="MB") as caught:
        read(path, LIMITS)
    _is_one_sentence(caught.value, path)


@pytest.mark.parametrize("measured", [100, 3000])
def test_a_file_that_is_being_written_is_refused(measured, file, monkeypatch):
    path = file(bytes(2000), "growing.jpg")
    real = os.fstat
    monkeypatch.setattr(source.os, "fstat", lambda handle: os.stat_result([*real(handle)[:6], measured, 0, 0, 0]))
    with pytest.raises(FileProblem, match=r"growing\.jpg changed while it was read"):
        read(path, LIMITS)


def _problems(path: Path) -> list[FileProblem]:
    found = []
    for action in (lambda: read(path, LIMITS), lambda: identify(path, LIMITS), lambda: hash_file(path)):
        with pytest.raises(FileProblem) as caught:
            action()
        found.append(caught.value)
    return found


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_missing_folder_device_pipe(tmp_path):
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    folder = tmp_path / "folder.jpg"
    folder.mkdir()
    dangling = tmp_path / "dangling.jpg"
    dangling.symlink_to(tmp_path / "nowhere")
    for path, word in (
        (tmp_path / "missing.jpg", "No such file"),
        (dangling, "No such file"),
        (folder, "a folder"),
        (pipe, "a device or a pipe"),
        (Path("/dev/null"), "a device or a pipe"),
    ):
        for problem in _problems(path):
            _is_one_sentence(problem, path)
            assert word in problem.message


def test_permission_denied(make, file, monkeypatch):
    path = file(make.saved(make.picture(), "PNG"), "secret.png")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(source.os, "open", refuse)
    for problem in _problems(path):
        assert "cannot be read: Permission denied" in problem.message


def test_a_drive_that_fails_half_way_is_not_called_a_damaged_file(make, file, monkeypatch):
    path = file(make.saved(make.picture(), "PNG"), "share.png")

    class Failing(io.BytesIO):
        def fileno(self) -> int:
            return -1

        def read(self, *_: object) -> bytes:
            raise OSError(5, "Input/output error")

    real = os.fdopen

    def fdopen(handle: int, mode: str) -> io.BytesIO:
        real(handle, mode).close()
        return Failing()

    monkeypatch.setattr(source.os, "fdopen", fdopen)
    monkeypatch.setattr(source.os, "fstat", lambda _: path.stat())
    for problem in _problems(path):
        assert "Input/output error" in problem.message


def test_empty_file(file):
    path = file(b"", "empty.jpg")
    for action in (read, identify):
        with pytest.raises(FileProblem, match=r"empty\.jpg is empty\."):
            action(path, LIMITS)


def test_not_a_picture(file):
    for data in (b"hello", b"GIF89a" + bytes(50), b"%PDF-1.7", bytes(100), b"\x1f\x8b" + bytes(30)):
        path = file(data, "text.jpg")
        with pytest.raises(FileProblem, match="not a picture") as caught:
            read(path, LIMITS)
        _is_one_sentence(caught.value, path)


def test_a_wrong_name_is_mentioned_only_when_reading_fails(make, file):
    data = make.saved(make.noise((31, 43, 3)), "PNG")
    assert read(file(data, "photo.jpg"), LIMITS).width == 43
    with pytest.raises(FileProblem, match=r"photo\.jpg .* begins as a PNG file"):
        read(file(data[:900], "photo.jpg"), LIMITS)


@pytest.mark.parametrize("name", ["Ünï çødé 狗.png", "with\nline.png", "a" * 250 + ".png", "quote'\".png", "-rf.png"])
def test_odd_names_are_read(name, make, file):
    path = file(make.saved(make.picture(), "PNG"), name)
    assert np.array_equal(read(path, LIMITS).rgb, make.picture())
    assert hash_file(path) == hash_file(file(make.saved(make.picture(), "PNG"), "plain.png"))


def test_sentences_can_be_printed_whatever_the_name(tmp_path):
    raw = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9\n.jpg"))
    raw.write_bytes(b"hello")
    for path in (raw, tmp_path / "nul\0.jpg", tmp_path / ("x" * 300 + ".jpg")):
        with pytest.raises(FileProblem) as caught:
            read(path, LIMITS)
        str(caught.value).encode("utf-8")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("step", ["decode", "to_srgb"])
@pytest.mark.parametrize("taker", ["numpy", "OpenCV"])
def test_out_of_memory_is_a_problem_with_a_remedy(step, taker, make, file, monkeypatch):
    def take_more_than_can_be_addressed(*_: object) -> None:
        if taker == "numpy":
            np.zeros(1 << 50)
        cv2.resize(np.zeros((2, 2), np.uint8), (1 << 24, 1 << 24))

    path = file(make.saved(make.picture(), "PNG"), "big.png")
    monkeypatch.setattr(f"core.images.io.{step}", take_more_than_can_be_addressed)
    with pytest.raises(FileProblem, match="does not fit into memory") as caught:
        read(path, LIMITS)
    _is_one_sentence(caught.value, path)


def test_a_bug_of_ours_is_not_blamed_on_the_file(make, file, monkeypatch):
    def broken(*_: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr("core.images.io.to_srgb", broken)
    with pytest.raises(TypeError):
        read(file(make.saved(make.picture(), "PNG")), LIMITS)


@pytest.mark.parametrize("form", FORMS)
def test_the_users_file_is_left_as_it_is(form, files, file):
    path = file(files[form])
    path.chmod(0o444)
    os.utime(path, ns=(10**18, 10**18))
    identify(path, LIMITS)
    read(path, LIMITS, 20)
    hash_file(path)
    assert path.read_bytes() == files[form]
    assert path.stat().st_mtime_ns == 10**18
    assert sorted(path.parent.iterdir()) == [path]


def test_many_threads_at_once(files, make, tmp_path):
    """Warnings, log levels and Pillow's limit are process-wide: damaged and good files in all threads together."""
    expected = {form: decode_picture(files[form], tmp_path / form, LIMITS).rgb for form in FORMS}
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        try:
            for form in rng.permutation(FORMS):
                data = files[form]
                assert np.array_equal(decode_picture(data, tmp_path / form, LIMITS).rgb, expected[form])
                _try(data[: int(rng.integers(len(data)))], tmp_path / f"{seed}-{form}")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_nothing_is_registered_for_the_whole_program(files, tmp_path):
    before = dict(Image.OPEN), dict(Image.MIME)
    for form in ("HEIC", "PSD", "PNG 16"):
        decode_picture(files[form], tmp_path / form, LIMITS)
    added = set(Image.OPEN) - set(before[0])
    assert not added & {"HEIF", "HEIC"}


def test_hash(file):
    import hashlib

    data = bytes(range(256)) * 10_000
    assert hash_file(file(data)) == hashlib.sha256(data).hexdigest()
    assert hash_file(file(b"")) == hashlib.sha256(b"").hexdigest()

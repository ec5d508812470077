"""A trunk that sees colours alone, and photos with a red disc on grey as the portrait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from core.images.encode import encode_mask
from core.model.data import Example
from core.model.fixation_tables import Picture
from core.model.trunks.vgg16 import VGG16


class Colours(VGG16):
    """Mean colours of 16 x 16 cells in 1536 fixed mixtures."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.mix = torch.randn(1536, 3, generator=generator)

    def compact(self, photos: torch.Tensor) -> torch.Tensor:
        cells = torch.nn.functional.avg_pool2d(self.prepare(photos.float()), 16) / 64
        return torch.einsum("kc,nchw->nkhw", self.mix, cells)


def discs(folder: Path, count: int, size: tuple[int, int] = (96, 64), seed: int = 1) -> list[Example]:
    """Write photos and masks; return them as examples."""
    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    examples = []
    for number in range(count):
        width, height = size if number % 2 else size[::-1]
        y, x = np.mgrid[:height, :width]
        inside = np.hypot(x - rng.uniform(16, width - 16), y - rng.uniform(16, height - 16)) < rng.uniform(14, 24)
        pixels = rng.normal(128, 12, (height, width, 3))
        pixels[inside] = rng.normal((200, 60, 60), 12, (int(inside.sum()), 3))
        image, mask = folder / "images" / f"{number:03d}.png", folder / "masks" / f"{number:03d}.png"
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(image)
        mask.write_bytes(encode_mask(inside.astype(np.uint8) * 255))
        examples.append(Example(image.stem, image, mask))
    return examples


def looks(examples: list[Example], people: int = 4, each: int = 6, seed: int = 2) -> list[Picture]:
    """Return fixations of people who look at the discs."""
    rng = np.random.default_rng(seed)
    pictures = []
    for example in examples:
        mask = np.asarray(Image.open(example.mask))
        rows, columns = np.nonzero(mask)
        chosen = rng.integers(0, len(rows), people * each)
        subject = np.repeat(np.arange(people), each)
        height, width = mask.shape
        where = columns[chosen] + 0.5, rows[chosen] + 0.5
        pictures.append(Picture(example.image.name, example.image, width, height, subject, *where))
    return pictures

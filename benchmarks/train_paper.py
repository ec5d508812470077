"""Makes the paper's model that ships: the read-out pre-trained on gazes, trained on masks.

    python benchmarks/train_paper.py ../shared/data --weights FILE \\
        --from resources/models/deepgaze2-vgg16-fixations.safetensors --out resources/models/deepgaze2-vgg16.safetensors

The pre-trained one is made by ``pawtrait pretrain``; ``--card`` writes the description beside either of them anew.
``--leave-out-breeds`` trains on all photos of 25 breeds instead, to be measured on the ten others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measure_masks import answers_of
from model_cards import describe
from train_shipped import photos

from core.model import centre_bias, checkpoint, deepgaze, evaluate
from core.model.data import Example
from core.model.deepgaze2 import DeepGaze2
from core.model.features import default_folder
from core.model.trunks import vgg16

DATA = (
    "{count} photos of the Oxford-IIIT Pet dataset (Parkhi, Vedaldi, Zisserman, Jawahar 2012) with portrait masks made "
    "from its trimaps and head boxes; the read-out begins with one pre-trained on the gazes of OSIE (Xu, Jiang, Wang, "
    "Kankanhalli, Zhao 2014); the trunk, VGG-16 with ImageNet weights, is not in the file"
)
LICENCE = "Oxford-IIIT Pet: CC BY-SA 4.0 (photos are their owners'); OSIE: MIT; VGG-16's weights: CC BY 4.0"


def tell(stage: str, epoch: int, epochs: int, loss: float, iou: float | None) -> None:
    """Print how it goes."""
    if stage != "features" or epoch % 100 == 0:
        print(f"{stage} {epoch}/{epochs} loss {loss:.4f}" + (f" IoU {iou:.4f}" if iou is not None else ""), flush=True)


def bias_of(examples: Sequence[Example]) -> centre_bias.CentreBias:
    """Return the centre bias of some photos' masks."""
    from core.images.io import decode_mask

    masks = [decode_mask(example.mask.read_bytes()) for example in examples]
    return centre_bias.fit([centre_bias.of_mask((mask >= 128).astype("float32")) for mask in masks])


def main() -> None:
    """Train, measure on the photos that are held out, write the file and its page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--from", dest="start", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--leave-out-breeds", action="store_true")
    parser.add_argument("--card", action="store_true", help="only write the page beside --out")
    asked = parser.parse_args()
    if not asked.card:
        trunk = vgg16.quicken(vgg16.load(asked.weights))
        parts = ("seen", "unseen") if asked.leave_out_breeds else ("train", "val")
        examples, held = (photos(asked.data, part) for part in parts)
        going = asked.out.with_name(f".{asked.out.stem}.going.safetensors")
        setting = deepgaze.Setting(trunk, default_folder(), asked.size, asked.seed, going, asked.start)
        tensors, card = deepgaze.train(examples, setting, tell, lambda: None)
        start = f" --from resources/models/{asked.start.name}" if asked.start else ""
        command = (
            f"python benchmarks/train_paper.py ../shared/data --weights FILE{start} "
            f"--out resources/models/{asked.out.name} --size {asked.size} --seed {asked.seed}"
            f"{' --leave-out-breeds' if asked.leave_out_breeds else ''}"
        )
        card = replace(card, data=DATA.format(count=card.trained_on), licence=LICENCE, command=command)
        checkpoint.save(asked.out, tensors, card)
        model = DeepGaze2.load(asked.out, trunk)
        table = setting.table([example.image for example in held])
        maps = [model.map_of([table.get(number), table.get(number, True)]) for number in range(len(held))]
        found = answers_of(maps, held, card.calibration["threshold"])
        score = evaluate.score(found, bias_of(examples))
        card.metrics.update(deepgaze.figures(score))
        checkpoint.save(asked.out, tensors, card)
        going.unlink(missing_ok=True)
    card = checkpoint.read_card(asked.out)
    asked.out.with_suffix(".md").write_text(describe(card), "utf-8")
    print(describe(card))


if __name__ == "__main__":
    main()

"""Says of a published DeepGaze checkpoint which one it is, and why its read-outs cannot be used here.

What matthias-k/DeepGaze publishes for PyTorch (releases 1.0.0 to 1.1.0) are DeepGaze I on AlexNet, IIE on ShapeNet-C,
EfficientNet-B5, DenseNet-201 and ResNeXt-50, and III on DenseNet-201; DeepGaze II itself reads VGG-19. None is a
read-out of VGG-16's maps, all but the first have layer norms and softplus where ours has ReLUs, and a file holds
weights alone: it does not say what lies between them.
"""

from __future__ import annotations

import pickletools
import zipfile
from pathlib import Path

from core.model.card import ModelProblem

REMEDY = (
    "Use deepgaze2-vgg16-fixations, which ships, or train one on fixations of your own: pawtrait pretrain --fixations "
    "TABLE --images DIR --out FILE."
)
_MOST = 16 << 20
"""Bytes of a checkpoint's list of names that are looked at; DeepGaze IIE's is well below a tenth of that."""
_KINDS = (
    ("scanpath_networks.", "DeepGaze III, whose read-outs belong to DenseNet-201"),
    ("models.", "DeepGaze IIE, whose read-outs belong to ShapeNet-C, EfficientNet, DenseNet and ResNeXt"),
    ("readout_network.", "a DeepGaze read-out for another network or with other layers"),
)
_OURS = ("saliency_networks.", "readout_network.")


def problem_with(path: Path) -> ModelProblem | None:
    """Return what to say of a file if it is a DeepGaze checkpoint; None if it is none.

    Names are read from the pickle without running it: nothing in the file is ever executed or allocated.
    """
    names = _names_in(path)
    if not any(part in name for name in names for part in _OURS):
        return None
    kind = next((words for part, words in _KINDS if any(part in name for name in names)), "a DeepGaze checkpoint")
    return ModelProblem(f"{path.name} holds {kind}; here it is VGG-16.", REMEDY)


def _names_in(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            listed = next(one for one in archive.infolist() if one.filename.endswith("data.pkl"))
            with archive.open(listed) as file:
                pickled = file.read(_MOST)
        return [value for _, value, _ in pickletools.genops(pickled) if isinstance(value, str)]
    except Exception:  # a damaged or hostile archive raises many kinds, and is none of ours
        return []

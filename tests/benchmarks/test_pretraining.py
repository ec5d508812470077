"""The table and the curve of the benchmark that tests the paper's claim."""

from __future__ import annotations

from xml.etree import ElementTree

import pretraining


def test_the_table_and_the_curve_show_what_was_measured() -> None:
    rows: list[pretraining.Row] = [
        {"photos": count, "way": way, "seed": seed, "iou": 0.6 + seed / 100, "nll": 7.5, "information_gain_bits": 1.0}
        for count in (25, 449)
        for way in pretraining.WAYS
        for seed in (0, 1)
    ]
    assert "| 25 | from gazes | 2 | 0.605 ± 0.005 | 7.500 ± 0.000 | 1.000 ± 0.000 |" in pretraining.table(rows)
    drawn = ElementTree.fromstring(pretraining.curve(rows))
    kinds = [element.tag.rpartition("}")[2] for element in drawn]
    assert kinds.count("circle") == 8 and kinds.count("polyline") == 2
    ElementTree.fromstring(pretraining.curve([]))

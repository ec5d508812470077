"""What is said of many answers, and the tables that say it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from measure import FOUND, RIGHT, SUCCESS, Answer

PRECISION = 0.99
"""Of the placements that are accepted by their confidence, at least so many must be right."""

LEGEND = f"""
<1 %, <5 %: corner error below that share of the designer image's diagonal, of all pairs with a right answer.
median, 95 %: corner error in pixels of the original, over the pairs that were placed, wrongly or not ("no match" has
none). IoU: mean of the masks' overlap with the truth, 0 where there is no mask; "not kept": without pairs whose
background was kept. leak: share of what was painted on beside the portrait that is in the mask. painted: IoU of all
that was painted on with what the method says was. refused: pairs of another photo answered with "no match". AUC: of
the confidence, right placements (below {RIGHT:.0%}) against all other answers, negatives and "no match" among them.
at 99 %: largest share of the pairs with a right answer that a threshold on the confidence accepts, at least
{PRECISION:.0%} of all accepted being right.
peak: largest resident memory of a worker process while the method ran, picture files decoded (Linux: VmHWM)."""

HEAD = (
    *("", "pairs", "<1 %", "<5 %", "median px", "95 % px", "IoU", "not kept", "leak", "painted"),
    *("refused", "AUC", "at 99 %", "s median", "s max", "peak MB"),
)


@dataclass(frozen=True)
class Summary:
    """The numbers of one row; NaN where there is nothing to count."""

    positives: int
    success: float
    found: float
    median_px: float
    high_px: float
    overlap: float
    overlap_cut: float
    leaked: float
    painted: float
    refused: int
    negatives: int
    auc: float
    coverage: float
    seconds: float
    most_seconds: float
    peak_mb: float


def summary(answers: Sequence[Answer]) -> Summary:
    """Count what is said of some answers of one method."""
    there = [answer for answer in answers if not answer.negative]
    wrong = [answer for answer in answers if answer.negative]
    pixels = [answer.pixels for answer in there if answer.matched]
    says_painted = any(answer.painted > 0 for answer in there)
    return Summary(
        len(there),
        _mean(answer.relative < SUCCESS for answer in there),
        _mean(answer.relative < FOUND for answer in there),
        float(np.median(pixels)) if pixels else math.nan,
        float(np.percentile(pixels, 95)) if pixels else math.nan,
        _mean(answer.overlap for answer in there),
        _mean(answer.overlap for answer in there if "bg-kept" not in answer.edits),
        _mean(answer.leaked for answer in there),
        _mean(answer.painted for answer in there) if says_painted else math.nan,
        sum(not answer.matched for answer in wrong),
        len(wrong),
        auc([a.confidence for a in answers if a.right], [a.confidence for a in answers if not a.right]),
        coverage(answers),
        float(np.median([answer.seconds for answer in answers])),
        max(answer.seconds for answer in answers),
        max(answer.peak_mb for answer in answers),
    )


def _mean(values: Iterable[float]) -> float:
    kept = [float(value) for value in values if not math.isnan(value)]
    return float(np.mean(kept)) if kept else math.nan


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """Return the chance that a right answer has a higher confidence than a wrong one; ties count half."""
    if not right or not wrong:
        return math.nan
    difference = np.subtract.outer(np.array(right), np.array(wrong))
    return float(np.mean(difference > 0) + 0.5 * np.mean(difference == 0))


def coverage(answers: Sequence[Answer]) -> float:
    """Return the largest share of the pairs with a right answer that is accepted, and right, at ``PRECISION``."""
    there = sum(not answer.negative for answer in answers)
    if not there:
        return math.nan
    placed = sorted((answer for answer in answers if answer.matched), key=lambda answer: -answer.confidence)
    most = right = 0
    for count, answer in enumerate(placed, 1):
        right += answer.right
        last = count == len(placed) or placed[count].confidence < answer.confidence
        if last and right >= PRECISION * count:
            most = right
    return most / there


def row(label: str, answers: Sequence[Answer]) -> list[str]:
    """Return one row of the table."""
    s = summary(answers)
    return [
        label,
        str(s.positives),
        *(_shown(value, 3) for value in (s.success, s.found, s.median_px)),
        _shown(s.high_px, 2),
        *(_shown(value, 3) for value in (s.overlap, s.overlap_cut, s.leaked, s.painted)),
        f"{s.refused}/{s.negatives}",
        *(_shown(value, 3) for value in (s.auc, s.coverage)),
        *(_shown(value, 2) for value in (s.seconds, s.most_seconds)),
        _shown(s.peak_mb, 0),
    ]


def _shown(value: float, digits: int) -> str:
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown, its columns aligned."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]

    def printed(line: Sequence[str]) -> str:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        return f"| {' | '.join(cells)} |"

    print(f"\n### {title}\n")
    print(printed(head))
    print(f"|{'|'.join('-' * (width + 1) + (':' if column else '-') for column, width in enumerate(widths))}|")
    for line in rows:
        print(printed(line))


def groups(answers: Sequence[Answer], by_edit: bool) -> list[tuple[str, list[Answer]]]:
    """Return the answers by family, or by each word of the edits."""
    names = {word for answer in answers for word in answer.edits} if by_edit else {a.family for a in answers}
    return [(name, [a for a in answers if name in (a.edits if by_edit else (a.family,))]) for name in sorted(names)]


def show(by_method: dict[str, list[Answer]], by_edit: bool) -> None:
    """Print all methods, then ours (``by_edit``: each method) by family and by kind of edit, then ours' misses."""
    table("All methods", HEAD, [row(method, answers) for method, answers in by_method.items()])
    print(LEGEND)
    for method, answers in by_method.items():
        made = any(answer.family for answer in answers)
        if not by_edit and method != "pawtrait":
            continue
        if made:
            table(f"{method} by family", HEAD, [row(name, group) for name, group in groups(answers, False)])
        if by_edit or not made:
            without = {answer.family for answer in answers}
            edits = [one for one in groups(answers, True) if one[0] not in without]
            table(f"{method} by kind of edit", HEAD, [row(name, group) for name, group in edits])
    misses = [answer for answer in by_method.get("pawtrait", []) if is_missed(answer)]
    if misses:
        print(f"\npawtrait missed {len(misses)}:")
    for answer in misses:
        error = "no match" if not answer.matched else "another photo" if answer.negative else f"{answer.relative:.1%}"
        print(f"  {answer.name}: {error}, confidence {answer.confidence:.2f} ({' '.join(answer.edits)})")


def is_missed(answer: Answer) -> bool:
    """Say whether a placement was missed, is not a success, or was given for another photo."""
    return answer.matched if answer.negative else answer.relative >= SUCCESS

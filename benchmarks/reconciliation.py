"""Measures the methods of reconciliation on pairs with known placement, beside methods of others.

    python benchmarks/reconciliation.py DATA [--set pairs|tune|judge] [--methods a,b] [--limit N] [--workers N]
        [--families a,b] [--per-family N] [--seed N] [--by-edit] [--sheet FILE.png] [--json FILE]
    python benchmarks/reconciliation.py DATA --large [--methods a,b]
    python benchmarks/reconciliation.py DATA --throughput [--limit N]
    python benchmarks/reconciliation.py DATA --fit

DATA holds ``pairs/truth.csv`` (pair, original, designer, matrix, mirrored, edits; an empty matrix: another photo),
``pairs/designer``, ``portraits/manifest.csv`` (name, breed, split), ``portraits/originals`` and ``portraits/masks``.
The sets "tune" and "judge" are made from the portraits as they are measured. Every method runs on one thread.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"  # read when the libraries below are loaded, here and in the worker processes
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import json
import math
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from cases import SETS, Case, file_cases, made_cases
from measure import Answer, measure, one_thread, warm_up
from peers import METHODS, why_not
from tables import show


def chosen_cases(arguments: argparse.Namespace) -> Sequence[Case]:
    """Return the pairs that the command line asks for.

    Raises:
        SystemExit: there is no such family.
    """
    if arguments.set == "pairs":
        return file_cases(arguments.data)[: arguments.limit]
    families = arguments.families.split(",") if arguments.families else []
    try:
        cases = made_cases(arguments.data, arguments.set, families, arguments.per_family, arguments.seed)
    except ValueError as error:
        raise SystemExit(str(error)) from None
    return cases[: arguments.limit]


def chosen_methods(names: str) -> list[str]:
    """Return the methods that can run here, having said which cannot, and why.

    Raises:
        SystemExit: there is no such method.
    """
    answer = []
    for name in METHODS if names == "all" else names.split(","):
        if name not in METHODS:
            raise SystemExit(f"{name}: not one of {', '.join(METHODS)}")
        missing = why_not(name)
        if missing is None:
            answer.append(name)
        else:
            print(f"{name} is skipped: {missing}")
    return answer


def run(cases: Sequence[Case], method: str, workers: int) -> list[Answer]:
    """Measure one method in fresh processes, so that no other's memory counts as its own."""
    answers: list[Answer] = []
    with ProcessPoolExecutor(workers, get_context("spawn"), warm_up, (method,)) as pool:
        for answer in pool.map(measure, [(case, method) for case in cases]):
            answers.append(answer)
            print(f"\r{method}: {len(answers)} of {len(cases)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return answers


def write_json(path: Path, by_method: dict[str, list[Answer]]) -> None:
    """Write all answers; what is infinite or not a number is null."""

    def plain(value: object) -> object:
        return None if isinstance(value, float) and not math.isfinite(value) else value

    everything = [{k: plain(v) for k, v in asdict(one).items()} for answers in by_method.values() for one in answers]
    path.write_text(json.dumps(everything, indent=1), "utf-8")


def parsed() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--set", choices=("pairs", *SETS), default="pairs", help="which pairs")
    parser.add_argument("--families", default="", help="only these families of the set")
    parser.add_argument("--per-family", type=int, default=12, help="pairs of each family, negatives not counted")
    parser.add_argument("--seed", type=int, default=1, help="draws photos and edits of the families")
    parser.add_argument("--limit", type=int, default=None, help="only the first N pairs")
    parser.add_argument("--methods", default=None, help=f"any of {', '.join(METHODS)}, or all")
    parser.add_argument("--workers", type=int, default=1, help="processes, each with one thread")
    parser.add_argument("--by-edit", action="store_true", help="each method by family and kind of edit")
    parser.add_argument("--sheet", type=Path, default=None, help="write a picture of pawtrait's worst answers")
    parser.add_argument("--json", type=Path, default=None, help="write all answers")
    parser.add_argument("--large", action="store_true", help="originals of 0.5, 12 and 24 megapixels instead")
    parser.add_argument("--throughput", action="store_true", help="pairs a second instead")
    parser.add_argument("--fit", action="store_true", help="fit the constants of confidence and mask instead")
    return parser.parse_args()


def main() -> None:
    """Do what the command line asks for."""
    arguments = parsed()
    one_thread()
    if arguments.fit:
        from fitting import fit

        fit(arguments.data, arguments.workers)
        return
    if arguments.large or arguments.throughput:
        import speed

        if arguments.large:
            speed.large(arguments.data, chosen_methods(arguments.methods or "pawtrait"), arguments.seed)
        if arguments.throughput:
            speed.show_throughput(arguments.data, arguments.limit or 32, arguments.seed)
        return
    cases = chosen_cases(arguments)
    methods = chosen_methods(arguments.methods or "pawtrait,sift,paper")
    by_method = {method: run(cases, method, arguments.workers) for method in methods}
    show(by_method, arguments.by_edit)
    if arguments.json is not None:
        write_json(arguments.json, by_method)
    ours = by_method.get("pawtrait-guided") or by_method.get("pawtrait")
    if arguments.sheet is not None and ours is not None:
        from sheet import write_sheet

        write_sheet(arguments.sheet, cases, ours)


if __name__ == "__main__":
    main()

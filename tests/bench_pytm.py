"""Part of `make bench`: the pack `pytm` against pytm's own `resolve()` on the same models. Prints tables; judges nothing.

Both are asked alternately in one process, without reading or writing files. The models have two flows for each element,
attributes chosen at random, and are the same in each run. Times are of the processor: neither side waits for anything,
and other work on the machine changes them less than those of a clock. `growth` is the exponent of time by size, from
the medians.
"""

from __future__ import annotations

import datetime
import gc
import math
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import pytm

from tests.rules.pytm_models import CLASSES, choices, project_of
from threatmodel.analysis import analyse
from threatmodel.rules import load_packs, load_vocabulary

DAY = datetime.date(2026, 1, 1)
RULES = load_packs(["pytm"], load_vocabulary())
RUNS = 7
COMPARED = (10, 30, 100, 300, 1_000, 3_000)
"""pytm takes long on larger ones."""
ALONE = (1_000, 3_000, 10_000)


def network(size: int) -> Any:
    """A model of pytm with `size` elements and two flows for each."""
    chance = random.Random(1)
    pytm.TM.reset()
    tm = pytm.TM("network", "Many elements")
    boundaries = [pytm.Boundary(f"boundary {number}") for number in range(10)]
    levels = list(pytm.Classification)
    data = [
        pytm.Data(
            f"data {number}", classification=chance.choice(levels), format=chance.choice(["JSON", "XML", ""])
        )
        for number in range(20)
    ]
    controls = [name for name, values in choices(pytm.Controls).items() if values == (True, False)]
    elements = []
    for number in range(size):
        element = CLASSES[number % len(CLASSES)](f"element {number}", inBoundary=chance.choice(boundaries))
        for name in chance.sample(controls, len(controls) // 4):
            setattr(element.controls, name, True)
        elements.append(element)
    for number in range(2 * size):
        flow = pytm.Dataflow(chance.choice(elements), elements[number % size], f"flow {number}")
        flow.data = chance.sample(data, 2)
    return tm


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def _spread(found: list[float]) -> str:
    return f"{statistics.median(found):8.4f} ({min(found):.4f} … {max(found):.4f})"


def compared(size: int) -> str:
    """One row: both on the same model, alternately."""
    tm = network(size)
    project, _ = project_of(tm)
    ours, theirs = [], []
    for counted in [False, *([True] * RUNS)]:
        pair = (_seconds(lambda: analyse(project, RULES, as_of=DAY)), _seconds(tm.resolve))
        if counted:
            ours.append(pair[0])
            theirs.append(pair[1])
    threats = analyse(project, RULES, as_of=DAY)
    if len(threats) != len(tm.findings):
        raise SystemExit(f"{size} elements: {len(threats)} threats, pytm has {len(tm.findings)}")
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    ratio = f"{statistics.median(ratios):5.1f} ({min(ratios):.1f} … {max(ratios):.1f})"
    return f"{size:>8} {len(threats):>8}  {_spread(ours):30} {_spread(theirs):30} {ratio}"


def _alone(size: int) -> list[float]:
    project, _ = project_of(network(size))
    pytm.TM.reset()  # the objects of pytm live in the process of the loader, not in that of the engine
    return [_seconds(lambda: analyse(project, RULES, as_of=DAY)) for _ in range(RUNS)]


def main() -> None:
    """Run and print. Sizes on the command line take the place of those that are compared."""
    print("processor seconds, median (least … most); ratio = pytm / ours in the same round")
    print(f"{'elements':>8} {'threats':>8}  {'engine':30} {'pytm resolve()':30} ratio")
    for size in map(int, sys.argv[1:] or COMPARED):
        print(compared(size))
    before: tuple[int, float] | None = None
    print(f"\n{'elements':>8}  {'engine alone':30} growth  most memory of the process, MiB")
    for size in ALONE:
        found = _alone(size)
        median = statistics.median(found)
        growth = f"{math.log(median / before[1]) / math.log(size / before[0]):.2f}" if before else "-"
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{size:>8}  {_spread(found):30} {growth:>6}  {most}")
        before = (size, median)


if __name__ == "__main__":
    main()

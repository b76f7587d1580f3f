"""Part of `make bench`: whole programs on models of growing size, pytm beside them. Prints tables; judges nothing.

Each model has two flows for each element, chosen at random and the same in each run. Ours reads the model in its confined
process, asks all packs (or the pack `pytm`), and writes JSON and Markdown; pytm runs the same file with `--json` and
`--report`. Wall time and the most memory of the largest process are those that the kernel reports. pytm deep-copies its
findings for a report, and fails there on flows that carry data, so the files for it have none.

    python -m tests.bench_whole                        sizes 10 to 10,000, and pytm of this environment at 10 and 30
    python -m tests.bench_whole --old PYTHON           also the pytm that PYTHON has, at 30 and 1,000 elements
"""

from __future__ import annotations

import argparse
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from threatmodel.rules import load_vocabulary

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
BESIDE = (10, 30)
"""The report of pytm 1.4.0 takes minutes on larger ones."""
BESIDE_OLD = (30, 1_000)
PACKS = (
    "core",
    "virtualisation",
    "container-runtime",
    "ipc",
    "filesystem",
    "confidential",
    "supply-chain",
    "operations",
)
RUNS = 3
_CLASSES = ("Server", "ExternalEntity", "Datastore", "Actor", "Process", "Lambda", "SetOfProcesses")
_CONTROLS = (
    "isHardened",
    "hasAccessControl",
    "validatesInput",
    "sanitizesInput",
    "encodesOutput",
    "isEncrypted",
    "providesIntegrity",
    "implementsAuthenticationScheme",
    "handlesResourceConsumption",
    "usesParameterizedInput",
)
_TEMPLATE = """{tm.description}

Name|From|To |Protocol
|:----:|:----:|:---:|:----:|
{dataflows:repeat:|{{item.name}}|{{item.source.name}}|{{item.sink.name}}|{{item.protocol}}|
}

{findings:repeat:|{{item.threat_id}}|{{item.description}}|{{item.target}}|{{item.severity}}|
}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of each run, and the most memory of any of its processes in MiB."""

    seconds: tuple[float, ...]
    memory: float

    @property
    def median(self) -> float:
        """The median time."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return (
            f"{self.median:8.2f} s ({min(self.seconds):.2f} … {max(self.seconds):.2f}) {self.memory:7.0f} MiB"
        )


def cost(command: Sequence[str], folder: Path, output: Path, runs: int = RUNS) -> Cost:
    """What a command costs, after one run that is not counted where there are several."""
    seconds: list[float] = []
    memory = 0.0
    for counted in [False] * (runs > 1) + [True] * runs:
        with output.open("wb") as out, (folder / "err").open("wb") as err:
            start = time.perf_counter()
            process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            took = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)}: {(folder / 'err').read_text()[-2000:]}")
        if counted:
            seconds.append(took)
            memory = max(memory, usage.ru_maxrss / 1024)
    return Cost(tuple(seconds), memory)


def own_model(size: int) -> str:
    """A model in our own language: ten boundaries, two adversaries, traits at random."""
    chance = random.Random(size)
    vocabulary = load_vocabulary()
    element_traits, flow_traits = sorted(vocabulary.element_traits), sorted(vocabulary.flow_traits)
    kinds = ("Process", "Datastore", "ExternalEntity", "Process", "Process")
    lines = ["from threatmodel.dsl import *"]
    lines += [
        f'd{n} = Data("d{n}", name="Data {n}", confidentiality="{chance.choice(("low", "medium", "high"))}")'
        for n in range(20)
    ]
    lines += [
        f'Adversary("{name}", name="{name}", controls=["{zone}"])'
        for name, zone in (("guest", "z1"), ("host", "z2"))
    ]
    lines.append("def build(o):")
    for n in range(10):
        privilege = chance.choice(("restricted", "user", "root", "kernel"))
        lines.append(f'    Boundary("z{n}", name="Zone {n}", privilege="{privilege}")')
    for n in range(size):
        traits = chance.sample(element_traits, 2)
        kind = kinds[n % 5]
        more = ', language="c"' if kind == "Process" else ""
        lines.append(
            f'    {kind}("e{n}", inside="z{chance.randrange(10)}", name="E {n}", traits={traits!r}{more})'
        )
    for n in range(2 * size):
        traits = chance.sample(flow_traits, 1)
        ends = f'"e{chance.randrange(size)}", "e{n % size}"'
        lines.append(f'    Flow("F{n}", {ends}, "flow {n}", data=["d{n % 20}"], traits={traits!r})')
    return "\n".join([*lines, 'MODEL = Model("bench", name="Bench", build=build)', ""])


def pytm_file(size: int) -> str:
    """A plain pytm file that pytm 1.3.1 and 1.4.0 read alike."""
    chance = random.Random(size)
    lines = ["from pytm import *", 'tm = TM("bench", description="Many elements")']
    lines += [f'b{n} = Boundary("boundary {n}")' for n in range(10)]
    for n in range(size):
        lines.append(
            f'e{n} = {_CLASSES[n % len(_CLASSES)]}("element {n}", inBoundary=b{chance.randrange(10)})'
        )
        lines += [f"e{n}.controls.{name} = True" for name in chance.sample(_CONTROLS, 3)]
    lines += [f'f{n} = Dataflow(e{chance.randrange(size)}, e{n % size}, "flow {n}")' for n in range(2 * size)]
    return "\n".join([*lines, "tm.process()", ""])


def ours(model: Path, folder: Path, packs: Sequence[str]) -> Cost:
    """Threats, JSON and Markdown of a model."""
    program = str(Path(sys.executable).parent / "threatmodel")
    asked = [word for pack in packs for word in ("--pack", pack)]
    command = [program, "threats", str(model), *asked, "--format", "markdown", "--json-file", "threats.json"]
    return cost(command, folder, folder / "threats.md")


def theirs(python: str, model: Path, folder: Path, runs: int) -> Cost:
    """The same of pytm."""
    (folder / "template.md").write_text(_TEMPLATE)
    command = [python, str(model), "--json", "pytm.json", "--report", "template.md"]
    return cost(command, folder, folder / "pytm.md", runs)


def _beside(name: str, python: str, sizes: Sequence[int], folder: Path, runs: int = 1) -> None:
    print(f"\n{'elements':>8}  {'ours, pack pytm':42} {name:42} times faster  less memory")
    for size in sizes:
        model = folder / f"pytm_{size}.py"
        model.write_text(pytm_file(size))
        own = ours(model, folder, ("pytm",))
        other = theirs(python, model, folder, runs)
        print(
            f"{size:>8}  {own!s:42} {other!s:42} {other.median / own.median:12.1f}  {other.memory / own.memory:11.1f}",
            flush=True,
        )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", metavar="PYTHON", help="an interpreter with another pytm")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("wall seconds, median (least … most), and most memory of one process")
        print(f"{'elements':>8}  {'ours, all packs':42} growth of time and memory")
        before: tuple[int, Cost] | None = None
        for size in args.sizes:
            model = folder / f"own_{size}"
            model.mkdir()
            (model / "__init__.py").write_text(own_model(size))
            found = ours(model, folder, PACKS)
            growth = "-"
            if before:
                by = math.log(size / before[0])
                time_, memory = (
                    math.log(found.median / before[1].median) / by,
                    math.log(found.memory / before[1].memory) / by,
                )
                growth = f"{time_:.2f}  {memory:.2f}"
            print(f"{size:>8}  {found!s:42} {growth}", flush=True)
            before = (size, found)
        _beside("pytm of this environment", sys.executable, BESIDE, folder)
        if args.old:
            _beside("the other pytm", args.old, BESIDE_OLD, folder, RUNS)


if __name__ == "__main__":
    main()

"""`make bench`: whole-process times of what users wait for. Prints a table; judges nothing.

Each command runs once to warm the caches and then five times; minimum, median and maximum are printed, in seconds.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 5


def times(command: list[str], runs: int = RUNS) -> list[float]:
    """Wall time of each counted run; exit codes 0 and 3 are good."""
    found = []
    for counted in [False, *([True] * runs)]:
        start = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode not in (0, 3):
            raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr.decode()}")
        if counted:
            found.append(seconds)
    return found


def main() -> None:
    """Run and print."""
    program = str(Path(sys.executable).parent / "threatmodel")
    with tempfile.TemporaryDirectory() as folder:
        build = ["build", "models/self", "-o", f"{folder}/out", "--cache", f"{folder}/cache"]
        tools = ["--tools", ".venv-scanners/bin"]
        commands = {
            "check models/kata": [program, "check", "models/kata"],
            "threats models/kata, all configurations": [
                program,
                "threats",
                "models/kata",
                "--format",
                "json",
            ],
            "check models/self": [program, "check", "models/self"],
            "build models/self, caches warm": [program, *build, *tools],
        }
        print(f"{'command':45} {'min':>7} {'median':>7} {'max':>7}")
        for name, command in commands.items():
            found = times(command)
            print(f"{name:45} {min(found):7.2f} {statistics.median(found):7.2f} {max(found):7.2f}")


if __name__ == "__main__":
    main()

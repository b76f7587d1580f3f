"""The built-in scanners run over a tree, with a progress display on a terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO

from scanners.finding import ScanResult
from scanners.protocol import Scanner, ToolEnv
from scanners.registry import BUILT_IN
from scanners.run.progress import display
from scanners.run.scheduler import DEFAULT_LIMITS, scan
from threatmodel.confine import Limits
from threatmodel.source import SourceTree


def run_scanners(
    tree: SourceTree,
    *,
    tools: Iterable[Path],
    search_path: str,
    cache: Path,
    stderr: TextIO,
    limits: Limits = DEFAULT_LIMITS,
    scanners: Iterable[Scanner] = BUILT_IN,
) -> tuple[ScanResult, ...]:
    """Every scanner (the built-in ones) over the tree, side by side. `tools` are folders with executables to use first.

    Raises:
        SourceUnavailable: the tree cannot be read.
    """
    env = ToolEnv(tools=tuple(tools), path=search_path)
    with (
        tempfile.TemporaryDirectory(prefix="threatmodel-scan-") as work,
        ThreadPoolExecutor(max_workers=2) as executor,
        display(stderr) as progress,
    ):
        return scan(
            tree,
            scanners,
            executor=executor,
            workdir=Path(work),
            env=env,
            limits=limits,
            progress=progress,
            cache=cache / "scans",
        )

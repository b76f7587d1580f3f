"""Scanners run over a tree, with a progress display on a terminal."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from collateral.bundle.failed_tests import SCANNER, failed_tests
from scanners.changed import Changed, OnlyChanged, limited
from scanners.finding import ScanResult
from scanners.protocol import Scanner, ToolEnv
from scanners.registry import DEFAULT, select
from scanners.run.cache import Cache
from scanners.run.progress import display
from scanners.run.scheduler import DEFAULT_LIMITS, scan, with_symbols
from scanners.sarif_file import read_sarif
from scanners.secrets import without_secrets
from threatmodel.claims import Results
from threatmodel.confine import Limits
from threatmodel.load import Manifest
from threatmodel.readers.symbols import symbols_at
from threatmodel.source import SourceTree


def chosen(manifest: Manifest) -> tuple[Scanner, ...]:
    """The scanners that a model enables; those that always run where it says nothing.

    Raises:
        UsageError: one is not known, or comes from a package of another version than the model names.
    """
    if manifest.scanners is None:
        return DEFAULT
    return select(manifest.scanners, versions=manifest.scanner_packages)


def scan_cache(folder: Path, environ: Mapping[str, str]) -> Cache:
    """Where results of scanners are kept below a folder. THREATMODEL_CACHE_KEY seals them; with THREATMODEL_CACHE=read
    none is added."""
    return Cache(
        folder=folder / "scans",
        key=environ.get("THREATMODEL_CACHE_KEY", "").encode("utf-8", "surrogateescape"),
        writes=environ.get("THREATMODEL_CACHE") != "read",
    )


def run_scanners(
    tree: SourceTree,
    *,
    tools: Iterable[Path],
    search_path: str,
    cache: Cache,
    stderr: TextIO,
    limits: Limits = DEFAULT_LIMITS,
    scanners: Sequence[Scanner] = DEFAULT,
    sarif: Iterable[tuple[str, bytes]] = (),
    changed: Changed | None = None,
    data: Mapping[str, Path] = MappingProxyType({}),
    results: Results | None = None,
) -> tuple[ScanResult, ...]:
    """The scanners over the tree, side by side, and what SARIF files of other tools say of it; by name. `tools` are
    folders with executables to use first, `sarif` names and contents, `data` folders that tools read beside the tree.
    `results`: those of test runs, whose failed tests are findings. `changed`: only these files are looked at, and each
    result says so.

    Raises:
        InvalidInput: S020, a file is not SARIF 2.1.0.
        SourceUnavailable: the tree cannot be read.
    """
    others: dict[str, ScanResult] = {}
    for name, content in sarif:  # what is wrong with them is told before minutes of work
        read = (with_symbols(item, tree, symbols_at) for item in read_sarif(name, content, tree, others))
        others |= {item.scanner: item for item in read}
    if results is not None and (run := failed_tests(results, tree)) is not None:
        others[SCANNER] = with_symbols(run, tree, symbols_at)
    if changed:
        scanners = [OnlyChanged(scanner=scanner, changed=changed) for scanner in scanners]
    ran = _run(tree, scanners, tools, data, search_path, cache, stderr, limits) if scanners else ()
    judged = without_secrets(sorted((*ran, *others.values()), key=lambda result: result.scanner))
    return tuple(limited(result, changed) for result in judged) if changed else judged


def _run(
    tree: SourceTree,
    scanners: Sequence[Scanner],
    tools: Iterable[Path],
    data: Mapping[str, Path],
    search_path: str,
    cache: Cache,
    stderr: TextIO,
    limits: Limits,
) -> tuple[ScanResult, ...]:
    env = ToolEnv(tools=tuple(tools), path=search_path, data=dict(data))
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
            cache=cache,
            symbols=symbols_at,
        )

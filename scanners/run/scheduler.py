"""Scanners side by side over one source tree. Whatever a scanner does, every one of them gets a result."""

from __future__ import annotations

import functools
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from scanners.finding import ScanResult
from scanners.protocol import Description, Launch, Scanner, SourceFiles, ToolEnv, Work
from scanners.run import cache as store
from scanners.run.files import DiskFiles, TreeFiles, portable
from scanners.run.progress import Event, Listener, ignore
from threatmodel.confine import Handle, Job, Level, Limits, Outcome, run, start
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError
from threatmodel.source import SourceTree

DEFAULT_LIMITS = Limits(
    wall_seconds=900,
    cpu_seconds=1800,
    memory_bytes=None,
    output_bytes=256 << 20,
    open_files=4096,
    processes=512,
)
Symbols = Callable[[str, bytes, Iterable[int]], Mapping[int, str]]
"""Path, content and lines of a file to the qualified names that these lines stand in."""
_NO_FILES = "no file of a kind that it reads is in the source tree"
_NEEDS_NETWORK = "needs a network, which confined processes never get"
_NOT_UTF8 = "its name is not UTF-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What a worker needs; it can be pickled for workers in other processes."""

    scanner: Scanner
    files: DiskFiles
    workdir: Path
    limits: Limits
    env: ToolEnv
    cache: store.Cache | None
    symbols: Symbols | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    result: ScanResult
    cached: bool = False
    level: str = ""
    note: str = ""


class Children:
    """The confined processes that threads of this process have started and that still run."""

    def __init__(self, level: Level | None) -> None:
        self._level = level
        self._lock = threading.Lock()
        self._running: set[Handle] = set()
        self._closed = False

    def launch(self, job: Job) -> Outcome:
        """Run a job to its end.

        Raises:
            RuntimeError: `kill_all` was called.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("the scan was stopped")
            handle = start(job, self._level)
            self._running.add(handle)
        try:
            return handle.wait()
        finally:
            with self._lock:
                self._running.discard(handle)

    def kill_all(self) -> None:
        """End all of them and start no more."""
        with self._lock:
            self._closed = True
            for handle in self._running:
                handle.kill()


def scan(
    tree: SourceTree,
    scanners: Iterable[Scanner],
    *,
    executor: Executor,
    workdir: Path,
    env: ToolEnv,
    limits: Limits = DEFAULT_LIMITS,
    progress: Listener = ignore,
    cache: store.Cache | None = None,
    level: Level | None = None,
    symbols: Symbols | None = None,
) -> tuple[ScanResult, ...]:
    """Run the scanners over the tree and return their results by name; those of most cost start first.

    Where the cache has every result, nothing is written. Else the tree is written once below `workdir`, an empty private
    folder. With a thread pool, an exception such as Ctrl-C ends all children first; workers of another kind end their
    own. `cache` holds earlier results. `symbols`, a function of a module, names the symbol of each finding.

    Raises:
        UsageError: two scanners have one name.
        SourceUnavailable: the tree cannot be read.
    """
    ordered = sorted(scanners, key=lambda scanner: scanner.name)
    names = [scanner.name for scanner in ordered]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(Diagnostic(code="S013", message=f"scanner named twice: {', '.join(doubled)}"))
    children = Children(level)
    launch: Launch = (
        children.launch if isinstance(executor, ThreadPoolExecutor) else functools.partial(run, level=level)
    )
    futures: dict[Future[_Done], Scanner] = {}
    results: list[ScanResult] = []
    try:
        if cache is not None and cache.folder.is_dir():
            for scanner, kept in _kept(ordered, TreeFiles(tree), env, launch, cache, symbols):
                progress(Event(scanner=scanner.name, state="started"))
                progress(_finished(_Done(result=kept, cached=True)))
                results.append(kept)
        if len(results) == len(ordered):
            return tuple(results)
        done_by = {result.scanner for result in results}
        root = workdir / "source"
        tree.materialise(root)
        files = DiskFiles(root=root, names=tree.paths())
        for index, scanner in sorted(enumerate(ordered), key=lambda pair: -getattr(pair[1], "cost", 1)):
            if scanner.name in done_by:
                continue
            order = _Order(
                scanner=scanner,
                files=files,
                workdir=workdir / f"scanner-{index}",
                limits=limits,
                env=env,
                cache=cache,
                symbols=symbols,
            )
            progress(Event(scanner=scanner.name, state="started"))
            futures[executor.submit(_guarded, order, launch)] = scanner
        for future in as_completed(futures):
            done = _take(future, futures[future])
            progress(_finished(done))
            results.append(done.result)
    except BaseException:
        children.kill_all()
        for future in futures:
            future.cancel()
        raise
    return tuple(sorted(results, key=lambda result: result.scanner))


def _kept(
    scanners: Iterable[Scanner],
    files: TreeFiles,
    env: ToolEnv,
    launch: Launch,
    cache: store.Cache,
    symbols: Symbols | None,
) -> Iterator[tuple[Scanner, ScanResult]]:
    """Results that the cache has, found without writing the tree. What goes wrong here goes wrong again, and is told,
    when the scanner is run."""
    for scanner in scanners:
        try:
            planned = scanner.plan(files)
            described = scanner.describe(env, launch) if planned and all(map(portable, planned)) else None
            if described is None or not described.available or described.needs_network:
                continue
            name = store.key(scanner.name, described, files.digest(planned), named=symbols is not None)
            kept = store.load(cache, name)
        except Exception:  # noqa: S112  told when the scanner is run
            continue
        if kept is not None:
            yield scanner, kept


def _finished(done: _Done) -> Event:
    result = done.result
    return Event(
        scanner=result.scanner,
        state="finished",
        status=result.status,
        findings=len(result.findings),
        reason=result.reason,
        cached=done.cached,
        level=done.level,
        note=done.note,
    )


def _take(future: Future[_Done], scanner: Scanner) -> _Done:
    try:
        return future.result()
    except Exception as error:  # the worker died, or its answer could not be sent
        return _Done(result=_broken(scanner.name, error))


def _broken(name: str, error: Exception) -> ScanResult:
    lines = str(error).splitlines() or [""]
    reason = f"{type(error).__name__}: {lines[0][:500]}"
    return ScanResult(scanner=name, version="", status="failed", reason=reason)


def _guarded(order: _Order, launch: Launch) -> _Done:
    """One scanner's whole work. Whatever its adapter raises becomes a failed result that names it."""
    try:
        return _one(order, launch)
    except Exception as error:
        return _Done(result=_without_places(_broken(order.scanner.name, error), order))


def _one(order: _Order, launch: Launch) -> _Done:
    planned = order.scanner.plan(order.files)
    unnamed = tuple(path for path in planned if not portable(path))
    planned = tuple(path for path in planned if portable(path))
    base = ScanResult(scanner=order.scanner.name, version="", status="complete")
    try:
        description = order.scanner.describe(order.env, launch)
        base = replace(
            base,
            version=description.version,
            ruleset_digest=description.ruleset_digest,
            tool_digest=description.tool_digest,
        )
        done = _described(order, launch, description, base, planned)
    except Exception as error:  # the boundary of an adapter: its fault is its result
        broken = _broken(base.scanner, error)
        failed = replace(base, status="failed", reason=broken.reason)
        done = _Done(result=_nothing_read(failed, planned, "the scanner failed"))
    return replace(done, result=_without_places(_with_unnamed(done.result, unnamed), order))


def _described(
    order: _Order, launch: Launch, description: Description, base: ScanResult, planned: tuple[str, ...]
) -> _Done:
    if not description.available or description.needs_network:
        reason = description.reason or "not available" if not description.available else _NEEDS_NETWORK
        return _Done(result=_nothing_read(replace(base, status="skipped", reason=reason), planned, reason))
    if not planned:
        return _Done(result=replace(base, notifications=(_NO_FILES,)))
    name = store.key(base.scanner, description, order.files.digest(planned), named=order.symbols is not None)
    if order.cache is not None and (kept := store.load(order.cache, name)) is not None:
        return _Done(result=kept, cached=True)
    order.workdir.mkdir(parents=True)
    work = Work(
        tree_dir=order.files.root,
        files=planned,
        workdir=order.workdir,
        limits=order.limits,
        env=order.env,
        launch=launch,
    )
    raw = order.scanner.run(work)
    # before it is kept: another run has other folders
    result = _without_places(order.scanner.parse(raw, order.files, description), order)
    if order.symbols is not None:
        result = with_symbols(result, order.files, order.symbols)
    note = store.store(order.cache, name, result) if order.cache is not None else ""
    return _Done(result=result, level=raw.outcome.level, note=note)


def with_symbols(result: ScanResult, files: SourceFiles, symbols: Symbols) -> ScanResult:
    """The result, its findings with the symbols that their lines stand in."""
    lines: dict[str, set[int]] = defaultdict(set)
    for finding in result.findings:
        lines[finding.location.path].add(finding.location.line)
    names = {path: symbols(path, files.read(path), lines[path]) for path in sorted(lines)}
    found = (replace(f, symbol=names[f.location.path].get(f.location.line, "")) for f in result.findings)
    return replace(result, findings=tuple(found))


def _nothing_read(result: ScanResult, planned: tuple[str, ...], reason: str) -> ScanResult:
    return replace(result, files_planned=planned, not_scanned=tuple((path, reason) for path in planned))


def _with_unnamed(result: ScanResult, paths: tuple[str, ...]) -> ScanResult:
    """The result, with files that no tool can be asked about counted as planned and not read."""
    if not paths:
        return result
    return replace(
        result,
        status="partial" if result.status == "complete" else result.status,
        reason=result.reason or f"{len(paths)} files whose name is not UTF-8",
        files_planned=tuple(sorted((*result.files_planned, *paths))),
        not_scanned=tuple(sorted((*result.not_scanned, *((path, _NOT_UTF8) for path in paths)))),
    )


def _without_places(result: ScanResult, order: _Order) -> ScanResult:
    """The result, with folders of this machine, which tools name in their messages, replaced by words in braces."""
    tools = [folder.absolute() for folder in (*order.env.tools, order.env.beside)]
    words = {str(order.workdir): "{work}", str(order.files.root): "{tree}"}
    words |= {str(order.workdir.resolve()): "{work}", str(order.files.root.resolve()): "{tree}"}
    for name, folder in order.env.data.items():
        words |= {str(folder.absolute()): f"{{{name}}}", str(folder.resolve()): f"{{{name}}}"}
    words |= {str(folder): "{tools}" for folder in (*tools, *(folder.resolve() for folder in tools))}
    words |= {str(folder.parent): "{tools}/.." for folder in tools if folder.name == "bin"}

    def clean(text: str) -> str:
        for path in sorted(words, key=len, reverse=True):
            text = text.replace(path, words[path])
        return text

    return replace(
        result,
        reason=clean(result.reason),
        notifications=tuple(clean(note) for note in result.notifications),
        not_scanned=tuple((path, clean(why)) for path, why in result.not_scanned),
    )

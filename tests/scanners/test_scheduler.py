"""Scanners side by side: faults, cache, interruption, other executors."""

from __future__ import annotations

import json
import multiprocessing
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from scanners.adapters.bandit import BanditScanner
from scanners.finding import ScanResult
from scanners.protocol import ToolEnv
from scanners.run.cache import Cache
from scanners.run.progress import Event
from scanners.run.scheduler import Children, scan
from tests.scanners.support import LIMITS, Plugin, fake_tool, make_tree, run_scan
from threatmodel.confine import Job, clean_env
from threatmodel.core.errors import UsageError
from threatmodel.source import DirectoryTree

GOOD = "write({'results': [], 'errors': [], 'metrics': {f: {} for f in files('.py')}})"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree", {"one.py": "x = 1\n", "sub/two.py": "y = 2\n"})


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("step", ["plan", "describe", "run", "parse"])
def test_an_adapter_that_raises_has_a_failed_result_and_the_others_go_on(step: str, tmp_path: Path) -> None:
    bad, good = run_scan(tmp_path, (Plugin(name="good"), Plugin(name="bad", raises_in=step)))
    assert (bad.scanner, bad.status) == ("bad", "failed")
    assert bad.reason == f"ValueError: {step} went wrong"
    assert good.status == "complete"
    if step != "plan":
        assert bad.not_scanned == (("one.py", "the scanner failed"), ("sub/two.py", "the scanner failed"))


@pytest.mark.usefixtures("tree")
def test_a_scanner_that_needs_a_network_is_skipped(tmp_path: Path) -> None:
    (result,) = run_scan(tmp_path, (Plugin(needs_network=True),))
    assert result.status == "skipped"
    assert "network" in result.reason


@pytest.mark.usefixtures("tree")
def test_two_scanners_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="named twice: plugin"):
        run_scan(tmp_path, (Plugin(), Plugin()))


@pytest.mark.usefixtures("tree")
def test_progress_tells_the_start_and_the_end_of_each(tmp_path: Path) -> None:
    events: list[Event] = []
    run_scan(tmp_path, (Plugin(name="a"), Plugin(name="b", raises_in="run")), progress=events.append)
    assert {(event.scanner, event.state, event.status) for event in events} == {
        ("a", "started", ""),
        ("b", "started", ""),
        ("a", "finished", "complete"),
        ("b", "finished", "failed"),
    }


class Cached:
    """Scans the same tree again and again with one cache, and counts the runs of the tool."""

    def __init__(self, tmp_path: Path, body: str) -> None:
        self.tmp_path = tmp_path
        self.cache = tmp_path / "cache"
        self.count = 0
        fake_tool(tmp_path / "bin", "bandit", body)

    def scan(self) -> tuple[ScanResult, bool]:
        events: list[Event] = []
        self.count += 1
        (result,) = run_scan(
            self.tmp_path,
            (BanditScanner(),),
            tools=(self.tmp_path / "bin",),
            cache=self.cache,
            progress=events.append,
            work=f"work{self.count}",
        )
        return result, events[-1].cached


@pytest.mark.usefixtures("tree")
def test_a_result_is_taken_from_the_cache_until_an_input_changes(tmp_path: Path) -> None:
    cached = Cached(tmp_path, GOOD)
    first, hit = cached.scan()
    assert not hit
    assert cached.scan() == (first, True)
    make_tree(tmp_path / "tree", {"README.md": "not a file that bandit reads"})
    assert cached.scan() == (first, True)
    make_tree(tmp_path / "tree", {"one.py": "x = 2\n"})
    assert cached.scan() == (first, False)
    fake_tool(tmp_path / "bin", "bandit", GOOD + "\n# another build")
    assert not cached.scan()[1]


@pytest.mark.usefixtures("tree")
def test_a_sealed_cache_takes_no_entry_of_another_key(tmp_path: Path) -> None:
    cached = Cached(tmp_path, GOOD)
    first, _ = cached.scan()
    folder = cached.cache
    for cache, hit in (
        (Cache(folder=folder), True),
        (Cache(folder=folder, key=b"ours"), False),
        (Cache(folder=folder, key=b"ours"), True),
        (Cache(folder=folder, key=b"theirs"), False),
        (Cache(folder=folder), False),
    ):
        cached.cache = cache  # type: ignore[assignment]  # both are taken
        assert cached.scan() == (first, hit), cache
    assert b"ours" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert "ours" not in repr(Cache(folder=folder, key=b"ours"))


@pytest.mark.usefixtures("tree")
def test_a_run_that_is_not_trusted_reads_and_adds_nothing(tmp_path: Path) -> None:
    cached = Cached(tmp_path, GOOD)
    folder = cached.cache
    cached.cache = Cache(folder=folder, writes=False)  # type: ignore[assignment]
    assert [cached.scan()[1], cached.scan()[1]] == [False, False]
    assert not folder.exists()
    cached.cache = folder
    assert not cached.scan()[1]
    cached.cache = Cache(folder=folder, writes=False)  # type: ignore[assignment]
    assert cached.scan()[1]


@pytest.mark.usefixtures("tree")
def test_a_cache_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    cached = Cached(tmp_path, GOOD)
    cached.scan()
    cached.cache.chmod(0o777)
    before = {path: path.read_bytes() for path in cached.cache.iterdir()}
    assert not cached.scan()[1]
    assert {path: path.read_bytes() for path in cached.cache.iterdir()} == before


@dataclass(frozen=True)
class Dear(Plugin):
    """A scanner that takes long."""

    cost: int = 1


def test_the_dearest_starts_first(tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", {"a": "x"})
    events: list[Event] = []
    scanners = (Dear(name="a"), Plugin(name="b"), Dear(name="c", cost=9), Dear(name="d", cost=5))
    results = run_scan(tmp_path, scanners, progress=events.append)
    assert [event.scanner for event in events if event.state == "started"] == ["c", "d", "a", "b"]
    assert [result.scanner for result in results] == ["a", "b", "c", "d"]


@pytest.mark.usefixtures("tree")
def test_where_every_result_is_kept_the_tree_is_not_written(tmp_path: Path) -> None:
    cached = Cached(tmp_path, GOOD)
    first, _ = cached.scan()
    assert cached.scan() == (first, True)
    assert (tmp_path / "work1" / "source").is_dir()
    assert not (tmp_path / "work2").exists()


def _truncate(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-40])


def _change(entry: Path) -> None:
    value: dict[str, Any] = json.loads(entry.read_bytes())
    value["result"]["findings"] = []
    value["result"]["status"] = "partial"
    entry.write_text(json.dumps(value))


def _link(entry: Path) -> None:
    entry.rename(entry.with_suffix(".kept"))
    entry.symlink_to(entry.with_suffix(".kept"))


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("spoil", [_truncate, _change, _link, lambda entry: entry.write_text("[" * 100000)])
def test_a_spoilt_cache_entry_is_ignored_and_replaced(spoil: Any, tmp_path: Path) -> None:
    cached = Cached(tmp_path, GOOD)
    first, _ = cached.scan()
    (entry,) = cached.cache.glob("*.json")
    spoil(entry)
    assert cached.scan() == (first, False)
    assert cached.scan() == (first, True)


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(4)",
        "write({'results': [], 'errors': [{'filename': 'one.py', 'reason': 'Timeout of one file'}],"
        " 'metrics': {f: {} for f in files('.py')}})",
    ],
)
def test_a_failure_and_a_timeout_are_not_kept(body: str, tmp_path: Path) -> None:
    cached = Cached(tmp_path, body)
    assert [cached.scan()[1], cached.scan()[1]] == [False, False]
    assert not list(tmp_path.glob("cache/*"))


@pytest.mark.usefixtures("tree")
def test_a_cache_that_cannot_be_written_is_told_and_does_no_harm(tmp_path: Path) -> None:
    events: list[Event] = []
    fake_tool(tmp_path / "bin", "bandit", GOOD)
    (tmp_path / "file").write_text("")
    (result,) = run_scan(
        tmp_path,
        (BanditScanner(),),
        tools=(tmp_path / "bin",),
        cache=tmp_path / "file",
        progress=events.append,
    )
    assert result.status == "complete"
    assert "could not be kept" in events[-1].note


@pytest.mark.usefixtures("tree")
def test_an_interruption_kills_what_runs_and_goes_on_to_the_caller(tmp_path: Path) -> None:
    fake_tool(tmp_path / "bin", "bandit", "time.sleep(5)\n" + GOOD)

    def interrupt(event: Event) -> None:
        if event.state == "finished":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scan(tmp_path, (Plugin(), BanditScanner()), tools=(tmp_path / "bin",), progress=interrupt)
    assert not list((tmp_path / "work").rglob("report.json"))


def test_children_are_killed_and_no_more_are_started(tmp_path: Path) -> None:
    children = Children(None)
    job = Job(
        argv=("/bin/sh", "-c", "sleep 600"),
        readable=(),
        writable=(),
        cwd=Path("/"),
        env=clean_env(),
        limits=LIMITS,
    )
    seen: list[int | None] = []

    def work() -> None:
        try:
            seen.append(children.launch(replace(job)).signal)
        except RuntimeError:
            seen.append(9)  # stopped before it was started

    thread = threading.Thread(target=work)
    thread.start()
    children.kill_all()
    thread.join()
    assert seen == [9]
    with pytest.raises(RuntimeError, match="stopped"):
        children.launch(job)


def _scan_with(executor: Executor, tmp_path: Path) -> tuple[ScanResult, ...]:
    env = ToolEnv(tools=(tmp_path / "bin",), beside=tmp_path / "nothing")
    with DirectoryTree(tmp_path / "tree") as tree:
        return scan(
            tree,
            (BanditScanner(), Plugin()),
            executor=executor,
            workdir=tmp_path / "work",
            env=env,
            limits=LIMITS,
        )


@pytest.mark.usefixtures("tree")
def test_workers_may_be_processes(tmp_path: Path) -> None:
    fake_tool(tmp_path / "bin", "bandit", GOOD)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        results = _scan_with(executor, tmp_path)
    assert [(result.scanner, result.status) for result in results] == [
        ("bandit", "complete"),
        ("plugin", "complete"),
    ]


class Broken(Executor):
    """An executor whose workers have died."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(OSError("the worker died"))
        return future


@pytest.mark.usefixtures("tree")
def test_a_worker_that_dies_is_a_failed_result(tmp_path: Path) -> None:
    results = _scan_with(Broken(), tmp_path)
    assert {(result.status, result.reason) for result in results} == {("failed", "OSError: the worker died")}


@pytest.mark.usefixtures("tree")
def test_the_executor_stays_open(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as executor:
        _scan_with(executor, tmp_path)
        assert executor.submit(int, "7").result() == 7

"""Starting a confined child, draining its output under ceilings, and ending it with all that it started."""

from __future__ import annotations

import contextlib
import math
import os
import select
import selectors
import signal
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar

from threatmodel.confine.spawn import spawn
from threatmodel.confine.types import Job, Mechanism, Outcome, confine_error
from threatmodel.core.text import fold

_Value = TypeVar("_Value")
_CHUNK = 65536
_REPORT_BYTES = 4096
_GRACE_SECONDS = 0.3
_KILL_SECONDS = 1.0


class Handle:
    """A running job. Kill it, wait for it, or use it as a context manager that kills it on the way out."""

    def __init__(self, job: Job, mechanism: Mechanism) -> None:
        self._wake_read, self._wake_write = os.pipe()
        self._lock = threading.Lock()
        self._open = True
        self._started: Future[None] = Future()
        self._first: Future[bytes] = Future()
        self._outcome: Future[Outcome] = Future()
        # the child is told to die with the thread that started it, so this thread starts it and stays
        self._thread = threading.Thread(target=self._run, args=(job, mechanism), daemon=True)
        self._thread.start()
        self._started.result()

    def kill(self) -> None:
        """End the job and everything that it started. Does nothing where it has ended."""
        with self._lock:
            if self._open:
                os.write(self._wake_write, b"k")

    def first_line(self) -> bytes:
        """Wait for the first whole line of its output; empty where it ended without one."""
        return self._result_of(self._first)

    def wait(self) -> Outcome:
        """Wait until it ends. An exception here, as by Ctrl-C, kills it first.

        Raises:
            ConfineError: the confinement could not be set up, or there is no such command.
        """
        return self._result_of(self._outcome)

    def _result_of(self, future: Future[_Value]) -> _Value:
        try:
            return future.result()
        except BaseException:
            self.kill()
            self._thread.join()
            raise

    def done(self) -> bool:
        """True if it has ended."""
        return self._outcome.done()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._thread.join()

    def _run(self, job: Job, mechanism: Mechanism) -> None:
        try:
            with _Running(job, mechanism, self._wake_read, self._first) as running:
                self._started.set_result(None)
                outcome = running.drain()
            self._close()
            if not self._first.done():
                self._first.set_result(b"")
            self._outcome.set_result(outcome)
        except BaseException as error:  # handed to the waiting thread
            self._close()
            if not self._first.done():
                self._first.set_result(b"")
            (self._outcome if self._started.done() else self._started).set_exception(error)

    def _close(self) -> None:
        with self._lock:
            self._open = False
            os.close(self._wake_read)
            os.close(self._wake_write)


@dataclass(slots=True)
class _Stream:
    """One output stream: what was kept of it."""

    ceiling: int
    first: Future[bytes] = field(default_factory=Future)
    """Its first line."""
    data: bytearray = field(default_factory=bytearray)
    truncated: bool = False

    def take(self, chunk: bytes) -> None:
        room = self.ceiling - len(self.data)
        self.data += chunk[:room]
        self.truncated = self.truncated or len(chunk) > room
        if (not chunk or b"\n" in chunk) and not self.first.done():
            line, newline, _ = self.data.partition(b"\n")
            self.first.set_result(bytes(line) if newline else b"")


class _Running:
    """The child process and the pipes to it."""

    def __init__(self, job: Job, mechanism: Mechanism, wake: int, first: Future[bytes]) -> None:
        self._job = job
        self._mechanism = mechanism
        self._wake = wake
        self._deadline = time.monotonic() + job.limits.wall_seconds
        self._streams = (_Stream(job.limits.output_bytes, first), _Stream(job.limits.output_bytes))
        self._report = _Stream(_REPORT_BYTES)
        self._unsent = memoryview(job.stdin)
        self._reason = ""
        self._killed = False
        self._kill_deadline = math.inf
        self._status, status_write = os.pipe()
        try:
            self._process = spawn(job, mechanism, status_write)
        except BaseException:
            os.close(self._status)
            raise
        finally:
            os.close(status_write)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        os.close(self._status)

    def drain(self) -> Outcome:
        """Move data until the job has ended; enforce wall time and output size."""
        with selectors.DefaultSelector() as selector:
            self._register(selector)
            end = math.inf
            while selector.get_map():
                left = {key.fileobj for key in selector.get_map().values()} - {self._wake}
                if not left or time.monotonic() >= end:
                    break
                until = min(self._deadline, end, self._kill_deadline)
                pause = None if until == math.inf else max(0.0, until - time.monotonic())
                for key, _ in selector.select(pause):
                    self._serve(selector, key)
                if (
                    self._status not in {key.fileobj for key in selector.get_map().values()}
                    and end == math.inf
                ):
                    # the job is over; a process that escaped at a weak level may still hold a pipe
                    end = time.monotonic() + _GRACE_SECONDS
                self._enforce(time.monotonic())
        return self._result()

    def _register(self, selector: selectors.BaseSelector) -> None:
        process = self._process
        for pipe, stream in ((process.stdout, self._streams[0]), (process.stderr, self._streams[1])):
            selector.register(_descriptor(pipe), selectors.EVENT_READ, stream)
        selector.register(self._status, selectors.EVENT_READ, self._report)
        selector.register(self._wake, selectors.EVENT_READ)
        if self._unsent:
            os.set_blocking(_descriptor(process.stdin), False)
            selector.register(_descriptor(process.stdin), selectors.EVENT_WRITE, process.stdin)

    def _serve(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if key.fd == self._wake:
            selector.unregister(key.fileobj)
            self._kill("")
        elif isinstance(key.data, _Stream):
            chunk = os.read(key.fd, _CHUNK)
            if not chunk:
                selector.unregister(key.fileobj)
            key.data.take(chunk)
            if key.data.truncated and key.data is not self._report:
                self._kill("output size")
        else:
            self._send(selector, key)

    def _send(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        try:
            self._unsent = self._unsent[os.write(key.fd, self._unsent[: select.PIPE_BUF]) :]
        except BrokenPipeError:
            self._unsent = self._unsent[:0]
        if not self._unsent:
            selector.unregister(key.fileobj)
            key.data.close()

    def _enforce(self, now: float) -> None:
        if now >= self._deadline:
            self._deadline = math.inf
            self._kill("wall time")
        if now >= self._kill_deadline:
            self._kill_deadline = math.inf
            self._kill_hard()

    def _kill(self, reason: str) -> None:
        """End the job once; the first reason stays."""
        if self._killed or self._process.poll() is not None:
            return
        self._killed = True
        self._reason = reason
        if self._mechanism.pid_namespace:
            self._kill_hard()
        else:
            self._process.terminate()  # the trampoline then kills what is below it
            self._kill_deadline = time.monotonic() + _KILL_SECONDS

    def _kill_hard(self) -> None:
        if self._process.poll() is not None:
            return
        pid = self._process.pid
        groups = [] if self._mechanism.pid_namespace else _children(pid)
        for group in (*groups, pid):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def _result(self) -> Outcome:
        report = _read_report(bytes(self._report.data))
        if isinstance(report, str) and report:
            raise confine_error("C002", f"a confined process could not start: {fold(report)}")
        if report == "" and not self._killed and not self._report.data.startswith(b"R"):
            tail = fold(bytes(self._streams[1].data[-500:]).decode("utf-8", "replace").strip())
            raise confine_error("C003", f"the confinement ended without a report: {tail or 'no message'}")
        out, err = self._streams
        ended = report if isinstance(report, _Report) else None
        exit_code, number = _split(ended.status) if ended and not self._killed else (None, signal.SIGKILL)
        limit = self._reason or (
            "" if self._killed or ended is None else self._limit(ended, exit_code, number)
        )
        return Outcome(
            exit_code=exit_code,
            signal=number,
            stdout=bytes(out.data),
            stderr=bytes(err.data),
            stdout_truncated=out.truncated,
            stderr_truncated=err.truncated,
            timed_out=self._reason == "wall time",
            limit=limit,
            level=self._mechanism.level.value,
        )

    def _limit(self, ended: _Report, exit_code: int | None, number: int | None) -> str:
        """The limit that the way of ending points to."""
        limits = self._job.limits
        if ended.too_many_processes:
            return "processes"
        by_time = number == signal.SIGKILL and ended.cpu_seconds >= limits.cpu_seconds
        if number == signal.SIGXCPU or by_time:
            return "processor time"
        if number == signal.SIGXFSZ:
            return "output size"
        if limits.memory_bytes is not None and exit_code != 0:
            tail = bytes(self._streams[1].data[-2000:])
            signs = (b"MemoryError", b"Cannot allocate memory", b"out of memory", b"std::bad_alloc")
            crashed = number in {signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGKILL}
            if any(sign in tail for sign in signs) or (
                crashed and ended.peak_bytes > limits.memory_bytes * 0.7
            ):
                return "memory"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    status: int
    cpu_seconds: float
    peak_bytes: int
    too_many_processes: bool


def _read_report(data: bytes) -> _Report | str:
    """What the trampoline said: how the command ended, why it could not start, or empty for nothing."""
    for line in data.decode("utf-8", "replace").splitlines():
        kind, _, rest = line.partition(" ")
        words = rest.split()
        if kind == "E":
            return rest or "unknown reason"
        if (
            kind == "S"
            and len(words) == 4
            and all(w.isascii() and w.isdigit() and len(w) < 16 for w in words)
        ):
            status, cpu, peak, exceeded = (int(word) for word in words)
            return _Report(
                status=status & 0xFFFF,
                cpu_seconds=cpu / 1000,
                peak_bytes=peak * 1024,
                too_many_processes=exceeded == 1,
            )
    return ""


def _children(pid: int) -> list[int]:
    """Processes started by the one given; none where the kernel does not tell."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(number) for number in text.split()]


def _split(status: int) -> tuple[int | None, int | None]:
    code = os.waitstatus_to_exitcode(status)
    return (code, None) if code >= 0 else (None, -code)


def _descriptor(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise AssertionError("the stream is a pipe")
    return pipe.fileno()

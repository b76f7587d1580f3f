"""What the scanners are doing, for a person at a terminal."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from threatmodel.core.text import fold

if TYPE_CHECKING:
    from rich.table import Table

Mode = Literal["auto", "plain", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened to a scanner. `level` is the confinement that it ran with."""

    scanner: str
    state: Literal["started", "finished"]
    status: str = ""
    findings: int = 0
    reason: str = ""
    cached: bool = False
    level: str = ""
    note: str = ""


Listener = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """No display."""


@contextlib.contextmanager
def display(
    stream: TextIO, mode: Mode = "auto", clock: Callable[[], float] = time.monotonic
) -> Iterator[Listener]:
    """A listener that shows progress on the stream: a live table on a terminal, else nothing; `plain` is one line
    per event anywhere."""
    if mode == "plain":
        yield _Plain(stream, clock)
    elif mode == "auto" and stream.isatty():
        with _live(stream, clock) as listener:
            yield listener
    else:
        yield ignore


class _Plain:
    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._started: dict[str, float] = {}

    def __call__(self, event: Event) -> None:
        if event.state == "started":
            self._started[event.scanner] = self._clock()
            self._stream.write(f"{fold(event.scanner)}: started\n")
        else:
            seconds = self._clock() - self._started.get(event.scanner, self._clock())
            self._stream.write(f"{fold(event.scanner)}: {_ending(event)} ({seconds:.1f} s)\n")
        self._stream.flush()


def _ending(event: Event) -> str:
    parts = [event.status, f"{event.findings} findings"]
    parts += ["from the cache"] if event.cached else []
    parts += [one_line(text) for text in (event.reason, event.note) if text]
    return ", ".join(parts)


def one_line(text: str) -> str:
    """Untrusted text, folded, on one line."""
    return " ".join(fold(text).split())


@contextlib.contextmanager
def _live(stream: TextIO, clock: Callable[[], float]) -> Iterator[Listener]:
    from rich.console import Console  # not imported where there is no terminal
    from rich.live import Live

    table = _Table(clock)
    with Live(table, console=Console(file=stream, markup=False), refresh_per_second=4, redirect_stdout=False):
        yield table


class _Table:
    """State of each scanner; rich asks for its picture several times a second."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._started: dict[str, float] = {}
        self._ended: dict[str, tuple[Event, float]] = {}

    def __call__(self, event: Event) -> None:
        if event.state == "started":
            self._started[event.scanner] = self._clock()
        else:
            self._ended[event.scanner] = (event, self._clock())

    def __rich__(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for scanner, start in list(self._started.items()):
            event, end = self._ended.get(scanner, (None, self._clock()))
            state = _ending(event) if event else "running"
            table.add_row(Text(fold(scanner)), Text(f"{end - start:6.1f} s"), Text(state))
        return table

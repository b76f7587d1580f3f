"""The progress display: quiet unless there is a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from scanners.run.progress import Event, Listener, Mode, display

STARTED = Event(scanner="semgrep", state="started")
FINISHED = Event(
    scanner="semgrep",
    state="finished",
    status="partial",
    findings=3,
    reason="bad \x1b[31m\nnews",
    note="a note",
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ticks(step: float) -> Callable[[], float]:
    """A clock that moves by a step each time that it is read."""
    times: Iterator[float] = (step * number for number in range(10**6))
    return lambda: next(times)


def shown(stream: io.StringIO, mode: Mode, use: Callable[[Listener], None]) -> str:
    with display(stream, mode, ticks(2.0)) as listener:
        use(listener)
    return stream.getvalue()


def both(listener: Listener) -> None:
    listener(STARTED)
    listener(FINISHED)


def test_nothing_is_written_where_there_is_no_terminal() -> None:
    assert shown(io.StringIO(), "auto", both) == ""
    assert shown(Terminal(), "off", both) == ""


def test_plain_is_one_line_per_event_with_hostile_text_folded() -> None:
    first, second = shown(io.StringIO(), "plain", both).splitlines()
    assert first == "semgrep: started"
    assert second == "semgrep: partial, 3 findings, bad <U+001B>[31m news, a note (2.0 s)"


def test_a_terminal_shows_scanner_state_and_count() -> None:
    text = shown(Terminal(), "auto", both)
    assert "semgrep" in text
    assert "3 findings" in text
    assert "\x1b[31m" not in text


def test_a_running_scanner_is_shown_as_running() -> None:
    assert "running" in shown(Terminal(), "auto", lambda listener: listener(STARTED))

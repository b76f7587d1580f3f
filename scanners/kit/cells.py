"""The faults, each with what must become of a scan that meets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scanners.finding import ScanResult, Status
from scanners.kit.record import Damage, Left

_NOT_COMPLETE: tuple[Status, ...] = ("failed", "partial")
_FAILED: tuple[Status, ...] = ("failed",)
_NOTHING_KNOWN: tuple[Status, ...] = ("failed", "skipped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A fault: in words, how what the tool left behind is damaged, and the states that the result may have. `unread`: the
    number of planned files, from the first, of which the result must say that they were not read."""

    about: str
    allowed: tuple[Status, ...]
    damage: Damage | None = None
    unread: int = 0


def _ended(**changes: object) -> Damage:
    return lambda left: left.ending(**changes)


def _silent(**changes: object) -> Damage:
    """Ended so, and said nothing."""

    def damage(left: Left) -> Left:
        return Left(outcome=left.ending(stdout=b"", stderr=b"", **changes).outcome, files={}, report=None)

    return damage


def _saying(change: Callable[[bytes], bytes]) -> Damage:
    return lambda left: left.saying(change(left.said))


def _long(left: Left) -> Left:
    """More than the limit on output, which the kit sets to a megabyte."""
    whole = left.saying(left.said + b" " * (1 << 20))
    return whole if left.report else whole.ending(**{f"{left.stream}_truncated": True})


CELLS: Mapping[str, Cell] = {
    "whole": Cell(about="nothing is wrong", allowed=("complete",), damage=lambda left: left),
    "missing-program": Cell(about="the program is not installed", allowed=("skipped",)),
    "missing-data": Cell(about="the folder of data that it needs is not given", allowed=("skipped",)),
    "empty-data": Cell(about="the folders of data that it reads are empty", allowed=_NOTHING_KNOWN),
    "broken-data": Cell(about="every file of the data that it reads is garbage", allowed=_NOTHING_KNOWN),
    "strange-version": Cell(about="the program does not tell its version", allowed=("complete",)),
    "crash": Cell(about="exit code 101 and nothing said", allowed=_FAILED, damage=_silent(exit_code=101)),
    "signal": Cell(about="killed by a signal", allowed=_FAILED, damage=_silent(exit_code=None, signal=11)),
    "killed-late": Cell(
        about="killed after its whole report", allowed=_FAILED, damage=_ended(exit_code=None, signal=9)
    ),
    "hang": Cell(
        about="ended by the limit on time",
        allowed=_FAILED,
        damage=_ended(exit_code=None, signal=9, timed_out=True, limit="wall time"),
    ),
    "endless-output": Cell(
        about="ended by the limit on output",
        allowed=_FAILED,
        damage=_ended(exit_code=None, signal=25, limit="output size", stdout_truncated=True),
    ),
    "strange-exit": Cell(
        about="a whole report and an exit code that means nothing",
        allowed=_FAILED,
        damage=_ended(exit_code=99),
    ),
    "nothing": Cell(about="exit code 0 and nothing said", allowed=_FAILED, damage=_silent(exit_code=0)),
    "cut": Cell(
        about="the report ends in the middle",
        allowed=_NOT_COMPLETE,
        damage=_saying(lambda said: said[: len(said) // 2]),
    ),
    "not-utf8": Cell(
        about="a byte of the report is not UTF-8",
        allowed=_NOT_COMPLETE,
        damage=_saying(lambda said: said[: len(said) // 2] + b"\xff\xfe" + said[len(said) // 2 :]),
    ),
    "too-long": Cell(about="the report reaches the limit on output", allowed=_NOT_COMPLETE, damage=_long),
    "nested": Cell(
        about="the report is a hundred thousand brackets",
        allowed=_FAILED,
        damage=_saying(lambda _: b"[" * 100_000),
    ),
    **{
        f"shape-{name}": Cell(
            about=f"the report is {shape.decode()}",
            allowed=_NOT_COMPLETE,
            damage=_saying(lambda _, s=shape: s),  # type: ignore[misc]
        )
        for name, shape in {
            "list": b"[]",
            "object": b"{}",
            "null": b"null",
            "text": b'"text"',
            "numbers": b"[1, 2]",
            "lists": b'{"results": 1, "errors": 2, "paths": 3, "metrics": [], "comments": {}, "Issues": 4}',
        }.items()
    },
    "elsewhere": Cell(about="the report names a file outside of the tree", allowed=_NOT_COMPLETE),
    "vanished": Cell(about="a planned file is gone when the program reads", allowed=_NOT_COMPLETE, unread=1),
    "folder": Cell(about="a folder is where a planned file was", allowed=_NOT_COMPLETE, unread=1),
    "unparsable": Cell(about="a planned file cannot be parsed", allowed=_NOT_COMPLETE),
}


def wrong_with(result: ScanResult, planned: tuple[str, ...], tree: frozenset[str]) -> str:
    """What is wrong with a result whatever the fault was; empty where nothing is."""
    scanned, missed = set(result.files_scanned), [path for path, _ in result.not_scanned]
    if result.files_planned != planned:
        return "its planned files are not those of the plan"
    if set(planned) - scanned - set(missed) or scanned & set(missed):
        return "a planned file is neither read nor not read, or both"
    if result.status == "complete" and missed:
        return "it is complete although files were not read"
    if result.status in ("failed", "skipped") and (scanned or result.findings):
        return "it is failed or skipped and tells of files or findings"
    if result.status != "complete" and not result.reason:
        return "it is not complete and gives no reason"
    if outside := [f.location.path for f in result.findings if f.location.path not in tree]:
        return f"a finding is in a file that is not in the tree: {outside[0]}"
    if [f for f in result.findings if not f.fingerprint]:
        return "a finding has no fingerprint"
    return ""

"""Programs that are killed (SIGKILL) before a chosen one of their operations on files. Run as a module.

Each line of standard input is a request, `[number, what, ...]` in JSON, and gets a line as its answer: the exit
code of the child, or -9, and what it did to files. A child is forked for each, so that imports are paid once.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import collateral.bundle.beside
import collateral.bundle.build
import collateral.report.pdf
import collateral.report.site
from collateral.bundle.place import place
from collateral.cli.main import main
from collateral.cli.surroundings import Surroundings

_FORKED = (collateral.bundle.beside, collateral.bundle.build, collateral.report.pdf, collateral.report.site)
"""Imported before the forks, with what they import."""
_WATCHED = {"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "ctypes.dlsym"}


def kill_before(number: int, name: str, log: io.StringIO) -> None:
    """Kill this process before its operation of this number on files whose path has the name in it."""
    seen = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in _WATCHED:
            return
        relative = (
            event in {"os.remove", "os.rmdir"} and args[-1] != -1
        )  # by rmtree, in a folder that is open
        exchange = event == "ctypes.dlsym" and args[1] == "renameat2"
        if not (exchange or relative or name in str(args[0])):
            return
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1
        log.write(f"{event} {Path(str(args[0])).name}\n")

    sys.addaudithook(hook)


def _build(folder: str, environ: dict[str, str], *argv: str) -> int:
    around = Surroundings(
        environ=environ,
        cwd=Path(folder),
        now=datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC),
        stdout=io.StringIO(),
        stderr=sys.stderr,
    )
    return main(argv, around)


def _place(folder: str, name: str, text: str, how: str) -> int:
    files = {"a.txt": text.encode(), "data/b.txt": text.encode(), "data/c.txt": text.encode()}
    beside = {suffix: text.encode() for suffix in (".tar.gz", ".SHA256SUMS.sig", ".intoto.jsonl")}
    place(Path(folder) / name, files, None if how == "exchange" else lambda one, other: False, beside)
    return 0


_WHAT: dict[str, Callable[..., int]] = {"build": _build, "place": _place}


def _child(answer: int, number: int, name: str, what: str, rest: list[Any]) -> None:
    log = io.StringIO()
    code = 1
    try:
        kill_before(number, name, log)
        code = _WHAT[what](*rest)
    except BaseException:
        traceback.print_exc()
    os.write(answer, log.getvalue().encode())
    os._exit(code)


def _serve() -> None:
    for line in sys.stdin:
        number, name, what, *rest = json.loads(line)
        here, there = os.pipe()
        child = os.fork()
        if not child:
            os.close(here)
            _child(there, number, name, what, rest)
        os.close(there)
        with os.fdopen(here, "rb") as file:
            log = file.read().decode()
        _, status = os.waitpid(child, 0)
        print(json.dumps([os.waitstatus_to_exitcode(status), log.splitlines()]), flush=True)


if __name__ == "__main__":
    _serve()

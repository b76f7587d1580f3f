"""Objects of a repository through one long-lived `git cat-file --batch`."""

from __future__ import annotations

import os
import select
import subprocess
import threading
import weakref
from collections.abc import Callable

from threatmodel.source.git import GitSession, kill_group
from threatmodel.source.tree import unavailable

PARTIAL_HINT = "the clone may be partial; fetch all objects of this commit, or clone again"
_PIECE_BYTES = 1 << 18
_SILENT_SECONDS = 60.0


class ObjectReader:
    """Reads objects by id, from any thread, one at a time.

    A fault ends the process; the next read starts another.
    """

    def __init__(self, session: GitSession) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._buffer = bytearray()
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[[subprocess.Popen[bytes]], ObjectReader] | None = None

    def copy(self, oid: str, kind: str, sink: Callable[[bytes], object]) -> None:
        """Send an object's bytes to `sink` in pieces.

        Raises: SourceUnavailable where it is absent or not a `kind`.
        """
        with self._lock:
            try:
                self._copy(oid, kind, sink)
            except BaseException:
                self._stop()  # the answer may be half read, so the process is of no use any more
                raise

    def _copy(self, oid: str, kind: str, sink: Callable[[bytes], object]) -> None:
        process = self._process or self._start()
        if process.stdin is None or process.stdout is None:
            raise unavailable("source-git", "git has no pipes")
        try:
            process.stdin.write(oid.encode("ascii") + b"\n")
        except OSError as error:
            raise unavailable("source-git", f"git ended early: {error.strerror}") from error
        fd = process.stdout.fileno()
        answer = self._line(fd).split(b" ")
        if len(answer) != 3 or answer[1] != kind.encode() or not answer[2].isdigit():
            raise unavailable(
                "source-object-missing",
                f"object {oid} is missing from the repository, broken or not a {kind}",
                hint=PARTIAL_HINT,
            )
        left = int(answer[2])
        while left:
            if not self._buffer:
                self._fill(fd)
            piece = bytes(self._buffer[:left])
            del self._buffer[: len(piece)]
            left -= len(piece)
            sink(piece)
        self._line(fd)

    def _line(self, fd: int) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            self._fill(fd)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _fill(self, fd: int) -> None:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if not poll.poll(_SILENT_SECONDS * 1000):
            raise unavailable("source-timeout", f"git gave no answer within {_SILENT_SECONDS:g} seconds")
        piece = os.read(fd, _PIECE_BYTES)
        if not piece:
            raise unavailable(
                "source-git", "git ended while an object was read", hint="run git fsck on the repository"
            )
        self._buffer += piece

    def _start(self) -> subprocess.Popen[bytes]:
        self._buffer.clear()
        self._process = self._session.start("cat-file", "--batch")
        self._end = weakref.finalize(self, _end_process, self._process)
        return self._process

    def _stop(self) -> None:
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def close(self) -> None:
        """End the process. A later read starts another."""
        with self._lock:
            self._stop()


def _end_process(process: subprocess.Popen[bytes]) -> None:
    kill_group(process)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()

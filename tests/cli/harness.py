"""The command line, called in this process with everything that it takes from its surroundings made explicit."""

from __future__ import annotations

import datetime
import io
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from collateral.cli.main import main
from collateral.cli.surroundings import Surroundings

NOW = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)
_OWN = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered; places of this machine are replaced by `{cwd}`, `{code}` and `{temp}`."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cli:
    """Calls the program in `cwd`. There is no PATH but `path`, and the cache is below `cwd`."""

    cwd: Path
    path: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    now: datetime.datetime = NOW
    memory: dict[tuple[str, ...], Said] | None = None
    """Answers of commands that were run before with nothing but words changed, for folders that stay as they are."""

    def __call__(
        self,
        *argv: str,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Said:
        """Run one command. Streams are kept in memory unless others are given."""
        plain = stdout is None and stderr is None and environ is None and self.memory is not None
        if plain and self.memory is not None and argv in self.memory:
            return self.memory[argv]
        out, err = stdout or io.StringIO(), stderr or io.StringIO()
        base = {"PATH": self.path, "HOME": str(self.cwd / "home"), "XDG_CACHE_HOME": str(self.cwd / "cache")}
        around = Surroundings(
            environ={**base, **self.environ, **(environ or {})},
            cwd=self.cwd,
            now=self.now,
            stdout=out,
            stderr=err,
        )
        code = main(argv, around)
        said = Said(code, self.scrub(_text(out)), self.scrub(_text(err)))
        if plain and self.memory is not None:
            self.memory[argv] = said
        return said

    def at(self, cwd: Path, **changes: Any) -> Cli:
        """The same program in another folder."""
        return replace(self, cwd=cwd, memory=None, **changes)

    def scrub(self, text: str) -> str:
        """The text without places of this machine."""
        for place, word in ((self.cwd, "{cwd}"), (_OWN, "{code}"), (Path(sys.prefix), "{python}")):
            text = text.replace(str(place), word)
        return re.sub(r"/tmp/[^\s:'\"]+", "{temp}", text)


def _text(stream: TextIO) -> str:
    return stream.getvalue() if isinstance(stream, io.StringIO) else ""


class Broken(io.StringIO):
    """A stream that raises on the first write, or at the flush only."""

    def __init__(self, error: BaseException, *, at_flush: bool = False) -> None:
        super().__init__()
        self._error = error
        self._at_flush = at_flush

    def write(self, text: str, /) -> int:
        if self._at_flush:
            return super().write(text)
        raise self._error

    def flush(self) -> None:
        if self._at_flush:
            raise self._error

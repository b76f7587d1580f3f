"""What the program takes from its surroundings, read once: clock, environment, folders, streams."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Environment, working folder, the present time (UTC) and the three streams."""

    environ: Mapping[str, str]
    cwd: Path
    now: datetime.datetime
    stdout: TextIO
    stderr: TextIO

    @property
    def epoch(self) -> datetime.datetime | None:
        """SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/), or None where it is unset.

        Raises:
            UsageError: it is not a whole number of seconds that a date can hold.
        """
        text = self.environ.get("SOURCE_DATE_EPOCH")
        if not text:
            return None
        try:
            if not (text.isascii() and text.isdecimal()):
                raise ValueError(text)
            return datetime.datetime.fromtimestamp(int(text), datetime.UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise UsageError(
                Diagnostic(
                    code="U002",
                    message=f"SOURCE_DATE_EPOCH is {text!r}",
                    hint="seconds since 1970-01-01 UTC, a whole number",
                )
            ) from error

    @property
    def cache(self) -> Path:
        """The folder for what may be thrown away: `$XDG_CACHE_HOME/threatmodel`, else `~/.cache/threatmodel`."""
        home = self.environ.get("XDG_CACHE_HOME") or f"{self.environ.get('HOME', self.cwd)}/.cache"
        return Path(home) / "threatmodel"

"""TOML with the lines of its sections and keys. TOML's own reader gives no places."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """A file, read. `lines`: section, and `section.key`, to line; entries of an array of tables are `name[0]` …"""

    name: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def place(self, section: str, key: str = "") -> Place:
        """The line of a key, or else of its section's head."""
        head = self.lines.get(section, 0)
        return Place(self.name, self.lines.get(f"{section}.{key}", head) if key else head)

    def problem(self, section: str, message: str, hint: str = "", key: str = "") -> Diagnostic:
        """A problem (M024) of a section or of a key in it."""
        return Diagnostic(code="M024", message=message, place=self.place(section, key), hint=hint)

    def table(self, key: str, problems: list[Diagnostic]) -> dict[str, Any]:
        """The table of this name, empty where it is missing or, with a problem, where it is no table."""
        value = self.raw.get(key, {})
        if not isinstance(value, dict):
            problems.append(self.problem(key, f"[{key}] must be a table"))
            return {}
        return value


def read_toml(path: Path, name: str) -> TomlFile:
    """The file, which is `name` in messages.

    Raises:
        InvalidInput: M024, not TOML.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        place = Place(name, int(found[1]) if found else 0)
        raise InvalidInput(Diagnostic(code="M024", message=f"not TOML: {error}", place=place)) from error
    return TomlFile(name=name, raw=raw, lines=_lines(text))


def _lines(text: str) -> dict[str, int]:
    """Where sections and their keys stand; a key in a long text may be found too."""
    lines: dict[str, int] = {}
    entries: Counter[str] = Counter()
    section = ""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r"""\s*(\[\[?)((?:[A-Za-z0-9_.-]|"[^"]*"|'[^']*')+)\]""", line):
            name = re.sub(r"""["']""", "", found[2])
            if found[1] == "[[":
                section = f"{name}[{entries[name]}]"
                entries[name] += 1
            else:
                section = name
            lines[section] = number
        elif section and (found := re.match(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=", line)):
            lines.setdefault(f"{section}.{found[1]}", number)
    return lines

"""Section `[risk]` of `threatmodel.toml`: the matrix, the weights, and the scales in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.load.tomlpos import TomlFile
from threatmodel.system import Privilege
from threatmodel.system.risk import (
    PRIVILEGES,
    RISK_LEVELS,
    STEPS,
    Matrix,
    Mitigation,
    RiskLevel,
    RiskSettings,
    falls,
)

SECTION = "risk"
_KEYS = tuple(field.name for field in fields(RiskSettings))
_LONGEST = 300
"""Characters of a text that says what a number means."""


def read_risk(file: TomlFile, problems: list[Diagnostic]) -> RiskSettings:
    """The settings of a manifest; every problem (M024) is added to `problems`."""
    return _Reader(file, problems).settings()


class _Reader:
    def __init__(self, file: TomlFile, problems: list[Diagnostic]) -> None:
        self._file, self._problems = file, problems
        self._default = RiskSettings()

    def settings(self) -> RiskSettings:
        table = self._file.table(SECTION, self._problems)
        self._known(SECTION, table, _KEYS)
        return RiskSettings(
            matrix=self._matrix(table),
            reach=self._reach(table),
            privilege=self._privilege(table),
            mitigation=self._mitigation(table),
            likelihood=self._words(table, "likelihood", self._default.likelihood),
            impact=self._words(table, "impact", self._default.impact),
        )

    def _matrix(self, table: Mapping[str, Any]) -> Matrix:
        rows = table.get("matrix")
        if rows is None:
            return self._default.matrix
        if not _is_list(rows) or not all(_is_list(row) for row in rows):
            message = f"matrix must be {STEPS} rows of {STEPS} words out of {', '.join(RISK_LEVELS)}"
            self._problem("matrix", message)
            return self._default.matrix
        wrong = sorted({str(cell) for row in rows for cell in row if cell not in RISK_LEVELS})
        for word in wrong:
            hint = nearest(word, RISK_LEVELS) or f"one of {', '.join(RISK_LEVELS)}"
            self._problem("matrix", f'matrix: a level cannot be "{word[:60]}"', hint)
        if wrong:
            return self._default.matrix
        matrix = cast(Matrix, tuple(tuple(row) for row in rows))
        self._rises(matrix)
        return matrix

    def _rises(self, matrix: Matrix) -> None:
        """More likelihood or more impact never lowers the level."""
        for number, row in enumerate(matrix, 1):
            if (at := falls(_ranks(row))) is not None:
                self._lower(row[at - 1], row[at], f"likelihood {number}", ("impact", at))
        for number, column in enumerate(zip(*matrix, strict=True), 1):
            if (at := falls(_ranks(column))) is not None:
                self._lower(column[at - 1], column[at], f"impact {number}", ("likelihood", at))

    def _lower(self, before: str, after: str, same: str, rising: tuple[str, int]) -> None:
        scale, at = rising
        message = f"matrix: with {same}, {scale} {at} is {before} and {scale} {at + 1} is {after}"
        self._problem("matrix", message, f"a higher {scale} must not lower the level")

    def _reach(self, table: Mapping[str, Any]) -> tuple[int, ...]:
        found = table.get("reach")
        if found is None:
            return self._default.reach
        if not _is_list(found) or not all(_is_number(item, 1, STEPS) for item in found):
            message = f"reach must be {STEPS} numbers from 1 to {STEPS}"
            hint = "the likelihood with 0, 1, 2, 3, and with 4 or more boundaries to cross"
            self._problem("reach", message, hint)
            return self._default.reach
        if (at := falls(tuple(-number for number in found))) is not None:
            message = f"reach: {found[at - 1]} with {at - 1} to cross, {found[at]} with {at}"
            self._problem("reach", message, "more boundaries must not raise the likelihood")
        return tuple(found)

    def _privilege(self, table: Mapping[str, Any]) -> Mapping[Privilege, int]:
        given = self._numbers(table, "privilege", PRIVILEGES, STEPS)
        found = {word: given.get(word, number) for word, number in self._default.privilege.items()}
        numbers = [found[word] for word in PRIVILEGES]
        if (at := falls(numbers)) is not None:
            before, after = PRIVILEGES[at - 1], PRIVILEGES[at]
            message = f"privilege: {before} is {found[before]}, {after} is {found[after]}"
            self._problem("privilege", message, "more privilege must not lower the impact")
        return found

    def _mitigation(self, table: Mapping[str, Any]) -> Mitigation:
        default = self._default.mitigation
        known = ("verified", "attested")
        given = self._numbers(table, "mitigation", known, STEPS - 1)
        verified = given.get("verified", default.verified)
        # Who lowers the one number alone means both: an attestation is never worth more than a check.
        attested = given.get("attested", min(default.attested, verified))
        if attested > verified:
            message = f"mitigation: attested takes {attested} steps away, verified {verified}"
            self._problem("mitigation", message, "an attestation must not count for more than a check")
        return Mitigation(verified=verified, attested=attested)

    def _numbers(
        self, table: Mapping[str, Any], key: str, known: Collection[str], most: int
    ) -> dict[str, int]:
        """The numbers of a table in the section, where it says any."""
        value = table.get(key, {})
        if not isinstance(value, dict):
            example = next(iter(known))
            self._problem(key, f"{key} must be a table of numbers", f"write {key} = {{ {example} = 1 }}")
            return {}
        self._known(f"{SECTION}.{key}", value, known, key)
        for word in value:
            if word in known and not _is_number(value[word], 0, most):
                self._problem(key, f'{key}: "{word}" must be a number from 0 to {most}', word=word)
        return {word: n for word, n in value.items() if word in known and _is_number(n, 0, most)}

    def _words(self, table: Mapping[str, Any], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        found = table.get(key)
        if found is None:
            return default
        if not _is_list(found) or not all(
            isinstance(text, str) and text.strip() and len(text) <= _LONGEST for text in found
        ):
            message = f"{key} must be {STEPS} texts of at most {_LONGEST} characters"
            self._problem(key, message, f"say what {key} 1, 2, 3, 4 and 5 mean")
            return default
        return tuple(found)

    def _known(self, name: str, table: Mapping[str, Any], known: Collection[str], key: str = "") -> None:
        for word in table:
            if word not in known:
                hint = nearest(word, known) or f"keys: {', '.join(known)}"
                message = f'[{name}]: unknown key "{word[:60]}"'
                self._problem(key or word, message, hint, word=word if key else "")

    def _problem(self, key: str, message: str, hint: str = "", *, word: str = "") -> None:
        """`word` is a key in the table `key`, which may stand in a section of its own."""
        section, at = (f"{SECTION}.{key}", word) if word else (SECTION, key)
        self._problems.append(self._file.problem(section, message, hint, at))


def _ranks(levels: Sequence[RiskLevel]) -> tuple[int, ...]:
    return tuple(RISK_LEVELS.index(word) for word in levels)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and len(value) == STEPS


def _is_number(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most

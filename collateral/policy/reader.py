"""The sections `[priority]`, `[gate]` and `[publishing]` of `threatmodel.toml`, read into a `Policy`."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from collateral.policy.model import (
    DEFAULT_GATE_LEVELS,
    GATE_RULES,
    LEVELS,
    PRIORITIES,
    BoundaryPath,
    Criterion,
    GatePolicy,
    GateRule,
    Level,
    Policy,
    Priority,
    PublishingPolicy,
    Subject,
    Waiver,
)
from collateral.policy.priority import FACTS
from collateral.policy.reachable import WORDS
from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.evidence import PUBLIC_RULE, public_source
from threatmodel.core.globs import compile_glob
from threatmodel.load import Manifest

_NO_STARS = ("new-threat", "new-finding", "orphaned-disposition")
"""Rules whose subjects have no star. A waiver never means more than one subject; a claim may have stars in its text."""
_DEFAULT_CRITERIA: tuple[tuple[Priority, Subject, Mapping[str, tuple[str, ...]], str], ...] = (
    (
        "release-gating",
        "threat",
        {"risk": ("critical",), "status": ("open", "contradicted")},
        "critical, and nothing proven stands against it",
    ),
    ("p1", "threat", {"status": ("contradicted",)}, "the source contradicts the control that was claimed"),
    ("p1", "threat", {"risk": ("critical", "high"), "status": ("open",)}, "high risk without a control"),
    (
        "p2",
        "threat",
        {"risk": ("critical", "high", "medium")},
        "medium risk, or a control that is not proven",
    ),
    ("p1", "claim", {"state": ("contradicted",)}, "the source says otherwise"),
    ("p2", "claim", {"state": ("not-found",)}, "the place of the claim is gone"),
    (
        "p1",
        "finding",
        {"severity": ("error",), "confidence": ("high", "medium"), "role": ("runs",)},
        "severe, in code that runs",
    ),
    ("p2", "finding", {"severity": ("error", "warning"), "role": ("runs", "unknown")}, "in code that runs"),
)
"""What holds where the file has no criteria; `docs/gate.md` prints it."""


def read_policy(manifest: Manifest) -> Policy:
    """The policy of a manifest; what it does not say is the default.

    Raises:
        InvalidInput: M028, holds every problem of the three sections.
    """
    reader = _Reader(manifest)
    policy = Policy(criteria=reader.criteria(), gate=reader.gate(), publishing=reader.publishing())
    if reader.problems:
        raise InvalidInput(*reader.problems)
    return policy


class _Reader:
    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self.problems: list[Diagnostic] = []

    def criteria(self) -> tuple[Criterion, ...]:
        section = self._section("priority", ("criteria",))
        if "criteria" not in section:
            return tuple(
                Criterion(priority=priority, about=about, facts=facts, because=because)
                for priority, about, facts, because in _DEFAULT_CRITERIA
            )
        return tuple(
            found
            for name, item in self._entries("priority.criteria", section["criteria"])
            if (found := self._criterion(name, item))
        )

    def _criterion(self, name: str, item: dict[str, Any]) -> Criterion | None:
        about = self._word(name, item, "about", tuple(FACTS))
        priority = self._word(name, item, "priority", PRIORITIES[:-1])
        because = self._text(name, item, "because")
        if not about or not priority:
            return None
        subject = cast(Subject, about)
        facts: dict[str, tuple[str, ...]] = {}
        for key in item:
            if key in {"about", "priority", "because"}:
                continue
            if key not in FACTS[subject]:
                hint = nearest(key, FACTS[subject]) or f"facts of a {about}: {', '.join(FACTS[subject])}"
                self._problem(name, f'a {about} has no "{key}"', hint, key)
                continue
            facts[key] = self._texts(name, item, key)
            for word in facts[key]:
                words = WORDS.get((subject, key))
                if words and word not in words:
                    hint = nearest(word, words) or f"one of {', '.join(words)}"
                    self._problem(name, f'{key} cannot be "{word}"', hint, key)
        return Criterion(
            priority=cast(Priority, priority),
            about=subject,
            facts=facts,
            because=because,
            place=self._place(name),
        )

    def gate(self) -> GatePolicy:
        section = self._section("gate", ("threshold", "levels", "warn-days", "boundary-paths", "waivers"))
        default = GatePolicy()
        levels: dict[GateRule, Level] = dict(DEFAULT_GATE_LEVELS)
        given = section.get("levels", {})
        if not isinstance(given, dict):
            self._problem("gate", "levels must be a table of gate rule to level", key="levels")
            given = {}
        for rule in given:
            if rule not in GATE_RULES:
                hint = nearest(rule, GATE_RULES) or f"gate rules: {', '.join(GATE_RULES)}"
                self._problem("gate.levels", f'no gate rule "{rule}"', hint, rule)
            elif word := self._word("gate.levels", given, rule, LEVELS):
                levels[cast(GateRule, rule)] = cast(Level, word)
        paths = tuple(
            self._boundary_path(name, item)
            for name, item in self._entries("gate.boundary-paths", section.get("boundary-paths", []))
        )
        waivers = tuple(
            waiver
            for name, item in self._entries("gate.waivers", section.get("waivers", []))
            if (waiver := self._waiver(name, item))
        )
        self._once("gate.boundary-paths", [path.name for path in paths])
        self._once("gate.waivers", [f"{waiver.rule} {waiver.subject}" for waiver in waivers])
        return GatePolicy(
            threshold=cast(Priority, self._word("gate", section, "threshold", PRIORITIES, default.threshold)),
            levels=levels,
            warn_days=self._days("gate", section, "warn-days", default.warn_days),
            boundary_paths=paths,
            waivers=waivers,
        )

    def _once(self, name: str, words: Sequence[str]) -> None:
        """Refuse what stands twice: a second entry could say something else unseen."""
        seen: set[str] = set()
        for index, word in enumerate(words):
            if word and word in seen:
                self._problem(f"{name}[{index}]", f'"{word}" stands twice', "keep one entry")
            seen.add(word)

    def _boundary_path(self, name: str, item: dict[str, Any]) -> BoundaryPath:
        self._known(name, item, ("name", "paths", "elements", "documents"))
        for key in ("paths", "documents"):
            for glob in self._texts(name, item, key) if key in item else ():
                try:
                    compile_glob(glob)
                except ValueError as error:
                    self._problem(name, f'glob "{glob}": {error}', key=key)
        return BoundaryPath(
            name=self._text(name, item, "name"),
            paths=self._texts(name, item, "paths"),
            elements=self._texts(name, item, "elements") if "elements" in item else (),
            documents=self._texts(name, item, "documents") if "documents" in item else (),
            place=self._place(name),
        )

    def _waiver(self, name: str, item: dict[str, Any]) -> Waiver | None:
        self._known(name, item, ("rule", "subject", "reason", "owner", "expires", "source"))
        rule = self._word(name, item, "rule", GATE_RULES)
        texts = {key: self._text(name, item, key) for key in ("subject", "reason", "owner")}
        if "*" in texts["subject"] and rule in _NO_STARS:
            self._problem(name, "a waiver names one subject", "write one waiver for each", "subject")
        source = item.get("source", "")
        if not isinstance(source, str) or (source and not public_source(source)):
            self._problem(name, "source is not public", f"{PUBLIC_RULE}, or leave it out", "source")
            source = ""
        expires = self._date(name, item, "expires")
        if not rule or expires is None:
            return None
        return Waiver(
            rule=cast(GateRule, rule), **texts, expires=expires, source=source, place=self._place(name)
        )

    def publishing(self) -> PublishingPolicy:
        section = self._section("publishing", ("withhold", "days"))
        default = PublishingPolicy()
        return PublishingPolicy(
            withhold=cast(
                Priority, self._word("publishing", section, "withhold", PRIORITIES, default.withhold)
            ),
            days=self._days("publishing", section, "days", default.days),
        )

    def _section(self, name: str, known: Collection[str]) -> dict[str, Any]:
        section = self._manifest.policy.get(name, {})
        if not isinstance(section, dict):
            self._problem(name, f"[{name}] must be a table")
            return {}
        self._known(name, section, known)
        return section

    def _known(self, name: str, item: Mapping[str, Any], known: Collection[str]) -> None:
        for key in item:
            if key not in known:
                hint = nearest(key, known) or f"keys: {', '.join(known)}"
                self._problem(name, f'unknown key "{key}"', hint, key)

    def _entries(self, name: str, value: object) -> list[tuple[str, dict[str, Any]]]:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._problem(name.split(".")[0], f"{name} must be tables", f"write [[{name}]]")
            return []
        return [(f"{name}[{index}]", item) for index, item in enumerate(value)]

    def _text(self, name: str, item: Mapping[str, Any], key: str) -> str:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self._problem(name, f'"{key}" is missing' if value is None else f'"{key}" must be text', key=key)
        return ""

    def _texts(self, name: str, item: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = item.get(key)
        if isinstance(value, list) and value and all(isinstance(word, str) and word for word in value):
            return tuple(value)
        self._problem(name, f'"{key}" must be a list of texts', f'write {key} = ["…"]', key)
        return ()

    def _word(
        self, name: str, item: Mapping[str, Any], key: str, words: Collection[str], default: str = ""
    ) -> str:
        if key not in item and default:
            return default
        value = self._text(name, item, key)
        if value and value not in words:
            hint = nearest(value, words) or f"one of {', '.join(words)}"
            self._problem(name, f'{key} cannot be "{value}"', hint, key)
            return default
        return value

    def _days(self, name: str, item: Mapping[str, Any], key: str, default: int) -> int:
        value = item.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 366:
            return value
        self._problem(name, f'"{key}" must be a number of days from 0 to 366', key=key)
        return default

    def _date(self, name: str, item: Mapping[str, Any], key: str) -> datetime.date | None:
        value = item.get(key)
        if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
            return value
        try:
            return datetime.date.fromisoformat(str(value))
        except ValueError:
            self._problem(name, f"{key} {value!r} is not an ISO 8601 date", "write 2027-06-30", key)
            return None

    def _place(self, name: str, key: str = "") -> Place:
        return self._manifest.place(name, key)

    def _problem(self, name: str, message: str, hint: str = "", key: str = "") -> None:
        place = self._place(name, key)
        self.problems.append(Diagnostic(code="M028", message=f"[{name}] {message}", place=place, hint=hint))

"""A rule: which elements or flows it threatens, and apart from that, what mitigates it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from threatmodel.core.diagnostics import Place
from threatmodel.rules.language import Compiled
from threatmodel.system import Stride

Subject = Literal["flow", "element"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A small system on which the rule must fire or stay quiet: plain values as in the rule file."""

    fires: bool
    system: dict[str, Any]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What a threat of pytm's library has beside a rule. It is asked of pytm's attributes, and of no adversary.

    `sid` is pytm's id, `targets` are the classes that it is asked of, `code` is its condition on an object of the model.
    `not_evaluated` says why it cannot be asked, empty where it can.
    """

    sid: str
    targets: frozenset[str]
    code: Callable[[Any], Any]
    likelihood: int
    impact: int
    not_evaluated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a pack, in full form.

    `mitigated_by` holds lists of control classes; one whole inner list suffices. `likelihood` and `impact`
    give numbers that are clamped to 1..5. `cwe`, `capec` and `attack` are bare ids (CWE-22, CAPEC-126, T1611).
    `library` is there for a rule of pytm's own library; then `when` is only its text.
    """

    id: str
    pack: str
    title: str
    stride: Stride
    applies_to: Subject
    when: Compiled
    mitigated_by: tuple[tuple[str, ...], ...]
    likelihood: Compiled
    impact: Compiled
    cwe: tuple[str, ...]
    capec: tuple[str, ...]
    attack: tuple[str, ...]
    description: str
    detection: str
    false_positives: str
    references: tuple[str, ...]
    test: str
    cases: tuple[Case, ...]
    place: Place
    library: Library | None = None

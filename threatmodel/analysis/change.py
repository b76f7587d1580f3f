"""What differs between two states of a model: values only. `modeldiff` finds them, `collateral` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis.threats import Target, ThreatInConfiguration
from threatmodel.core.diagnostics import Place
from threatmodel.system import Stride

ChangeState = Literal["added", "removed", "changed"]
SubjectKind = Literal[
    "boundary",
    "element",
    "flow",
    "control",
    "data",
    "adversary",
    "component",
    "code-kind",
    "view",
    "answer",
    "option",
    "configuration",
]

_FEW = 8
_SHORT = 60
"""A list of more items, or with a longer one, does not fit on a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One attribute that differs, as text.

    Of a list, `gone` and `came` are what left and what came; the rest of it is as it was, and `before` and `after` are
    empty.
    """

    attribute: str
    before: str = ""
    after: str = ""
    gone: tuple[str, ...] = ()
    came: tuple[str, ...] = ()

    @property
    def listed(self) -> bool:
        """True where the attribute is a list."""
        return bool(self.gone or self.came)

    @property
    def long(self) -> bool:
        """True where the list is too long for a line."""
        return len(self.gone) + len(self.came) > _FEW or any(
            len(t) > _SHORT for t in (*self.gone, *self.came)
        )

    def words(self, state: ChangeState = "changed") -> str:
        """The edit in words, on one line; a long list by the numbers of what left and came."""
        if not self.listed:
            if state != "changed":
                return f"{self.attribute}: {self.after or self.before}"
            return f"{self.attribute}: {self.before or '(nothing)'} → {self.after or '(nothing)'}"
        gone, came = (str(len(items)) if self.long else ", ".join(items) for items in (self.gone, self.came))
        if state != "changed":
            return f"{self.attribute}: {came if self.came else gone}"
        parts = (f"lost {gone}" if self.gone else "", f"got {came}" if self.came else "")
        return f"{self.attribute} {' and '.join(part for part in parts if part)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChange:
    """One thing of the model that was added, removed or changed, by id.

    Names, descriptions, places and order are words for people and no change. `configurations` are those in which it
    differs; empty for what does not depend on one. `place` is in the newer state, in the older for what is gone.
    """

    kind: SubjectKind
    id: str
    name: str
    state: ChangeState
    edits: tuple[Edit, ...] = ()
    configurations: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatChange:
    """One threat that came, went, or has another status, risk, set of controls or adversaries.

    `before` and `after` are those of `configuration`: the one in which the newer state is worst. `reason` names the
    change of the model, rule, decision or claim that made it.
    """

    id: str
    rule: str
    pack: str
    title: str
    target: Target
    stride: Stride
    state: ChangeState
    reason: str
    configuration: str
    configurations: tuple[str, ...]
    before: ThreatInConfiguration | None
    after: ThreatInConfiguration | None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """One disposition, rule, claim or entry of the policy that was added, removed or changed.

    `weakens` is true where the change can make a gate let more pass, and false where it cannot.
    """

    kind: Literal["disposition", "rule", "claim", "policy", "waiver", "risk", "pack", "cvss"]
    id: str
    state: ChangeState
    edits: tuple[Edit, ...] = ()
    weakens: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Everything that differs between two states of a model, sorted by kind and id."""

    base: str
    head: str
    configurations: tuple[str, ...]
    model: tuple[ModelChange, ...]
    threats: tuple[ThreatChange, ...]
    records: tuple[RecordChange, ...]
    sources_checked: bool
    """False: there were no two source trees, so the status of controls is what the model claims."""
    orphans: tuple[str, ...] = ()
    """Threats that the newer state has a decision on and does not have any more."""
    withheld: int = 0
    """Contradicted claims of the newer state that a public edition does not show."""

    @property
    def empty(self) -> bool:
        """True where nothing differs."""
        return not (self.model or self.threats or self.records)

"""Threats and claims of this release beside those of the previous bundle."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from collateral.history import Cause, Change
from collateral.history_data import PreviousClaim, PreviousThreat, Remembered
from collateral.history_tools import Sides, separate
from threatmodel.analysis import Threat
from threatmodel.claims import ClaimCheck

UNRESOLVED = frozenset({"contradicted", "open", "unverified"})
_CLAIMS_WORST_FIRST = (
    "contradicted",
    "undisclosed",
    "not-found",
    "not-checked",
    "proposed",
    "attested",
    "verified",
)
_SILENT = frozenset({"not-checked", "undisclosed"})
_HIDDEN = "undisclosed"
_BROKEN = frozenset({"contradicted", "not-found"})
_NAMED = 3
"""Controls that a reason names."""
_Reasons = list[tuple[Cause, str]]
_Claim = TypeVar("_Claim", PreviousClaim, ClaimCheck)


def claim_key(control: str, text: str) -> str:
    """The id of a claim across releases: its control and its sentence."""
    return f"{control}#{text}"


class ModelChanges:
    """Changes of threats and of claims."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._date = sides.after.date.date().isoformat()
        self._seen = {(e.kind, e.id): e for e in sides.before.remembered or ()}
        self._states = sides.after.ledger.states

    def threats(self) -> list[Change]:
        """One change for every threat of either side."""
        before, after = self._sides.before.threats, {t.id: t for t in self._sides.after.threats}
        out = [self._new_threat(t) for id_, t in after.items() if id_ not in before]
        out += [self._gone_threat(id_, was) for id_, was in before.items() if id_ not in after]
        out += [self._threat(before[id_], t) for id_, t in after.items() if id_ in before]
        return out

    def past(self) -> list[Change]:
        """What was fixed earlier, to know it when it comes back."""
        return [
            Change(
                kind="threat" if entry.kind == "threat" else "claim",
                id=entry.id,
                state="fixed",
                cause="none",
                reason="",
                first_seen=entry.first_seen,
                last_seen=entry.last_seen,
            )
            for entry in self._seen.values()
            if entry.kind in {"threat", "claim"} and entry.state == "fixed"
        ]

    def _entry(self, kind: str, id_: str) -> Remembered | None:
        return self._seen.get((kind, id_))

    def _first(self, kind: str, id_: str) -> str:
        entry = self._entry(kind, id_)
        return entry.first_seen if entry else self._sides.before.date

    def _new_threat(self, now: Threat) -> Change:
        sides = self._sides
        reasons: _Reasons = []
        if not sides.part_before(now.target.id):
            reasons.append(("model", f"{now.target.id} is new in the model"))
        elif sides.before.rules is not None and now.rule not in sides.before.rules:
            reasons.append(("rules", f"rule {now.rule} is new"))
        else:
            reasons += self._rule_and_model(now.rule, now.target.id)
        cause, why = self._decide(reasons)
        entry = self._entry("threat", now.id)
        back = entry is not None and entry.state in {"fixed", "gone"} and now.status in UNRESOLVED
        return Change(
            kind="threat",
            id=now.id,
            state="reopened" if back else "new",
            cause=cause,
            reason=why,
            title=now.title,
            after=f"{now.status}, {now.risk}",
            first_seen=entry.first_seen if entry else self._date,
            last_seen=self._date,
        )

    def _gone_threat(self, id_: str, was: PreviousThreat) -> Change:
        sides = self._sides
        change = Change(
            kind="threat",
            id=id_,
            state="fixed",
            cause="unknown",
            reason="",
            title=was.title,
            before=f"{was.status}, {was.risk}",
            first_seen=self._first("threat", id_),
            last_seen=sides.before.date,
        )
        if was.rule not in sides.rules:
            why = f"no rule {was.rule} any more, so nobody asked"
            return replace(change, state="unchanged", cause="not-checked", reason=why, after="not checked")
        target = id_.partition("@")[2]
        gone = f"{target} is no longer in the model"
        systems = sides.after.project.systems
        present = {e.id for s in systems for e in s.elements} | {f.id for s in systems for f in s.flows}
        reasons: _Reasons = (
            [("model", gone)] if target not in present else self._rule_and_model(was.rule, target)
        )
        cause, why = self._decide(reasons)
        return replace(change, cause=cause, reason=why, after="does not apply")

    def _rule_and_model(self, rule: str, target: str) -> _Reasons:
        out: _Reasons = []
        if self._sides.rule_changed(rule):
            out.append(("rules", f"rule {rule} changed"))
        if self._sides.part_changed(*self._sides.ends(target)):
            out.append(("model", f"{target} or what it connects changed in the model"))
        return out

    def _decide(self, reasons: _Reasons) -> tuple[Cause, str]:
        sides = self._sides
        found = dict.fromkeys(cause for cause, _ in reasons)
        words = "; ".join(dict.fromkeys(text for _, text in reasons))
        if len(found) == 1 and not (sides.toolkit_changed and "rules" not in found and "model" not in found):
            return next(iter(found)), words
        if found:
            return ("not-checked", words) if "not-checked" in found else ("unknown", words)
        if sides.toolkit_changed:
            return ("unknown" if sides.model_changed else "toolkit"), sides.toolkit_words
        if sides.model_changed:
            return "model", "the model changed"
        return "unknown", "nothing that is known changed"

    def _threat(self, was: PreviousThreat, now: Threat) -> Change:
        cases = {name: (c.status, c.risk, c.controls) for name, c in now.by_configuration.items()}
        names = sorted({*was.cases, *cases})
        differing = [n for n in names if was.cases.get(n, ("", ""))[:2] != cases.get(n, ("", ""))[:2]]
        change = Change(
            kind="threat",
            id=now.id,
            state="unchanged",
            cause="none",
            reason="",
            title=now.title,
            before=f"{was.status}, {was.risk}",
            after=f"{now.status}, {now.risk}",
            first_seen=self._first("threat", now.id),
            last_seen=self._date,
        )
        if not differing:
            return change
        cause, why = self._decide(self._threat_reasons(was, now, differing))
        if cause == "not-checked" and _HIDDEN in why:
            return replace(change, cause=cause, reason=why)
        if change.before == change.after:
            name = differing[0]
            one, other = was.cases.get(name, ("absent", "")), cases.get(name, ("absent", ""))
            more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
            words = f"in {name}{more}"
            change = replace(change, before=f"{_case(one[:2])} {words}", after=f"{_case(other[:2])} {words}")
        if was.status in UNRESOLVED and now.status == "mitigated" and cause != "not-checked":
            return replace(change, state="fixed", cause=cause, reason=why)
        entry = self._entry("threat", now.id)
        if was.status not in UNRESOLVED and now.status in UNRESOLVED and entry and entry.state == "fixed":
            return replace(change, state="reopened", cause=cause, reason=why)
        return replace(change, state="changed", cause=cause, reason=why)

    def _threat_reasons(self, was: PreviousThreat, now: Threat, differing: list[str]) -> _Reasons:
        out = self._rule_and_model(now.rule, now.target.id)
        if was.disposition != now.disposition:
            out.append(("model", "the recorded decision changed"))
        if was.cases.keys() != now.by_configuration.keys():
            out.append(("model", "the configurations changed"))
        moved: dict[str, tuple[str, str]] = {}
        for name in differing:
            case = now.by_configuration.get(name)
            used = {*was.cases.get(name, ("", "", ()))[2], *(case.controls if case else ())}
            for control in sorted(used):
                one = self._sides.before.controls.get((name, control), "")
                other = self._states.get((name, control), "")
                if one != other and control not in moved:
                    moved[control] = (one, other)
        for number, (control, (one, other)) in enumerate(moved.items()):
            cause: Cause = "source" if not self._sides.same_source else "toolkit"
            if self._sides.part_changed(f"control {control}"):
                cause = "model"
            elif _SILENT & {one, other}:
                cause = "not-checked"
            elif self._sides.toolkit_changed and cause == "source":
                out.append(("toolkit", self._sides.toolkit_words))
            text = f"control {control}: {one or 'not used'} became {other or 'not used'}"
            out.append((cause, text if number < _NAMED else "and more controls"))
        return out

    def claims(self) -> list[Change]:
        """One change for every claim of either side."""
        before: dict[str, PreviousClaim] = {}
        for was in self._sides.before.claims:
            _keep(before, claim_key(was.control, was.text), was)
        after: dict[str, ClaimCheck] = {}
        for now in self._sides.after.ledger.checks:
            _keep(after, claim_key(now.control, now.text), now)
        return [self._claim(id_, before.get(id_), after.get(id_)) for id_ in sorted({*before, *after})]

    def _claim(self, id_: str, was: PreviousClaim | None, now: ClaimCheck | None) -> Change:
        change = Change(
            kind="claim",
            id=id_,
            state="unchanged",
            cause="none",
            reason="",
            title=id_.partition("#")[2],
            before=was.state if was else "not claimed",
            after=now.state if now else "not claimed",
            first_seen=self._first("claim", id_) if was else self._date,
            last_seen=self._date if now else self._sides.before.date,
        )
        if was is None or now is None:
            if was is None:
                return replace(change, state="new", cause="model", reason="the claim is new")
            return replace(change, state="changed", cause="model", reason="the claim was taken out")
        if was.state == now.state:
            return change
        cause, why = self._claim_cause(was, now)
        if _HIDDEN in {was.state, now.state}:
            return replace(change, cause="not-checked", reason=why)
        if was.state in _BROKEN and now.state == "verified" and cause != "not-checked":
            return replace(change, state="fixed", cause=cause, reason=why)
        entry = self._entry("claim", id_)
        if now.state in _BROKEN and entry is not None and entry.state == "fixed":
            return replace(change, state="reopened", cause=cause, reason=why)
        return replace(change, state="changed", cause=cause, reason=why)

    def _claim_cause(self, was: PreviousClaim, now: ClaimCheck) -> tuple[Cause, str]:
        if now.kind in {"attested", "proposed"}:
            return "model", "an attestation was given, changed or ran out"
        if silent := _SILENT & {was.state, now.state}:
            side = "the previous bundle" if was.state in silent else "this release"
            return "not-checked", f"{side} did not look, or does not say what it found"
        sides, path = self._sides, now.path or was.path
        others: _Reasons = [("toolkit", sides.toolkit_words)] if sides.toolkit_changed else []
        return separate(sides.file_changed(was.path, path), others, path or "the source")


def _keep(found: dict[str, _Claim], id_: str, claim: _Claim) -> None:
    """The worst of those that have one id: one that holds in some configurations only."""
    if id_ not in found or _worse(claim.state, found[id_].state):
        found[id_] = claim


def _worse(one: str, other: str) -> bool:
    order = {word: rank for rank, word in enumerate(_CLAIMS_WORST_FIRST)}
    return order.get(one, -1) < order.get(other, -1)


def _case(case: tuple[str, ...]) -> str:
    return ", ".join(word for word in case if word)

"""The view of the claims ledger: what was claimed, how each claim was checked, and what stands behind the controls."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from collateral.first_seen import claim_id
from collateral.report import words
from collateral.report.facts import Facts, View
from collateral.report.result_rows import percent
from threatmodel.claims import ClaimCheck, Ledger
from threatmodel.claims.check import absent_source
from threatmodel.claims.evidence import BEST_FIRST, OF_PEOPLE, counting, evidence
from threatmodel.system import WORST_FIRST, Control, SystemModel

UNPROVEN = ("contradicted", "not-found", "not-checked", "proposed", "undisclosed")
"""States of claims that are shown before all others, in this order."""
CLAIM_STATES = (*UNPROVEN, "attested", "verified")


def worst_first(checks: Iterable[ClaimCheck]) -> list[ClaimCheck]:
    """Unproven claims first, otherwise in the order of the ledger."""
    return sorted(checks, key=lambda check: CLAIM_STATES.index(check.state))


def when_text(when: Mapping[str, tuple[str, ...]]) -> str:
    """The options with which a claim counts, as `option=value,value`; empty where it always does."""
    return " ".join(f"{key}={','.join(values)}" for key, values in when.items())


def evidence_rows(ledger: Ledger, systems: Iterable[SystemModel]) -> list[View]:
    """What stands behind the controls of these configurations, each control counted once."""
    kinds = evidence(ledger, systems)
    found = Counter(kinds.values())
    return [
        {
            "evidence": kind,
            "name": words.EVIDENCE_NAMES[kind],
            "controls": found[kind],
            "share": percent(found[kind], len(kinds)),
            "meaning": words.EVIDENCE[kind],
        }
        for kind in BEST_FIRST
        if kind != "expired" or found[kind]
    ]


class LedgerRows:
    """The ledger in the configuration of the documents, and what it says of the others."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._checks = facts.a.ledger.checks
        self._here = counting(facts.a.ledger, facts.system)
        self._used = facts.used_controls()
        self._controls = {control.id: control for control in facts.a.project.controls}
        self._missing = {source.name: source.reason for source in facts.a.sources if source.reason}
        if not facts.a.source.available:
            self._missing[""] = facts.a.source.reason

    def view(self) -> View:
        """What the page and the chapter show; every count but `all` is of the configuration of the documents."""
        a = self._facts.a
        return {
            "as_of": a.date.strftime("%Y-%m-%d"),
            "checked": a.source.available,
            "sources": [
                {"name": x.name, "wanted": x.wanted, "ref": x.ref, "commit": x.commit, "reason": x.reason}
                for x in a.sources
            ],
            "total": len(self._here),
            "all": len(self._checks),
            "unproven": sum(check.state in UNPROVEN for check in self._here),
            "counts": self._counts(),
            "evidence": evidence_rows(a.ledger, [self._facts.system]),
            "absent": self._absent(),
            "claims": self._claims(),
            "bare": self._bare(),
        }

    def of_control(self) -> dict[str, list[View]]:
        """How many claims of each control that count here have which state, worst first."""
        counts: dict[str, Counter[str]] = {}
        for check in self._here:
            counts.setdefault(check.control, Counter())[check.state] += 1
        return {
            control: [{"state": s, "count": found[s]} for s in CLAIM_STATES if found[s]]
            for control, found in counts.items()
        }

    def _counts(self) -> list[View]:
        """A row for each state: claims that count here, claims of the whole model, controls. None: no such thing."""
        here = Counter(check.state for check in self._here)
        everywhere = Counter(check.state for check in self._checks)
        states = self._facts.a.ledger.states
        controls = Counter(states[self._facts.name, id_] for id_ in self._used)
        return [
            {
                "state": state,
                "claims": None if state == "unclaimed" else here[state],
                "all": None if state == "unclaimed" else everywhere[state],
                "controls": controls[state],
                "share": percent(controls[state], len(self._used)),
                "meaning": words.STATE[state],
            }
            for state in WORST_FIRST
            if state != "undisclosed" or everywhere[state]
        ]

    def _is_absent(self, check: ClaimCheck) -> bool:
        """True where the claim was not checked because there was no source tree for it."""
        reasons = {self._missing.get(check.source), absent_source(check.source)}
        return check.state == "not-checked" and check.detail in reasons

    def _absent(self) -> list[View]:
        """The source trees that were not there or not at the ref that counts, why, and what each leaves unchecked."""
        missing = [check for check in self._checks if self._is_absent(check)]
        here = [check for check in self._here if self._is_absent(check)]
        return [
            {
                "source": name,
                "reason": self._missing.get(name) or absent_source(name),
                "claims": sum(check.source == name for check in here),
                "controls": len({check.control for check in here if check.source == name}),
                "all": sum(check.source == name for check in missing),
            }
            for name in sorted({*self._missing, *(check.source for check in missing)})
        ]

    def _claims(self) -> list[View]:
        """Every claim of the model: by state, those that count here before the others, then in the order of the
        model. `absent`: its source tree was not there. `person`: a statement of people, `seen` is its public source."""
        here = set(map(id, self._here))
        configurations = self._configurations()
        made = [
            {
                **_plain(check),
                "id": name,
                "title": self._controls[check.control].title,
                "here": id(check) in here,
                "configurations": configurations[index],
                "used_by": self._used.get(check.control, []) if id(check) in here else [],
                "absent": self._is_absent(check),
                "person": check.kind in OF_PEOPLE,
            }
            for index, (check, name) in enumerate(zip(self._checks, _names(self._checks), strict=True))
        ]
        return sorted(made, key=lambda row: (CLAIM_STATES.index(row["state"]), not row["here"]))

    def _configurations(self) -> list[int]:
        """In how many configurations each check counts."""
        found: Counter[int] = Counter()
        for system in self._facts.a.project.systems:
            found.update(map(id, counting(self._facts.a.ledger, system)))
        return [found[id(check)] for check in self._checks]

    def _bare(self) -> list[View]:
        """Controls that are used here and of which no claim applies."""
        states = self._facts.a.ledger.states
        bare: list[Control] = [
            control
            for id_, control in self._controls.items()
            if id_ in self._used and states[self._facts.name, id_] == "unclaimed"
        ]
        return [
            {"id": c.id, "title": c.title, "used_by": self._used[c.id], "provides": list(c.provides)}
            for c in bare
        ]


def _plain(check: ClaimCheck) -> View:
    return {
        "control": check.control,
        "kind": check.kind,
        "text": check.text,
        "when": when_text(check.when),
        "source": check.source,
        "state": check.state,
        "path": check.path,
        "line": check.line,
        "seen": check.seen,
        "detail": check.detail,
    }


def _names(checks: Sequence[ClaimCheck]) -> list[str]:
    """A name for each claim that depends on the claim alone; equal claims are numbered."""
    seen: Counter[str] = Counter()
    names = []
    for check in checks:
        whole = f"{claim_id(check)}#{when_text(check.when)}#{check.source}"
        name = f"{check.control}~{hashlib.sha256(whole.encode()).hexdigest()[:8]}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}~{seen[name]}")
    return names

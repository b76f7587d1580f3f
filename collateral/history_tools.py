"""Which of the things that a result depends on are other ones than in the previous bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collateral.assessment import Assessment
from collateral.history import Cause, ToolChange
from collateral.history_data import PreviousBundle
from collateral.policy import Priorities, at_or_above
from scanners.baseline import FileMark
from scanners.finding import Finding, ScanResult
from threatmodel.core.canonical import digest
from threatmodel.core.plain import to_plain
from threatmodel.rules import Rule

_WORDS_ONLY = frozenset({"place", "name", "description", "title", "references"})
"""Keys of a model's parts that change no threat."""
REBUILD = (
    "to tell code and tools apart, build the previous release again with the present tools and rules, "
    "and compare with that bundle"
)


def rule_digest(rule: Rule) -> str:
    """Changes where what the rule finds, and how it judges it, may change."""
    return digest(
        [
            rule.id,
            rule.stride,
            rule.applies_to,
            rule.when.text,
            to_plain(rule.mitigated_by),
            rule.likelihood.text,
            rule.impact.text,
            to_plain((rule.cwe, rule.capec, rule.attack)),
        ]
    )


class Sides:
    """The previous bundle and the present assessment, with what differs between them worked out once."""

    def __init__(self, before: PreviousBundle, after: Assessment) -> None:
        self.before = before
        self.after = after
        self.scans = {scan.scanner: scan for scan in after.scans}
        self.rules = {rule.id: rule_digest(rule) for rule in after.rules}
        self.toolkit_changed = before.toolkit != after.tool_version
        self.model_changed = before.model_digest != after.model_digest
        present = "" if after.source.dirty else after.source.digest
        self.same_source = bool(present) and present == before.source_digest
        self._priorities = Priorities(after.project, after.policy.criteria)
        self._parts = (_parts(before.project_model), _parts(to_plain(after.project)))

    @property
    def files_after(self) -> Mapping[str, FileMark]:
        """The files of the present source tree."""
        return self.after.files

    def file_changed(self, former: str, present: str) -> bool:
        """False only where the file's content is known to be the same in both trees."""
        if self.same_source:
            return False
        files = self.before.files or {}
        one, other = files.get(former), self.after.files.get(present)
        return one is None or other is None or one.sha256 != other.sha256

    def could_be_withheld(self, finding: Finding) -> bool:
        """True where the previous bundle withheld findings, and this one is urgent enough to be one of them."""
        if not self.before.withheld:
            return False
        attribution = self.after.attributions.get(finding.fingerprint)
        priority = self._priorities.of_finding(finding, attribution).priority
        return at_or_above(priority, self.after.policy.publishing.withhold)

    def rule_changed(self, id_: str) -> bool:
        """True where a threat rule is another one, or nobody knows."""
        if self.before.rules is None:
            return self.toolkit_changed
        return self.before.rules.get(id_) != self.rules.get(id_)

    def part_changed(self, *names: str) -> bool:
        """True where an element, flow, boundary or control of the model differs in more than its words."""
        before, after = self._parts
        return any(_differ(before.get(name), after.get(name)) for name in names)

    def part_before(self, name: str) -> bool:
        """True where the previous model has a part of this name."""
        return name in self._parts[0]

    def ends(self, subject: str) -> tuple[str, ...]:
        """An element or flow, and the elements at the ends of the flow."""
        found = {subject}
        for parts in self._parts:
            for item in parts.get(subject, {}).values():
                found.update(str(item[end]) for end in ("source", "target") if end in item)
        return tuple(sorted(found))

    def scanner_causes(self, scanner: str, rule: str) -> list[tuple[Cause, str]]:
        """What besides the code could have changed a result of a scanner's rule, each in words."""
        was, now = self.before.scans[scanner], self.scans[scanner]
        out: list[tuple[Cause, str]] = []
        if was.version != now.version:
            out.append(("scanner", f"{scanner} {was.version or 'of unknown version'} became {now.version}"))
        if _scanner_rule_changed(was.ruleset, was.rules.get(rule, ""), now, rule):
            out.append(("rules", f"rule {rule} of {scanner} changed"))
        if self.toolkit_changed:
            out.append(("toolkit", self.toolkit_words))
        return out

    @property
    def toolkit_words(self) -> str:
        """The two versions of the toolkit."""
        return f"threatmodel {self.before.toolkit or 'of unknown version'} became {self.after.tool_version}"


def _scanner_rule_changed(ruleset: str, digest_before: str, now: ScanResult, rule: str) -> bool:
    """By the rule's own digest where it has one, else by that of the whole set."""
    own = next((info.digest for info in now.rules if info.id == rule), "")
    if own and digest_before:
        return own != digest_before
    return ruleset != now.ruleset_digest


def separate(file_changed: bool, others: list[tuple[Cause, str]], code: str) -> tuple[Cause, str]:
    """The cause of a change, where the code or one of `others` can be it. Nobody can tell two apart that both changed."""
    words = "; ".join(text for _, text in others)
    if not file_changed:
        return (
            (others[0][0], f"{words}; {code} did not change")
            if others
            else ("unknown", f"{code} did not change")
        )
    if not others:
        return "source", f"{code} changed"
    return "unknown", f"{code} changed, and {words}"


def tool_changes(sides: Sides) -> tuple[ToolChange, ...]:
    """Toolkit, scanners, sets of rules, model and source, before and now."""
    before, after = sides.before, sides.after
    rows = [ToolChange(name="threatmodel", before=before.toolkit, after=after.tool_version)]
    for name in sorted({*before.scans, *sides.scans}):
        was, now = before.scans.get(name), sides.scans.get(name)
        rows.append(
            ToolChange(
                name=name,
                before=f"{was.version} ({was.status})".strip() if was else "",
                after=f"{now.version} ({now.status})".strip() if now else "",
            )
        )
        rows.append(
            ToolChange(
                name=f"{name}: rules and options",
                before=was.ruleset[:12] if was else "",
                after=now.ruleset_digest[:12] if now else "",
            )
        )
    threat_rules = "" if before.rules is None else digest(dict(before.rules))[:12]
    rows.append(ToolChange(name="Threat rules", before=threat_rules, after=digest(sides.rules)[:12]))
    rows.append(ToolChange(name="Model", before=before.model_digest[:12], after=after.model_digest[:12]))
    rows.append(
        ToolChange(name="Source commit", before=before.source_commit[:12], after=after.source.commit[:12])
    )
    return tuple(row for row in rows if row.before or row.after)


def _parts(project: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Parts of a model by id, each by configuration; what is not shaped like one is left out."""
    out: dict[str, dict[str, Any]] = {}
    for system in _items(project.get("systems")):
        configuration = system.get("configuration")
        name = str(configuration.get("name")) if isinstance(configuration, dict) else ""
        for kind in ("elements", "flows", "boundaries"):
            for item in _items(system.get(kind)):
                out.setdefault(str(item.get("id")), {})[name] = item
    for control in _items(project.get("controls")):
        out.setdefault(f"control {control.get('id')}", {})[""] = control
    return out


def _items(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _differ(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Keys that only one version of the toolkit writes say nothing about the model."""
    if one is None or other is None:
        return one is not other
    if one.keys() != other.keys():
        return True
    for name, item in one.items():
        shared = (item.keys() & other[name].keys()) - _WORDS_ONLY
        if any(item[key] != other[name][key] for key in shared):
            return True
    return False

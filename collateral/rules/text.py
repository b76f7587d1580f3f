"""The rule reference as Markdown, and what was found about rules for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from collateral.report.markdown import inline
from collateral.rules.reference import PackRow, RuleReferenceFile, RuleRow
from threatmodel.rules import Rule
from threatmodel.system import STRIDE


def list_text(file: RuleReferenceFile) -> str:
    """Packs with the number of their rules by category, and each rule on a line."""
    width = max((len(pack.name) for pack in file.packs), default=4)
    lines = [f"{'pack':{width}}  {'  '.join(f'{letter:>3}' for letter in 'STRIDE')}  rules"]
    for pack in file.packs:
        by = Counter(rule.stride for rule in pack.rules)
        cells = "  ".join(f"{by[category]:>3}" for category in STRIDE)
        lines.append(f"{pack.name:{width}}  {cells}  {len(pack.rules):>5}")
    for pack in file.packs:
        lines += ["", pack.name]
        lines += [f"  {rule.id}  {rule.stride:22}  {rule.applies_to:7}  {rule.title}" for rule in pack.rules]
    return "\n".join(lines) + "\n"


def reference_markdown(file: RuleReferenceFile) -> str:
    """All that a rule says, rule by rule."""
    lines = ["# Rules", ""]
    for pack in file.packs:
        lines += [*_pack(pack, file.classes)]
    return "\n".join(lines)


def tests_text(rules: Sequence[Rule], failed: Mapping[str, int]) -> str:
    """Each rule with its cases, those that fail first."""
    ordered = sorted(rules, key=lambda rule: (not failed.get(rule.id), rule.id))
    lines = [
        f"{rule.id}  {len(rule.cases):>3} cases  {f'{failed[rule.id]} FAILED' if failed.get(rule.id) else 'ok'}"
        for rule in ordered
    ]
    cases = sum(len(rule.cases) for rule in rules)
    lines.append(f"{len(rules)} rules, {cases} cases, {sum(failed.values())} failed")
    return "\n".join(lines) + "\n"


def _pack(pack: PackRow, classes: Mapping[str, str]) -> Iterator[str]:
    yield f"## {inline(pack.name)}"
    yield ""
    for rule in pack.rules:
        yield from _rule(rule, classes)


def _rule(rule: RuleRow, classes: Mapping[str, str]) -> Iterator[str]:
    yield f"### {inline(rule.id)}: {inline(rule.title)}"
    yield ""
    yield inline(rule.description)
    yield ""
    yield "| | |"
    yield "| --- | --- |"
    yield f"| STRIDE | {inline(rule.stride)}, at each {rule.applies_to} |"
    yield f"| Applies where | {_code(rule.when)} |"
    yield f"| In words | {inline(rule.detection)} |"
    yield f"| No danger where | {inline(rule.false_positives)} |"
    yield f"| Likelihood | {_code(rule.likelihood)} |"
    yield f"| Impact | {_code(rule.impact)} |"
    yield f"| Mitigated by | {'; or '.join(' and '.join(map(_code, words)) for words in rule.mitigated_by)} |"
    for title, ids in (("CWE", rule.cwe), ("CAPEC", rule.capec), ("ATT&CK", rule.attack)):
        if ids:
            yield f"| {inline(title)} | {inline(', '.join(ids))} |"
    yield f"| Test | {inline(rule.test)} |"
    yield f"| References | {', '.join(f'<{address}>' for address in rule.references)} |"
    yield f"| Cases | {rule.firing} firing, {rule.quiet} quiet |"
    yield ""
    for word in dict.fromkeys(word for words in rule.mitigated_by for word in words):
        yield f"- {_code(word)}: {inline(classes[word])}"
    yield ""


def _code(text: str) -> str:
    return f"`{text.replace('|', chr(92) + '|').replace('`', '')}`"

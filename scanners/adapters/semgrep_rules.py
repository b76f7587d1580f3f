"""The semgrep rule files that we ship: read, checked, and which files of a tree they apply to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from scanners.adapters.judge import cwe_list, https, mapping, text
from scanners.adapters.tool import make_folder
from scanners.finding import Confidence, RuleInfo, Severity
from scanners.protocol import SourceFiles
from threatmodel.core import yamlpos
from threatmodel.core.canonical import digest, sha256
from threatmodel.core.diagnostics import Diagnostic, Place, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.globs import compile_glob

_SEVERITY: dict[str, Severity] = {
    "CRITICAL": "error",
    "HIGH": "error",
    "ERROR": "error",
    "MEDIUM": "warning",
    "WARNING": "warning",
    "LOW": "note",
    "INFO": "note",
}
_CONFIDENCE: dict[str, Confidence] = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low"}
_SUFFIXES: dict[str, tuple[str, ...]] = {
    "bash": (".sh", ".bash"),
    "c": (".c", ".h"),
    "dockerfile": (".dockerfile", ".Dockerfile", "Dockerfile", "dockerfile"),
    "go": (".go",),
    "json": (".json", ".ipynb"),
    "python": (".py", ".pyi"),
    "rust": (".rs",),
    "yaml": (".yaml", ".yml"),
}
_ALIASES = {"sh": "bash", "docker": "dockerfile", "golang": "go", "py": "python", "none": "regex"}
_SHEBANG = {"bash": re.compile(rb"#!.*(?:ba)?sh(?: .*)?"), "python": re.compile(rb"#!.*python[23]?(?: .*)?")}
_ANY = frozenset({"generic", "regex"})
_SNIFF_BYTES = 8192
_STRIDE = frozenset(
    {
        "spoofing",
        "tampering",
        "repudiation",
        "information-disclosure",
        "denial-of-service",
        "elevation-of-privilege",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what its findings are given, and where it applies."""

    info: RuleInfo
    confidence: Confidence
    stride: str
    languages: frozenset[str]
    include: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All rules by id, the files that hold them by relative path, and a digest of these."""

    rules: dict[str, Rule]
    files: dict[str, bytes]
    digest: str


def severity(word: object) -> Severity:
    """The level of a severity word of semgrep; a word that is not known is a warning."""
    return _SEVERITY.get(str(word).upper(), "warning")


def load_rules(folder: Path) -> RuleSet:
    """Read every rule file below a folder; `*.test.yaml` files are test input, not rules.

    Raises:
        InvalidInput: a file is not YAML or no rule file, an id is used twice, or a language is not known.
    """
    files: dict[str, bytes] = {}
    problems: list[Diagnostic] = []
    rules: dict[str, Rule] = {}
    for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))):
        if path.name.endswith((".test.yaml", ".test.yml")):
            continue
        name = path.relative_to(folder).as_posix()
        files[name] = path.read_bytes()
        document = yamlpos.load(files[name], name)
        entries = document.value.get("rules") if isinstance(document.value, dict) else None
        if not isinstance(entries, list) or not entries:
            problems.append(_problem('no list "rules" in the rule file', document.place()))
            continue
        for index, entry in enumerate(entries):
            place = document.place("rules", index)
            try:
                rule = _rule(entry)
            except ValueError as error:
                problems.append(_problem(str(error), place))
                continue
            if rule.info.id in rules:
                problems.append(_problem(f"rule id {rule.info.id} is used twice", place))
            rules[rule.info.id] = rule
    if not rules and not problems:
        problems.append(_problem("no rule files", Place(folder.name)))
    if problems:
        raise InvalidInput(*problems)
    return RuleSet(
        rules=rules, files=files, digest=digest({name: sha256(data) for name, data in files.items()})
    )


def _problem(message: str, place: Place) -> Diagnostic:
    return Diagnostic(code="S001", message=message, place=place)


def _rule(entry: Any) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or not entry["id"]:
        raise ValueError("a rule has no id")
    metadata = mapping(entry.get("metadata"))
    message = " ".join(text(entry.get("message")).split())
    references = metadata.get("references") or ("",)
    paths = mapping(entry.get("paths"))
    stride = text(metadata.get("stride"))
    if stride and stride not in _STRIDE:
        raise ValueError(f"rule {entry['id']}: unknown STRIDE category {stride}; {nearest(stride, _STRIDE)}")
    cwe = metadata.get("cwe") or ()
    info = RuleInfo(
        id=entry["id"],
        title=re.split(r"(?<=[.!?]) |: ", message, maxsplit=1)[0][:200] or entry["id"],
        description=message,
        cwe=cwe_list([cwe] if isinstance(cwe, str) else cwe),
        help_uri=https(references[0]),
        severity=severity(entry.get("severity")),
        digest=digest(json.dumps(entry, sort_keys=True, default=str)),
    )
    return Rule(
        info=info,
        confidence=_CONFIDENCE.get(str(metadata.get("confidence")).upper(), "medium"),
        stride=stride,
        languages=frozenset(_language(entry["id"], word) for word in entry.get("languages") or ("",)),
        include=tuple(paths.get("include") or ()),
        exclude=tuple(paths.get("exclude") or ()),
    )


def _language(rule: str, word: object) -> str:
    name = _ALIASES.get(str(word), str(word))
    if name not in _SUFFIXES and name not in _ANY:
        known = sorted({*_SUFFIXES, *_ANY})
        raise ValueError(
            f"rule {rule}: the files of language {name!r} are not known; known: {', '.join(known)}"
        )
    return name


def plan(rules: RuleSet, tree: SourceFiles) -> tuple[str, ...]:
    """The files that at least one rule applies to, by name, by the first line of a script, and by its paths."""
    kinds = {(rule.languages, rule.include, rule.exclude) for rule in rules.rules.values()}
    return tuple(path for path in tree.paths() if _applies(path, tree, kinds))


def _applies(
    path: str, tree: SourceFiles, kinds: set[tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]]
) -> bool:
    own: frozenset[str] | None = None
    for languages, include, exclude in kinds:
        if (include and not _matches(path, include)) or _matches(path, exclude):
            continue
        if own is None:
            own = languages_of(path, tree)
        if languages & own:
            return True
    return False


def languages_of(path: str, tree: SourceFiles) -> frozenset[str]:
    """The languages in which semgrep reads a file. Binary files, those with a NUL byte early on, have none."""
    name = PurePosixPath(path).name
    found = {
        language
        for language, suffixes in _SUFFIXES.items()
        if any(name.endswith(suffix) if suffix[0] == "." else name == suffix for suffix in suffixes)
    }
    head = tree.read(path)[:_SNIFF_BYTES]
    if b"\0" not in head:
        found |= _ANY
        if "." not in name:
            first = head.split(b"\n", 1)[0].rstrip()
            found |= {language for language, shebang in _SHEBANG.items() if shebang.fullmatch(first)}
    return frozenset(found)


def is_script(path: str) -> bool:
    """True for a file that semgrep recognises by its first line, if at all."""
    name = PurePosixPath(path).name
    return "." not in name and name not in _SUFFIXES["dockerfile"]


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a path filter of a rule selects the path; one without an inner slash is matched at any depth."""
    for pattern in patterns:
        anchored = "/" in pattern.rstrip("/")[:-1] and not pattern.startswith("**/")
        whole = pattern.lstrip("/") if anchored else "**/" + pattern.removeprefix("**/")
        if compile_glob(whole).fullmatch(path) or compile_glob(whole.rstrip("/") + "/**").fullmatch(path):
            return True
    return False


def write_rules(rules: RuleSet, folder: Path) -> None:
    """The rule files alone, in a folder that is given to semgrep."""
    for name, data in rules.files.items():
        target = folder / name
        make_folder(target.parent)
        target.write_bytes(data)
        target.chmod(0o644)

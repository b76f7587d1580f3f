"""The semgrep rules that claims name, run as every scan is: confined, on copies, with an account of what was read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scanners.adapters.semgrep import SemgrepScanner
from scanners.adapters.semgrep_rules import RuleSet, load_rules, plan
from scanners.finding import ScanResult
from scanners.protocol import ToolEnv
from scanners.run.cache import Cache
from scanners.run.scheduler import DEFAULT_LIMITS, scan
from threatmodel.claims import RuleRun, RuleRunner
from threatmodel.confine import Limits
from threatmodel.core import yamlpos
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.diagnostics import nearest
from threatmodel.source import SourceTree
from threatmodel.source.tree import FILE, BaseTree, Entry

PACKS = Path(__file__).parent.parent / "scanners" / "rulepacks"
OWN = "rules"
"""The folder of a model that holds packs of its own."""
MAX_FILE = 2 * 1024 * 1024
"""Most bytes of a file that rules of claims are run on."""


class _Part(BaseTree):
    """Some files of a tree."""

    def __init__(self, tree: SourceTree, paths: Iterable[str]) -> None:
        self.name, self.commit, self.ref = tree.name, tree.commit, tree.ref
        self.commit_time, self.dirty = tree.commit_time, tree.dirty
        self._tree = tree
        super().__init__({path: Entry(mode=FILE, size=tree.size(path)) for path in paths})

    def copy(self, path: str, sink: Callable[[bytes], object]) -> None:
        sink(self._tree.read(path))

    def _content(self, path: str, entry: Entry) -> str:
        raise NotImplementedError  # nobody asks for the digest of a part


@dataclass(frozen=True, slots=True, kw_only=True)
class SemgrepRules:
    """How the rules of claims are run. `model` is the model's folder, `tools` folders with executables to use first."""

    model: Path
    tools: tuple[Path, ...]
    search_path: str
    cache: Cache
    limits: Limits = DEFAULT_LIMITS

    def on(self, trees: Mapping[str, SourceTree]) -> RuleRunner:
        """A runner over these trees, by name."""

        def run(source: str, wanted: Mapping[str, frozenset[str]]) -> Mapping[str, RuleRun]:
            return self.run(trees[source], wanted)

        return run

    def run(self, tree: SourceTree, wanted: Mapping[str, frozenset[str]]) -> dict[str, RuleRun]:
        """One run of semgrep for all rules.

        Raises:
            InvalidInput: S001, a rule file of the model is invalid.
        """
        done: dict[str, RuleRun] = {}
        files = {path for paths in wanted.values() for path in paths}
        large = {path: _too_large(tree, path) for path in files if tree.size(path) > MAX_FILE}
        read = sorted(files - large.keys())
        with tempfile.TemporaryDirectory(prefix="threatmodel-rules-") as work:
            folder = Path(work) / "rules"
            names: dict[str, str] = {}
            for rule in wanted:
                entry = self._entry(rule)
                if isinstance(entry, str):
                    done[rule] = RuleRun(reason=entry)
                    continue
                # ids of two packs may be the same
                names[rule] = rule.replace("/", ".", 1)
                target = folder / f"{names[rule]}.yaml"
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(dump_bytes({"rules": [{**entry, "id": names[rule]}]}))
            if not names or not read:
                return {rule: done.get(rule, RuleRun(unread=large)) for rule in wanted}
            part = _Part(tree, read)
            result = self._scan(part, folder, Path(work))
            rules = load_rules(folder)
            for rule, name in names.items():
                done[rule] = _of(wanted[rule], _run_of(result, name, rules, part, large))
        return done

    def _entry(self, rule: str) -> dict[str, Any] | str:
        """The rule as its file has it, or why there is none."""
        pack, _, identity = rule.partition("/")
        folder = PACKS / pack if (PACKS / pack).is_dir() else self.model / OWN / pack
        if not folder.is_dir():
            return f"there is no pack of rules {pack}, neither in the toolkit nor in {OWN}/ of the model"
        rules = load_rules(folder)
        for name, data in sorted(rules.files.items()):
            for entry in yamlpos.load(data, name).value["rules"]:
                if entry["id"] == identity:
                    return dict(entry)
        hint = nearest(identity, rules.rules)
        return f"the pack {pack} has no rule {identity}" + (f"; {hint}" if hint else "")

    def _scan(self, part: _Part, folder: Path, work: Path) -> ScanResult:
        with ThreadPoolExecutor(max_workers=1) as executor:
            (result,) = scan(
                part,
                (SemgrepScanner(rules=folder),),
                executor=executor,
                workdir=work / "scan",
                env=ToolEnv(tools=self.tools, path=self.search_path),
                limits=self.limits,
                cache=self.cache,
            )
        return result


def _of(paths: frozenset[str], run: RuleRun) -> RuleRun:
    """What concerns the files that were to be read by the rule."""
    return replace(run, unread={path: why for path, why in run.unread.items() if path in paths})


def _too_large(tree: SourceTree, path: str) -> str:
    return f"the file has {tree.size(path)} bytes, more than {MAX_FILE}"


def _run_of(result: ScanResult, name: str, rules: RuleSet, part: _Part, large: Mapping[str, str]) -> RuleRun:
    """What the report says of one rule. A file that the rule does not apply to was not read by it."""
    if result.status in {"failed", "skipped"}:
        return RuleRun(reason=f"semgrep: {result.reason or result.status}")
    if result.notifications:
        return RuleRun(reason=f"semgrep: {result.notifications[0]}")
    planned = frozenset(plan(replace(rules, rules={name: rules.rules[name]}), part))
    other = {path: "the rule does not apply to this file" for path in part.paths() if path not in planned}
    scanned = frozenset(result.files_scanned)
    silent = dict.fromkeys(planned - scanned, "not reported as read by semgrep")
    return RuleRun(
        matches=tuple((f.location.path, f.location.line) for f in result.findings if f.rule == name),
        unread={**silent, **dict(result.not_scanned), **other, **large},
    )

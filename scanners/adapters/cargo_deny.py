"""cargo-deny over the workspaces of a tree: where crates come from, wildcards, and advisories where it gets a database.

Its settings are ours; those of the tree, and what the tree tells cargo, do not reach it. cargo resolves each workspace
offline, from the tree and from a folder that somebody names (`--tool-data cargo-home=DIR`). Nothing is built or run, and
source files are there by name alone. A workspace that does not resolve is not scanned, with the words of cargo. Our
settings allow no crate, so that each one that was looked at is named. Advisories need a copy of the RustSec database
(`--tool-data rustsec=DIR`). Licences are no matter of security and are left out.

The crates of our own two workspaces come from elsewhere, so that cargo cannot resolve them: what it would say of them is
given. They prove the checks, the settings and the database; that cargo has done its part, each run shows by its crates.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scanners.adapters import cargo_deny_planted, cargo_workspace
from scanners.adapters.advisories import newest_of
from scanners.adapters.cargo_deny_output import GOOD, KINDS, SOURCE, WILDCARD, Said, plain, read_said
from scanners.adapters.cargo_workspace import MANIFEST, Workspace
from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, Staged
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, items, mapping, text
from scanners.adapters.tool import make_folder
from scanners.adapters.weaknesses import severity, weakness
from scanners.dependencies.cargo import read_cargo
from scanners.dependencies.component import Component, NotALock
from scanners.finding import RuleInfo
from scanners.protocol import SourceFiles

_NAME = "cargo-deny"
_DATABASE, _CARGO_HOME = "rustsec", "cargo-home"
_ADVISORIES = "advisories"
_CHECKS = ("bans", "sources")
_DATE = re.compile(rb'^date = "([0-9]{4}-[0-9]{2}-[0-9]{2})"', re.MULTILINE)
_FOLDER = "advisory-db-3157b0e258782691"
"""Where it looks for the database with the address of our settings."""
_METADATA = "metadata.json"
_OF_CRATE = re.compile(r"for crate '([^']+)'")
_ANY_VERSION = ("*", "x", "X")
_INHERITED = re.compile(r"true|\{[^}]*\bworkspace\b[^}]*\}")
_RULES = {
    SOURCE: (
        "A crate from git or an unknown registry",
        "It does not come from crates.io. Whoever owns the place decides what it is once the lock file is renewed.",
        "https://embarkstudios.github.io/cargo-deny/checks/sources/index.html",
    ),
    WILDCARD: (
        "A dependency on any version",
        "Every version will do, so that whatever was published last is taken when the lock file is renewed.",
        "https://embarkstudios.github.io/cargo-deny/checks/bans/index.html",
    ),
}
_CONFIG = """[graph]
all-features = true

[advisories]
db-path = "{home}/advisories"
db-urls = ["https://github.com/RustSec/advisory-db"]
unmaintained = "all"
unsound = "all"
yanked = "allow"
disable-yank-checking = true

[bans]
allow = [{ crate = "no-crate-is-allowed" }]
multiple-versions = "allow"
wildcards = "deny"
allow-wildcard-paths = false

[sources]
unknown-registry = "deny"
unknown-git = "deny"
allow-registry = ["https://github.com/rust-lang/crates.io-index"]
"""


def wants(path: str, _tree: SourceFiles) -> bool:
    return path.rpartition("/")[2] in (MANIFEST, cargo_workspace.LOCK)


def words(files: tuple[str, ...]) -> tuple[str, ...]:
    """The roots of workspaces. Our own two manifests are the first and the last."""
    return (files[0], *cargo_workspace.roots(files[1:-1]), files[-1])


def metadata(word: str, tree: Path) -> tuple[str, ...]:
    """The option with what cargo would say of a workspace of ours."""
    given = word.removesuffix(MANIFEST) + _METADATA
    return (f"--metadata-path={given}",) if (tree / given).is_file() else ()


def prepare(staged: Staged) -> tuple[str, ...]:
    """Source files by name, because cargo asks for them; what it would say of our workspaces; the database where it is
    looked for."""
    for path in staged.source.rglob("*.rs"):
        if path.is_file() and not path.is_symlink():
            _write(staged.tree / path.relative_to(staged.source), "")
    for name in staged.planted:
        folder = name.removesuffix(f"/{MANIFEST}")
        _write(staged.tree / folder / _METADATA, json.dumps(cargo_deny_planted.metadata(folder)))
    if _DATABASE not in staged.data:
        return ()
    place = staged.home / _ADVISORIES / _FOLDER
    _write(place / ".git" / "FETCH_HEAD", "")
    (place / "crates").symlink_to(staged.data[_DATABASE] / "crates")
    return (_ADVISORIES,)


def _write(path: Path, content: str) -> None:
    make_folder(path.parent)
    path.write_text(content, "utf-8")
    path.chmod(0o644)


def read(report: Report) -> Account:
    state = _State(report)
    for path, raw in report.runs:
        place = (
            Workspace(path, {path: {"package": {"name": "planted"}}})
            if path in report.planted
            else cargo_workspace.workspace(path, report.files, report.tree)
        )
        try:
            state.add(place, read_said(raw, state.checks))
        except Unusable as error:
            state.fail(place, report.hide(str(error)))
    return state.account()


class _State:
    """What is known after some of the runs."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.checks = (*_CHECKS, *((_ADVISORIES,) if _DATABASE in report.data else ()))
        self._scanned: set[str] = set()
        self._problems: dict[str, str] = {}
        self._claims: list[Claim] = []
        self._rules: dict[str, RuleInfo] = {}
        self._counts: Counter[str] = Counter()

    def fail(self, place: Workspace, why: str) -> None:
        """The workspace was not searched, or in part."""
        self._problems |= {path: self._problems.get(path, why) for path in (place.lock, *place.manifests)}

    def add(self, place: Workspace, said: Said) -> None:
        """A run that came to its end.

        Raises:
            Unusable: a check did not report what was planted for it, or the lock file cannot be read.
        """
        planted = place.root in self._report.planted
        listed = () if planted else self._lock(place.lock)
        claims = [
            *self._wildcards(place, said),
            *self._sources(place, said, listed),
            *self._advisories(place, said, listed),
        ]
        if planted:
            self._prove({claim.rule for claim in claims})
        else:
            self._scanned |= {place.lock, *_read_manifests(place, said)}
            self._counts["workspaces"] += 1
            self._counts["crates"] += len(said.crates)
            self._counts["left"] += len({(item.name, item.version) for item in listed} - said.crates)
            if said.complaints:
                self.fail(place, "; ".join(self._report.hide(text) for text in said.complaints[:5]))
        self._claims += claims

    def _prove(self, reported: set[str]) -> None:
        wanted = [SOURCE, *([cargo_deny_planted.ADVISORY] if _ADVISORIES in self.checks else [])]
        if missing := [rule for rule in wanted if rule not in reported]:
            raise Unusable(f"it did not report {missing[0]}, which was planted")

    def _lock(self, path: str) -> tuple[Component, ...]:
        """
        Raises:
            Unusable: the lock file is written otherwise than cargo writes it.
        """
        try:
            return read_cargo(path, self._report.tree.read(path)).components
        except NotALock as error:
            raise Unusable(f"its lock file cannot be read: {error}") from error

    def _wildcards(self, place: Workspace, said: Said) -> Iterator[Claim]:
        for item in said.of(WILDCARD):
            crate = _OF_CRATE.search(text(item.get("message")))
            path = place.of_crate(crate[1]) if crate else ""
            tree = self._report.tree
            lines = tree.read(path).decode("utf-8", "replace").split("\n") if path in tree.paths() else []
            for label in items(item.get("labels"), "labels"):
                if label.get("message") != "wildcard dependency":
                    continue
                span, line = text(label.get("span"), 1000), label.get("line")
                key = cargo_workspace.key_at(lines, line) if isinstance(line, int) else ""
                if _INHERITED.fullmatch(span):
                    span = place.inherited(key)
                if span.strip() not in _ANY_VERSION:
                    self._counts["unversioned"] += 1
                    continue
                message = f"{key or 'a dependency'}: any version will do"
                yield self._claim(WILDCARD, WILDCARD, message, path, line, label.get("column"))

    def _sources(self, place: Workspace, said: Said, listed: Iterable[Component]) -> Iterator[Claim]:
        labels = (label for item in said.of(SOURCE) for label in items(item.get("labels"), "labels"))
        for address in sorted({text(label.get("span"), 2000).partition("#")[0] for label in labels}):
            found = [item for item in listed if item.address.partition("#")[0] == address]
            where = ", ".join(item.address for item in found[:1]) or address
            for item in found:
                message = f"{item.name} {item.version} comes from {where}"
                yield self._claim(SOURCE, SOURCE, message, place.lock, item.line, 1)
            if not found:
                path = place.root if place.root in self._report.planted else place.lock
                yield self._claim(SOURCE, SOURCE, f"a crate comes from {where}", path, 0, 1)

    def _advisories(self, place: Workspace, said: Said, listed: Iterable[Component]) -> Iterator[Claim]:
        lines = {(item.name, item.version): item.line for item in listed}
        path = place.root if place.root in self._report.planted else place.lock
        for kind in KINDS:
            for item in said.of(kind):
                advisory = mapping(item.get("advisory"))
                label = next(items(item.get("labels"), "labels"), {})
                name, _, rest = text(label.get("span"), 2000).partition(" ")
                version = rest.partition(" ")[0]
                id_ = text(advisory.get("id"), 100) or "(no advisory)"
                title = text(advisory.get("title"), 300) or id_
                self._rules.setdefault(id_, _rule(id_, kind, advisory))
                message = f"{name} {version}: {title}"
                yield self._claim(id_, kind, message, path, lines.get((name, version), 0), 1)

    def _claim(self, rule: str, kind: str, message: str, path: str, line: object, column: object) -> Claim:
        if kind == rule:
            self._rules.setdefault(rule, _own_rule(rule))
        return Claim(
            rule=rule,
            message=message,
            severity=severity(_NAME, kind),
            confidence="high",
            cwe=cwe_list([weakness(_NAME, kind)]),
            stride="",
            path=path,
            line=line,
            column=column,
            end_line=0,
            end_column=0,
        )

    def account(self) -> Account:
        for path in self._report.files:
            if path not in self._scanned and path not in self._problems:
                self._problems[path] = _why_not(path)
        return Account(
            scanned=frozenset((*self._scanned, *self._report.planted)),
            problems=self._problems,
            claims=tuple(self._claims),
            rules=tuple(self._rules[id_] for id_ in sorted(self._rules)),
            notes=tuple(self._notes()),
            degraded=False,
        )

    def _notes(self) -> Iterator[str]:
        counts = self._counts
        yield f"{counts['crates']} crates of {counts['workspaces']} workspaces were looked at"
        if counts["left"]:
            yield f"{counts['left']} packages of lock files are used by no crate, and were not looked at"
        if counts["unversioned"]:
            yield f"{counts['unversioned']} dependencies on folders or git without a version left out"
        if _ADVISORIES in self.checks:
            count, newest = newest_of(self._report.data[_DATABASE], "crates/*/RUSTSEC-*.md", _DATE)
            yield f"advisories: {count}, the newest of {newest}"
        else:
            yield f"advisories were not looked up: that needs --tool-data {_DATABASE}=DIR"


def _read_manifests(place: Workspace, said: Said) -> set[str]:
    """The manifests of the crates that were looked at, and that of the workspace."""
    names = {name for name, _ in said.crates}
    found = {place.root}
    for path, manifest in place.manifests.items():
        name, version = cargo_workspace.package(manifest)
        if (name, version) in said.crates or (not version and name in names):
            found.add(path)
    return found


def _why_not(path: str) -> str:
    if cargo_workspace.is_lock(path):
        return f"there is no {MANIFEST} beside it"
    return f"it belongs to no workspace with a {cargo_workspace.LOCK}, or to none that was looked at"


def _own_rule(rule: str) -> RuleInfo:
    title, description, address = _RULES[rule]
    return RuleInfo(
        id=rule,
        title=title,
        description=description,
        cwe=cwe_list([weakness(_NAME, rule)]),
        help_uri=address,
        severity=severity(_NAME, rule),
    )


def _rule(id_: str, kind: str, advisory: Mapping[str, Any]) -> RuleInfo:
    return RuleInfo(
        id=id_,
        title=text(advisory.get("title"), 200) or id_,
        description=text(advisory.get("description"), 2000),
        cwe=cwe_list([weakness(_NAME, kind)]),
        help_uri=f"https://rustsec.org/advisories/{id_}.html" if id_.startswith("RUSTSEC-") else "",
        severity=severity(_NAME, kind),
    )


SCANNER = FileTool(
    name=_NAME,
    cost=5,
    licence="Apache-2.0 OR MIT",
    argv=(
        "--format=json",
        "--color=never",
        "--log-level=warn",
        "--offline",
        "--locked",
        "--workspace",
        "--config={config}/deny.toml",
        "--manifest-path",
        FILES,
        "check",
        "--hide-inclusion-graph",
        *_CHECKS,
    ),
    wants=wants,
    read=read,
    words=words,
    each=True,
    options=metadata,
    helpers=("cargo", "rustc"),
    data=(_CARGO_HOME, _DATABASE),
    config={"deny.toml": _CONFIG},
    prepare=prepare,
    plain=plain,
    planted=Planted(
        ending=f"/{MANIFEST}",
        content=cargo_deny_planted.CONTENT,
        rule=WILDCARD,
    ),
    good=GOOD,
    env={"CARGO_HOME": "{cargo-home}", "CARGO_NET_OFFLINE": "true", "CARGO_TERM_COLOR": "never"},
)

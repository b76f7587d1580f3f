"""osv-scanner over the lock files of a tree, offline. Settings of the tree have no effect.

Its databases are one archive for each ecosystem, in a folder that somebody names: `--tool-data osv-archives=DIR`, where
DIR has `osv-scanner/Go/all.zip` and so on. A lock file counts as scanned where the tool says that it has read it, and
where the database of its ecosystem has reported an old release in both of our own files: one that is missing or empty
would leave everything clean. Go's standard library is left out, because the tool guesses its version from `go.mod`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from scanners.adapters.advisories import package_line
from scanners.adapters.file_tool import FileTool, Planted, Report, printed, staged_root
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, items, mapping, normal_path, text
from scanners.adapters.weaknesses import weakness
from scanners.finding import RuleInfo, Severity, level_of_score
from scanners.protocol import SourceFiles

_DATA = "osv-archives"
_ECOSYSTEMS: Mapping[str, str] = {
    "Cargo.lock": "crates.io",
    "Pipfile.lock": "PyPI",
    "go.mod": "Go",
    "package-lock.json": "npm",
    "pnpm-lock.yaml": "npm",
    "poetry.lock": "PyPI",
    "requirements.txt": "PyPI",
    "uv.lock": "PyPI",
    "yarn.lock": "npm",
}
"""Lock files, by name, whose ecosystems have a planted release."""
_PROVED = "(planted)"
_STANDARD = "stdlib"
_READ = re.compile(r"Scanned (.+) file and found [0-9]+ packages?")
_WRONG = re.compile(r"Error during extraction: \(extracting as [^)]*\) (.+?): (could not extract: .*)")
_NO_DATABASE = re.compile(r"could not load db for (.+?) ecosystem: (.*)")
_TALK = ("Scanned ", "Scanning dir ", "Starting filesystem walk ", "End status: ", "Loaded ", "Filtered ")


def wants(path: str, _tree: SourceFiles) -> bool:
    return PurePosixPath(path).name in _ECOSYSTEMS


def read(report: Report) -> Account:
    results = list(items(mapping(printed(report.raw)).get("results"), "results"))
    root = staged_root((_path(item) for item in results), report.planted[0])
    vulnerable: dict[str, set[str]] = defaultdict(set)
    claims: list[Claim] = []
    rules: list[RuleInfo] = []
    standard = 0
    for result in results:
        path = normal_path(_path(result).removeprefix(root))
        for package, group, entry in _groups(result):
            vulnerable[path].add(text(package.get("ecosystem"), 100))
            if package.get("name") == _STANDARD:
                standard += path not in report.planted
                continue
            rules.append(_rule(group, entry))
            claims.append(_claim(path, package, group, entry, report.tree))
    folders = [str(PurePosixPath(path).parent) for path in report.planted]
    proved = {
        ecosystem
        for name, ecosystem in _ECOSYSTEMS.items()
        if all(ecosystem in vulnerable[f"{folder}/{name}"] for folder in folders)
    }
    if not proved:
        raise Unusable(
            "none of its databases reported a release planted for it, so what it looked up is not known"
        )
    said, problems, notes = _said(report, root)
    for path in report.files:
        ecosystem = _ECOSYSTEMS[PurePosixPath(path).name]
        if ecosystem not in proved:
            problems.setdefault(
                path, f"the database of {ecosystem} is missing, or did not report a planted release"
            )
    if standard:
        notes.append(f"{standard} advisories on the standard library of Go left out: its version is a guess")
    return Account(
        scanned=frozenset(said | set(report.planted)),
        problems=problems,
        claims=(*claims, *(_planted(path) for path in report.planted)),
        rules=tuple(rules),
        notes=tuple(notes),
        degraded=len(notes) > bool(standard) or report.raw.outcome.stderr_truncated,
    )


def _said(report: Report, root: str) -> tuple[set[str], dict[str, str], list[str]]:
    """Files that it has read, those that it could not, and what else it complains of."""
    said: set[str] = set()
    problems: dict[str, str] = {}
    notes: list[str] = []
    for line in report.raw.outcome.stderr.decode("utf-8", "replace").splitlines():
        line = " ".join(line.split())[:2000]
        if match := _READ.fullmatch(line):
            said.add(normal_path(match[1].removeprefix(root)))
        elif match := _WRONG.fullmatch(line):
            problems[normal_path(f"/{match[1]}".removeprefix(root))] = match[2][:300]
        elif line and not line.startswith(_TALK) and not _NO_DATABASE.fullmatch(line):
            notes.append(line.replace(root, "")[:300])
    return said, problems, notes


def _path(result: Mapping[str, Any]) -> str:
    return text(mapping(result.get("source")).get("path"), 8000)


def _groups(
    result: Mapping[str, Any],
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]]:
    """Each package with each group of entries that are aliases of one another, and the first entry."""
    for item in items(result.get("packages", []), "packages"):
        entries = {
            text(v.get("id"), 100): v for v in items(item.get("vulnerabilities", []), "vulnerabilities")
        }
        for group in items(item.get("groups", []), "groups"):
            yield mapping(item.get("package")), group, mapping(entries.get(_id(group)))


def _id(group: Mapping[str, Any]) -> str:
    ids = group.get("ids")
    return (text(ids[0], 100) if isinstance(ids, list) and ids else "") or "(no advisory)"


def _severity(group: Mapping[str, Any]) -> Severity:
    try:
        return level_of_score(float(text(group.get("max_severity"), 10)))
    except ValueError:
        return "warning"


def _weaknesses(entry: Mapping[str, Any]) -> tuple[str, ...]:
    named = mapping(entry.get("database_specific")).get("cwe_ids")
    found = cwe_list(named) if isinstance(named, list) else ()
    return found or cwe_list([weakness("osv-scanner", "")])


def _rule(group: Mapping[str, Any], entry: Mapping[str, Any]) -> RuleInfo:
    id_ = _id(group)
    return RuleInfo(
        id=id_,
        title=text(entry.get("summary"), 200) or id_,
        description=text(entry.get("details"), 2000),
        cwe=_weaknesses(entry),
        help_uri=f"https://osv.dev/vulnerability/{id_}" if id_.isprintable() and " " not in id_ else "",
        severity=_severity(group),
    )


def _claim(
    path: str,
    package: Mapping[str, Any],
    group: Mapping[str, Any],
    entry: Mapping[str, Any],
    tree: SourceFiles,
) -> Claim:
    name, version = text(package.get("name"), 200), text(package.get("version"), 100)
    id_ = _id(group)
    title = text(entry.get("summary"), 300) or id_
    return Claim(
        rule=id_,
        message=f"{name} {version}: {title}",
        severity=_severity(group),
        confidence="high",
        cwe=_weaknesses(entry),
        stride="",
        path=path,
        line=package_line(tree, path, name, version) or _mention(tree, path, name, version),
        column=1,
        end_line=0,
        end_column=0,
    )


def _mention(tree: SourceFiles, path: str, name: str, version: str) -> int:
    """The first line that has name and version, else the first that has the name, else the first."""
    lines = tree.read(path).decode("utf-8", "replace").splitlines()
    named = [number for number, line in enumerate(lines, 1) if name in line]
    return next((number for number in named if version in lines[number - 1]), named[0] if named else 1)


def _planted(path: str) -> Claim:
    return Claim(
        rule=_PROVED,
        message="",
        severity="note",
        confidence="low",
        cwe=(),
        stride="",
        path=path,
        line=1,
        column=1,
        end_line=1,
        end_column=1,
    )


SCANNER = FileTool(
    name="osv-scanner",
    licence="Apache-2.0",
    argv=(
        "scan",
        "source",
        "--offline",
        "--no-resolve",
        "--no-ignore",
        "--no-call-analysis=all",
        "--all-packages",
        "--all-vulns",
        "--format=json",
        "--verbosity=info",
        "--config",
        "/dev/null",
        "--recursive",
        ".",
    ),
    wants=wants,
    read=read,
    data=(_DATA,),
    needs=(_DATA,),
    planted=Planted(
        ending="/go.mod",
        content=b"module example.org/planted\n\ngo 1.20\n\nrequire golang.org/x/text v0.3.0\n",
        rule=_PROVED,
        beside=(
            (
                "Cargo.lock",
                b'version = 3\n\n[[package]]\nname = "smallvec"\nversion = "0.6.2"\n'
                b'source = "registry+https://github.com/rust-lang/crates.io-index"\n',
            ),
            (
                "package-lock.json",
                b'{"name":"planted","lockfileVersion":2,"packages":{"node_modules/lodash":{"version":"4.17.4"}},'
                b'"dependencies":{"lodash":{"version":"4.17.4"}}}\n',
            ),
            ("requirements.txt", b"jinja2==2.4\n"),
        ),
    ),
    good=(0, 1),
    env={"OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": f"{{{_DATA}}}"},
)

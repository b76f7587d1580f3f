"""govulncheck over the Go modules of a tree: advisories on what they need, and whether their code calls it.

It needs a copy of the Go vulnerability database (`--tool-data govulndb=DIR`: a folder with its OSV files, such as
`data/osv` of its repository), and what the modules import: a module cache (`--tool-data go-modules=DIR`), or folders
`vendor` of the tree. A module that does not compile is not searched at all. It does not name files; those that build
constraints may leave out count as not scanned. Advisories on the standard library are left out: its version is that of
the machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scanners.adapters import go_files
from scanners.adapters.advisories import ended_well
from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, read_above
from scanners.adapters.judge import Account, Claim, Unusable, cwe_list, mapping, normal_path, text
from scanners.adapters.weaknesses import severity, weakness
from scanners.finding import Confidence, RuleInfo
from scanners.protocol import RawOutput, SourceFiles

_DATABASE = "govulndb"
_NUMBERED = re.compile(r"GO-([0-9]{4})-([0-9]+)")
_NO_DAY = "0001-"
"""Start of the day of a database that does not know it, as folders of plain OSV files do not."""
_STANDARD = ("stdlib", "toolchain")
_LEVELS = ("called", "imported", "required")
_CONFIDENCE: Mapping[str, Confidence] = {"called": "high", "imported": "medium", "required": "low"}
_ERROR = re.compile(rb"^\S+?:[0-9]+:[0-9]+: .*$", re.MULTILINE)
_LEFT_OUT = "a build constraint may leave it out, which govulncheck does not tell"


def modules(files: tuple[str, ...]) -> tuple[str, ...]:
    """The folders of modules. Our own two files are the first and the last."""
    own = (go_files.folder(files[0]), *(go_files.folder(f) for f in files if f.split("/")[-1] == "go.mod"))
    return (*dict.fromkeys(own), go_files.folder(files[-1]))


def read(report: Report) -> Account:
    runs, failures = ended_well(report, (0,))
    by_folder = dict(report.runs)
    reasons = {place: _why(by_folder[place], why) for place, why in failures.items()}
    packages: set[str] = set()
    claims: list[Claim] = []
    rules: list[RuleInfo] = []
    days: set[str] = set()
    standard = 0
    for place, raw in runs:
        try:
            found = _Module(place, raw)
        except Unusable as error:
            reasons[place] = str(error)
            continue
        packages |= found.packages
        days.add(found.day)
        standard += len(found.standard)
        rules += found.rules
        claims += found.claims(report.tree)
    notes = [_database(report.data.get(_DATABASE), days)]
    if standard:
        notes.append(f"{standard} advisories on the standard library of this machine left out")
    given = (*report.files, *report.planted)
    read_files = {path for path in given if path.endswith(".go") and go_files.folder(path) in packages}
    problems = {
        path: _LEFT_OUT
        for path in read_files - set(report.planted)
        if go_files.constrained(path, report.tree)
    }
    problems |= {path: why for path in given if (why := _reason(path, reasons))}
    above = read_above(read_files, (path for path in report.files if not path.endswith(".go")))
    return Account(
        scanned=frozenset(read_files | above),
        problems=problems,
        claims=tuple(claims),
        rules=tuple(rules),
        notes=tuple(notes),
        degraded=False,
    )


def _database(folder: Path | None, days: set[str]) -> str:
    """How many advisories there are, the last one by its number, and the day where the database knows it."""
    found = (
        [match for path in folder.glob("**/GO-*.json") if (match := _NUMBERED.fullmatch(path.stem))]
        if folder
        else []
    )
    last = max(((int(match[1]), int(match[2]), match[0]) for match in found), default=(0, 0, "none"))[2]
    known = max((day for day in days if day and not day.startswith(_NO_DAY)), default="")
    return f"advisories: {len(found)}, the last by its number {last}" + (
        f", database of {known}" if known else ""
    )


def _why(raw: RawOutput, otherwise: str) -> str:
    """The first error of the compiler, where it has one."""
    found = _ERROR.search(raw.outcome.stderr[:1_000_000])
    return f"its module does not compile: {found[0].decode('utf-8', 'replace')[:200]}" if found else otherwise


def _reason(path: str, reasons: Mapping[str, str]) -> str:
    """Why the module that a file belongs to was not searched; empty where it was."""
    place = path
    while place != ".":
        place = go_files.folder(place)
        if (key := normal_path(place)) in reasons:
            return reasons[key]
    return ""


class _Module:
    """What the tool says of one module; messages come in any order.

    Raises:
        Unusable: the output is no stream of messages.
    """

    def __init__(self, place: str, raw: RawOutput) -> None:
        self._place = place
        self._advisories: dict[str, Mapping[str, Any]] = {}
        self._found: dict[tuple[str, str], tuple[str, Mapping[str, Any]]] = {}
        self.packages: set[str] = set()
        self.standard: set[str] = set()
        self.day = ""
        main = ""
        for message in _stream(raw):
            if "osv" in message:
                advisory = mapping(message["osv"])
                self._advisories[text(advisory.get("id"), 100)] = advisory
            elif "config" in message:
                self.day = text(mapping(message["config"]).get("db_last_modified"), 40)[:10]
            elif "SBOM" in message:
                listed = mapping(message["SBOM"])
                main = text(mapping(next(iter(_list(listed.get("modules"))), {})).get("path"), 1000)
                roots = [text(root, 1000) for root in _list(listed.get("roots"))]
                self.packages |= {self._folder(root, main) for root in roots if main}
            elif "finding" in message:
                self._add(mapping(message["finding"]))
        if not main:
            raise Unusable("it does not say which packages it has searched")
        self._main = main

    def _folder(self, package: str, main: str) -> str:
        inside = package.removeprefix(main).lstrip("/")
        return normal_path(f"{self._place}/{inside}") or "."

    def _add(self, finding: Mapping[str, Any]) -> None:
        trace = [mapping(frame) for frame in _list(finding.get("trace"))]
        first = trace[0] if trace else {}
        module, id_ = text(first.get("module"), 1000), text(finding.get("osv"), 100)
        if module in _STANDARD:
            self.standard.add(id_)
            return
        level = "called" if first.get("function") else "imported" if first.get("package") else "required"
        before = self._found.get((id_, module))
        if before is None or _LEVELS.index(level) < _LEVELS.index(before[0]):
            self._found[id_, module] = (level, finding)

    @property
    def rules(self) -> list[RuleInfo]:
        return [self._rule(id_) for id_, _ in sorted(self._found)]

    def _rule(self, id_: str) -> RuleInfo:
        advisory = self._advisories.get(id_, {})
        return RuleInfo(
            id=id_ or "(no advisory)",
            title=text(advisory.get("summary"), 200) or id_,
            description=text(advisory.get("details"), 2000),
            cwe=cwe_list([weakness("govulncheck", id_)]),
            help_uri=f"https://pkg.go.dev/vuln/{id_}" if id_.startswith("GO-") else "",
            severity="error",
        )

    def claims(self, tree: SourceFiles) -> list[Claim]:
        """One for each advisory and module: where our code calls it, else where the module is required."""
        return [
            self._claim(id_, module, *self._found[id_, module], tree) for id_, module in sorted(self._found)
        ]

    def _claim(
        self, id_: str, module: str, level: str, finding: Mapping[str, Any], tree: SourceFiles
    ) -> Claim:
        trace = [mapping(frame) for frame in _list(finding.get("trace"))]
        first = trace[0] if trace else {}
        version, fixed = text(first.get("version"), 100), text(finding.get("fixed_version"), 100)
        name = ".".join(part for key in ("receiver", "function") if (part := text(first.get(key), 200)))
        title = text(self._advisories.get(id_, {}).get("summary"), 300) or id_
        said = f"{module} {version} is {level}{f' ({name})' if name else ''}: {title}"
        path, line, column = self._spot(module, trace, tree)
        return Claim(
            rule=id_ or "(no advisory)",
            message=f"{said}; " + (f"fixed in {fixed}" if fixed else "no fix"),
            severity=severity("govulncheck", level),
            confidence=_CONFIDENCE[level],
            cwe=cwe_list([weakness("govulncheck", id_)]),
            stride="",
            path=path,
            line=line,
            column=column,
            end_line=0,
            end_column=0,
        )

    def _spot(
        self, module: str, trace: Iterable[Mapping[str, Any]], tree: SourceFiles
    ) -> tuple[str, object, object]:
        for frame in trace:
            place = mapping(frame.get("position"))
            if frame.get("module") == self._main and place.get("filename"):
                return (
                    normal_path(f"{self._place}/{place['filename']}"),
                    place.get("line"),
                    place.get("column"),
                )
        path = normal_path(f"{self._place}/go.mod")
        if path not in tree.paths():
            return path, 1, 1
        lines = tree.read(path).decode("utf-8", "replace").splitlines()
        named = [number for number, line in enumerate(lines, 1) if module in line.split()]
        return path, named[0] if named else 1, 1


def _stream(raw: RawOutput) -> list[dict[str, Any]]:
    if raw.outcome.stdout_truncated:
        raise Unusable("its output reached the limit")
    try:
        whole = raw.outcome.stdout.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unusable(f"its output of {len(raw.outcome.stdout)} bytes is not UTF-8") from error
    decoder = json.JSONDecoder()
    out: list[dict[str, Any]] = []
    at = 0
    while at < len(whole):
        if whole[at].isspace():
            at += 1
            continue
        try:
            value, at = decoder.raw_decode(whole, at)
        except (ValueError, RecursionError) as error:
            raise Unusable(f"its output of {len(whole)} characters is no stream of JSON") from error
        out.append(mapping(value))
    return out


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


_MODULE = b"""module example.org/planted

go 1.20

require golang.org/x/text v0.3.0
"""
SCANNER = FileTool(
    name="govulncheck",
    cost=150,
    licence="BSD-3-Clause",
    argv=("-format=json", "-scan=symbol", "-test", "-db", "file://{govulndb}", "-C", FILES, "./..."),
    wants=go_files.wants,
    read=read,
    words=modules,
    each=True,
    helpers=("go",),
    data=(_DATABASE, go_files.MODULES),
    needs=(_DATABASE,),
    planted=Planted(
        ending="/main.go",
        content=b'package main\n\nimport "golang.org/x/text/language"\n\nfunc main() {\n\tlanguage.Parse("a")\n}\n',
        rule="GO-2021-0113",
        beside=(
            ("go.mod", _MODULE),
            ("vendor/modules.txt", b"# golang.org/x/text v0.3.0\n## explicit\ngolang.org/x/text/language\n"),
            ("vendor/golang.org/x/text/language/a.go", b"package language\n\nfunc Parse(s string) {}\n"),
        ),
    ),
    env=go_files.ENV,
)

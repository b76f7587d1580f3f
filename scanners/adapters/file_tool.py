"""A scanner that is one program over named files and reports findings alone, with a proof that it has looked.

Such a report says nothing of the files without a finding. So the program gets two files of our own, the first and the
last, each with a defect that it must report: where it does not, what it read is not known, and the scan has failed. The
names of these files depend on those of the tree, which therefore cannot hold them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from scanners.adapters.judge import Account, Unusable, conclude, failed, normal_path
from scanners.adapters.tool import (
    Tool,
    ending,
    execute,
    filled,
    folder_digest,
    inspect,
    locate,
    make_folder,
    stage,
)
from scanners.finding import ScanResult
from scanners.protocol import Description, Example, Launch, RawOutput, SourceFiles, ToolEnv, Work
from threatmodel.core.canonical import digest

FILES = "{files}"
"""The word of a command line that stands for the names of the files."""
_MOST_RUNS = 200
"""Of a program that is run for each file; files beyond are not read, and the result says so."""
_LAST_SECONDS = 60
"""For the last of several runs, which is that of our own file, whatever time the others took."""
_MOST_BYTES = 1_000_000
"""Of names on a command line; files beyond are not read, and the result says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A file with a defect: its ending, its content, and the rule that must report it. `beside` are names and contents of
    files that belong to it, where it has a folder of its own."""

    ending: str
    content: bytes
    rule: str
    beside: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a program left behind, with what is known of its input: `files` as they were named to it, and `planted`, the
    paths of our own two files. `raw` is the first of several `runs`, which are given with the path of each. `data` are
    the folders beside the tree, by name, `work` the private folder of the scan."""

    raw: RawOutput
    runs: tuple[tuple[str, RawOutput], ...] = ()
    data: Mapping[str, Path] = field(default_factory=dict)
    files: tuple[str, ...]
    planted: tuple[str, str]
    tree: SourceFiles
    work: Path = Path("/")

    def hide(self, said: str) -> str:
        """What the program says, without folders of this machine."""
        return _hidden(said, self.work, self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What a program is about to read: `tree` has its files, `source` all files of the tree, `home` is its private
    folder. `planted` and `data` as in `Report`."""

    tree: Path
    source: Path
    home: Path
    planted: tuple[str, str]
    data: Mapping[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Output(RawOutput):
    runs: tuple[tuple[str, RawOutput], ...]
    data: Mapping[str, Path]
    work: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTool:
    """One program. `wants` says which files it reads, `read` what its report says; both are functions of a module.

    `change` makes the copy that the program gets, where comments of the tree would switch rules off otherwise. `rename`
    gives a file another name, by its number and its path, where names would.
    """

    name: str
    licence: str
    argv: tuple[str, ...]
    wants: Callable[[str, SourceFiles], bool]
    read: Callable[[Report], Account]
    planted: Planted
    good: tuple[int, ...] = (0,)
    env: Mapping[str, str] = field(default_factory=dict)
    program: str = ""
    """Its executable, where that has another name."""
    package: str = ""
    """The Python package that installs it, where that has another name."""
    change: Callable[[bytes], bytes] | None = None
    rename: Callable[[int, str], str] | None = None
    quoted: bool = True
    """False where its messages hold secrets; then a result repeats none of them."""
    words: Callable[[tuple[str, ...]], tuple[str, ...]] | None = None
    """What `FILES` becomes, where that is not the names of the files."""
    each: bool = False
    """True for a program that takes one word: it runs once for each."""
    options: Callable[[str, Path], tuple[str, ...]] | None = None
    """More words for a run, after the first: by its own word, and the folder of the files."""
    helpers: tuple[str, ...] = ()
    """Programs that it starts."""
    data: tuple[str, ...] = ()
    """Names of folders beside the tree that it reads (`ToolEnv.data`); in braces they stand in environment and words."""
    needs: tuple[str, ...] = ()
    """Those without which it cannot work."""
    config: Mapping[str, str] = field(default_factory=dict)
    """Files of the folder `{config}`; in their text `{home}` is the private folder."""
    prepare: Callable[[Staged], tuple[str, ...]] | None = None
    """Lays out what it needs besides, before the first run. Answers the words that every command line ends with."""
    plain: Callable[[bytes], bytes] | None = None
    """What it says on standard error in words, where that is data."""
    cost: int = 1
    """How long it takes beside others."""
    example: Example | None = None
    """For `threatmodel scanners test`."""

    def describe(self, env: ToolEnv, launch: Launch) -> Description:
        tool = self._tool(env, launch)
        reason = tool if isinstance(tool, str) else ""
        if not reason and (missing := [name for name in self.needs if name not in env.data]):
            reason = f"it needs a folder that was not given: --tool-data {missing[0]}=DIR"
        rules: list[object] = [list(self.argv), self.planted.content.decode()]
        if self.config:
            rules.append(dict(self.config))
        if not reason:
            rules += [[name, folder_digest(env.data[name])] for name in self.data if name in env.data]
        return Description(
            version="" if isinstance(tool, str) else tool.version,
            tool_digest="" if isinstance(tool, str) else tool.digest,
            ruleset_digest=digest(rules),
            licence=self.licence,
            needs_network=False,
            available=not reason,
            reason=reason,
        )

    def _tool(self, env: ToolEnv, launch: Launch) -> Tool | str:
        """The tool as installed, or why it cannot be started."""
        name = self.program or self.name
        if locate(name, env) is None:
            return "not installed"
        helpers = {helper: locate(helper, env) for helper in self.helpers}
        if missing := [helper for helper, found in helpers.items() if found is None]:
            return f"{missing[0]}, which it starts, is not installed"
        programs = [found for found in helpers.values() if found is not None]
        tool = inspect(name, env, launch, dict(self.env), package=self.package, helpers=programs)
        return tool or "not installed"

    def plan(self, tree: SourceFiles) -> tuple[str, ...]:
        return tuple(path for path in tree.paths() if self.wants(path, tree))

    def run(self, work: Work) -> RawOutput:
        tool = self._tool(work.env, work.launch)
        if isinstance(tool, str):
            raise FileNotFoundError(f"{self.name}: {tool}")
        names = self._names(work.files)
        first, last = planted_paths(work.files, self.planted.ending)
        tree = stage(replace(work, files=tuple(names)), names if self.change else (), names)
        if self.change is not None:
            for path in names.values():
                (tree / path).write_bytes(self.change((tree / path).read_bytes()))
        for path in (first, last):
            make_folder((tree / path).parent)
            (tree / path).write_bytes(self.planted.content)
            (tree / path).chmod(0o644)
            for name, content in self.planted.beside:
                beside = (tree / path).parent / name
                make_folder(beside.parent)
                beside.write_bytes(content)
                beside.chmod(0o644)
        files = (first, *names.values(), last)
        words = [f"./{word}" for word in (self.words(files) if self.words else files)]
        data = {name: work.env.data[name].absolute() for name in self.data if name in work.env.data}
        ends = self._lay_out(work, tree, (first, last), data)
        tool = replace(tool, readable=(*tool.readable, *data.values()))
        folders = {f"{{{name}}}": str(data.get(name, work.workdir / "home" / name)) for name in self.data}
        extra = {key: filled(value, folders) for key, value in self.env.items()}
        runs: list[tuple[str, RawOutput]] = []
        started = time.monotonic()
        groups = [(word,) for word in bounded(words)] if self.each else [tuple(words)]
        for given in groups:
            left = work.limits.wall_seconds - (time.monotonic() - started)
            if runs and given is groups[-1]:
                left = max(left, _LAST_SECONDS)
            if left <= 0:
                runs.append((normal_path(given[0]), not_started(runs[0][1])))
                continue
            argv = (*self._command(given, tree, folders), *ends)
            timed = replace(work, limits=replace(work.limits, wall_seconds=left))
            runs.append((normal_path(given[0]), execute(tool, timed, argv, tree, extra, len(runs))))
        raw = runs[0][1]
        return _Output(
            files=raw.files,
            outcome=raw.outcome,
            report=raw.report,
            report_problem=raw.report_problem,
            command=(raw.command[0], *self.argv),
            runs=tuple(runs),
            data=data,
            work=work.workdir,
        )

    def _lay_out(
        self, work: Work, tree: Path, planted: tuple[str, str], data: Mapping[str, Path]
    ) -> tuple[str, ...]:
        """What it reads besides its files; the words that every command line ends with."""
        home, config = work.workdir / "home", work.workdir / "config"
        for name, content in self.config.items():
            make_folder(config)
            (config / name).write_text(filled(content, {"{home}": str(home)}), "utf-8")
            (config / name).chmod(0o644)
        if self.prepare is None:
            return ()
        make_folder(home)
        return self.prepare(Staged(tree=tree, source=work.tree_dir, home=home, planted=planted, data=data))

    def _command(self, given: tuple[str, ...], tree: Path, folders: Mapping[str, str]) -> tuple[str, ...]:
        """The words of one run."""
        more = self.options(given[0], tree) if self.options else ()
        words = (*self.argv[:1], *more, *self.argv[1:])
        return tuple(
            part for word in words for part in (given if word == FILES else (filled(word, folders),))
        )

    def parse(self, raw: RawOutput, tree: SourceFiles, description: Description) -> ScanResult:
        said = raw.outcome if self.quoted else replace(raw.outcome, stdout=b"", stderr=b"")
        if self.plain is not None:
            said = replace(said, stderr=self.plain(said.stderr))
        if why := ending(said, good=self.good):
            if isinstance(raw, _Output):
                why = _hidden(why, raw.work, raw.data)
            return failed(self.name, description, why, raw)
        planted = planted_paths(raw.files, self.planted.ending)
        names = self._names(raw.files)
        try:
            report = Report(raw=raw, files=tuple(names.values()), planted=planted, tree=tree)
            if isinstance(raw, _Output):
                report = replace(report, runs=raw.runs, data=raw.data, work=raw.work)
            account = self.read(report)
            account = self._without_planted(account, planted)
        except Unusable as error:
            return failed(self.name, description, str(error), raw)
        if self.rename is not None:
            account = _as_in_tree(account, {name: path for path, name in names.items()})
        return conclude(self.name, description, raw, account, tree)

    def _names(self, files: tuple[str, ...]) -> dict[str, str]:
        """The name that the program gets for each file; those that it does not get are missing."""
        if self.rename is None:
            return {path: path for path in named(files)}
        return {path: self.rename(number, path) for number, path in enumerate(files)}

    def _without_planted(self, account: Account, planted: tuple[str, str]) -> Account:
        """The account without what it says of our own files.

        Raises:
            Unusable: a planted defect is not reported.
        """
        tops = {path.split("/")[0] for path in planted}
        reported = {claim.path for claim in account.claims if claim.rule == self.planted.rule}
        if not set(planted) <= reported:
            why = next((account.problems[path] for path in planted if path in account.problems), "")
            after = f": {why}" if why else ""
            raise Unusable(f"it did not report a defect planted for it, so what it read is not known{after}")
        return replace(
            account,
            scanned=frozenset(path for path in account.scanned if path.split("/")[0] not in tops),
            problems={path: why for path, why in account.problems.items() if path.split("/")[0] not in tops},
            claims=tuple(claim for claim in account.claims if claim.path.split("/")[0] not in tops),
        )


def _hidden(said: str, work: Path, data: Mapping[str, Path]) -> str:
    names = {f"{work / 'tree'}/": "", str(work / "tree"): ".", str(work / "home"): "{home}"}
    return filled(said, names | {str(folder): f"{{{name}}}" for name, folder in data.items()})


def _as_in_tree(account: Account, paths: Mapping[str, str]) -> Account:
    """The account with the tree's own names; what is about no file of the tree has no path."""
    return replace(
        account,
        scanned=frozenset(paths[name] for name in account.scanned if name in paths),
        problems={paths[name]: why for name, why in account.problems.items() if name in paths},
        claims=tuple(replace(claim, path=paths.get(claim.path, "")) for claim in account.claims),
    )


def not_started(other: RawOutput) -> RawOutput:
    """A run that there was no time for, like another one but for what came of it."""
    outcome = replace(other.outcome, exit_code=None, signal=9, stdout=b"", stderr=b"", timed_out=True)
    return replace(other, outcome=outcome, report=None, report_problem="wrote no report")


def bounded(words: list[str]) -> list[str]:
    """The words that the program is run for: those of our own files, first and last, and not too many between."""
    return [*words[: _MOST_RUNS - 1], words[-1]] if len(words) > _MOST_RUNS else words


def named(files: Iterable[str]) -> tuple[str, ...]:
    """Those that are named to a program: control characters would make its messages say what they do not."""
    found: list[str] = []
    room = _MOST_BYTES
    for path in files:
        room -= len(path.encode("utf-8", "surrogateescape")) + 16
        if path.isprintable() and room >= 0:
            found.append(path)
    return tuple(found)


def planted_paths(files: Iterable[str], suffix: str) -> tuple[str, str]:
    """The paths of our own two files beside these."""
    stem = digest(list(files))[:24]
    return f"planted-{stem}-1{suffix}", f"planted-{stem}-2{suffix}"


def read_above(checked: Iterable[str], settings: Iterable[str]) -> set[str]:
    """Those files that say how sources are built, in a folder above or beside one that was read. A list of modules in
    `vendor` belongs to the folder above."""
    above = {str(parent) for path in checked for parent in PurePosixPath(path).parents}
    folders = {path: PurePosixPath(path).parent for path in settings}
    return {
        path
        for path, folder in folders.items()
        if str(folder.parent if folder.name == "vendor" else folder) in above
    }


def staged_root(names: Iterable[str], planted: str) -> str:
    """The folder that absolute names of a report start with, known by one of our own files."""
    for name in names:
        if name.endswith(f"/{planted}"):
            return name.removesuffix(planted)
    return "/"


def printed(raw: RawOutput) -> Any:
    """The JSON value that a program printed.

    Raises:
        Unusable: there is none.
    """
    if raw.outcome.stdout_truncated:
        raise Unusable("its output reached the limit")
    return loaded(raw.outcome.stdout)


def loaded(data: bytes) -> Any:
    """A JSON value.

    Raises:
        Unusable: it is none.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"its output of {len(data)} bytes is not JSON ({type(error).__name__})") from error


def has_script(path: str, tree: SourceFiles, names: tuple[str, ...]) -> bool:
    """True for a file without an ending whose first line starts one of these interpreters."""
    if "." in PurePosixPath(path).name:
        return False
    first = tree.read(path)[:200].split(b"\n", 1)[0]
    words = first.decode("utf-8", "replace").removeprefix("#!").replace("/", " ").split()
    return first.startswith(b"#!") and any(word in names for word in words)

"""The parent's side of loading: start the child, bound it, and read its answer as hostile input."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from threatmodel.confine import Job, Level, Limits, Outcome, clean_env, python_paths, start
from threatmodel.core.diagnostics import Diagnostic, Place, Severity
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.core.plain import to_plain
from threatmodel.core.text import fold
from threatmodel.inside.wire import Declared, Wire
from threatmodel.load.configurations import COMMAND_LINE
from threatmodel.load.manifest import FILE as MANIFEST_FILE
from threatmodel.load.manifest import Manifest, read_manifest
from threatmodel.load.sources import undeclared
from threatmodel.system import Configuration, Project
from threatmodel.system.cover import Cover
from threatmodel.system.vocabulary import Vocabulary

LIMITS = Limits(
    wall_seconds=30,
    cpu_seconds=20,
    memory_bytes=2 << 30,
    output_bytes=64 << 20,
    open_files=256,
    processes=64,
)
_UNBUILT = frozenset({"M014", "M015"})
"""Problems that stop a configuration from being built."""
_OWN = Path(__file__).parents[1]
# the folder around the package may not be listed by the child, so the package is named and not searched for
_START = """
import gc
import sys
gc.disable()
from importlib.util import module_from_spec, spec_from_file_location as place
spec = place("threatmodel", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
sys.modules["threatmodel"] = module_from_spec(spec)
spec.loader.exec_module(sys.modules["threatmodel"])
from threatmodel.inside.child import main
main()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model that is valid: its project, its manifest, the warnings, and how the child was confined."""

    project: Project
    manifest: Manifest
    warnings: tuple[Diagnostic, ...]
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """The child's JSON value. `broken`: for each combination that was asked about, what is wrong with it."""

    project: Wire | None
    diagnostics: tuple[Diagnostic, ...]
    broken: tuple[tuple[str, ...], ...] = ()
    cover: Cover | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of the child: what is declared, or the answer."""

    declared: Declared = field(default_factory=Declared)
    answer: _Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The answer with the domain's value."""

    project: Project | None
    diagnostics: tuple[Diagnostic, ...]
    broken: tuple[tuple[str, ...], ...]
    cover: Cover | None


def load_model(
    path: Path,
    shown: str,
    vocabulary: Vocabulary,
    *,
    extra: Sequence[Configuration] = (),
    limits: Limits = LIMITS,
    level: Level | None = None,
) -> Loaded:
    """Load a model folder or file; `shown` is its name in messages, `extra` adds configurations.

    Raises:
        UsageError: there is no model at the path.
        InvalidInput: the model is invalid, or its child process hit a limit; holds every problem found.
    """
    with Loading(path, shown, extra=extra, limits=limits, level=level) as loading:
        return loading.finish(vocabulary)


class Loading:
    """A model whose child process is running; the caller can prepare other things before `finish`."""

    def __init__(
        self,
        path: Path,
        shown: str,
        *,
        manifest: Manifest | None = None,
        extra: Sequence[Configuration] = (),
        limits: Limits = LIMITS,
        level: Level | None = None,
    ) -> None:
        """Start the child. `manifest`: where it is read already. `extra`: configurations that the command line made.

        Raises:
            UsageError: there is no model at the path.
            InvalidInput: its threatmodel.toml is invalid.
        """
        self.manifest = manifest or read_manifest(path, shown)
        self._shown, self._folder, self._limits = shown, path.is_dir(), limits
        self._handle = start(_job(path, shown, self.manifest, extra, limits), level)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.kill()

    def finish(self, vocabulary: Vocabulary) -> Loaded:
        """Wait for the child and judge its answer.

        Raises:
            InvalidInput: the model is invalid, or its child process hit a limit; holds every problem found.
        """
        from threatmodel.load.validate import look_ahead

        read = _Reader()
        look_ahead(read.declared(self._handle.first_line()))
        outcome = self._handle.wait()
        answer = read(outcome.stdout) if _whole(outcome) else None
        try:
            loaded = _judge(outcome, answer, self.manifest, vocabulary, self._limits)
        except InvalidInput as error:
            if asked := [d for d in error.diagnostics if d.place and d.place.path == COMMAND_LINE]:
                raise UsageError(*asked) from error
            raise InvalidInput(*map(self._below, error.diagnostics)) from error
        return replace(loaded, warnings=tuple(map(self._below, loaded.warnings)))

    def _below(self, found: Diagnostic) -> Diagnostic:
        """The diagnostic with its place below the model's name as the user gave it; the child knows no such name."""
        if found.place is None or not found.place.path:
            return replace(found, place=Place(self._shown))
        parent = Path(self._shown) if self._folder else Path(self._shown).parent
        return replace(found, place=Place(str(parent / found.place.path.lstrip("/")), found.place.line))


def _harmless(found: Diagnostic, bounds: str) -> Diagnostic:
    """The child's diagnostic on one line, without control characters; a limit is named."""
    place = found.place and Place(_line(found.place.path), max(0, found.place.line))
    hint = found.hint or (bounds if found.code == "M020" else "")
    return replace(found, code=_line(found.code), message=_line(found.message), place=place, hint=_line(hint))


def _line(text: str) -> str:
    return fold(" ".join(text.split()))


def broken_combinations(
    path: Path,
    shown: str,
    combinations: Sequence[Mapping[str, str]],
    *,
    limits: Limits = LIMITS,
    level: Level | None = None,
) -> tuple[tuple[str, ...], ...]:
    """For each combination of options what is wrong with it, in the model's own sentences; empty where it is valid.
    The model is not built.

    Raises:
        UsageError: there is no model at the path.
        InvalidInput: the model cannot be imported, or its child process hit a limit.
    """
    if not combinations:
        return ()
    job = _job(path, shown, read_manifest(path, shown), (), limits, combinations)
    answer = _asked(job, limits, level)
    if len(answer.broken) != len(combinations):
        raise InvalidInput(*_not_each_once())
    return tuple(tuple(map(_line, sentences)) for sentences in answer.broken)


def cover_of(
    path: Path,
    shown: str,
    structural: Sequence[str],
    *,
    limits: Limits = LIMITS,
    level: Level | None = None,
) -> Cover:
    """Combinations that stand for all: see `threatmodel.system.cover`. The model is not built.

    Raises:
        UsageError: there is no model at the path.
        InvalidInput: the model cannot be imported, or its child process hit a limit.
    """
    job = _job(path, shown, read_manifest(path, shown), (), limits, (), structural)
    cover = _asked(job, limits, level).cover
    if cover is None:
        raise InvalidInput(*_not_each_once())
    return cover


def _asked(job: Job, limits: Limits, level: Level | None) -> _Read:
    """The answer to a question about options."""
    outcome = start(job, level).wait()
    answer = _whole_answer(outcome, _Reader()(outcome.stdout) if _whole(outcome) else None, limits)
    if answer.diagnostics:
        raise InvalidInput(*(_harmless(item, _bounds(limits)) for item in answer.diagnostics))
    return answer


def _job(
    path: Path,
    shown: str,
    manifest: Manifest,
    extra: Sequence[Configuration],
    limits: Limits,
    check: Sequence[Mapping[str, str]] = (),
    cover: Sequence[str] | None = None,
) -> Job:
    entry = path / "__init__.py" if path.is_dir() else path
    if not entry.is_file():
        raise UsageError(
            Diagnostic(
                code="U001",
                message=f"{shown} has no __init__.py",
                hint="a model is a package that exposes MODEL",
            )
        )
    root = path.resolve() if path.is_dir() else path.resolve().parent
    request = {
        "root": str(root),
        "shown": "",
        "entry": str(entry.resolve()),
        "default": manifest.project.get("default-configuration", ""),
        "configurations": to_plain([*manifest.configurations, *extra]),
        "places": {
            **{name: [Path(at.path).name, at.line] for name, at in manifest.known.places.items()},
            **{configuration.name: [COMMAND_LINE, 0] for configuration in extra},
        },
        "check": [dict(combination) for combination in check],
        "cover": cover,
    }
    return Job(
        argv=(sys.executable, "-I", "-B", "-c", _START, str(_OWN)),
        readable=(root, *python_paths()),
        writable=(),
        cwd=root,
        env=clean_env(PYDANTIC_DISABLE_PLUGINS="1"),  # nothing that is installed beside us has a say
        limits=limits,
        stdin=json.dumps(request).encode(),
    )


def _whole(outcome: Outcome) -> bool:
    return outcome.exit_code == 0 and not outcome.timed_out and not outcome.stdout_truncated


class _Unreadable:
    """The child's answer was not what the loader's child writes."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Reader:
    """Reads the answer strictly; keys that the domain does not know are dropped."""

    def __init__(self) -> None:
        from pydantic import TypeAdapter

        self._adapter = TypeAdapter(_Line)
        self._before: tuple[bytes, Declared] = (b"", Declared())

    def declared(self, line: bytes) -> Declared:
        """What the first line says; nothing where it cannot be read, of which the whole answer is told."""
        from pydantic import ValidationError

        if line:
            with suppress(ValidationError):
                self._before = (line, self._adapter.validate_json(line, strict=True).declared)
        return self._before[1]

    def __call__(self, data: bytes) -> _Read | _Unreadable:
        from pydantic import ValidationError

        first, newline, rest = data.partition(b"\n")
        line, before = self._before
        try:
            if not newline:
                before, rest = Declared(), data
            elif first != line:
                before = self._adapter.validate_json(first, strict=True).declared
            answer = self._adapter.validate_json(rest, strict=True).answer
            if answer is None:
                return _Unreadable("there is none")
            project = answer.project.project(before) if answer.project else None
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            route = ".".join(str(part) for part in wrong["loc"])
            return _Unreadable(f"{route}: {wrong['msg']}")
        except ValueError as error:
            return _Unreadable(str(error))
        return _Read(
            project=project, diagnostics=answer.diagnostics, broken=answer.broken, cover=answer.cover
        )


def _judge(
    outcome: Outcome,
    answer: _Read | _Unreadable | None,
    manifest: Manifest,
    vocabulary: Vocabulary,
    limits: Limits,
) -> Loaded:
    place = Place("")
    answer = _whole_answer(outcome, answer, limits)
    from threatmodel.load.limits import only_short
    from threatmodel.load.validate import validate  # its imports run while the child does

    found = [_harmless(item, _bounds(limits)) for item in answer.diagnostics]
    found += _forged(answer.project, manifest, found)
    if answer.project is not None:
        whole = not any(item.code in _UNBUILT for item in found)
        # what stands in a configuration that could not be built is missing, and no mistake of its own
        short = only_short(outcome.stdout)
        checked = validate(answer.project, vocabulary, short=short)
        found += [item for item in checked if whole or item.code != "M016"]
        found += _same_id(answer.project, manifest)
        found += undeclared(answer.project, manifest.sources)
    if outcome.stderr.strip():
        text = _line(outcome.stderr.decode("utf-8", "replace").strip().splitlines()[0][:200])
        found.append(
            Diagnostic(
                code="M021", message=f"the model prints: {text}", place=place, severity=Severity.WARNING
            )
        )
    if answer.project is None or any(d.severity is Severity.ERROR for d in found):
        raise InvalidInput(*found)
    return Loaded(project=answer.project, manifest=manifest, warnings=tuple(found), level=outcome.level)


def _whole_answer(outcome: Outcome, answer: _Read | _Unreadable | None, limits: Limits) -> _Read:
    if answer is None or not outcome.stdout:
        raise InvalidInput(_limit(outcome, Place(""), limits))
    if isinstance(answer, _Unreadable):
        raise InvalidInput(
            Diagnostic(
                code="M026",
                message=f"the model's answer is not valid ({_line(answer.reason)})",
                place=Place(""),
                hint="a value in the model has the wrong type, or the model wrote to the loader's channel",
            )
        )
    return answer


def _forged(project: Project | None, manifest: Manifest, found: list[Diagnostic]) -> list[Diagnostic]:
    """A problem where the systems are not those that were asked for: only a forged answer has others."""
    names = [system.configuration.name for system in project.systems] if project else []
    asked = {configuration.name for configuration in manifest.configurations}
    known = project is not None and project.default_configuration in names
    whole = known and asked <= {*names} and len({*names}) == len(names)
    return [] if whole or any(item.severity is Severity.ERROR for item in found) else _not_each_once()


def _not_each_once() -> list[Diagnostic]:
    return [
        Diagnostic(
            code="M026",
            message="the model's answer does not hold each configuration once",
            place=Place(""),
            hint="a model may not write to the loader's channel",
        )
    ]


def _same_id(project: Project, manifest: Manifest) -> list[Diagnostic]:
    """A problem where the manifest is about another project: bundles and threat ids carry the model's id."""
    named = manifest.project.get("id", project.id)
    if named == project.id:
        return []
    return [
        Diagnostic(
            code="M024",
            message=f'id is "{named}", the model\'s own is "{project.id}"',
            place=replace(manifest.place("project"), path=MANIFEST_FILE),
            hint="write the same id in both",
        )
    ]


def _bounds(limits: Limits) -> str:
    return (
        f"the limits are {limits.wall_seconds:g} s, {limits.cpu_seconds:g} s of processor time, "
        f"{(limits.memory_bytes or 0) >> 20} MiB of memory, {limits.output_bytes >> 20} MiB of output, "
        f"{limits.processes} processes"
    )


def _limit(outcome: Outcome, place: Place, limits: Limits) -> Diagnostic:
    bounds = _bounds(limits)
    if outcome.limit or outcome.timed_out:
        what = outcome.limit or "wall time"
        return Diagnostic(code="M020", message=f"the model hit a limit: {what}", place=place, hint=bounds)
    if outcome.signal:
        return Diagnostic(
            code="M020",
            message=f"the model's process was ended by signal {outcome.signal}",
            place=place,
            hint=bounds,
        )
    tail = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
    last = f": {_line(tail[-1][:300])}" if tail else ""
    return Diagnostic(
        code="M019",
        message=f"the model ended its process (exit code {outcome.exit_code}) before it answered{last}",
        place=place,
        hint="a model describes a system and returns",
    )

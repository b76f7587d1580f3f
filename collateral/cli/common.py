"""Groups of options that several commands share, and what each of them opens."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collateral.cli.sources import settle_sources
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic, Place, Severity, nearest
from threatmodel.core.errors import Exit, InvalidInput, UsageError
from threatmodel.core.text import fold
from threatmodel.load import Loaded, Loading, Manifest, read_manifest
from threatmodel.system import Configuration, Project

if TYPE_CHECKING:
    from collateral.assessment import Edition
    from collateral.ignores import Ignore
    from collateral.model_at import ModelAt
    from collateral.triage import TriageEntry
    from collateral.vectors import ThreatVector
    from threatmodel.analysis import Disposition, RiskSettings
    from threatmodel.claims import Results
    from threatmodel.readers.junit import Result
    from threatmodel.rules import Rule

DISPOSITIONS = "dispositions.yaml"
VECTORS = "cvss.yaml"
_RECORDS = (
    "advisories.yml",
    "cvss.yml",
    "dispositions.yml",
    "drift-waivers.yml",
    "extracts.yml",
    "predecessor.yml",
    "response.yml",
    "storage-needs.yml",
    "third-party-advisories.yml",
    "why.yml",
)
"""Names of records with an ending that nobody reads."""


def add_model(parser: argparse.ArgumentParser) -> None:
    """The model folder or file."""
    parser.add_argument(
        "model", help="the model: a folder with __init__.py and threatmodel.toml, or a .py file"
    )


def add_configuration(parser: argparse.ArgumentParser | argparse._MutuallyExclusiveGroup, what: str) -> None:
    """One named configuration."""
    parser.add_argument(
        "--config", metavar="NAME", help=f"the configuration {what}; the model's default otherwise"
    )


def add_set(parser: argparse.ArgumentParser) -> None:
    """Changes of the configuration's options."""
    parser.add_argument(
        "--set",
        metavar="OPTION=VALUE",
        action="append",
        default=[],
        help="change an option of the configuration; repeatable",
    )


def add_packs(parser: argparse.ArgumentParser) -> None:
    """Rule packs beside those of the model."""
    parser.add_argument(
        "--pack",
        metavar="NAME",
        action="append",
        default=[],
        help="ask this rule pack too, beside those that threatmodel.toml enables; repeatable",
    )


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """The form of what goes to standard output."""
    parser.add_argument("--format", choices=formats, default=formats[0], help=f"default {formats[0]}")


_DECLARED = "the one that the model's threatmodel.toml declares otherwise"
_FORMS = "a folder, folder@ref of a git repository, or a git URL with @tag"


def add_source(parser: argparse.ArgumentParser, otherwise: str = _DECLARED) -> None:
    """The model's own source tree; `otherwise` says what the option does."""
    parser.add_argument("--source", metavar="TREE", help=f"the source tree: {_FORMS}; {otherwise}")
    _add_cache(parser)


def add_sources(parser: argparse.ArgumentParser, otherwise: str = _DECLARED) -> None:
    """The model's own source tree and those of other projects; `otherwise` says what happens without the option."""
    parser.add_argument(
        "--source",
        metavar="[NAME=]TREE",
        action="append",
        default=[],
        help=f"the source tree: {_FORMS}; {otherwise}. With NAME=, the tree of a source that threatmodel.toml "
        "declares; a repository without a ref is read at the ref that the release wants. Repeatable",
    )
    _add_cache(parser)


def add_without_source(parser: argparse.ArgumentParser) -> None:
    """Sources that are left out on purpose."""
    parser.add_argument(
        "--without-source",
        metavar="NAME",
        action="append",
        default=[],
        help="go without this source of another project: its claims stay not checked, and do not make the exit 3; "
        "repeatable",
    )


def add_junit(parser: argparse.ArgumentParser, use: str) -> None:
    """Results of test runs; `use` says what for."""
    parser.add_argument(
        "--junit",
        metavar="FILE",
        action="append",
        default=[],
        help=f"results of a test run of the source in the XML of JUnit, {use}; repeatable",
    )


def read_results(args: argparse.Namespace, around: Surroundings) -> Results | None:
    """The results that `--junit` names, None where it names none.

    Raises:
        InvalidInput: D080, a file is not JUnit XML.
    """
    if not args.junit:
        return None
    from threatmodel.claims import Results
    from threatmodel.readers.junit import MAX_BYTES, NotJUnit, read_junit

    reports: dict[str, tuple[Result, ...]] = {}
    for name in args.junit:
        with (around.cwd / name).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        try:
            known = reports.get(Path(name).name, ())
            reports[Path(name).name] = (*known, *read_junit(data))
        except NotJUnit as error:
            message, hint = f"no results of tests: {error}", "write them as JUnit XML"
            raise InvalidInput(
                Diagnostic(code="D080", message=message, place=Place(name), hint=hint)
            ) from error
    return Results(reports=reports)


def add_sarif(parser: argparse.ArgumentParser) -> None:
    """Results of other tools."""
    parser.add_argument(
        "--sarif",
        metavar="FILE",
        action="append",
        default=[],
        help="results of another tool over this source, as SARIF 2.1.0; repeatable",
    )


def add_vex(parser: argparse.ArgumentParser) -> None:
    """What others have decided about vulnerabilities."""
    parser.add_argument(
        "--vex",
        metavar="FILE",
        action="append",
        default=[],
        help="an OpenVEX or CycloneDX document: what it says is not affected or fixed is shown as suppressed; repeatable",
    )


def read_vex_files(args: argparse.Namespace, around: Surroundings) -> tuple[Ignore, ...]:
    """What the documents that `--vex` names leave aside.

    Raises:
        InvalidInput: S021, one is no VEX document.
        OSError: one cannot be read.
    """
    if not args.vex:
        return ()
    from collateral.ignores import MAX_BYTES, read_vex

    found: list[Ignore] = []
    for name in args.vex:
        with (around.cwd / name).open("rb") as file:
            found += read_vex(Path(name).name, file.read(MAX_BYTES + 1))
    return tuple(found)


def read_sarif_files(args: argparse.Namespace, around: Surroundings) -> tuple[tuple[str, bytes], ...]:
    """The names and contents of the files that `--sarif` names.

    Raises:
        OSError: one cannot be read.
    """
    from scanners.sarif_file import MAX_BYTES

    files = []
    for name in args.sarif:
        with (around.cwd / name).open("rb") as file:
            files.append((name, file.read(MAX_BYTES + 1)))
    return tuple(files)


def _add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", metavar="DIR", help="folder for clones, layouts and scan results")


def add_tools(parser: argparse.ArgumentParser) -> None:
    """Where scanners are installed."""
    parser.add_argument(
        "--tools",
        metavar="DIR",
        action="append",
        default=[],
        help="a folder with scanners to use first; repeatable",
    )


def add_tool_data(parser: argparse.ArgumentParser) -> None:
    """What scanners read beside the tree."""
    parser.add_argument(
        "--tool-data",
        metavar="NAME=DIR",
        action="append",
        default=[],
        help="a folder that a scanner reads beside the source, such as a database of advisories; docs/scanners.md "
        "lists the names; repeatable",
    )


def tool_data(args: argparse.Namespace, around: Surroundings) -> dict[str, Path]:
    """The folders that `--tool-data` names.

    Raises:
        UsageError: S015, no scanner reads a folder of that name, it is named twice, or it is not there.
    """
    from scanners.registry import DATA

    found: dict[str, Path] = {}
    for given in args.tool_data:
        name, _, folder = given.partition("=")
        known = f"known: {', '.join(DATA)}"
        why, hint = "", "write NAME=DIR"
        if name not in DATA:
            why, hint = "no scanner reads a folder of this name", nearest(name, DATA) or known
        elif name in found:
            why, hint = "it is named twice", "name it once"
        elif not folder or not (around.cwd / folder).is_dir():
            why = f"{folder or 'nothing'} is not a folder"
        if why:
            raise UsageError(Diagnostic(code="S015", message=f"--tool-data {given}: {why}", hint=hint))
        found[name] = around.cwd / folder
    return found


def add_as_of(parser: argparse.ArgumentParser) -> None:
    """The day on which expiry is judged."""
    parser.add_argument(
        "--as-of", metavar="DATE", help="judge expiry on this day (ISO 8601); today otherwise"
    )


def as_of(text: str | None, around: Surroundings) -> datetime.date:
    """The day that was asked for, or today.

    Raises:
        UsageError: not an ISO 8601 date.
    """
    if text is None:
        return around.now.date()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            Diagnostic(code="U004", message=f"{text!r} is not an ISO 8601 date", hint="write 2026-11-22")
        ) from error


_NO = frozenset({"", "0", "false"})


def add_edition(parser: argparse.ArgumentParser, default: str = "") -> None:
    """Which edition goes out; `default` where it does not depend on the environment."""
    parser.add_argument(
        "--edition",
        choices=("public", "private"),
        default=default or None,
        help="public withholds what the publishing policy names; "
        + (f"default {default}" if default else "default private, and public where the variable CI is set"),
    )


def edition(args: argparse.Namespace, around: Surroundings) -> Edition:
    """The edition that was asked for. Without a word: `public` where CI is set and not 0 or false, since logs of CI
    are read by anybody; else `private`."""
    if args.edition:
        return "private" if args.edition == "private" else "public"
    return "private" if around.environ.get("CI", "").strip().lower() in _NO else "public"


class Opened:
    """A model that is loaded, with its rules; warnings went to standard error."""

    def __init__(
        self,
        args: argparse.Namespace,
        around: Surroundings,
        *,
        extra: Callable[[Manifest], Sequence[Configuration]] | None = None,
        meanwhile: Callable[[Path, str], None] | None = None,
    ) -> None:
        """`extra` says which configurations are asked for beside those that are named; what --config and --set ask
        for otherwise. `meanwhile` is called while the model's process runs."""
        self.path = around.cwd / args.model
        self.shown: str = args.model.rstrip("/") or ("/" if args.model else ".")
        manifest = read_manifest(self.path, self.shown)
        if isinstance(getattr(args, "source", None), list):
            settle_sources(args, [manifest], around)
        asked = extra(manifest) if extra else _asked(args, manifest)
        self._asked = asked[0].name if asked and not extra else None
        with Loading(self.path, self.shown, manifest=manifest, extra=asked) as loading:
            # While the child runs the model, this process reads its own code and the rules.
            from collateral.own_packs import packs_of
            from threatmodel.rules import load_packs, load_vocabulary, not_evaluated

            vocabulary = load_vocabulary()
            enabled = loading.manifest.packs
            names = (*enabled, *_more_packs(args, loading.manifest))
            own = packs_of(loading.manifest, self.path, self.shown, names)
            place = loading.manifest.place("packs", "enabled")
            self.rules: tuple[Rule, ...] = load_packs(names, vocabulary, place, own, cases=False)
            if meanwhile:
                meanwhile(self.path, self.shown)
            self.loaded: Loaded = loading.finish(vocabulary)
        lacking = tuple(not_evaluated(self.rules))
        self.rules_exit = Exit.INCOMPLETE if lacking else Exit.CLEAN
        """Whether every rule of the packs that were asked for can be asked."""
        for warning in (*self.loaded.warnings, *lacking, *self._misnamed()):
            print(fold(warning.render()), file=around.stderr)

    def _misnamed(self) -> list[Diagnostic]:
        """A warning for each file that looks like a record and is not read because of its ending."""
        names = (*_RECORDS, "pentest/*.yml")
        found = (path for name in names for path in sorted(self.path.glob(name)) if self.path.is_dir())
        return [
            Diagnostic(
                code="M033",
                message="the file is not read",
                place=Place(f"{self.shown}/{path.relative_to(self.path).as_posix()}"),
                hint=f"name it {path.stem}.yaml",
                severity=Severity.WARNING,
            )
            for path in found
        ]

    @property
    def project(self) -> Project:
        """The project."""
        return self.loaded.project

    def configuration(self, wanted: str | None) -> str:
        """The name of the configuration that was asked for, with its changes, or the default.

        Raises:
            UsageError: no configuration has this name.
        """
        if self._asked:
            return self._asked
        names = [system.configuration.name for system in self.project.systems]
        if wanted is None:
            return self.project.default_configuration
        if wanted not in names:
            hint = nearest(wanted, names) or f"configurations are {', '.join(names)}"
            raise UsageError(Diagnostic(code="U003", message=f'no configuration "{wanted}"', hint=hint))
        return wanted

    def below(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Problems in the model's own files, with their places below its name as the user gave it."""
        parent = Path(self.shown) if self.path.is_dir() else Path(self.shown).parent
        return tuple(
            replace(item, place=item.place and Place(str(parent / item.place.path), item.place.line))
            for item in found
        )

    @property
    def at(self) -> ModelAt:
        """The model's files, for questions about configurations that they do not name."""
        from collateral.model_at import ModelAt

        return ModelAt(self.path, self.shown)

    def lacks(self, record: str, document: str) -> UsageError:
        """U019: the model has no such record; `document` tells what stands in it."""
        message, hint = f"{self.shown} has no {record}", f"docs/{document}.md tells what stands in it"
        return UsageError(Diagnostic(code="U019", message=message, hint=hint))

    def place_of_source(self, args: argparse.Namespace, around: Surroundings) -> tuple[str, Path]:
        """The source that was asked for, else the one that the model declares, and what it is relative to.

        Raises:
            UsageError: U005, there is none.
        """
        if args.source is not None:
            spec, base = args.source, around.cwd
        else:
            spec, base = self.loaded.manifest.project.get("source"), self.path
        if not spec:
            raise UsageError(Diagnostic(code="U005", message="no source tree", hint="name one with --source"))
        return spec, base

    @property
    def risk(self) -> RiskSettings:
        """The model's risk settings."""
        return self.loaded.manifest.risk

    def dispositions(self) -> tuple[Disposition, ...]:
        """The team's decisions, where the model has a file of them."""
        path = self.path / DISPOSITIONS
        if not self.path.is_dir() or not path.is_file():
            return ()
        from threatmodel.analysis import read_dispositions

        return read_dispositions(path.read_bytes(), f"{self.shown}/{DISPOSITIONS}")

    def vectors(self) -> tuple[ThreatVector, ...]:
        """CVSS 4.0 of threats, where the model has a file of them."""
        if not (self.path / VECTORS).is_file():
            return ()
        from collateral.vectors.reader import load_vectors

        return load_vectors(self.path, self.project, self.rules, self.shown)

    def triage(self) -> dict[str, TriageEntry]:
        """The team's decisions on findings, where the model has a file of them."""
        path = self.path / DISPOSITIONS
        if not self.path.is_dir() or not path.is_file():
            return {}
        from collateral.triage import read_triage

        return read_triage(path.read_bytes(), f"{self.shown}/{DISPOSITIONS}")


def _more_packs(args: argparse.Namespace, manifest: Manifest) -> list[str]:
    """The packs that --pack names and the model does not enable.

    Raises:
        UsageError: R001, no pack has this name.
    """
    from threatmodel.rules import unknown_packs

    asked = list(dict.fromkeys(getattr(args, "pack", ())))
    if problems := unknown_packs(asked, own=(*manifest.folders, *manifest.installed)):
        raise UsageError(*problems)
    return [name for name in asked if name not in manifest.packs]


def _asked(args: argparse.Namespace, manifest: Manifest) -> tuple[Configuration, ...]:
    if made := getattr(args, "made", None):
        return (made,)
    default = manifest.project.get("default-configuration", "")
    changes = getattr(args, "set", None) or ()
    found = manifest.known.select(getattr(args, "config", None), changes, default)
    return (found,) if found else ()


def cache_folder(args: argparse.Namespace, around: Surroundings) -> Path:
    """The cache that was asked for, or the user's."""
    return around.cwd / args.cache if args.cache else around.cache


def write_json(value: Any, around: Surroundings) -> None:
    """A dataclass as canonical JSON on standard output."""
    from threatmodel.core.canonical import dump_pieces

    for piece in dump_pieces(value):
        around.stdout.write(piece.decode("utf-8", "backslashreplace"))


def write_text(text: str, around: Surroundings) -> None:
    """Text on standard output, with what could steer a terminal made visible."""
    around.stdout.write(fold(text))

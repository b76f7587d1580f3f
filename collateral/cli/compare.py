"""`threatmodel compare`: configurations of one model side by side, and the attack surface of each."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_format,
    add_model,
    cache_folder,
    write_json,
    write_text,
)
from collateral.cli.deployed import add_deployment, compare_files
from collateral.cli.judged import about, add_judging, judged
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import Exit, UsageError
from threatmodel.core.text import fold
from threatmodel.load import Manifest
from threatmodel.system import Configuration, Project

if TYPE_CHECKING:
    from collateral.report.compare import About, AcrossRecord
    from collateral.report.pictures import Picture
    from threatmodel.analysis.comparison import Comparison

HELP = "put configurations of a model side by side: what each exposes, and against whom"
EXAMPLES = (
    "threatmodel compare models/shop --config default --config plain",
    "threatmodel compare models/shop --config default --config plain --source . --format html -o compare.html",
    "threatmodel compare models/shop --across auth --pictures pictures",
)

_DEFAULT = "default"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    parser.add_argument(
        "--config",
        metavar="NAME",
        action="append",
        default=[],
        help="a configuration, or NAME+option=value,… for one with changed options; repeatable; "
        "all that the model names otherwise",
    )
    parser.add_argument(
        "--across",
        metavar="OPTION",
        help="compare the configuration with each value of this option; the model's default one without --config",
    )
    add_deployment(parser)
    add_judging(parser)
    add_format(parser, "text", "json", "markdown", "html")
    parser.add_argument("-o", "--output", metavar="FILE", help="write to this file")
    parser.add_argument(
        "--pictures", metavar="DIR", help="draw what differs between the first two into this folder"
    )


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A difference is no failure; with a source tree, a claim that could not be checked gives exit 3."""
    if args.config_file:
        return compare_files(args, around)
    if args.across and len(args.config) > 1:
        hint = "name one configuration to start from"
        raise UsageError(Diagnostic(code="U017", message="--across starts from one configuration", hint=hint))
    opened = Opened(args, around, extra=lambda manifest: _extra(args.config, manifest))
    names = _asked(args.config, opened)
    across = _across(args.across, names, opened) if args.across else None
    if across:
        names = [item.configuration.name for item in across.candidates if item.configuration]
    names = names or [system.configuration.name for system in opened.project.systems]
    _two(names, across, opened.project)
    found, said, done = _compare(args, around, opened, names)
    pictures = _pictures(args, around, opened, found) if args.pictures else ()
    _write(args, around, opened, found, said, across, pictures)
    if any(picture.rendered is None for picture in pictures):
        return Exit.INCOMPLETE
    return done


def _split(text: str) -> tuple[str, list[str]]:
    """The name of a configuration and its changes."""
    name, sign, changes = text.partition("+")
    return name, changes.split(",") if sign else []


def _select(text: str, manifest: Manifest) -> Configuration | None:
    """The configuration that has to be made for this; None where the model's files name it. A model that names none has
    one, `default`."""
    name, changes = _split(text)
    if manifest.known.named:
        return manifest.known.select(name, changes)
    if name != _DEFAULT:
        return None
    return manifest.known.select(None, changes) or Configuration(name=_DEFAULT, options={})


def _extra(wanted: Sequence[str], manifest: Manifest) -> tuple[Configuration, ...]:
    """The configurations that were asked for and that the model's files do not name."""
    made = [_select(text, manifest) for text in wanted]
    return tuple({item.name: item for item in made if item}.values())


def _asked(wanted: Sequence[str], opened: Opened) -> list[str]:
    """The names in the order of the command line, each once."""
    made = [(_select(text, opened.loaded.manifest), text) for text in wanted]
    names = [item.name if item else opened.configuration(text) for item, text in made]
    return list(dict.fromkeys(names))


def _across(option: str, start: Sequence[str], opened: Opened) -> AcrossRecord:
    """A configuration for each value of the option; those that only a changed option makes are loaded."""
    from collateral.report.compare import AcrossRecord
    from threatmodel.analysis.candidates import candidates

    known = [spec.name for spec in opened.project.options]
    if option not in known:
        hint = nearest(option, known) or f"options are {', '.join(known) or 'none'}"
        raise UsageError(Diagnostic(code="U017", message=f'the model has no option "{option}"', hint=hint))
    origin = start[0] if start else opened.project.default_configuration
    found = candidates(opened.project, option, origin, opened.at.broken)
    here = {system.configuration.name for system in opened.project.systems}
    chosen = [item.configuration for item in found if item.configuration]
    more = [item for item in chosen if item.name not in here]
    if more:
        named = {item.name for item in opened.loaded.manifest.configurations}
        extra = [s.configuration for s in opened.project.systems if s.configuration.name not in named]
        opened.loaded = opened.at.loaded([*extra, *more])
    return AcrossRecord(option=option, start=origin, candidates=found)


def _two(names: Sequence[str], across: AcrossRecord | None, project: Project) -> None:
    if len(names) > 1:
        return
    if across:
        message = f"no other value of {across.option} can be compared with {across.start}"
        why = "; ".join(rule for item in across.candidates for rule in item.why)
        raise UsageError(Diagnostic(code="U017", message=message, hint=why or "the option has one value"))
    known = [system.configuration.name for system in project.systems]
    others = [name for name in known if name not in names]
    hint = f"name another one: {', '.join(others[:8])}" if others else "the model has one configuration"
    raise UsageError(Diagnostic(code="U017", message="a comparison needs two configurations", hint=hint))


def _compare(
    args: argparse.Namespace, around: Surroundings, opened: Opened, names: Sequence[str]
) -> tuple[Comparison, About, Exit]:
    from threatmodel.analysis.configdiff import compare_configurations

    found = judged(args, opened, around, names)
    comparison = compare_configurations(opened.project, found.threats, names, found.states)
    return comparison, about(args, around, opened, found), found.exit


def _write(
    args: argparse.Namespace,
    around: Surroundings,
    opened: Opened,
    found: Comparison,
    said: About,
    across: AcrossRecord | None,
    pictures: Sequence[Picture],
) -> None:
    from collateral.report import compare
    from threatmodel.core.canonical import dump_bytes
    from threatmodel.core.plain import to_plain

    view = compare.compare_view(opened.project, found, said, across)
    if args.format == "json":
        file = compare.CompareFile(
            project=opened.project.id,
            edition=said.edition,
            differs=not found.empty,
            sources_checked=bool(said.source),
            withheld=said.withheld,
            across=across,
            comparison=found,
        )
        if not args.output:
            write_json(file, around)
            return
        data = dump_bytes(to_plain(file))
    elif args.format == "html":
        data = compare.html(view, pictures)
    else:
        write = compare.markdown if args.format == "markdown" else compare.text
        data = fold(write(view)).encode("utf-8", "backslashreplace")
    if args.output:
        from collateral.bundle.place import write_file

        write_file(around.cwd / args.output, data)
    else:
        write_text(data.decode("utf-8"), around)


def _pictures(
    args: argparse.Namespace, around: Surroundings, opened: Opened, found: Comparison
) -> tuple[Picture, ...]:
    """`side-<configuration>` as SVG, PNG and DOT for each of the first two."""
    from concurrent.futures import ThreadPoolExecutor

    from collateral.bundle.place import write_file
    from collateral.report.pictures import draw, picture_files
    from threatmodel.analysis.modeldiff import compare_systems
    from threatmodel.diagrams.plan import Planned
    from threatmodel.diagrams.sides import side_by_side

    first, second = (opened.project.system(name) for name in found.names[:2])
    marks = {change.id: change.state for change in compare_systems(first, second)}
    diagrams = [
        Planned(id=d.id, diagram=d, part_of=d.id) for d in side_by_side(first, second, marks) if d is not None
    ]
    cache = cache_folder(args, around) / "layouts"
    with ThreadPoolExecutor(max_workers=2) as executor:
        pictures = draw(diagrams, cache=cache, executor=executor, standalone=True)
    for path, data in picture_files(pictures, "").items():
        write_file(around.cwd / args.pictures / path, data)
    for picture in pictures:
        if picture.rendered is None:
            print(fold(f"{picture.id}: {picture.failed}"), file=around.stderr)
    drawn = sum(picture.rendered is not None for picture in pictures)
    print(f"{drawn} of {len(pictures)} pictures in {args.pictures}", file=around.stderr)
    return pictures

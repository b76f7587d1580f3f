"""What `compare --config-file` and `assess` share: the files of a deployment as a configuration of the model."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from collateral.cli.common import Opened, write_text
from collateral.cli.judged import Judged, about, judged
from collateral.cli.surroundings import Surroundings
from collateral.deployed import MINE, Comparison, Deployed
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import Exit, InvalidInput, UsageError
from threatmodel.core.text import fold
from threatmodel.load import Manifest
from threatmodel.system import Configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The deployment beside the shipped configuration that is nearest. `refused`: options that cannot be set back alone,
    with the rule that this would break."""

    deployed: Deployed
    shipped: Configuration
    mine: Configuration
    variants: tuple[Configuration, ...]
    refused: dict[str, str]


def add_deployment(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """The files of a deployment."""
    parser.add_argument(
        "--config-file", metavar="FILE", required=required, help="the configuration.toml of a deployment"
    )
    parser.add_argument("--drop-in", metavar="DIR", help="its folder of files that drop in (*.toml)")
    parser.add_argument("--containerd-config", metavar="FILE", help="the config.toml of containerd")
    parser.add_argument(
        "--annotations", metavar="FILE", help="a pod, or a mapping of annotations, as YAML or JSON"
    )


def find(args: argparse.Namespace, around: Surroundings, opened: Opened, start: str | None) -> Found:
    """Read the files and find the nearest configuration, or take `start` for it.

    Raises:
        UsageError: U001 a file is not there; U019 the model does not say which keys stand for its options.
        InvalidInput: a file cannot be read; D047 its options do not go together.
    """
    from collateral.deployed import KEYS, load_keys, read_settings, to_options
    from collateral.deployed.compare import deployed_options, nearest, variant, without

    keys = load_keys(opened.path, opened.project, opened.shown)
    if keys is None:
        message = f"{opened.shown} has no {KEYS}"
        hint = "it says which keys of a configuration file stand for which options"
        raise UsageError(Diagnostic(code="U019", message=message, hint=hint))

    def at(name: str | None) -> Path | None:
        return around.cwd / name if name else None

    settings = read_settings(
        around.cwd / args.config_file,
        args.config_file,
        drop_ins=at(args.drop_in),
        manager=at(args.containerd_config),
        annotations=at(args.annotations),
    )
    deployed = to_options(settings, keys, _matches)
    named = [system.configuration for system in opened.project.systems]
    shipped = next((c for c in named if c.name == start), None) or nearest(named, deployed.options)
    options = deployed_options(shipped, deployed)
    back = without(shipped, options)
    wrong, *others = opened.at.broken([options, *back.values()])
    if wrong:
        place, hint = Place(args.config_file), f"compared with {shipped.name}"
        raise InvalidInput(*(Diagnostic(code="D047", message=rule, place=place, hint=hint) for rule in wrong))
    refused = {name: rules[0] for name, rules in zip(back, others, strict=True) if rules}
    description = f"as {args.config_file.rpartition('/')[2]} says; nearest that is shipped: {shipped.name}"
    return Found(
        deployed=deployed,
        shipped=shipped,
        mine=Configuration(name=MINE, options=options, description=fold(description)),
        variants=tuple(
            Configuration(name=variant(name), options=changed)
            for name, changed in back.items()
            if name not in refused
        ),
        refused=refused,
    )


def compare_files(args: argparse.Namespace, around: Surroundings) -> Exit:
    """`compare --config-file`."""
    from collateral.deployed import compare_deployed
    from collateral.policy import Priorities, read_policy

    if args.across or len(args.config) > 1 or args.pictures:
        message = "--config-file is compared with one configuration"
        hint = "leave out --across, --pictures and further --config"
        raise UsageError(Diagnostic(code="U017", message=message, hint=hint))
    opened = Opened(args, around, extra=_nothing_more)
    start = opened.configuration(args.config[0]) if args.config else None
    found = find(args, around, opened, start)
    opened.loaded = opened.at.loaded([found.mine, *found.variants])
    names = (found.shipped.name, found.mine.name, *(item.name for item in found.variants))
    seen = judged(args, opened, around, names)
    policy = read_policy(opened.loaded.manifest)
    result = compare_deployed(
        opened.project,
        seen.threats,
        Priorities(opened.project, policy.criteria),
        found.shipped,
        found.deployed,
        found.refused,
    )
    page = args.format == "html"
    data = _page(args, around, opened, seen, result) if page else _data(args.format, result)
    if args.output:
        from collateral.bundle.place import write_file

        write_file(around.cwd / args.output, data)
    elif args.format == "json":
        around.stdout.write(data.decode("utf-8", "backslashreplace"))
    else:
        write_text(data.decode("utf-8"), around)
    around.stderr.write(seen.withheld)
    return seen.exit


def _nothing_more(_: Manifest) -> tuple[Configuration, ...]:
    """The deployment itself is known only after the model was loaded."""
    return ()


def _data(form: str, result: Comparison) -> bytes:
    from collateral.deployed.text import comparison_markdown, comparison_text
    from collateral.outputs import DeployedFile
    from threatmodel.core.canonical import dump_bytes
    from threatmodel.core.plain import to_plain

    if form == "json":
        return dump_bytes(to_plain(DeployedFile(comparison=result)))
    write = comparison_markdown if form == "markdown" else comparison_text
    return write(result).encode("utf-8", "backslashreplace")


def _page(
    args: argparse.Namespace, around: Surroundings, opened: Opened, seen: Judged, result: Comparison
) -> bytes:
    """The page of a comparison of both configurations, with what is said of the deployment."""
    from collateral.deployed.view import deployed_view
    from collateral.report import compare
    from threatmodel.analysis.configdiff import compare_configurations

    names = (result.nearest, MINE)
    found = compare_configurations(opened.project, seen.threats, names, seen.states)
    view = compare.compare_view(opened.project, found, about(args, around, opened, seen))
    return compare.html(view, deployed=deployed_view(result))


def _matches(expressions: Sequence[str], text: str) -> bool:
    """True where one of the expressions matches somewhere; both runtimes look anywhere in the text."""
    import re2

    for expression in expressions:
        try:
            if re2.search(expression, text):
                return True
        except re2.error:
            continue
    return False

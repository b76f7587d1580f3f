"""`threatmodel claims`: check every claim of every control against a source tree."""

from __future__ import annotations

import argparse
import datetime
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_edition,
    add_format,
    add_junit,
    add_model,
    add_set,
    add_sources,
    add_tools,
    add_without_source,
    as_of,
    cache_folder,
    edition,
    read_results,
    write_json,
    write_text,
)
from collateral.cli.sources import open_named
from collateral.cli.surroundings import Surroundings
from threatmodel.claims import ClaimCheck, Ledger, SourceShare, shares
from threatmodel.core.errors import Exit
from threatmodel.system import WORST_FIRST, Project

if TYPE_CHECKING:
    from collateral.named_sources import NamedSource
    from threatmodel.claims import RuleRunner
    from threatmodel.source import SourceTree

HELP = "check the claims of the controls against a source tree"
EXAMPLES = (
    "threatmodel claims models/shop",
    "threatmodel claims models/shop --config plain",
    "threatmodel claims models/shop --source .@HEAD~1 --format json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    parser.add_argument(
        "--config", metavar="NAME", help="only what counts in this configuration; all of them otherwise"
    )
    add_set(parser)
    add_sources(parser)
    add_without_source(parser)
    add_junit(parser, "for claims on tests")
    add_tools(parser)
    add_as_of(parser)
    add_edition(parser)
    add_format(parser, "text", "json")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A claim that could not be checked, or whose place was not found, gives exit 3."""
    from threatmodel.claims import check_claims
    from threatmodel.claims.evidence import counting
    from threatmodel.source import open_source

    opened = Opened(args, around)
    project = opened.project
    if args.config or args.set:
        project = replace(project, systems=(project.system(opened.configuration(args.config)),))
    spec, base = opened.place_of_source(args, around)
    cache = cache_folder(args, around) / "sources"
    with ExitStack() as stack:
        tree = stack.enter_context(open_source(spec, cache=cache, base=base, environ=around.environ))
        named = open_named(args, around, opened.loaded.manifest.sources, tree, stack)
        ledger = check_claims(
            project,
            named.beside(tree),
            as_of=as_of(args.as_of, around),
            missing=named.missing,
            hints=True,
            results=read_results(args, around),
            rules=_rules(args, around, opened, named.beside(tree)),
        )
        commit = tree.commit or ""
        against = tree.ref or commit[:12] or "a folder"
    if project is not opened.project:
        ledger = replace(ledger, checks=counting(ledger, project.systems[0]))
    shown, withheld = ledger, 0
    if edition(args, around) == "public":
        shown, withheld = public_edition(opened, ledger, as_of(args.as_of, around))
    if args.format == "json":
        from collateral.bundle.exports import claims_file

        release = opened.loaded.manifest.project.get("release", "")
        write_json(claims_file(project, release, commit, shown, withheld, named.records), around)
    else:
        write_text(_text(shown, project, against, named.records) + withheld_text(withheld), around)
    return exit_of(ledger, args.without_source)


def _rules(
    args: argparse.Namespace, around: Surroundings, opened: Opened, trees: Mapping[str, SourceTree]
) -> RuleRunner | None:
    """What runs the rules of scanners that claims name; None where none does, so that no scanner is looked for."""
    if not any(claim.kind == "semgrep" for control in opened.project.controls for claim in control.claims):
        return None
    from collateral.bundle.scans import scan_cache
    from collateral.rule_claims import SemgrepRules

    rules = SemgrepRules(
        model=opened.path if opened.path.is_dir() else opened.path.parent,
        tools=tuple(around.cwd / folder for folder in args.tools),
        search_path=around.environ.get("PATH", ""),
        cache=scan_cache(cache_folder(args, around), around.environ),
    )
    return rules.on(trees)


def public_edition(opened: Opened, ledger: Ledger, as_of: datetime.date) -> tuple[Ledger, int]:
    """What a public edition says of the claims, and how many contradicted ones it withholds. Nothing is known here of
    earlier releases, so all count as seen today."""
    from collateral.policy import Priorities, read_policy
    from collateral.publish import Withholding, public_ledger, withheld_claims

    policy = read_policy(opened.loaded.manifest)
    rules = Withholding(
        priorities=Priorities(opened.project, policy.criteria), publishing=policy.publishing, as_of=as_of
    )
    return public_ledger(opened.project, ledger, rules), len(withheld_claims(ledger, rules))


def withheld_text(count: int) -> str:
    """A line that tells how many contradicted claims are withheld; nothing where none is."""
    claims = f"{count} contradicted claim{'' if count == 1 else 's'}"
    return f"public edition: {claims} withheld, --edition private shows all\n" if count else ""


def exit_of(ledger: Ledger, without: Collection[str] = ()) -> Exit:
    """3 where a claim could not be checked, or the place that it names was not found; claims on the sources `without`,
    which were left out on purpose, do not count."""
    undone = any(
        check.state in {"not-checked", "not-found"} and check.source not in without for check in ledger.checks
    )
    return Exit.INCOMPLETE if undone else Exit.CLEAN


def _text(ledger: Ledger, project: Project, against: str, sources: Sequence[NamedSource]) -> str:
    from collateral.report.ledger import when_text, worst_first

    lines = []
    missing = {source.name: source.reason for source in sources if source.reason}
    hanging = {name: {s.configuration: s for s in shares(project, ledger, name)} for name in missing}
    for check in worst_first(ledger.checks):
        when = when_text(check.when)
        lines.append(f"{check.control}  {check.state}  {check.text}{f'  [{when}]' if when else ''}")
        if place := _seen(check):
            lines.append(f"    {place}")
    for system in project.systems:
        name = system.configuration.name
        counts = Counter(record.state for record in ledger.records if record.configuration == name)
        parts = "  ".join(f"{state} {counts[state]}" for state in reversed(WORST_FIRST) if counts[state])
        lines.append(f"{name}: {parts or 'no control is used'}, against {against}")
        for source, reason in missing.items():
            if share := hanging[source].get(name):
                lines.append(f"    {reason}: {_share(share)} not checked")
    return "\n".join([*lines, *_evidence(ledger, project)]) + "\n"


def _evidence(ledger: Ledger, project: Project) -> list[str]:
    """What stands behind the controls that are in use, each counted once; nothing where there is none."""
    from collateral.report.ledger import evidence_rows

    rows = evidence_rows(ledger, project.systems)
    used = sum(row["controls"] for row in rows)
    many = len(project.systems)
    over = f", each at its weakest of {many} configurations" if many > 1 else ""
    if not used:
        return []
    head = f"{used} control{'' if used == 1 else 's'}{over}:"
    return [head, *(f"    {row['name']}  {row['controls']}  {row['share']}" for row in rows)]


def _share(share: SourceShare) -> str:
    return f"{share.claims:,} of {share.of_claims:,} claims, {share.controls:,} of {share.of_controls:,} controls"


def _seen(check: ClaimCheck) -> str:
    at = f"{check.path}:{check.line}" if check.line else check.path
    return "  ".join(part for part in (at, check.seen, check.detail) if part)

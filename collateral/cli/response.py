"""`threatmodel response`: the security group's documents. `audit` asks who owns and who knows the code."""

from __future__ import annotations

import argparse

from collateral.cli.common import (
    Opened,
    add_configuration,
    add_format,
    add_model,
    add_set,
    add_source,
    as_of,
    cache_folder,
    write_json,
    write_text,
)
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

HELP = "who handles reports, what is in scope, who owns and who knows the code"
EXAMPLES = (
    "threatmodel response audit models/shop --source .@HEAD",
    "threatmodel response rubric models/shop --config plain",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    words = "evaluate CODEOWNERS and the history of a source tree for the modelled elements"
    audit = kinds.add_parser("audit", help=words, description=words)
    add_model(audit)
    add_source(audit)
    audit.add_argument(
        "--as-of",
        metavar="DATE",
        help="the day on which the twelve months end (ISO 8601); the day of the source's commit otherwise",
    )
    add_format(audit, "text", "json", "markdown", "sarif")
    words = "print the triage rubric: which reports are in scope, by boundary and adversary"
    rubric = kinds.add_parser("rubric", help=words, description=words)
    add_model(rubric)
    add_configuration(rubric, "of the rubric")
    add_set(rubric)
    add_format(rubric, "text", "json")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. An audit whose history is not wholly known gives exit 3."""
    return _audit(args, around) if args.what == "audit" else _rubric(args, around)


def _audit(args: argparse.Namespace, around: Surroundings) -> Exit:
    from collateral.bundle.source import address_of, read_facts
    from collateral.response import load_response
    from collateral.response.audit import audit
    from collateral.response.findings import ownership_sarif
    from collateral.response.model import OwnershipPolicy
    from threatmodel import __version__
    from threatmodel.source import open_source

    opened = Opened(args, around)
    spec, base = opened.place_of_source(args, around)
    day = as_of(args.as_of, around) if args.as_of else None
    response = load_response(opened.path, opened.shown)
    policy = response.ownership if response else OwnershipPolicy()
    cache = cache_folder(args, around) / "sources"
    with open_source(spec, cache=cache, base=base, environ=around.environ) as tree:
        found = audit(opened.project, tree, policy, as_of=day)
        facts = read_facts(tree, address_of(spec, base))
    if args.format == "sarif":
        about = {
            "tool_version": __version__,
            "project": opened.project.id,
            "release": opened.loaded.manifest.project.get("release", "") or facts.ref or facts.commit,
            "source_commit": facts.commit or None,
            "source_dirty": facts.dirty,
            "source_uri": address_of(spec, base),
        }
        write_json(ownership_sarif(found, **about), around)
    elif args.format == "json":
        from collateral.response.files import ownership_file

        write_json(ownership_file(opened.project, found), around)
    else:
        from collateral.response.text import audit_markdown, audit_text

        write_text(audit_text(found) if args.format == "text" else audit_markdown(found), around)
    return Exit.INCOMPLETE if found.history else Exit.CLEAN


def _rubric(args: argparse.Namespace, around: Surroundings) -> Exit:
    from collateral.assessment import read_texts
    from collateral.response.rubric import make_rubric
    from threatmodel.analysis import analyse

    opened = Opened(args, around)
    name = opened.configuration(args.config)
    threats = analyse(
        opened.project,
        opened.rules,
        dispositions=opened.dispositions(),
        as_of=around.now.date(),
        risk=opened.risk,
    )
    path = opened.path / "texts" / "assumptions.md"
    texts = read_texts({"assumptions": path.read_bytes()}) if path.is_file() else {}
    rubric = make_rubric(opened.project, threats, name, texts.get("assumptions", ()))
    if args.format == "json":
        write_json(rubric, around)
    else:
        from collateral.response.text import rubric_text

        write_text(rubric_text(rubric), around)
    return Exit.CLEAN

"""`threatmodel explain`: why a threat is there, or why a rule does not give one at a place."""

from __future__ import annotations

import argparse

from collateral.cli.common import (
    Opened,
    add_configuration,
    add_format,
    add_model,
    add_packs,
    add_set,
    write_json,
    write_text,
)
from collateral.cli.judged import add_judging, judged
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

HELP = "why a threat is there: condition, adversaries, controls, claims, risk; or why a rule gives none at a place"
EXAMPLES = (
    "threatmodel explain models/shop CORE-001@T1",
    "threatmodel explain models/shop CORE-004 --on T1 --config plain",
    "threatmodel explain models/shop CORE-001@T1 --source . --format markdown",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    parser.add_argument("what", metavar="THREAT", help="the id of a threat, RULE@ID; or a rule, with --on")
    parser.add_argument("--on", metavar="ID", help="the element or flow that the rule is asked about")
    add_configuration(parser, "to explain")
    add_set(parser)
    add_packs(parser)
    add_judging(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. With a source tree, a claim that could not be checked gives exit 3.

    Raises:
        UsageError: U026 to U028, what was asked about is not there.
    """
    from collateral.explain import explain_file, find
    from collateral.policy import read_policy
    from threatmodel.analysis.explanation import Explainer
    from threatmodel.analysis.library_explanation import explain_library
    from threatmodel.rules import load_vocabulary

    opened = Opened(args, around)
    project = opened.project
    system = project.system(opened.configuration(args.config))
    asked = find(project, system, opened.rules, args.what, args.on)
    opened.rules = (asked.rule,)
    found = judged(args, opened, around, [s.configuration.name for s in project.systems])
    threat = next((threat for threat in found.threats if threat.id == asked.threat), None)
    if asked.rule.library:
        explanation = explain_library(project, asked.rule, asked.subject.id)
    else:
        explainer = Explainer(project, system, load_vocabulary(), found.states, opened.risk)
        explanation = explainer.explain(asked.rule, asked.subject)
    file = explain_file(
        project,
        system,
        asked,
        explanation,
        threat,
        ledger=found.ledger,
        source=found.source,
        policy=read_policy(opened.loaded.manifest),
        risk=opened.risk,
    )
    if args.format == "json":
        write_json(file, around)
    else:
        from collateral.explain.text import explain_markdown, explain_text
        from collateral.report.trees import signs_of

        root = f"{opened.shown}/" if opened.path.is_dir() else ""
        if args.format == "markdown":
            write_text(explain_markdown(file, root), around)
        else:
            write_text(explain_text(file, signs_of(around.environ), root), around)
    around.stderr.write(found.withheld)
    return found.exit

"""The policy of a model held against the model."""

from __future__ import annotations

from collateral.cli.common import Opened
from collateral.cli.surroundings import Surroundings
from collateral.policy import read_policy, strangers, unreachable
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.text import fold


def check_policy(opened: Opened, around: Surroundings) -> None:
    """Read the policy, and warn of a criterion that never decides.

    Raises:
        InvalidInput: M028, it is invalid, or names what the model does not have.
    """
    policy = read_policy(opened.loaded.manifest)
    elements = opened.project.element_ids
    problems = [
        Diagnostic(
            code="M028",
            message=f'boundary path "{entry.name}": the model has no element "{name}"',
            place=entry.place,
            hint=nearest(name, elements),
        )
        for entry in policy.gate.boundary_paths
        for name in entry.elements
        if name not in elements
    ]
    adversaries = opened.project.adversaries
    problems += strangers(
        policy.criteria,
        {
            "adversary": {adversary.id for adversary in adversaries},
            "family": {adversary.family for adversary in adversaries},
            "rule": {rule.id for rule in opened.rules},
            "pack": {rule.pack for rule in opened.rules},
        },
    )
    if problems:
        raise InvalidInput(*problems)
    for warning in unreachable(policy.criteria):
        print(fold(warning.render()), file=around.stderr)

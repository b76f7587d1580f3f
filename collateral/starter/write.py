"""The files of a first model: it runs as it is, and what was not seen in the tree is marked as an example."""

from __future__ import annotations

import json
from collections.abc import Iterable

from collateral.starter.survey import Part, Survey

_WIDTH = 88 + 1
"""The line length of the common formatters, and the line's end."""
_MODEL = '''"""Threat model of {id}, to be filled in. What is marked as an example stands for something of your system."""

from threatmodel.dsl import (
    Actor,
    Adversary,
    Boundary,
    Component,
    Data,
    Flow,
    Model,
    Process,
    View,
)

# Information worth protecting. An example: replace it.
REQUESTS = Data(
    "requests",
    name="Requests (example)",
    integrity="high",
    availability="medium",
)

# Who attacks, and what they control from the start. An example: replace it.
CLIENT = Adversary(
    "hostile-client",
    name="Hostile client (example)",
    controls=["client"],
    goals=["Make the program do what its owner does not want"],
)

# Places in the source, by the top-level folders that were there. The first one that matches a file wins.
{components}
# A selection with a diagram of its own.
FRONT = View("front", name="Front", elements=["client", "program"])


def build(_options: object) -> None:
    """The system: boundaries, elements and flows. Examples: replace them."""
    outside = Boundary("outside", name="Outside", privilege="none")
    machine = Boundary("machine", name="Machine", privilege="user")
    client = Actor("client", inside=outside, name="Client (example)")
    program = Process(
        "program",
        inside=machine,
        name="Program (example)",
{language}    )
    Flow(
        "F01",
        client,
        program,
        "Requests (example)",
        over="tcp",
        traits=["control-api", "remote"],
        data=[REQUESTS],
    )
    Flow("F02", program, client, "Answers (example)", over="tcp")


MODEL = Model(
    {quoted},
    name={quoted},
    build=build,
    description="To be described",
)
'''

_MANIFEST = """\
# What the toolkit needs to know about this model. The model itself is the Python file beside this one.
[project]
id = {id}
source = {source}
release = "unreleased"
default-configuration = "default"
status = "proposed"
notice = "First draft. Not reviewed by anybody."

[configurations.default]
description = "The only one"
options = {{}}

[packs]
enabled = ["core", "ipc"]

# Threats and findings at or above this priority concern the gate (release-gating, p1, p2, p3).
[gate]
threshold = "p1"
warn-days = 30

# off, info, warn or block
[gate.levels]
new-threat = "block"
contradicted-claim = "block"
new-finding = "warn"
orphaned-disposition = "block"
model-not-followed = "warn"
expiry = "block"
policy-change = "info"

# What the public edition shows only as a number, and for how many days at most.
[publishing]
withhold = "p1"
days = 90
"""

_DISPOSITIONS = """\
# Decisions on threats and on findings, one entry each. Decisions belong to the people who answer for the system.
#
# dispositions:
#   - threat: CORE-001@F01          # one threat, no wildcard
#     decision: accepted            # or transferred, not-applicable
#     reason: why, in a sentence or two
#     owner: the person or group that answers for it
#     expires: 2027-06-30           # ISO 8601; after this day it no longer counts
#     source: https://example.org/decision   # public address of the decision; proposed without it
dispositions: []
"""


def starter_files(id_: str, seen: Survey, source: str) -> dict[str, bytes]:
    """The files of the model's folder by path. `source` is the tree that it is checked against, from the folder."""
    quoted = json.dumps(id_)
    language = f"        language={json.dumps(seen.language)},\n" if seen.language else ""
    model = _MODEL.format(id=id_, quoted=quoted, language=language, components=_components(seen.parts))
    files = {
        "__init__.py": model,
        "threatmodel.toml": _MANIFEST.format(id=quoted, source=json.dumps(source)),
        "dispositions.yaml": _DISPOSITIONS,
    }
    return {name: text.encode() for name, text in files.items()}


def _components(parts: Iterable[Part]) -> str:
    lines = []
    for part in parts:
        name = f"{part.id.replace('-', '_').upper()}_FILES"
        where = f'role="{part.role}"' if part.role else 'runs_in=["program"]'
        words = (json.dumps(part.id), json.dumps(part.glob), where)
        line = f"{name} = Component({', '.join(words)})\n"
        if len(line) > _WIDTH:
            line = f"{name} = Component(\n" + "".join(f"    {word},\n" for word in words) + ")\n"
        lines.append(line)
    return "".join(lines) or "# There were no files yet.\n"

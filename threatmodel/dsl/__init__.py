"""What the authors of models import: the vocabulary of pytm with strict signatures, options, controls and claims.

    from threatmodel.dsl import Boundary, Control, Flow, Model, Options, Process, absent

Elements are made inside `build(options)`; Data, Control, Adversary, Component, CodeKind and View stand at module level.
"""

from threatmodel.dsl.claims import (
    absent,
    attested,
    config_default,
    constant,
    file_exists,
    has_test,
    kernel_config,
    key_set,
    present,
    proposed,
    rpc_set,
    semgrep,
    value,
    version,
)
from threatmodel.dsl.declare import Adversary, CodeKind, Component, Control, Data, NotApplicable, View
from threatmodel.dsl.model import Model
from threatmodel.dsl.nodes import Actor, Boundary, Dataflow, Datastore, ExternalEntity, Flow, Process
from threatmodel.dsl.operation import Operation
from threatmodel.dsl.options import Options, rule

__all__ = [
    "Actor",
    "Adversary",
    "Boundary",
    "CodeKind",
    "Component",
    "Control",
    "Data",
    "Dataflow",
    "Datastore",
    "ExternalEntity",
    "Flow",
    "Model",
    "NotApplicable",
    "Operation",
    "Options",
    "Process",
    "View",
    "absent",
    "attested",
    "config_default",
    "constant",
    "file_exists",
    "has_test",
    "kernel_config",
    "key_set",
    "present",
    "proposed",
    "rpc_set",
    "rule",
    "semgrep",
    "value",
    "version",
]

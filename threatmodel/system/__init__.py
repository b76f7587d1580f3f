"""The domain: a system as its model describes it. Frozen values; nothing here reads, writes or serialises."""

from threatmodel.system.claims import (
    Absent,
    ArgumentsAbsent,
    Attested,
    Claim,
    FileExists,
    Present,
    Value,
    Version,
)
from threatmodel.system.model import (
    Adversary,
    Boundary,
    Component,
    Configuration,
    Control,
    DataAsset,
    Element,
    Flow,
    OperationFact,
    OptionSpec,
    Privilege,
    Project,
    SystemModel,
    View,
)
from threatmodel.system.state import HOLDS, WORST_FIRST, ControlState, ControlStates
from threatmodel.system.stride import STRIDE, Stride
from threatmodel.system.vocabulary import Vocabulary

__all__ = [
    "HOLDS",
    "STRIDE",
    "WORST_FIRST",
    "Absent",
    "Adversary",
    "ArgumentsAbsent",
    "Attested",
    "Boundary",
    "Claim",
    "Component",
    "Configuration",
    "Control",
    "ControlState",
    "ControlStates",
    "DataAsset",
    "Element",
    "FileExists",
    "Flow",
    "OperationFact",
    "OptionSpec",
    "Present",
    "Privilege",
    "Project",
    "Stride",
    "SystemModel",
    "Value",
    "Version",
    "View",
    "Vocabulary",
]

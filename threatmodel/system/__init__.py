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
    OptionSpec,
    Privilege,
    Project,
    SystemModel,
    View,
)
from threatmodel.system.stride import STRIDE, Stride

__all__ = [
    "STRIDE",
    "Absent",
    "Adversary",
    "ArgumentsAbsent",
    "Attested",
    "Boundary",
    "Claim",
    "Component",
    "Configuration",
    "Control",
    "DataAsset",
    "Element",
    "FileExists",
    "Flow",
    "OptionSpec",
    "Present",
    "Privilege",
    "Project",
    "Stride",
    "SystemModel",
    "Value",
    "Version",
    "View",
]

"""A configuration as it is deployed: its files read, as options of the model, beside the nearest one that is shipped."""

from collateral.deployed.compare import (
    MINE,
    Advice,
    Comparison,
    Difference,
    ThreatStep,
    compare_deployed,
)
from collateral.deployed.keys import KEYS, DeployedKeys, keys_schema, load_keys, read_keys
from collateral.deployed.options import Choice, Deployed, Note, to_options
from collateral.deployed.read import Setting, Settings, read_settings

__all__ = [
    "KEYS",
    "MINE",
    "Advice",
    "Choice",
    "Comparison",
    "Deployed",
    "DeployedKeys",
    "Difference",
    "Note",
    "Setting",
    "Settings",
    "ThreatStep",
    "compare_deployed",
    "keys_schema",
    "load_keys",
    "read_keys",
    "read_settings",
    "to_options",
]

"""Published advisories of the system that a model describes, and where in the model they struck."""

from collateral.advisories.model import (
    ADVISORIES,
    AdvisoriesFile,
    Advisory,
    Range,
    Reporter,
    Unknown,
    UnknownKey,
    alike,
    covered,
)
from collateral.advisories.reader import advisories_schema, load_advisories, read_advisories

__all__ = [
    "ADVISORIES",
    "AdvisoriesFile",
    "Advisory",
    "Range",
    "Reporter",
    "Unknown",
    "UnknownKey",
    "advisories_schema",
    "alike",
    "covered",
    "load_advisories",
    "read_advisories",
]

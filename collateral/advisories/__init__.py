"""Published advisories of the system that a model describes and of what it is built of, and where in the model they
struck."""

from collateral.advisories.model import (
    ADVISORIES,
    THIRD_PARTY,
    AdvisoriesFile,
    Advisory,
    Entry,
    LeftOut,
    Pin,
    Range,
    Reporter,
    ThirdParty,
    ThirdPartyFile,
    Unknown,
    UnknownKey,
    alike,
    covered,
)
from collateral.advisories.reader import (
    advisories_schema,
    load_advisories,
    load_entries,
    read_advisories,
    read_entries,
    third_party_schema,
)

__all__ = [
    "ADVISORIES",
    "THIRD_PARTY",
    "AdvisoriesFile",
    "Advisory",
    "Entry",
    "LeftOut",
    "Pin",
    "Range",
    "Reporter",
    "ThirdParty",
    "ThirdPartyFile",
    "Unknown",
    "UnknownKey",
    "advisories_schema",
    "alike",
    "covered",
    "load_advisories",
    "load_entries",
    "read_advisories",
    "read_entries",
    "third_party_schema",
]

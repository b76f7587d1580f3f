"""Published advisories of the system that a model describes, and where in the model they struck."""

from collateral.advisories.model import ADVISORIES, AdvisoriesFile, Advisory, Range, Reporter, alike, covered
from collateral.advisories.reader import advisories_schema, load_advisories, read_advisories

__all__ = [
    "ADVISORIES",
    "AdvisoriesFile",
    "Advisory",
    "Range",
    "Reporter",
    "advisories_schema",
    "alike",
    "covered",
    "load_advisories",
    "read_advisories",
]

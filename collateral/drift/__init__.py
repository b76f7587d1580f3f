"""What changed on the surface of a system between two releases of its source, and whether its model followed."""

from collateral.drift.mentions import Mention, Mentions, mentions
from collateral.drift.model import EXTRACTS, Extracts, Source
from collateral.drift.reader import extracts_schema, load_extracts, read_extracts

__all__ = [
    "EXTRACTS",
    "Extracts",
    "Mention",
    "Mentions",
    "Source",
    "extracts_schema",
    "load_extracts",
    "mentions",
    "read_extracts",
]

"""The rule library: rules as YAML in packs, the catalogue of shared words, and the condition language."""

from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.rules.reader import PACKS, load_packs
from threatmodel.rules.rule import Rule

__all__ = ["PACKS", "Rule", "load_packs", "load_vocabulary"]

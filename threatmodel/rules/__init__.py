"""The rule library: rules as YAML in packs, the catalogue of shared words, and the condition language."""

from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.rules.own import OwnPack, own_packs
from threatmodel.rules.pytm import PYTM_PACKS, not_evaluated
from threatmodel.rules.reader import PACKS, load_packs, unknown_packs
from threatmodel.rules.rule import Rule

__all__ = [
    "PACKS",
    "PYTM_PACKS",
    "OwnPack",
    "Rule",
    "load_packs",
    "load_vocabulary",
    "not_evaluated",
    "own_packs",
    "unknown_packs",
]

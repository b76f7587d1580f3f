"""A model file to a `Project`: run in a confined child process, its answer read as hostile input."""

from threatmodel.load.configurations import Configurations, Derived
from threatmodel.load.loader import Loaded, Loading, broken_combinations, cover_of, load_model
from threatmodel.load.manifest import Manifest, read_manifest
from threatmodel.load.sources import DeclaredSource

__all__ = [
    "Configurations",
    "DeclaredSource",
    "Derived",
    "Loaded",
    "Loading",
    "Manifest",
    "broken_combinations",
    "cover_of",
    "load_model",
    "read_manifest",
]

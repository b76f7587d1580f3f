"""A model file to a `Project`: run in a confined child process, its answer read as hostile input."""

from threatmodel.load.loader import Loaded, Loading, load_model
from threatmodel.load.manifest import Manifest, read_manifest

__all__ = ["Loaded", "Loading", "Manifest", "load_model", "read_manifest"]

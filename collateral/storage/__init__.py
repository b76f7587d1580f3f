"""What users need of storage, which way of the system serves it, and what each way opens to attack."""

from collateral.storage.beyond import Wider, beyond, widen
from collateral.storage.matrix import Exposure, WayExposure, exposures
from collateral.storage.model import SERVES, STORAGE, Need, Serves, StorageNeeds, Way
from collateral.storage.reader import load_storage, read_storage, storage_schema

__all__ = [
    "SERVES",
    "STORAGE",
    "Exposure",
    "Need",
    "Serves",
    "StorageNeeds",
    "Way",
    "WayExposure",
    "Wider",
    "beyond",
    "exposures",
    "load_storage",
    "read_storage",
    "storage_schema",
    "widen",
]

"""Running untrusted code and tools: namespaces, Landlock, system-call filter, limits, capped output."""

from threatmodel.confine.levels import available, detect, look_ahead, run, start
from threatmodel.confine.paths import clean_env, python_paths
from threatmodel.confine.process import Handle
from threatmodel.confine.types import ConfineError, Detection, Job, Level, Limits, Outcome

__all__ = [
    "ConfineError",
    "Detection",
    "Handle",
    "Job",
    "Level",
    "Limits",
    "Outcome",
    "available",
    "clean_env",
    "detect",
    "look_ahead",
    "python_paths",
    "run",
    "start",
]

"""Attack paths as files and texts: what the command prints and the bundle holds."""

from collateral.paths.files import ConfigurationPaths, Goals, PathsFile, paths_of

__all__ = ["ConfigurationPaths", "Goals", "PathsFile", "paths_of"]

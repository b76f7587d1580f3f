"""Running scanners side by side, with progress and a cache of results."""

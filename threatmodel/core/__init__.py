"""Ids, diagnostics, errors, canonical JSON, YAML with positions. No I/O beyond bytes."""

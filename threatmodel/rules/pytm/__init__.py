"""pytm's threat library as a rule pack: its conditions, the values that they are asked about, and corrections."""

from threatmodel.rules.pytm.library import FIXED, PYTM, PYTM_PACKS, load_fixes, load_library, not_evaluated

__all__ = ["FIXED", "PYTM", "PYTM_PACKS", "load_fixes", "load_library", "not_evaluated"]

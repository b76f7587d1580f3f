from __future__ import annotations

from tests.collateral.conftest import tiny, tree

__all__ = ["tiny", "tree"]

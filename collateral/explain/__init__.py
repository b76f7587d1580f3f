"""Why a threat is in a model, or why a rule does not give one at a place."""

from collateral.explain.make import explain_file
from collateral.explain.model import ExplainFile
from collateral.explain.place import Asked, find

__all__ = ["Asked", "ExplainFile", "explain_file", "find"]

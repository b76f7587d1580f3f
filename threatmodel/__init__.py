"""Threat models as Python code: model, threats, claims ledger and diagrams."""

__version__ = "0.1.0"

DSL_VERSION = "1"
"""The version of the authoring language (`threatmodel.dsl`): a whole number. docs/versioning.md says what it promises."""

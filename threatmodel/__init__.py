"""Threat models as Python code: model, threats, claims ledger and diagrams."""

__version__ = "0.1.0"

"""Processes, data stores, services and people."""

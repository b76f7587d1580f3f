"""Flows, by topic."""

"""Threats and findings joined and published: assessment, reports, bundle, command line."""

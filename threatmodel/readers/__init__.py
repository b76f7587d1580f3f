"""Readers of source files: text without comments, literals, and the values of keys."""

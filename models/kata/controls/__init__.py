"""Defences of Kata Containers and of what it ships, by the place where they act."""

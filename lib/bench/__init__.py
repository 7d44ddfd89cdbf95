"""Speeds, as ratios to bare references in the same run: of the local model, of asking, of simulating people."""

__all__ = ["asking", "commands", "local", "population"]

"""Figures: functions from tables to charts. `forest` draws every alignment; the others have one subject each."""

__all__ = ["alignments", "behavior", "population", "robustness", "structure", "validation"]

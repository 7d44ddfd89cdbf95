"""Sentences written from tables, so that they are true of whichever model was asked."""

__all__ = ["alignment", "behavior", "population", "robustness", "structure"]

"""Populations: strategies, people drawn from answer distributions, what they look like beside humans."""

__all__ = ["sampling", "strategies", "study", "tables"]

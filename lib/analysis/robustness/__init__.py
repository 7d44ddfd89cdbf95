"""What the results rest on: baselines side by side, specifications, ceilings."""

__all__ = ["baselines", "ceilings", "specifications"]

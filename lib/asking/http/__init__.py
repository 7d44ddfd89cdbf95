"""Models behind an OpenAI-compatible address.

`remote` asks them, `wire` knows the form of requests and replies, `faults` what can go wrong between the two.
"""

__all__ = ["faults", "remote", "wire"]

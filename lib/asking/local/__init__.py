"""A model in this process: `endpoint` answers questions, `embedding` embeds texts."""

__all__ = ["embedding", "endpoint"]

"""Value and behaviour: relations, their alignment with people, places on the circle. `statements`: behaviour tests."""

__all__ = ["alignments", "panels", "relations", "statements", "tables"]

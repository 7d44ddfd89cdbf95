"""Value structure: what respondents show (`evidence`), its alignment with people, ranks, order on the circle, maps."""

__all__ = ["alignments", "evidence", "tables"]

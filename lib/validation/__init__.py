"""Does each interval cover, does each p value keep its level? Answers with a planted truth, analysed as any others.

`planted` makes respondents whose truth is known, as variable as those recorded; `coverage` counts.
"""

__all__ = ["coverage", "planted"]

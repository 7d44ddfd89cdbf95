"""Analysis: from recorded answers to tables of how human they are; knows nothing of asking and of figures.

`study` holds the parameters, `scoring` and `respondents` turn answers into respondents, `people` holds the human
results, and `alignment` lays the one beside the other. `structure`, `behavior`, `population` and `robustness` make the
tables of one notebook or two each; `published` reads them back. `overlap` is what shared words explain.
"""

__all__ = [
    "alignment",
    "behavior",
    "overlap",
    "people",
    "population",
    "published",
    "reliability",
    "respondents",
    "robustness",
    "structure",
    "study",
]

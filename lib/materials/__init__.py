"""What a study starts from: all that is read from `data/raw` (but the answers), checked, and nothing computed from it.

`values` (the theory), `persons`, `induction` (how a value is put), `questions` (how questions are told apart),
`instruments` and `statements` (what is asked), `references` and `behavior_references` (people), `reported` (the paper).
`reading` opens the files of all of them, `headers` checks what questionnaires begin with.
"""

__all__ = [
    "behavior_references",
    "induction",
    "instruments",
    "persons",
    "questions",
    "references",
    "reported",
    "statements",
    "values",
]

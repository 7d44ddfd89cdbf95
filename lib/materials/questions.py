"""The words in which questions and answers are told apart: response modes, orders of the options, columns."""

from lib.materials.persons import PERSONS

#: Response modes that yield a distribution in one request, which a plan holds unless told otherwise: the probability
#: of a statement, the probabilities of the response options.
MODES = ("likelihood", "choice")
#: All response modes: also a sampled reply.
ALL_MODES = (*MODES, "text")
#: In which order the response options stand: lowest first, highest first, or drawn for each respondent and item.
ORDERS = ("listed", "reversed", "shuffled")
LISTED = ORDERS[0]
#: The columns that tell one question from another.
QUESTION = ["instrument", "mode", "wording", "person", "induction", "condition", "item", "order", "replicate"]
#: The persons a mode is asked in unless told otherwise: a statement can be about anyone, a choice is the model's own.
PERSONS_OF_MODE = {"likelihood": tuple(PERSONS), "choice": ("I",), "text": ("I",)}
#: What tells one simulated respondent from another.
RESPONDENT = ["induction", "wording", "person", "condition"]

"""How findings are shown: figures, tables, sentences, the paper's claims, the page.

`charts` is what all figures share and writes them, `tables` writes tables and says how numbers are written, `claims`
judges what the paper says, `page` makes a page of a notebook. `figures` and `sentences` have a module for each subject.
"""

__all__ = ["charts", "claims", "figures", "page", "sentences", "tables"]

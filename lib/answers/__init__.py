"""Recorded answers and how they are read; knows nothing of asking.

`archive` reads and checks them, `reply` says how a question may end; `files` holds the form of the Parquet files, for
whoever records.
"""

__all__ = ["archive", "files", "reply"]

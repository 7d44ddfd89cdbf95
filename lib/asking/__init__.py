"""Asking: from a plan to recorded answers, whatever the model is.

`planning` makes the plan and `prompting` puts it into words; `endpoints` opens a model, `runner` asks it, `cache` keeps
the replies, `recording` publishes them; `estimating` says beforehand what a run takes, `verify` afterwards whether the
answers hold. `http` and `local` are the two ways to a model and are opened by `endpoints` only.
"""

__all__ = [
    "cache",
    "commands",
    "endpoints",
    "estimating",
    "planning",
    "recording",
    "runner",
    "settings",
    "verify",
]

"""Helpers for value-induced survey simulation, in the order the data meets them.

`values` (the theory) → `instruments` → `prompting` → `planning` → `querying` → `scoring` → `structure` →
`human`, `simulation` → `figures`, `tables`. A module imports only from those before it; `paths` and `errors`
come before all.
"""

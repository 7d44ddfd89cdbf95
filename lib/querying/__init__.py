"""Asking: endpoints (the model), cache (what was asked before), runner (the loop), archive (answers as Parquet)."""

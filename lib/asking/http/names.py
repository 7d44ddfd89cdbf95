"""Whether the model that a reply names is the one that was asked for.

Servers answer with a path, a date, a quantisation or none of them; a size, a version or another name is another model.
"""

import re
from collections.abc import Collection
from functools import lru_cache

#: What tells a file or a release of a model, not the model.
_PACKAGING = re.compile(
    r"[-:.@](?:latest|preview|exp|experimental|beta|free|gguf|ggml|bin|safetensors|awq|gptq|mlx|onnx|(?:fp|bf|f)(?:16|32)|fp8|int[48]|"
    r"[48]bit|i?q\d(?:-(?:k|\d))?(?:-(?:xxs|xs|s|m|l|xl))?)(?=$|[-:.@])"
)
_DATE = re.compile(r"[-:@]\d{2,8}(?=$|[-:@])")


@lru_cache(maxsize=1_000)
def is_same_model(asked: str, served: str, aliases: Collection[str] = ()) -> bool:
    """Whether a reply's model is the one asked for, or one of its other names.

    Case, folders and packaging do not matter. Dates do where both have one; a reply that names no model is taken for
    the one that was asked.
    """
    return not served or any(_agree(_parts(name), _parts(served)) for name in (asked, *aliases))


def _agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[0] == other[0] and (one[1] == other[1] or not (one[1] and other[1]))


def _parts(name: str) -> tuple[str, str]:
    """Returns a model's name without folder, packaging and date, and the date."""
    last = re.split(r"[/\\]", name.strip().lower().rstrip("/\\"))[-1].replace("_", "-")
    bare = _PACKAGING.sub("", last)
    return _DATE.sub("", bare), "".join(_DATE.findall(bare))

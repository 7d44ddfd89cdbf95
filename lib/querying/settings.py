"""What is known of a model behind an OpenAI-compatible address: an entry of `models.toml`, or a bare name."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

import orjson

from lib import paths
from lib.errors import StudyError, unknown

BACKEND = "openai"
BASE_URL_VARIABLE = "OPENAI_BASE_URL"
KEY_VARIABLE = "OPENAI_API_KEY"
HTTP_MODES = ("likelihood", "choice", "text")
TRANSPORTS = ("openai", "bulk")
#: Sampling of the mode `text`; what a model's entry sets differently becomes part of its identity.
TEXT_SAMPLING = {"temperature": 1.0, "top_p": 1.0, "max_tokens": 512}
#: Providers whose rate limits, not the client's speed, bound a run. Everything else counts as self-hosted.
HOSTED = (
    "api.openai.com",
    "openai.azure.com",
    "openrouter.ai",
    "api.anthropic.com",
    "generativelanguage.googleapis.com",
    "api.mistral.ai",
    "api.deepseek.com",
    "api.x.ai",
    "api.groq.com",
    "api.together.xyz",
    "api.fireworks.ai",
    "api.cerebras.ai",
    "api.novita.ai",
)


@dataclass(frozen=True)
class Prices:
    """US dollars for a million tokens read and written; nothing where a model is one's own."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def cost(self, tokens_in: float, tokens_out: float) -> float:
        """Returns the price of so many tokens in US dollars."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


@dataclass(frozen=True)
class Secret:
    """A key that shows itself to nobody who does not ask for it by name: not in a notebook, not in a traceback."""

    value: str | None = field(repr=False)


@dataclass(frozen=True)
class HttpSettings:
    """How a model is reached and asked; the fields are the keys of its table in `models.toml`.

    Attributes:
        title: name for figures and tables.
        model: name the server knows it by.
        base_url: one or several addresses of the same model, each ending before `/chat/completions`.
        service: what stands for the addresses in the identity; the first address by default.
        modes: response modes the model is asked in unless told otherwise.
        context: longest prompt in tokens, 0 where unknown.
        price_in: US dollars for a million tokens read.
        price_out: US dollars for a million tokens written.
        prices_of: the day the prices were looked up.
        key_variable: environment variable that holds the key.
        transport: `openai` or `bulk`; by default bulk for everything that is no listed provider.
        concurrency: most requests in flight.
        timeout_s: longest wait for one reply, in seconds.
        patience_s: longest time without a single reply before the run stops, in seconds.
        top_logprobs: how many first tokens the server is asked for.
        system_role: whether the prime goes into a system message; otherwise it opens the user's.
        max_tokens_field: what the server calls the limit of a reply.
        text: sampling in the mode `text` (temperature, top_p, max_tokens).
        body: further fields of every request body.
    """

    title: str
    model: str
    base_url: tuple[str, ...]
    service: str = ""
    modes: tuple[str, ...] = ("choice",)
    context: int = 0
    price_in: float = 0.0
    price_out: float = 0.0
    prices_of: str = ""
    key_variable: str = KEY_VARIABLE
    transport: str = ""
    concurrency: int = 64
    timeout_s: float = 60.0
    patience_s: float = 60.0
    top_logprobs: int = 20
    system_role: bool = True
    max_tokens_field: str = "max_tokens"
    text: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prices(self) -> Prices:
        """The model's prices."""
        return Prices(self.price_in, self.price_out)

    @property
    def sampling(self) -> dict[str, Any]:
        """Sampling in the mode `text`, complete."""
        return TEXT_SAMPLING | dict(self.text)

    @property
    def hosted(self) -> bool:
        """Whether every address belongs to a listed provider."""
        hosts = [urlsplit(url).hostname or "" for url in self.base_url]
        return all(any(host == h or host.endswith("." + h) for h in HOSTED) for host in hosts)

    @property
    def identity(self) -> str:
        """What tells this model's answers from any other's: service, model and every setting that shapes an answer.

        Settings of one mode stand in a section `#mode=…`, so that changing them leaves the other modes' answers.
        """
        parts = [f"{BACKEND}:{self.service or self.base_url[0]}:{self.model}"]
        common = dict(self.body) | ({} if self.system_role else {"system_role": False})
        own_text = {k: v for k, v in self.text.items() if v != TEXT_SAMPLING.get(k)}
        own_choice = {} if self.top_logprobs == 20 else {"top_logprobs": self.top_logprobs}
        for section, changed in (("all", common), ("choice", own_choice), ("text", own_text)):
            if changed:
                parts.append(f"{section}={orjson.dumps(changed, option=orjson.OPT_SORT_KEYS).decode()}")
        return "#".join(part.replace("#", "%23") for part in parts)

    def api_key(self) -> Secret:
        """Returns the key from the environment; an empty one for a server of one's own that wants none.

        Raises:
            StudyError: no key, and the address is a provider's.
        """
        key = os.environ.get(self.key_variable)
        if not key and self.hosted:
            raise StudyError(
                f"{self.title} needs a key: set the environment variable {self.key_variable}. Keys are read from the "
                "environment only and written nowhere."
            )
        return Secret(key or None)


def models() -> dict[str, dict[str, Any]]:
    """Returns the models of `data/raw/models.toml` by name."""
    return tomllib.loads((paths.RAW / "models.toml").read_text(encoding="utf-8"))


def model_entry(name: str, base_url: Sequence[str] = ()) -> dict[str, Any]:
    """Returns a model's entry; one that is not listed is taken to be served at `base_url` or `OPENAI_BASE_URL`.

    Raises:
        StudyError: neither listed nor an address known.
    """
    listed = models()
    named = tuple(base_url) or tuple(os.environ.get(BASE_URL_VARIABLE, "").replace(",", " ").split())
    if name in listed:
        moved = {"base_url": list(base_url)} if base_url and listed[name]["backend"] == BACKEND else {}
        return listed[name] | moved
    if named:
        return {"title": name, "backend": BACKEND, "model": name, "base_url": list(named)}
    hint = f"A model that is not listed is asked by name at the address in {BASE_URL_VARIABLE} (or BASE_URL=…)."
    raise StudyError(f"{unknown('model', name, listed)} {hint}")


def http_settings(name: str, entry: Mapping[str, Any]) -> HttpSettings:
    """Returns the checked settings of an entry with the backend `openai`.

    Raises:
        StudyError: an unknown key, mode or transport, no address or one that is no web address.
    """
    where = f"data/raw/models.toml, [{name}]"
    given = {k: v for k, v in entry.items() if k != "backend"}
    known = {f.name for f in fields(HttpSettings)}
    if surplus := given.keys() - known:
        raise StudyError(f"{where}: unknown {', '.join(sorted(surplus))}. There is: {', '.join(sorted(known))}.")
    urls = given.get("base_url", ())
    urls = tuple(u.rstrip("/") for u in ([urls] if isinstance(urls, str) else urls))
    if not urls or not all(urlsplit(u).scheme in ("http", "https") and urlsplit(u).hostname for u in urls):
        raise StudyError(f"{where}: base_url must hold addresses such as http://127.0.0.1:8000/v1, not {urls!r}.")
    given |= {"base_url": urls, "title": given.get("title", name), "model": given.get("model", name)}
    given["modes"] = tuple(given.get("modes", HttpSettings.modes))
    for kind, names, allowed in (
        ("mode", given["modes"], HTTP_MODES),
        ("transport", [t for t in [given.get("transport")] if t], TRANSPORTS),
        ("text setting", given.get("text", {}), (*TEXT_SAMPLING, "top_k", "min_p")),
    ):
        for one in names:
            if one not in allowed:
                raise StudyError(f"{where}: {unknown(kind, one, allowed)}")
    return HttpSettings(**given)

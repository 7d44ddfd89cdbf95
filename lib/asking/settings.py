"""What is known of a model behind an OpenAI-compatible address: an entry of `models.toml`, or a bare name."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from math import inf, isnan, nan
from typing import Any

import orjson

from lib import paths
from lib.asking.access import Secret, checked_address, is_hosted, read_key
from lib.asking.identities import place
from lib.errors import StudyError, unknown

DEFAULT_MODEL = "smollm2-135m"
BACKEND = "openai"
BASE_URL_VARIABLE = "OPENAI_BASE_URL"
KEY_VARIABLE = "OPENAI_API_KEY"
HTTP_MODES = ("likelihood", "choice", "text")
TRANSPORTS = ("openai", "bulk")
#: Sampling of the mode `text`; what a model's entry sets differently becomes part of its identity.
TEXT_SAMPLING = {"temperature": 1.0, "top_p": 1.0, "max_tokens": 512}
#: Fields of a request that `leave_out` can name.
FIELDS = ("temperature", "top_p", "seed", "logprobs", "top_logprobs", "max_tokens")
#: Least probability on the options together that makes an answer in `choice`. What is shared out below it is noise: a
#: model that opens every reply with a mark of reasoning leaves some millionths.
LEAST_ON_OPTIONS = 0.05
#: Settings that are numbers: what kind, and the least and the most.
_NUMBERS: dict[str, tuple[type, float, float]] = {
    "context": (int, 0, inf),
    "price_in": (float, 0, inf),
    "price_out": (float, 0, inf),
    "concurrency": (int, 1, 10_000),
    "timeout_s": (float, 0.01, inf),
    "patience_s": (float, 0, inf),
    "top_logprobs": (int, 1, 1_000),
    "least_on_options": (float, 0, 1),
}


@dataclass(frozen=True)
class Prices:
    """US dollars for a million tokens read and written: nothing for a model of one's own, nan where unknown."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    @property
    def known(self) -> bool:
        """Whether both are."""
        return not isnan(self.tokens_in + self.tokens_out)

    def cost(self, tokens_in: float, tokens_out: float) -> float:
        """Returns the price of so many tokens in US dollars; nan where it is unknown."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


def dollars(amount: float, digits: int = 2) -> str:
    """Returns an amount of money as text; what is unknown is not nothing."""
    return "unknown" if isnan(amount) else f"${amount:,.{digits}f}"


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
        answers_as: what the server calls the model in its replies, where that is another name.
        price_in: US dollars for a million tokens read; unknown where it is not given.
        price_out: US dollars for a million tokens written; likewise.
        prices_of: the day the prices were looked up.
        key_variable: environment variable that holds the key.
        key_header: header that carries it; `Authorization` has the word `Bearer` before it.
        transport: `openai` or `bulk`; by default bulk for everything that is no listed provider.
        concurrency: most requests in flight; a run starts with few and goes up to it while the server keeps pace.
        timeout_s: longest wait for one reply, in seconds, from when the server has answered what came before it.
        patience_s: longest time without a single reply before the run stops, in seconds; two time-outs at least.
        least_on_options: least probability that must fall on the options in `choice`, from 0 to 1.
        top_logprobs: how many first tokens the server is asked for.
        system_role: whether the prime goes into a system message; otherwise it opens the user's.
        max_tokens_field: what the server calls the limit of a reply.
        leave_out: fields of a request (`FIELDS`) that the server refuses and is not sent.
        text: sampling in the mode `text` (temperature, top_p, max_tokens).
        body: further fields of every request body.
    """

    title: str
    model: str
    base_url: tuple[str, ...]
    service: str = ""
    modes: tuple[str, ...] = ("choice",)
    answers_as: tuple[str, ...] = ()
    context: int = 0
    price_in: float = nan
    price_out: float = nan
    prices_of: str = ""
    key_variable: str = KEY_VARIABLE
    key_header: str = "Authorization"
    transport: str = ""
    concurrency: int = 64
    timeout_s: float = 60.0
    patience_s: float = 180.0
    least_on_options: float = LEAST_ON_OPTIONS
    top_logprobs: int = 20
    system_role: bool = True
    max_tokens_field: str = "max_tokens"
    leave_out: tuple[str, ...] = ()
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
        return all(map(is_hosted, self.base_url))

    @property
    def identity(self) -> str:
        """What tells this model's answers from any other's: service, model and every setting that shapes an answer.

        Settings of one mode stand in a section `#mode=…`, so that changing them leaves the other modes' answers.
        """
        common = dict(self.body) | ({} if self.system_role else {"system_role": False})
        common |= {"leave_out": sorted(self.leave_out)} if self.leave_out else {}
        own_text = {k: v for k, v in self.text.items() if v != TEXT_SAMPLING.get(k)}
        own_choice = {} if self.top_logprobs == 20 else {"top_logprobs": self.top_logprobs}
        own_choice |= floor_section(self.least_on_options)
        service = f"{BACKEND}:{self.service or place(self.base_url[0])}:{self.model}"
        return identified(service, all=common, choice=own_choice, text=own_text)

    def api_key(self) -> Secret:
        """Returns the key from the environment; an empty one for a server of one's own that wants none.

        Raises:
            StudyError: no key, and the address is a provider's; a key that cannot be one, or that an address holds.
        """
        key = read_key(self.key_variable)
        if not key.value and self.hosted:
            raise StudyError(
                f"{self.title} needs a key: set the environment variable {self.key_variable}. Keys are read from the "
                "environment only and written nowhere."
            )
        if key.value and any(key.value in url for url in self.base_url):
            raise StudyError(
                f"An address of {self.title} holds the key in {self.key_variable}; addresses are recorded."
            )
        return key


def identified(service: str, **sections: Mapping[str, Any]) -> str:
    """Returns an identity: what answers, and the settings that shape its answers.

    Settings of one mode stand in a section `#mode=…`, so that changing them leaves the other modes' answers.
    """
    parts = [service]
    for section, changed in sections.items():
        if changed:
            parts.append(f"{section}={orjson.dumps(changed, option=orjson.OPT_SORT_KEYS).decode()}")
    return "#".join(part.replace("#", "%23") for part in parts)


def floor_section(least_on_options: float) -> dict[str, float]:
    """Returns what an identity says of the floor in `choice`: nothing of the usual one."""
    return {} if least_on_options == LEAST_ON_OPTIONS else {"least_on_options": float(least_on_options)}


def models() -> dict[str, dict[str, Any]]:
    """Returns the models of `data/raw/models.toml` by name."""
    return tomllib.loads((paths.RAW / "models.toml").read_text(encoding="utf-8"))


def model_entry(name: str, base_url: Sequence[str] = (), **own: object) -> dict[str, Any]:
    """Returns a model's entry; one that is not listed is taken to be served at `base_url` or `OPENAI_BASE_URL`.

    Args:
        name: a model of `models.toml`, or what a server calls its model.
        base_url: addresses to use instead of the listed ones.
        own: further settings to use instead of the listed ones; None stands for the listed one.

    Raises:
        StudyError: neither listed nor an address known; settings of a server for a model that has none.
    """
    listed = models()
    own = {setting: value for setting, value in own.items() if value is not None}
    if name in listed and listed[name]["backend"] != BACKEND:
        if own:
            raise StudyError(
                f"{name} runs in this process; {', '.join(sorted(own))}: only for models behind an address."
            )
        return listed[name]
    named = tuple(base_url) or tuple(os.environ.get(BASE_URL_VARIABLE, "").replace(",", " ").split())
    if name in listed:
        return listed[name] | ({"base_url": list(base_url)} if base_url else {}) | own
    if named:
        return {"title": name, "backend": BACKEND, "model": name, "base_url": list(named)} | own
    hint = f"A model that is not listed is asked by name at the address in {BASE_URL_VARIABLE} (or BASE_URL=…)."
    raise StudyError(f"{unknown('model', name, listed)} {hint}")


def http_settings(name: str, entry: Mapping[str, Any]) -> HttpSettings:
    """Returns the checked settings of an entry with the backend `openai`.

    Raises:
        StudyError: an unknown key, mode or transport, a number out of its range, no address, one that is no web
            address or holds a secret.
    """
    where = f"data/raw/models.toml, [{name}]"
    given = {k: v for k, v in entry.items() if k != "backend"}
    known = {f.name for f in fields(HttpSettings)}
    if surplus := given.keys() - known:
        raise StudyError(f"{where}: unknown {', '.join(sorted(surplus))}. There is: {', '.join(sorted(known))}.")
    given |= {"title": given.get("title", name), "model": given.get("model", name)}
    for setting in ("base_url", "modes", "leave_out", "answers_as"):
        given[setting] = _several(given.get(setting, getattr(HttpSettings, setting, ())))
    # An address that is missing is told like one that is none.
    given["base_url"] = tuple(checked_address(url, where) for url in given["base_url"] or ("",))
    if "://" in given.get("service", ""):
        checked_address(given["service"], where)
    _check_names(given, where)
    _check_numbers(given, where)
    return HttpSettings(**given)


def _several(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else (str(value),)


def _check_names(given: Mapping[str, Any], where: str) -> None:
    for kind, names, allowed in (
        ("mode", given["modes"], HTTP_MODES),
        ("transport", [t for t in [given.get("transport")] if t], TRANSPORTS),
        ("text setting", given.get("text", {}), (*TEXT_SAMPLING, "top_k", "min_p")),
        ("field to leave out", given["leave_out"], FIELDS),
    ):
        for one in names:
            if one not in allowed:
                raise StudyError(f"{where}: {unknown(kind, one, allowed)}")


def _check_numbers(given: Mapping[str, Any], where: str) -> None:
    for setting, (kind, least, most) in _NUMBERS.items():
        value = given.get(setting, least)
        sound = isinstance(value, (int, kind)) and not isinstance(value, bool)
        if not (sound and least <= value <= most):
            what = "a whole number" if kind is int else "a number"
            most_told = "" if most == inf else f" to {most:,}"
            raise StudyError(f"{where}: {setting} is {what} from {least}{most_told}, not {value!r}.")

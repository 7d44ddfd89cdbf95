"""What it takes to reach a server: an address, perhaps a key, perhaps a proxy.

Secrets are read here, refused here where they stand in the wrong place, and struck out here of whatever is shown.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass_environment

from lib.errors import StudyError

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
#: A shorter key is a stand-in such as "none"; striking it out would strike words out of answers.
_SHORTEST_SECRET = 8
_SECRET_NAMES = re.compile(r"key|token|secret|pass|signature|auth|credential|^sig$|^code$", re.IGNORECASE)


@dataclass(frozen=True)
class Secret:
    """A key that shows itself to nobody who does not ask for it by name: not in a notebook, not in a traceback."""

    value: str | None = field(repr=False)


def read_key(variable: str) -> Secret:
    """Returns the key that an environment variable holds, without the white space around it.

    Raises:
        StudyError: a character that no HTTP header can carry, told without the key.
    """
    key = os.environ.get(variable, "").strip()
    if not all("!" <= character <= "~" for character in key):
        raise StudyError(
            f"The key in {variable} holds a character that no key has: a space, a line end, a curly quote. Set it anew."
        )
    return Secret(key or None)


def strike(text: str, secrets: Iterable[Secret]) -> str:
    """Returns a text without the secrets, as they are, as in an address, or in base64."""
    for secret in secrets:
        if secret.value and len(secret.value) >= _SHORTEST_SECRET:
            for form in _forms(secret.value):
                text = text.replace(form, "***")
    return text


def _forms(key: str) -> Iterator[str]:
    yield key
    yield quote(key, safe="")
    for lead in range(3):
        # Three bytes make four characters: those that the key alone decides, at each of the places it may begin.
        encoded = b64encode(bytes(lead) + key.encode()).decode()
        yield encoded[-(-lead * 8 // 6) : (lead + len(key)) * 8 // 6]


def checked_address(url: str, where: str) -> str:
    """Returns an address without a slash at its end.

    Args:
        url: the address, up to what comes before `/chat/completions`; it may have a query.
        where: the setting it stands in, for the message.

    Raises:
        StudyError: no web address, or one that holds a secret: addresses are shown and recorded.
    """
    parts = _parts(url)
    if parts is None:
        example = "http://127.0.0.1:8000/v1"
        raise StudyError(f"{where}: base_url must hold addresses such as {example}, not {_without_secrets(url)!r}.")
    secret = "@" in url.partition("?")[0] or any(_SECRET_NAMES.search(name) for name, _ in parse_qsl(parts.query))
    if secret:
        raise StudyError(
            f"{where}: the address {_without_secrets(url)} holds a user name, a password or a key. Addresses are shown "
            "and recorded: put the key into the environment variable that key_variable names, and the header it goes "
            "into, if not Authorization, into key_header."
        )
    return parts._replace(path=parts.path.rstrip("/"), fragment="").geturl()


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        sound = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if sound else None


def _without_secrets(url: str) -> str:
    return re.sub(r"^(\w+://)?.*@", r"\1***@", url.partition("?")[0])


def joined(base_url: str, path: str) -> str:
    """Returns the address of a path below a base address, whose query stays at the end."""
    parts = urlsplit(base_url)
    return parts._replace(path=parts.path + path).geturl()


def is_hosted(url: str) -> bool:
    """Whether an address belongs to a listed provider."""
    host = urlsplit(url).hostname or ""
    return any(host == provider or host.endswith("." + provider) for provider in HOSTED)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def proxy_of(url: str) -> str | None:
    """Returns the proxy that the environment names for an address; never one for this machine itself.

    Raises:
        StudyError: a proxy that cannot be used, naming the variable.
    """
    parts, named = urlsplit(url), getproxies_environment()
    host = parts.hostname or ""
    if _is_loopback(host) or proxy_bypass_environment(host, named):
        return None
    kind = parts.scheme if parts.scheme in named else "all"
    if not (proxy := named.get(kind)):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if _parts(proxy) is None:
        raise StudyError(
            f"The environment variable {kind.upper()}_PROXY (or {kind}_proxy) names a proxy that is none for HTTP "
            f"({proxy.partition(':')[0]}://…), which cannot be used. Name an HTTP proxy (http://host:port), unset the "
            f"variable, or list {host} in NO_PROXY."
        )
    return proxy


def proxy_password(proxy: str | None) -> Secret:
    """Returns the password in a proxy's address, to be struck out like a key."""
    return Secret(urlsplit(proxy).password if proxy else None)

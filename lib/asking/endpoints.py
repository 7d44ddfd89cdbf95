"""From a model's name to its endpoint: in this process, or behind an address."""

from collections.abc import Sequence

from lib.asking import settings
from lib.asking.requests import Endpoint
from lib.errors import StudyError


def model_identity(name: str, base_url: Sequence[str] = ()) -> str:
    """Returns what tells this model's answers from any other's.

    Local: backend and checksum of the weights. Otherwise: service, the model's name there. And settings, in both.
    """
    entry = settings.model_entry(name, base_url)
    if entry["backend"] == settings.BACKEND:
        return settings.http_settings(name, entry).identity
    floor = settings.floor_section(entry.get("least_on_options", settings.LEAST_ON_OPTIONS))
    return settings.identified(f"{entry['backend']}:{entry['sha256']}", choice=floor)


def model_prices(name: str, base_url: Sequence[str] = (), **own: object) -> settings.Prices:
    """Returns what a model costs: nothing in this process, and what is not told of a server is unknown."""
    entry = settings.model_entry(name, base_url, **own)
    if entry["backend"] != settings.BACKEND:
        return settings.Prices()
    return settings.http_settings(name, entry).prices


def model_modes(name: str, base_url: Sequence[str] = ()) -> tuple[str, ...]:
    """Returns the response modes a model is asked in unless told otherwise."""
    entry = settings.model_entry(name, base_url)
    return tuple(entry.get("modes", settings.HttpSettings.modes))


def open_endpoint(name: str, base_url: Sequence[str] = (), **own: object) -> Endpoint:
    """Returns the endpoint of a model, ready to be asked.

    Args:
        name: a model of `models.toml`, or what a server at `base_url` or `OPENAI_BASE_URL` calls its model.
        base_url: addresses to use instead of the listed ones.
        own: further settings to use instead of the listed ones, such as `transport`, `concurrency`, `price_in`.

    Raises:
        StudyError: unknown model, missing software, weights or key, with what to do about it.
    """
    entry = settings.model_entry(name, base_url, **own)
    if entry["backend"] == settings.BACKEND:
        from lib.asking.http.remote import RemoteEndpoint

        return RemoteEndpoint(settings.http_settings(name, entry))
    if entry["backend"] != "llama.cpp":
        raise StudyError(f"{name}: backend {entry['backend']!r} is not known.")
    from lib.asking.local.endpoint import LocalEndpoint

    return LocalEndpoint(entry, model_identity(name))

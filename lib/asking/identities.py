"""What tells one model's answers from another's, told apart by mode and, on this machine, not by port."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def place(url: str) -> str:
    """Returns an address as it stands in an identity: for a server on this machine without the port.

    There a port is whatever was free; the model's name alone tells which model it is.
    """
    parts = urlsplit(url)
    return f"http://localhost{parts.path.rstrip('/')}" if _is_here(parts.hostname or "") else url


def _is_here(host: str) -> bool:
    """Whether a host is this machine; servers print 0.0.0.0 (or ::) where they listen on all its addresses."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def of_mode(identity: str, mode: str) -> str:
    """Returns an identity without the sections that concern other modes (`#text=…`)."""
    if "#" not in identity:
        return identity
    service, *sections = identity.split("#")
    return "#".join([service, *(s for s in sections if s.startswith(("all=", mode + "=")))])


def mode_of(name: str) -> str:
    """Returns the mode of the answers in a recorded file of that name."""
    return name.removesuffix(".parquet").rpartition("_")[2]

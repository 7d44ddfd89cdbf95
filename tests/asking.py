"""What the tests of asking share: small plans, quick endpoints."""

from contextlib import contextmanager

from lib.asking import planning, settings
from lib.asking.http.remote import RemoteEndpoint

OPEN = "open_portraits"
ONE = {"inductions": ["definition"], "wordings": ["imagine"], "persons": ["I"]}


def plan(mode="choice", rows=None, **more):
    made = planning.make_plan([OPEN], modes=[mode], **(ONE | more))
    return made if rows is None else made.iloc[:rows]


@contextmanager
def remote(*servers, **more):
    urls = [s if isinstance(s, str) else s.url for s in servers]
    entry = {"base_url": urls, "modes": list(settings.HTTP_MODES), "concurrency": 8} | more
    endpoint = RemoteEndpoint(settings.http_settings("fake", entry))
    try:
        yield endpoint
    finally:
        endpoint.close()

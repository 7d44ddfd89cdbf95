"""A loopback OpenAI-compatible server that answers as it is told: well, late, wrongly or not at all.

Answers follow from the request alone, so that two runs over the same plan must give the same table. So do faults drawn
by chance: from the request and how often it came.
"""

import asyncio
import hashlib
import json
import math
import threading
from collections import Counter

from aiohttp import web

LABELS = "123456"


class FakeServer:
    """Runs in a thread of its own; use it as a context manager.

    Attributes:
        model: what it calls itself; by default what it is asked for.
        chances: fault → its probability for each request.
        always: a fault for every request, by name or as what responds.
        slots: how many requests it works on at once; the others wait for their turn.
        alter: what is made of every payload before it goes out.
        script: faults for the next requests, first come first served; None answers well.
        log: how often each request body was answered well.
        bodies, headers, paths: the last requests, newest last.
        arrivals: number of requests, answered or not.
    """

    def __init__(self, model=None, chances=None, always=None, script=(), delay=0.0, said=None, slots=10**6, alter=None):
        self.model, self.chances, self.always, self.script = model, chances or {}, always, list(script)
        self.delay, self.said, self.slots, self.alter = delay, said, slots, alter
        self.log, self.seen, self.bodies, self.headers, self.paths = Counter(), Counter(), [], [], []
        self.arrivals = self.active = self.most_active = 0

    def __enter__(self):
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self._run, args=(started,), daemon=True).start()
        assert started.wait(10)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def _run(self, started):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        started.set()
        self._loop.run_forever()

    async def _start(self):
        self._free = asyncio.Semaphore(self.slots)
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._handle)
        app.router.add_post("/v1/completions", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]

    async def _handle(self, request):
        raw = await request.read()
        body = json.loads(raw)
        self.arrivals += 1
        self.active += 1
        self.most_active = max(self.most_active, self.active)
        self.bodies = [*self.bodies[-199:], body]
        self.headers = [*self.headers[-199:], dict(request.headers)]
        self.paths = [*self.paths[-199:], request.path_qs]
        try:
            async with self._free:
                if self.delay:
                    await asyncio.sleep(self.delay)
                return await self._respond(request, body, raw)
        finally:
            self.active -= 1

    async def _respond(self, request, body, raw):
        name = hashlib.sha256(raw).hexdigest()
        self.seen[name] += 1
        fault = self._fault(name)
        if callable(fault) or fault in FAULTS:
            return await FAULTS.get(fault, fault)(request)
        payload = self._payload(request.path, body, name)
        if fault in SPOILERS:
            payload = SPOILERS[fault](payload)
        else:
            self.log[name] += 1
        payload = self.alter(payload) if self.alter else payload
        return web.Response(text=json.dumps(payload), content_type="application/json")

    def _fault(self, name):
        if self.script:
            return self.script.pop(0)
        if self.always:
            return self.always
        drawn = draw(f"{name} {self.seen[name]}")
        for fault, chance in self.chances.items():
            if drawn < chance:
                return fault
            drawn -= chance
        return None

    def _payload(self, path, body, name):
        common = {"id": "x", "model": self.model or body["model"], "system_fingerprint": "fp_1", "created": 0}
        if path.endswith("/chat/completions"):
            choice, n = (logprob_choice(name), 1) if body.get("logprobs") else (self._text_choice(name), 5)
        else:
            choice, n = echo_choice(body), 1
        return common | {"choices": [choice], "usage": {"prompt_tokens": 50, "completion_tokens": n}}

    def _text_choice(self, name):
        content = self.said if self.said is not None else f"Answer: {1 + int(draw(name) * 6)}"
        message = content if isinstance(content, dict) else {"content": content}
        return {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **message}}


def draw(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") / 2**32


def logprob_choice(name, tokens=(*LABELS, " 4", "The")):
    weights = [draw(name + token) + 0.01 for token in tokens]
    top = [
        {"token": t, "logprob": math.log(0.99 * w / sum(weights)), "bytes": None}
        for t, w in zip(tokens, weights, strict=True)
    ]
    return {
        "index": 0,
        "finish_reason": "length",
        "message": {"role": "assistant", "content": "4"},
        "logprobs": {"content": [{"token": "4", "logprob": -1.0, "top_logprobs": top}]},
    }


def tokens_choice(*pairs, **more):
    """A choice whose first token has these alternatives, as (token, probability)."""
    top = [{"token": t, "logprob": math.log(p) if p else None, "bytes": None} for t, p in pairs]
    message = {"role": "assistant", "content": pairs[0][0]}
    first = {"token": pairs[0][0], "logprob": top[0]["logprob"], "top_logprobs": top}
    return {"index": 0, "finish_reason": "length", "message": message, "logprobs": {"content": [first]}} | more


def echo_choice(body):
    """A bigram "model": words are likelier the more letters they share with the word before, and in alphabet order."""
    words = body["prompt"].split(" ")
    tokens = [words[0], *(" " + w for w in words[1:]), " end"]
    order = ["the", "capital", "of", "france", "is", "paris.", "italy", "rome."]
    places = [order.index(w.lower()) if w.lower() in order else len(w) for w in words]
    logprobs = [None] + [-0.5 - (abs(b - a) % 7) - draw(t) for a, b, t in zip(places, places[1:], tokens[1:])]  # noqa: B905
    return {"index": 0, "text": "".join(tokens), "logprobs": {"tokens": tokens, "token_logprobs": [*logprobs, -1.0]}}


def status(code, body, **headers):
    """What answers with an HTTP status, a JSON body and headers (`Retry_After="1"`)."""

    async def respond(_):
        return web.json_response(body, status=code, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return respond


async def _reset(request):
    request.transport.abort()
    await asyncio.sleep(0)
    return web.Response()


async def _cut_off(request):
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"choices": [')
    request.transport.abort()
    return response


async def _hang(_):
    await asyncio.sleep(3600)


async def _broken_json(_):
    return web.Response(text='{"choices": [{"message": ', content_type="application/json")


async def _html(_):
    return web.Response(text="<html>gateway</html>", content_type="text/html")


async def _echoes_key(request):
    said = f"Incorrect API key provided: {request.headers.get('Authorization', '').removeprefix('Bearer ')}"
    return web.json_response({"error": {"message": said, "code": "invalid_api_key"}}, status=401)


def _error(message, code=None):
    return {"error": {"message": message, "code": code}}


FAULTS = {
    "429": status(429, _error("slow down", "rate_limit_exceeded"), Retry_After="0.05"),
    "500": status(500, _error("internal")),
    "503": status(503, _error("loading the model"), Retry_After="0.02"),
    "400": status(400, _error("the prompt is too long")),
    "401": _echoes_key,
    "404": status(404, _error("no such model")),
    "quota": status(429, _error("You exceeded your current quota", "insufficient_quota")),
    "redirect": status(307, {}, Location="http://127.0.0.1:9/elsewhere"),
    "reset": _reset,
    "cut_off": _cut_off,
    "hang": _hang,
    "broken_json": _broken_json,
    "html": _html,
}


def _without_logprobs(payload):
    for choice in payload["choices"]:
        choice.pop("logprobs", None)
    return payload


def _logprobs_of(logprob):
    def spoil(payload):
        for top in payload["choices"][0]["logprobs"]["content"][0]["top_logprobs"]:
            top["logprob"] = logprob
        return payload

    return spoil


def _not_echoed(payload):
    logprobs = payload["choices"][0]["logprobs"]
    payload["choices"][0]["logprobs"] = {k: v[-1:] for k, v in logprobs.items()}
    return payload


def _flat(payload):
    logprobs = payload["choices"][0]["logprobs"]
    logprobs["token_logprobs"] = [None] + [-1.0] * (len(logprobs["tokens"]) - 1)
    return payload


SPOILERS = {
    "no_choices": lambda payload: payload | {"choices": []},
    "null_choices": lambda payload: payload | {"choices": None},
    "list": lambda payload: [payload],
    "no_logprobs": _without_logprobs,
    "certain": _logprobs_of(0.0),
    "absurd": _logprobs_of(1e4),
    "not_echoed": _not_echoed,
    "flat": _flat,
}

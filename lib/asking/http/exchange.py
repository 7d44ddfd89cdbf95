"""Between the caller's thread and that of the event loop: requests in, replies out, both in batches."""

import asyncio
import queue
from collections import deque
from typing import Any

from lib.answers.reply import Reply
from lib.asking.requests import Request

_HAND_OVER_S = 0.01


class Exchange:
    """Hands requests into the loop's thread and replies out of it, both in batches."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._todo: deque[Request] = deque()
        self._idle: deque[asyncio.Future] = deque()
        self._done: list[tuple[Request, Reply]] = []
        self._out: queue.SimpleQueue[list[tuple[Request, Reply]] | BaseException] = queue.SimpleQueue()

    def send(self, requests: list[Request]) -> None:
        """From outside: gives the workers something to do."""
        self._todo.extend(requests)
        # Waking the loop costs a system call, so it is left alone while its workers are busy. One who sees nothing to
        # do puts itself down as idle before it looks again, so that no request is left lying.
        if requests and self._idle:
            self.loop.call_soon_threadsafe(self._wake)

    def receive(self) -> list[tuple[Request, Reply]]:
        """From outside: waits for replies.

        Raises:
            StudyError: the run came to its end in the loop.
        """
        got = self._out.get()
        if isinstance(got, BaseException):
            raise got
        return got

    def ended(self, workers: Any) -> None:  # noqa: ANN401 - a future
        """From the loop: hands over what is left, and why the workers ended."""
        self._hand_over()
        if not workers.cancelled() and (error := workers.exception()):
            self._out.put(_first_cause(error))

    def put(self, reply: tuple[Request, Reply]) -> None:
        """From the loop: takes a reply, to go out with those of the next few milliseconds."""
        if not self._done:
            self.loop.call_later(_HAND_OVER_S, self._hand_over)
        self._done.append(reply)

    async def next(self) -> Request:
        """From the loop: waits for the next request."""
        while not self._todo:
            idle = self.loop.create_future()
            self._idle.append(idle)
            if self._todo:
                self._idle.pop()
            else:
                await idle
        return self._todo.popleft()

    def _wake(self) -> None:
        for _ in range(min(len(self._idle), len(self._todo))):
            idle = self._idle.popleft()
            if not idle.done():
                idle.set_result(None)

    def _hand_over(self) -> None:
        if self._done:
            self._out.put(self._done)
            self._done = []


def _first_cause(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

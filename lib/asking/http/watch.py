"""The time-outs of all requests, looked after by one watch: a timer for each would take a tenth of a request."""

import asyncio
import time
from itertools import takewhile
from types import TracebackType

from lib.asking.http.faults import LateError


class Watch:
    """Gives up requests that take too long. Belongs to the event loop it is used in."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lines: dict[str, Line] = {}
        self._task: asyncio.Task | None = None

    def line(self, address: str) -> "Line":
        """Returns the line of an address, the same each time: `with line:` is a request under way.

        A task may have one request under way at a time.
        """
        self._task = self._task or asyncio.create_task(self._look())
        return self._lines.get(address) or self._lines.setdefault(address, Line())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._timeout_s / 60)
            for line in self._lines.values():
                line.give_up(time.monotonic() - self._timeout_s)

    def close(self) -> None:
        """Ends the watch."""
        if self._task:
            self._task.cancel()


class Line:
    """The requests under way at one address, the longest first.

    A server with one slot takes them one after the other, and a client sees no more of it than the answers. So the time
    of a request counts from when it was sent, or from when the one before all others was answered, if that is later: a
    server that keeps answering is not late, however many wait, and one that has lost a request is found out.
    """

    def __init__(self) -> None:
        self._sent: dict[asyncio.Task, float] = {}
        self._late: set[asyncio.Task] = set()
        self._turn = 0.0

    def __enter__(self) -> None:
        self._sent[asyncio.current_task()] = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task = asyncio.current_task()
        if kind is None and next(iter(self._sent)) is task:
            self._turn = time.monotonic()
        del self._sent[task]
        if self._late and task in self._late:
            self._late.discard(task)
            # As in asyncio.timeout: a task that others cancelled too is theirs.
            if kind is asyncio.CancelledError and task.uncancel() == 0:
                raise LateError("timed out") from error

    def give_up(self, earliest: float) -> None:
        """Ends the requests whose time began before this moment."""
        if self._turn >= earliest:
            return
        for task in takewhile(lambda task: self._sent[task] < earliest, [*self._sent]):
            if task not in self._late:
                self._late.add(task)
                task.cancel()

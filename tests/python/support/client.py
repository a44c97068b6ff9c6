"""One Socket.IO connection, with everything it heard in the order it came."""

import asyncio
import itertools
import logging
import uuid
from dataclasses import dataclass

import aiohttp
import socketio

from .names import CHANGES, FACTS, MAY_CHANGE
from .waiting import DEADLINE_S, within

# A client whose host has gone leaves a task behind that says so half a minute later.
logging.getLogger("engineio.client").setLevel(logging.CRITICAL)

ACKNOWLEDGED = "(acknowledged)"


def new_id():
    return str(uuid.uuid4())


def about(**fields):
    """Whether a payload has these fields, for `hear` and `heard`."""
    return lambda payload: all(payload.get(name) == value for name, value in fields.items())


@dataclass
class Heard:
    """One event, or the acknowledgement of a call."""

    event: str
    payload: object
    namespace: str = "/"
    taken: bool = False


class Refused(Exception):
    """`connect_error`: its message is exactly a code."""


class Client:
    def __init__(self, url, trust, token=None, *, auth=None, headers=None,
                 transports=("websocket",), namespaces=("/",), answers=None):
        """`trust` is the context that `trusting` makes, or None where there is no TLS."""
        self.url = url
        self.trust = trust
        self.token = token
        self.auth = auth if auth is not None else ({"token": token} if token else None)
        self.headers = headers or {}
        self.transports = list(transports)
        self.namespaces = list(namespaces)
        # What the client's library acknowledges a `request` with; nothing unless said.
        self.answers = answers
        self.heard_all = []
        self.ended = {}
        self.refusals = {}
        self.sid = None
        self.snapshot = None
        self.thanked = None
        self._news = asyncio.Event()
        self._calls = itertools.count(1)
        self._http = None
        self._socket = None

    def _make_socket(self):
        # The library's own would trust authorities, of which there are none.
        connector = aiohttp.TCPConnector(ssl=self.trust or True)
        self._http = aiohttp.ClientSession(connector=connector)
        self._socket = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=self._http,
        )
        for namespace in self.namespaces:
            self._listen(namespace)

    def _listen(self, namespace):
        def hear(event, *payload):
            self._add(Heard(event, payload[0] if payload else None, namespace))
            if event == "request" and self.answers is not None:
                return self.answers(payload[0])
            return None

        def end(reason=None):
            self.ended[namespace] = reason
            self._news.set()

        def refuse(reason=None):
            self.refusals[namespace] = reason
            self._news.set()

        self._socket.on("*", hear, namespace=namespace)
        self._socket.on("disconnect", end, namespace=namespace)
        self._socket.on("connect_error", refuse, namespace=namespace)

    def _add(self, heard):
        self.heard_all.append(heard)
        self._news.set()

    async def connect(self):
        self._make_socket()
        try:
            await self._socket.connect(
                self.url, auth=self.auth, headers=self.headers, transports=self.transports,
                namespaces=self.namespaces, wait_timeout=DEADLINE_S,
            )
        except socketio.exceptions.ConnectionError as error:
            await self.close()
            raise Refused(self.refusals or error) from None
        if "/" in self.namespaces:
            self.sid = self._socket.get_sid()
            await self.hear("welcome")
        return self

    async def close(self):
        await self._socket.disconnect()
        await self._socket.shutdown()
        await self._http.close()

    @property
    def is_connected(self):
        return self._socket.connected and "/" in self._socket.namespaces

    @property
    def transport(self):
        return self._socket.transport()

    # Who it is.

    @property
    def welcome(self):
        return self.heard("welcome")[0]

    @property
    def id(self):
        return self.welcome["you"]["id"]

    @property
    def member(self):
        return self.welcome["you"]

    # Calls.

    async def ask(self, call, *payload):
        """The whole acknowledgement of a call with this payload."""
        return await within(self.send(call, *payload), f"the answer to {call}")

    def send(self, call, *payload):
        """Sends a call now; awaiting what it gives back is waiting for the acknowledgement."""
        number, loop = next(self._calls), asyncio.get_running_loop()
        answered = loop.create_future()

        def acknowledge(*answer):
            assert len(answer) == 1, answer
            self._add(Heard(ACKNOWLEDGED, {"number": number, "call": call, "answer": answer[0]}))
            if not answered.done():
                answered.set_result(answer[0])

        emitted = loop.create_task(self._socket.emit(call, *payload, callback=acknowledge))

        async def wait():
            await emitted
            return await answered

        return loop.create_task(wait())

    async def emit(self, event, *payload):
        """Sends without asking for an acknowledgement."""
        await self._socket.emit(event, *payload)

    async def ok(self, call, /, **fields):
        """What stands under `ok`; a changing call's has `seq`, no other does."""
        answer = await self.ask(call, fields)
        assert set(answer) == {"ok"}, (call, fields, answer)
        if call in CHANGES:
            assert isinstance(answer["ok"]["seq"], int), answer
        elif call not in MAY_CHANGE:
            assert "seq" not in answer["ok"], answer
        return answer["ok"]

    async def refused(self, call, code, /, **fields):
        """The error, which has this code and a sentence."""
        answer = await self.ask(call, fields)
        assert set(answer) == {"error"}, (call, fields, answer)
        return self.check_error(answer["error"], code)

    @staticmethod
    def check_error(error, code):
        assert error["code"] == code, error
        assert set(error) - {"retry_after_ms"} == {"code", "message"}, error
        message = error["message"]
        assert message[0].isupper() or message[0] == "`", message
        assert message[-1] in ".…", message
        return error

    async def thank(self, **fields):
        """Says thanks; from then on facts come."""
        self.thanked = await self.ok("thanks", **fields)
        self.snapshot = self.thanked.get("snapshot", self.snapshot)
        return self.thanked

    # What it hears.

    def heard(self, event, where=lambda payload: True):
        """Every payload of this event so far."""
        return [one.payload for one in self.heard_all if one.event == event and where(one.payload)]

    def facts(self):
        """Every fact so far, by name and payload, without those of people's coming in."""
        coming_in = {"memberjoined", "sessionhosted"}
        names = FACTS - coming_in
        return [(one.event, one.payload) for one in self.heard_all if one.event in names]

    def fact_names(self):
        return [name for name, _ in self.facts()]

    async def hear(self, event, where=lambda payload: True):
        """The next such event that was not taken yet."""
        return await within(self._next(event, where), f"`{event}`")

    async def _next(self, event, where):
        while True:
            self._news.clear()
            for one in self.heard_all:
                if one.event == event and not one.taken and where(one.payload):
                    one.taken = True
                    return one.payload
            await self._news.wait()

    async def hear_of(self, member, **fields):
        """The next entry of this member's presence with these fields; None for none."""

        wanted = about(member=member, **fields)
        heard = await self.hear("presence", lambda it: any(map(wanted, it["people"])))
        return next(filter(wanted, heard["people"]))

    async def hear_end(self, namespace="/"):
        """Why the connection to the namespace ended, once it has."""

        async def end():
            while namespace not in self.ended:
                self._news.clear()
                await self._news.wait()
            return self.ended[namespace]

        return await within(end(), "the end of the connection")

    def forget(self):
        """What was heard so far is of no interest any more; `welcome` stays."""
        self.heard_all = [one for one in self.heard_all if one.event == "welcome"]

"""A real `hearthd` with a folder of its own."""

import asyncio
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import aiohttp

from .client import Client
from .secrets import Secrets
from .trust import trusting
from .waiting import within

# All that can be logged, so that what must never be logged would be found. But for the pages that
# rustls writes for each handshake.
HEARTH_LOG = os.environ.get("HEARTH_LOG", "trace,rustls=debug")

# Of a log, what is shown with a test that failed.
LOG_SHOWN = 20_000

HEARTHD = Path(__file__).resolve().parents[3] / "target" / "debug" / "hearthd"


class Answer:
    """What an HTTP request was answered."""

    def __init__(self, status, headers, cookies, text):
        self.status = status
        self.headers = headers
        self.cookies = {name: morsel.value for name, morsel in cookies.items()}
        self.text = text

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def error(self):
        """The refusal, whose shape is the same everywhere."""
        assert set(self.json) == {"error"}, self.text
        error = self.json["error"]
        assert {"code", "message"} <= set(error), error
        return error


class NotStarted(Exception):
    """The program ended before it served anything."""

    def __init__(self, code, said):
        super().__init__(f"hearthd ended with {code}: {said}")
        self.code = code
        self.said = said


class Host:
    """Starts the program, knows its address, and ends it as an operator would.

    It is spoken to by TLS, and only if it has the key that its first line says.
    """

    def __init__(self, *options, admit="anyone"):
        self.options = [*(["--admit", admit] if admit else []), *options]
        self.folder = Path(tempfile.mkdtemp(prefix="hearth-"))
        self.process = None
        self.clients = []
        self.http = None
        self.ready = None
        self.trust = None
        # What was handed out here and must not be found in the log.
        self.secrets = Secrets()

    async def start(self):
        program = os.environ.get("HEARTHD", HEARTHD)
        with open(self.folder / "log", "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                program, "host", "--data", self.folder / "data", "--listen", "127.0.0.1:0",
                *self.options, stdout=asyncio.subprocess.PIPE, stderr=log,
                env={**os.environ, "HEARTH_LOG": HEARTH_LOG},
            )
        line = await within(self.process.stdout.readline(), "the first line of hearthd")
        if not line:
            code, said = await self.ended(), self.log()
            await self.remove(expected=code)
            raise NotStarted(code, said)
        self.ready = json.loads(line)
        self.secrets.add(self.invite.split(".")[0])
        self.trust = await trusting(self.url, self.ready["fingerprint"])
        self.http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), connector=aiohttp.TCPConnector(ssl=self.trust),
        )
        return self

    @property
    def url(self):
        """On loopback the first line names the address without TLS; both are at the same port."""
        return self.ready["url"].replace("http:", "https:")

    @property
    def invite(self):
        """The secret for whoever started the program."""
        return self.ready["sign_in_url"].split("#")[1]

    @property
    def session(self):
        return self.ready["session"]

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def terminate(self):
        """Says that it should stop, as an operator's SIGTERM does."""
        self.process.terminate()

    async def ended(self):
        """The exit code, once the program has ended."""
        return await within(self.process.wait(), "the end of hearthd")

    async def stop(self, expected=0):
        """Ends the program and holds it to a clean exit."""
        if self.process.returncode is None:
            self.terminate()
        code = await self.ended()
        for client in self.clients:
            await client.close()
        self.clients.clear()
        if self.http:
            await self.http.close()
        log = self.log()
        sys.stderr.write(log[-LOG_SHOWN:])
        assert "panicked" not in log, log[-LOG_SHOWN:]
        self.secrets.assert_not_in(log)
        assert code == expected, f"hearthd ended with {code}"

    async def restart(self, meanwhile=None):
        """Stops, does something with the session's file, and opens the folder again."""
        await self.stop()
        if meanwhile:
            with closing(sqlite3.connect(self.folder / "data" / "session.hearth")) as file:
                meanwhile(file)
                file.commit()
        await self.start()

    async def remove(self, expected=0):
        """Stops, and leaves nothing behind."""
        try:
            await self.stop(expected)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    async def request(self, method, path, **options):
        """One HTTP request. `bearer` and `cookie` say who asks."""
        headers = dict(options.pop("headers", {}))
        if bearer := options.pop("bearer", None):
            headers["Authorization"] = f"Bearer {bearer}"
        if cookie := options.pop("cookie", None):
            headers["Cookie"] = f"{self.cookie_name}={cookie}"
        asked = self.http.request(method, self.url + path, headers=headers, **options)
        async with await within(asked, f"{method} {path}", seconds=40) as response:
            text = await response.text()
            return Answer(response.status, response.headers, response.cookies, text)

    @property
    def cookie_name(self):
        return "__Host-hearth.sid." + self.session.replace("-", "")[-8:]

    async def sign_in(self, name, who=None, **fields):
        """`POST /sign-in`. `who` is the token of an earlier one."""
        answer = await self.request(
            "POST", "/sign-in", json={"name": name, **fields}, bearer=who
        )
        if answer.status == 201:
            self.secrets.add(answer.json["token"])
        return answer

    async def connect(self, token=None, **options):
        """A connected client of whoever has this token."""
        client = Client(self.url, self.trust, token, **options)
        self.clients.append(client)
        return await client.connect()

    async def join(self, name, **fields):
        """Somebody comes in: signs in, connects and says thanks."""
        signed_in = await self.sign_in(name, **fields)
        assert signed_in.status == 201, signed_in.text
        client = await self.connect(signed_in.json["token"])
        await client.thank()
        return client

    async def join_as_host(self, name="Hanna"):
        """Whoever started the program comes in."""
        return await self.join(name, invite=self.invite)

    async def settle(self):
        """Everybody has heard every fact so far.

        A feed is in order, so whoever has the answer to one more call has all before it.
        """
        await asyncio.gather(
            *(client.ok("room:list") for client in self.clients if client.is_connected)
        )

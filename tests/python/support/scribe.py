"""A script that writes into notes, told on standard input what to do next, and telling on
standard output what came of it: one line of JSON each. `tests/node` lets it write beside people
who type."""

import asyncio
import json
import sys
import traceback

from socketio.exceptions import BadNamespaceError

from .client import Client, new_id
from .trust import trusting


def utf16_units(text):
    return len(text.encode("utf-16-le")) // 2


class Scribe:
    def __init__(self):
        self.client = None
        self.note = None
        self.sent = None

    async def connect(self, url, fingerprint, token):
        if self.client is None or not self.client.is_connected:
            trust = await trusting(url, fingerprint)
            self.client = await Client(url, trust, token).connect()
        return {}

    async def drop(self):
        await self.client.close()
        return {}

    async def read(self, key):
        answer = await self.ask("note:read", {"key": key})
        if answer is None:
            return {}
        self.note = answer["note"]
        return {"version": self.note["version"], "body": self.note["body"]}

    async def write(self, how, at, remove, insert):
        """Makes one place of the text that was read into another."""
        body, version = self.note["body"], self.note["version"]
        start = round(at * len(body))
        before, removed, behind = body[:start], body[start:][:remove], body[start:][remove:]
        changed = {"body": before + insert + behind}
        if how == "changes":
            place = utf16_units(before)
            to = place + utf16_units(removed)
            changed = {"changes": [{"from": place, "to": to, "insert": insert}]}
        self.sent = {"id": new_id(), "key": self.note["key"], "version": version, **changed}
        return {"removed": removed, **await self.again()}

    async def again(self):
        answer = await self.ask("note:update", self.sent)
        return {} if answer is None else {"version": answer["note"]["version"]}

    async def ask(self, call, payload):
        """What the host answers; nothing if the connection is lost first."""
        if not self.client.is_connected:
            return None
        asked = self.client.send(call, payload)
        lost = asyncio.create_task(self.client.hear_end())
        await asyncio.wait({asked, lost}, return_when=asyncio.FIRST_COMPLETED)
        lost.cancel()
        if not asked.done():
            asked.cancel()
            return None
        try:
            answer = asked.result()
        except BadNamespaceError:  # Lost between the question above and sending.
            return None
        assert set(answer) == {"ok"}, (call, payload, answer)
        return answer["ok"]


async def obey(scribe, order):
    try:
        return await getattr(scribe, order.pop("do"))(**order)
    except Exception:  # Whatever it is, the test has to hear of it.
        return {"failed": traceback.format_exc()}


async def main():
    scribe = Scribe()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        answer = await obey(scribe, json.loads(line))
        print(json.dumps(answer), flush=True)
    if scribe.client is not None:
        await scribe.client.close()


if __name__ == "__main__":
    asyncio.run(main())

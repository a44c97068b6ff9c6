"""What takes so long that it is begun before everything else and looked at last."""

import asyncio
from dataclasses import dataclass

from .host import Host


@dataclass
class Waited:
    answer: object
    seconds: float


async def timed(awaitable):
    loop = asyncio.get_running_loop()
    begun = loop.time()
    return Waited(await awaitable, loop.time() - begun)


class LongWaits:
    """A request and a knock, left alone."""

    async def begin(self):
        self.host = await Host("--limits", "off", admit=None).start()
        self.hanna = await self.host.join_as_host()
        knock = (await self.host.sign_in("Silent")).json["knock"]
        await self.hanna.ok("knock:answer", knock=knock, admit=True)
        token = (await self.host.request("GET", f"/sign-in/{knock}")).json["token"]
        self.silent = await self.host.connect(token)
        asking = self.hanna.send("member:ask", {"member": self.silent.id, "message": "Hello?"})
        self.unanswered_request = asyncio.create_task(timed(asking))
        self.knock = (await self.host.sign_in("Patient")).json["knock"]
        self.unanswered_knock = asyncio.create_task(timed(self.wait_at_door()))
        self.late_answer = asyncio.create_task(self.wait_again())
        return self

    async def wait_at_door(self):
        return await self.host.request("GET", f"/sign-in/{self.knock}")

    async def wait_again(self):
        await self.unanswered_knock
        again = asyncio.create_task(self.wait_at_door())
        await self.hanna.ok("knock:answer", knock=self.knock, admit=True)
        return await again

    async def end(self):
        for waiting in [self.unanswered_request, self.unanswered_knock, self.late_answer]:
            waiting.cancel()
        await self.host.remove()

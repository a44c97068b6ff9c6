"""Waiting with a deadline: what does not come fails the test and says what was waited for."""

import asyncio

DEADLINE_S = 10


async def within(awaitable, what, seconds=DEADLINE_S):
    try:
        return await asyncio.wait_for(awaitable, seconds)
    except asyncio.TimeoutError:
        raise AssertionError(f"waited {seconds} s in vain for {what}") from None

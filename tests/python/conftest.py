"""Fixtures: hosts that are stopped cleanly whatever a test does."""

from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

pytest.register_assert_rewrite("support")

from support.host import Host  # noqa: E402
from support.long_waits import LongWaits  # noqa: E402


@pytest_asyncio.fixture
async def serve():
    """Starts hosts with the options given to it."""
    async with AsyncExitStack() as hosts:

        async def start(*options, **more):
            host = await Host(*options, **more).start()
            hosts.push_async_callback(host.remove)
            return host

        yield start


@pytest_asyncio.fixture
async def house(serve):
    """A host that admits anyone, with the limits that everybody has."""
    return await serve()


@pytest_asyncio.fixture
async def hanna(house):
    """The host herself: she started the program and is connected."""
    return await house.join_as_host("Hanna")


@pytest_asyncio.fixture
async def ada(house):
    """An editor."""
    return await house.join("Ada")


@pytest_asyncio.fixture
async def ben(house):
    """Another editor."""
    return await house.join("Ben")


@pytest_asyncio.fixture(scope="session")
async def long_waits():
    """What takes a minute, begun when the run began."""
    waits = await LongWaits().begin()
    yield waits
    await waits.end()


def needs_long_waits(test):
    return "long_waits" in getattr(test, "fixturenames", ())


def pytest_collection_modifyitems(items):
    items.sort(key=needs_long_waits)


@pytest.fixture(scope="session", autouse=True)
def begin_long_waits(request):
    if any(map(needs_long_waits, request.session.items)):
        request.getfixturevalue("long_waits")

"""Three servers of NATS that keep a stream together, and a reader of it."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import nats
from nats.js.api import AckPolicy, ConsumerConfig

from tests.interop.servers.process import LIMIT, Server, free_ports, wait_for

_CONFIGURATION = """
server_name: "server-{place}"
listen: "127.0.0.1:{client}"
jetstream {{ store_dir: "{folder}/{place}" }}
cluster {{ name: logs, listen: "127.0.0.1:{peer}", routes: [{routes}] }}
"""


class JetStream:
    """A cluster of three."""

    def __init__(self, folder: Path):
        self.ports, peers = free_ports(3), free_ports(3)
        routes = ", ".join(f'"nats://127.0.0.1:{peer}"' for peer in peers)
        self.servers = []
        with ExitStack() as stack:
            for place, (client, peer) in enumerate(zip(self.ports, peers)):
                text = _CONFIGURATION.format(place=place, client=client, peer=peer, folder=folder, routes=routes)
                (folder / f"nats-{place}.conf").write_text(text)
                arguments = [Path(sys.executable).with_name("nats-server"), "--config", folder / f"nats-{place}.conf"]
                self.servers.append(stack.enter_context(Server(arguments, folder, f"nats-{place}", (client,))))
            self.urls = [f"nats://127.0.0.1:{port}" for port in self.ports]
            wait_for(lambda: asyncio.run(_is_led(self.urls)), "a leader of the cluster")
            self._ended = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.close()

    def read(self, is_done) -> list[bytes]:
        """Return the messages of the stream `logs` in order, once *is_done* holds for them."""
        return asyncio.run(asyncio.wait_for(_read(self.urls, is_done), LIMIT))


async def _is_led(urls):
    """Tell whether the cluster can make a stream."""
    client = await nats.connect(urls)
    try:
        await client.jetstream(timeout=2).account_info()
    except (nats.errors.Error, asyncio.TimeoutError):
        return False
    finally:
        await client.close()
    return True


async def _read(urls, is_done):
    client = await nats.connect(urls)
    reader = await client.jetstream().pull_subscribe("logs", config=ConsumerConfig(ack_policy=AckPolicy.NONE))
    messages: list[bytes] = []
    while not is_done(messages):
        with suppress(nats.errors.TimeoutError):
            messages += [message.data for message in await reader.fetch(100, timeout=1)]
    await client.close()
    return messages

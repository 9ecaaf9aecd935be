"""Takes requests of OpenTelemetry's log protocol over HTTP, and publishes each into a stream of NATS JetStream.

Run it as `python otlp_to_jetstream.py PORT SUBJECT NATS_URL...`. It needs `nats-py`. The stream has the name of its
subject, and is made with three replicas if there is none. A request is answered with 200 once the stream has it, and
with 503 if not, so that its sender tries again. A message has a hash of its content as its id, and the stream drops a
second one.
"""

import asyncio
import gzip
import hashlib
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import nats

SECONDS = 10
"""How long a request waits for the stream."""


def handler_of(publish: Callable[[bytes], bool]) -> type[BaseHTTPRequestHandler]:
    """Return a handler of requests; *publish* gets the content of each, and tells whether the stream has it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            self.send_response(200 if publish(body) else 503)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Write nothing for a request."""

    return Handler


async def main(port: int, subject: str, urls: list[str]) -> None:
    """Serve until the program is ended."""
    loop = asyncio.get_running_loop()
    stream = (await nats.connect(urls, max_reconnect_attempts=-1)).jetstream(timeout=SECONDS - 1)
    await stream.add_stream(name=subject, subjects=[subject], num_replicas=3)

    async def published(body: bytes) -> None:
        await stream.publish(subject, body, headers={"Nats-Msg-Id": hashlib.sha256(body).hexdigest()})

    def publish(body: bytes) -> bool:
        failed = asyncio.run_coroutine_threadsafe(published(body), loop).exception(SECONDS)
        if failed is not None:
            print("cannot publish:", repr(failed), file=sys.stderr)
        return failed is None

    server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(publish))
    Thread(target=server.serve_forever, daemon=True).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))

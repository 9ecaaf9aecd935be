"""Records that are sent to another thread over a socket, and logged there as if they were its own."""

import pickle
import socket
import struct
import sys
import threading

from loguru import logger

ours, theirs = socket.socketpair()


def send(message):
    data = pickle.dumps(message.record)
    ours.sendall(struct.pack(">L", len(data)) + data)


def receive(count):
    reader = theirs.makefile("rb")
    for _ in range(count):
        (size,) = struct.unpack(">L", reader.read(4))
        record = pickle.loads(reader.read(size))
        level, message = record["level"].name, record["message"]
        logger.patch(lambda own, record=record: own.update(record)).log(level, message)


logger.remove()
number = logger.add(send, serialize=False)
logger.bind(user="ada").info("one {}", 1)
logger.warning("braces {stay} as they are")
try:
    [].pop()
except IndexError:
    logger.exception("three")
logger.remove(number)

logger.add(sys.stdout, format="{name} {function} {line} {level} {message} {extra}", backtrace=False, diagnose=False)
thread = threading.Thread(target=receive, args=(3,), name="receiver")
thread.start()
thread.join()

"""Brokers that speak Kafka's protocol, in this process, and a reader of their topics."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaError, Producer

from tests.interop.servers.process import LIMIT

_OPTIONS = {"group.id": "test", "auto.offset.reset": "earliest", "log_level": 0}


class Kafka:
    """Three brokers; they end when this object does."""

    def __init__(self):
        self._cluster = Producer({"test.mock.num.brokers": 3, "log_level": 0})
        found = self._cluster.list_topics(timeout=LIMIT).brokers.values()
        self.brokers = ",".join(f"{broker.host}:{broker.port}" for broker in found)
        """Their addresses, as clients take them."""

    def create(self, topic: str):
        """Make a topic, which brokers for tests do as they are asked about it."""
        self._cluster.list_topics(topic, timeout=LIMIT)

    def read(self, topic: str, is_done) -> list[bytes]:
        """Return the messages of a topic, each partition in order, once *is_done* holds for them."""
        reader = Consumer({**_OPTIONS, "bootstrap.servers": self.brokers})
        reader.subscribe([topic])
        messages: list[bytes] = []
        end = time.monotonic() + LIMIT
        try:
            while not is_done(messages):
                assert time.monotonic() < end, f"{len(messages)} messages"
                message = reader.poll(1)
                if message is None:
                    continue
                if message.error() is None:
                    messages.append(message.value())
                else:
                    assert message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART, message.error()
        finally:
            reader.close()
        return messages

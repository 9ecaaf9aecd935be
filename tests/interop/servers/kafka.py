"""Brokers that speak Kafka's protocol, in this process."""

from __future__ import annotations

from confluent_kafka import Producer

from tests.interop.servers.process import LIMIT


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

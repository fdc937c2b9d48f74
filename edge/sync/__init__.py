"""Delivery over MQTT: the outbox out, context in. No request ever waits for it."""

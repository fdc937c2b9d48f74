"""MQTT to the customer-data platform and back: every event once in effect."""

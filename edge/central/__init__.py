"""What runs at central, never on a device: the bridge to the customer-data platform, the fleet."""

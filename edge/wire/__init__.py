"""What leaves and reaches the device, as bytes: topics, events, batches, schemas. Pure."""

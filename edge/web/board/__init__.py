"""Menu boards: public screens that react to the hour, the stock and the weather."""

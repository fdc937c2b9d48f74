"""Everything about models: the contract, training, cards, and the factory model."""

"""What would happen: 100,000 shops, a release, and the very state machine that rolls it out."""

"""What the chains say: where failure demand comes from, what it costs, what to repair first."""

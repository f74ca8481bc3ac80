"""Customer intent: read where it is not stated, compared with what the chain was truly about."""

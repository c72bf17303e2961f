"""Where chance comes from: of each answer, and of each of its rounds, from the recipe's seed alone."""

import hashlib
import json

# Every reader of JSON keeps so many bits.
_BYTES = 6


def seed_of(*parts: int | str) -> int:
    """Of the recipe's seed with what tells one draw from another; below 2^48, other for other parts."""
    content = hashlib.sha256(json.dumps(parts).encode()).digest()
    return int.from_bytes(content[:_BYTES], "big")

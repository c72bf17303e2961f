"""Tests in another order for each seed: whether one leans on what another left behind is found so."""

import random
from itertools import chain

import pytest


def reorder(items: list[pytest.Item], seed: int) -> None:
    """Modules among themselves, and each module's tests: what a module's tests share is still made once."""
    chance = random.Random(seed)
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.split("::")[0], []).append(item)
    names = list(modules)
    chance.shuffle(names)
    for tests in modules.values():
        chance.shuffle(tests)
    items[:] = chain.from_iterable(modules[name] for name in names)

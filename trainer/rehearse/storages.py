"""Which memory a step holds at each moment: a log of storages that come, go and change their size.

FSDP gives weights up by resizing their storage to nothing, which no operation shows, so resizing is watched,
too. What a storage is for may become known long after it was made (a gradient is one once it is reduced), so
kinds are looked up at the end, when the log is read again.
"""

import weakref
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Peak:
    """The moment of a phase at which most is held."""

    num_bytes: int
    phase: str
    kinds: dict[str, int]
    """Bytes by what they are for."""


@dataclass(slots=True)
class _Change:
    storage: int
    grown: int
    phase: str


@dataclass(slots=True)
class _Beginning:
    phase: str


@dataclass(slots=True)
class StorageLog:
    phase: str = "start"
    """Of what comes now; `begin` changes it."""
    _kind: str = "activations"
    _history: list[_Change | _Beginning] = field(default_factory=list)
    _sizes: dict[int, int] = field(default_factory=dict)
    _kinds: dict[int, str] = field(default_factory=dict)
    _numbers: weakref.WeakKeyDictionary[Any, int] = field(default_factory=weakref.WeakKeyDictionary)

    def begin(self, phase: str, kind: str = "activations") -> None:
        """`kind`: what storages are for that are made from now on, unless something else is said of them."""
        self.phase, self._kind = phase, kind
        self._history.append(_Beginning(phase))

    def see(self, tensor: Tensor) -> None:
        """Notes the tensor's storage, if it is a new one."""
        storage = tensor.untyped_storage()
        number = self._number(storage)
        if storage.nbytes() != self._sizes.get(number):
            self._resized(number, storage.nbytes())

    def mark(self, tensor: Tensor, kind: str) -> None:
        """Says what the tensor's storage is for, from its beginning to its end."""
        self.see(tensor)
        self._kinds[self._number(tensor.untyped_storage())] = kind

    def peaks(self) -> list[Peak]:
        """The most that is held in each phase, in the order of the phases.

        What is there when a phase begins counts in it: when something from before is given up is up to the
        threads that work on it.
        """
        held, kinds = 0, defaultdict[str, int](int)
        most: dict[str, Peak] = {}
        for change in self._history:
            if isinstance(change, _Change):
                held += change.grown
                kinds[self._kinds[change.storage]] += change.grown
            if change.phase not in most or held > most[change.phase].num_bytes:
                by_kind = {kind: size for kind, size in kinds.items() if size}
                most[change.phase] = Peak(held, change.phase, by_kind)
        return list(most.values())

    def _number(self, storage: torch.UntypedStorage) -> int:
        number = self._numbers.get(storage)
        if number is None:
            number = len(self._kinds)
            self._numbers[storage] = number
            self._kinds[number] = self._kind
            self._sizes[number] = 0
            weakref.finalize(storage, self._resized, number, 0)
        return number

    def _resized(self, number: int, size: int) -> None:
        grown = size - self._sizes[number]
        if grown:
            self._sizes[number] = size
            self._history.append(_Change(number, grown, self.phase))

    @contextmanager
    def watching_resizes(self) -> Iterator[None]:
        resize = torch.UntypedStorage.resize_

        def watched(storage: torch.UntypedStorage, size: int) -> torch.UntypedStorage:
            resize(storage, size)
            number = self._number(storage)
            self._resized(number, size)
            return storage

        torch.UntypedStorage.resize_ = watched  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            torch.UntypedStorage.resize_ = resize  # type: ignore[method-assign]

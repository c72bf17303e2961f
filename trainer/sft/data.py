"""The token store: what prepare writes and train reads, mapped from disk and never held whole.

tokens.bin   all samples' token ids one behind the other, 32-bit little-endian
index.npy    a row a sample: offset into tokens.bin, number of tokens, number of prompt tokens
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.sft.template import Sample

TOKEN = np.dtype("<u4")


@dataclass(frozen=True, slots=True)
class TokenStore:
    ids: np.ndarray
    index: np.ndarray

    def tokens(self, sample: int) -> np.ndarray:
        """The sample's ids as int64."""
        offset, length, _ = self.index[sample]
        return self.ids[offset : offset + length].astype(np.int64)

    def num_prompt(self, sample: int) -> int:
        return int(self.index[sample, 2])

    @property
    def lengths(self) -> list[int]:
        return [int(length) for length in self.index[:, 1]]

    @property
    def longest(self) -> int:
        """Tokens of the longest sample."""
        return int(self.index[:, 1].max())

    @property
    def num_labels(self) -> list[int]:
        return [int(labels) for labels in self.index[:, 1] - self.index[:, 2]]


def store_of(samples: Sequence[Sample]) -> TokenStore:
    """A store in memory."""
    lengths = np.array([len(sample.ids) for sample in samples], dtype=np.int64)
    offsets = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    prompts = np.array([sample.num_prompt for sample in samples], dtype=np.int64)
    ids = np.concatenate([np.array(sample.ids, dtype=TOKEN) for sample in samples])
    return TokenStore(ids=ids, index=np.stack((offsets, lengths, prompts), axis=1))


def write_store(folder: Path, store: TokenStore) -> None:
    store.ids.astype(TOKEN, copy=False).tofile(folder / "tokens.bin")
    np.save(folder / "index.npy", store.index)


def open_store(folder: Path) -> TokenStore:
    return TokenStore(
        ids=np.memmap(folder / "tokens.bin", dtype=TOKEN, mode="r"), index=np.load(folder / "index.npy")
    )

"""The question on standard input (orchestrator/wire/rehearsal.ts) as dataclasses, and its answer as JSON."""

from dataclasses import dataclass
from typing import Any

from trainer.rehearse.rehearsal import Rehearsed
from trainer.spec import JobSpec, RecomputeMode


@dataclass(frozen=True, slots=True)
class Row:
    """A step of the run."""

    lengths: list[int]
    """Of the samples that the first group of ranks packs."""
    mode: RecomputeMode


@dataclass(frozen=True, slots=True)
class Request:
    spec: JobSpec
    vocabulary_size: int
    """Rows of the embedding."""
    rows: list[Row]


def answer_of(row: Row, found: Rehearsed) -> dict[str, Any]:
    return {
        "tokensPerRank": found.tokens_per_rank,
        "mode": row.mode,
        "labels": found.num_labels,
        "peakBytes": found.peak.num_bytes,
        "phase": found.peak.phase,
        "kinds": found.peak.kinds,
        "phases": {peak.phase: peak.num_bytes for peak in found.peaks},
        "flops": found.flops,
        "collectives": found.collective_bytes,
        "waits": [
            {"where": wait.where, "phase": wait.phase, "numbers": count}
            for wait, count in found.waits.items()
        ],
    }

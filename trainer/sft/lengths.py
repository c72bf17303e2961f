"""What happens to samples longer than the sequence length: refused, dropped or cut, as the recipe says; never
silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from trainer.failure import StageError
from trainer.sft.template import Sample
from trainer.spec import Dataset, Training

SHOWN_IDS = 5


@dataclass(frozen=True, slots=True)
class Fitted:
    samples: list[Sample]
    num_truncated: int
    num_dropped: int
    longest: int
    """Tokens of the longest sample as it came."""


def fit(names: Sequence[str], samples: Sequence[Sample], dataset: Dataset, training: Training) -> Fitted:
    """Samples of at most `training.sequenceLength` tokens. Raises StageError `data` when the recipe's choice
    cannot hold.
    """
    limit = training.sequence_length
    longest = max(len(sample.ids) for sample in samples)
    over = [index for index, sample in enumerate(samples) if len(sample.ids) > limit]
    if over and dataset.over_length == "refuse":
        message = (
            f"{len(over)} of {len(samples)} samples are longer than training.sequenceLength = {limit}; the "
            f"longest has {longest} tokens. Samples: {_shown(names, over)}. Set training.sequenceLength to "
            f"{longest} or more, or choose dataset.overLength: drop, or truncate, which cuts off their "
            "answers."
        )
        raise StageError("data", message)
    if dataset.over_length == "drop":
        kept = [sample for sample in samples if len(sample.ids) <= limit]
        if not kept:
            message = (
                f"All {len(samples)} samples are longer than training.sequenceLength = {limit}: none is left."
            )
            raise StageError("data", message)
        return Fitted(kept, num_truncated=0, num_dropped=len(over), longest=longest)
    unlabelled = [index for index in over if samples[index].num_prompt >= limit]
    if unlabelled:
        message = (
            f"{len(unlabelled)} samples have no labels left when cut to training.sequenceLength = {limit}, "
            f"because their prompts alone are that long. Samples: {_shown(names, unlabelled)}. Raise "
            "training.sequenceLength, or remove them: a sample without labels has no loss."
        )
        raise StageError("data", message)
    cut = [Sample(ids=sample.ids[:limit], num_prompt=sample.num_prompt) for sample in samples]
    return Fitted(cut, num_truncated=len(over), num_dropped=0, longest=longest)


def _shown(names: Sequence[str], indices: Sequence[int]) -> str:
    shown = ", ".join(names[index] for index in indices[:SHOWN_IDS])
    return shown + (f" and {len(indices) - SHOWN_IDS} more" if len(indices) > SHOWN_IDS else "")

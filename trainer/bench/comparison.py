"""This trainer beside TRL's or transformers': the same small model and samples, taken in turns in one run."""

import statistics
from dataclasses import dataclass, field
from functools import partial

from trainer.bench.batches import random_store
from trainer.bench.one_rank import spec_with
from trainer.bench.our_steps import random_weights, take_our_steps
from trainer.bench.release import release
from trainer.bench.report import Cell, Check, Failure, Part, Table, attempt, failed_row
from trainer.bench.shape import Shape
from trainer.bench.step_clock import Steps
from trainer.bench.their_steps import take_their_steps, trainer_name
from trainer.sft.ranks import Ranks
from trainer.spec import JobSpec

# Both compute in bf16, in another order; a label more or less, or another normaliser, shows in per cents.
TOLERANCE = 0.02
COLUMNS = {
    "trainer": "",
    "step s": ".4f",
    "tokens/s": ",.0f",
    "peak GB": ".2f",
    "tokens/s, times theirs": ".2f",
    "peak, times theirs": ".2f",
}


@dataclass(slots=True)
class _Contender:
    name: str
    steps: partial[Steps]
    taken: list[Steps] = field(default_factory=list)
    failure: Failure | None = None

    def take(self) -> None:
        if self.failure is None:
            found = attempt(self.steps)
            if isinstance(found, Failure):
                self.failure = found
            else:
                self.taken.append(found)
        release()

    @property
    def seconds(self) -> float:
        return statistics.median(seconds for steps in self.taken for seconds in steps.seconds)

    @property
    def peak_bytes(self) -> int | None:
        return self.taken[0].peak_bytes


def measure(shape: Shape, spec: JobSpec, ranks: Ranks) -> Part:
    arch, lengths = shape.small_arch, shape.case_compared.lengths
    assert arch.vocabulary_size is not None
    store, start = random_store(lengths, arch.vocabulary_size), random_weights(arch)
    theirs = _their_name()
    contenders: dict[str, _Contender] = {}
    for mode in shape.small_modes:
        ours = spec_with(
            spec, arch, modes=(mode,), compiled=ranks.device.type == "cuda", global_batch=len(lengths)
        )
        steps = partial(take_our_steps, ours, start, store, ranks, shape.repeats)
        contenders[f"ours {mode}"] = _Contender(f"Stint, recompute {mode}", steps)
    for recompute in (True, False):
        run = partial(take_their_steps, arch, start, store, ranks.device, shape.repeats, recompute=recompute)
        how = "gradient checkpointing" if recompute else "nothing recomputed"
        contenders[f"theirs {recompute}"] = _Contender(f"{theirs}, {how}", run)
    for _ in range(shape.small_rounds):
        for contender in contenders.values():
            contender.take()
    num_parameters = sum(weight.numel() for weight in start.values())
    return _part(contenders, shape, num_parameters)


def _their_name() -> str:
    try:
        return trainer_name()
    except ImportError:
        return "Another trainer"


def _part(contenders: dict[str, _Contender], shape: Shape, num_parameters: int) -> Part:
    lengths = shape.case_compared.lengths
    baseline = contenders["theirs True"]
    rows: list[list[Cell]] = []
    for contender in contenders.values():
        if contender.failure is not None:
            rows.append(failed_row([contender.name], contender.failure, len(COLUMNS)))
            continue
        peak = contender.peak_bytes
        ratios: list[Cell] = [None, None]
        if baseline.taken:
            ratios[0] = baseline.seconds / contender.seconds
            if peak is not None and baseline.peak_bytes is not None:
                ratios[1] = peak / baseline.peak_bytes
        figures: list[Cell] = [contender.seconds, sum(lengths) / contender.seconds, peak and peak / 1e9]
        rows.append([contender.name, *figures, *ratios])
    note = (
        f"{len(lengths)} samples of {min(lengths):,} to {max(lengths):,} tokens a step, "
        f"{num_parameters / 1e6:,.1f} M parameters, one device; medians of {shape.small_rounds} rounds of "
        f"{shape.repeats.timed} steps, in turns. `theirs` is the row with gradient checkpointing, which s1's "
        "script has on. Peaks hold weights, gradients and moments in fp32."
    )
    losses = {
        name: contender.taken[0].first_loss for name, contender in contenders.items() if contender.taken
    }
    checks = [
        Check(
            f"first loss, {contenders[name].name} against {baseline.name}, relative difference",
            abs(loss / losses["theirs True"] - 1),
            TOLERANCE,
        )
        for name, loss in losses.items()
        if "theirs True" in losses and name != "theirs True"
    ]
    return Part("Another trainer", [Table("Whole steps", COLUMNS, rows, note)], checks)

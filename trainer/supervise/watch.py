"""Says once that a run is slower than planned: nobody watches every step's figures (NeMo RL #888, #1844)."""

from collections import deque
from collections.abc import Mapping
from statistics import median

from trainer.events import Events, StepPhase
from trainer.sft.blocks import num_graphs
from trainer.sft.meter import longest_first
from trainer.spec import JobSpec

NUM_STEPS = 20
TOLERATED = 0.8
GRAPHS_A_MODE = 2


class Watch:
    """Looks at each step's figures; one rank makes it."""

    def __init__(self, spec: JobSpec, events: Events) -> None:
        self._spec, self._events = spec, events
        self._mfus: deque[float] = deque(maxlen=NUM_STEPS)
        self._said: set[str] = set()
        self._graphs_before = num_graphs()

    def see(self, *, mfu: float, seconds: Mapping[StepPhase, float]) -> None:
        self._mfus.append(mfu)
        # A processor's peak is a guess, so a share of it says nothing.
        if self._spec.device == "cuda":
            self._warn("slow", slowness(self._mfus, planned=self._spec.expected.mfu, seconds=seconds))
        self._warn(
            "graphs", recompilation(num_graphs() - self._graphs_before, num_modes=len(self._spec.recompute))
        )

    def _warn(self, what: str, message: str | None) -> None:
        if message is not None and what not in self._said:
            self._said.add(what)
            self._events.note(message, level="warning")


def slowness(mfus: deque[float], *, planned: float, seconds: Mapping[StepPhase, float]) -> str | None:
    """What to say when the median of the last steps' MFU is far below the plan's; None when it is not."""
    if len(mfus) < NUM_STEPS or median(mfus) >= TOLERATED * planned:
        return None
    return (
        f"MFU is {median(mfus):.1%} in the median of {len(mfus)} steps; the plan expects {planned:.1%}. The "
        f"last step's seconds: {longest_first(seconds)}. Compare preflight's figures with the cluster "
        "profile's."
    )


def recompilation(graphs: int, *, num_modes: int) -> str | None:
    """What to say when blocks are compiled again and again, which takes hours (pytorch #174704)."""
    if graphs <= GRAPHS_A_MODE * num_modes:
        return None
    return (
        f"{graphs} graphs were compiled for {num_modes} ways to run a block; {GRAPHS_A_MODE} each are "
        "expected. Run with TORCH_LOGS=recompiles to see why, or set training.compile to false."
    )

"""Asks a host what is still to be answered, as many questions at a time as it takes."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from tokenizers import Tokenizer

from trainer.evaluate.budget_forcing import BudgetForcing, Outcome
from trainer.evaluate.engine import Host, Recalling
from trainer.evaluate.settings import Settings


@dataclass(frozen=True, slots=True)
class Unit:
    """One answer to a question under each control: what is recorded, and asked again, as a whole."""

    question: int
    sample: int


def batches(num_questions: int, samples: int, known: Collection[Unit], together: int) -> list[list[Unit]]:
    """Those in which something is missing.

    They are always cut alike: in bf16 a greedy answer hangs on what is decoded beside it, and after a kill it
    is to be the same.
    """
    units = [Unit(question, sample) for question in range(num_questions) for sample in range(samples)]
    cut = [units[start : start + together] for start in range(0, len(units), together)]
    return [batch for batch in cut if not all(unit in known for unit in batch)]


@dataclass(frozen=True, slots=True)
class Asking:
    host: Host
    tokenizer: Tokenizer
    settings: Settings
    ends: Set[int]

    def answers(
        self,
        wanted: Sequence[Sequence[Unit]],
        prompts: Mapping[str, Sequence[Sequence[int]]],
        seed_of: Callable[[Unit], int],
    ) -> Iterator[tuple[Sequence[Unit], list[list[Outcome]]]]:
        """Each batch as it is finished, with the outcomes of its units for each control.

        `prompts`: of each question, by what stands behind it (`prompts.encode_told`).
        Raises StageError as the engine does; what is asked by then is left to itself.
        """

        def answer(batch: Sequence[Unit]) -> list[list[Outcome]]:
            told = {words: [ids[unit.question] for unit in batch] for words, ids in prompts.items()}
            longest = [max(variants, key=len) for variants in zip(*told.values(), strict=True)]
            forcing = BudgetForcing(
                Recalling(self.host.engine(longest)),
                self.tokenizer,
                ends=self.ends,
                max_answer_tokens=self.settings.max_answer_tokens,
                positions=self.host.positions,
                thinking=self.settings.thinking,
            )
            seeds = [seed_of(unit) for unit in batch]
            return forcing.run(told[""], self.settings.controls, seeds, told)

        pool = ThreadPoolExecutor(self.host.at_once)
        try:
            running = {pool.submit(answer, batch): batch for batch in wanted}
            for future in as_completed(running):
                yield running[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

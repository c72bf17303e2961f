"""One contract for every engine: the trainer's own, one behind HTTP, and in the slow lane vLLM's.

STINT_TEST_VLLM is the Python of an environment that has vLLM (ops/vllm).
"""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from trainer.evaluate.ask import Ask, Reply
from trainer.evaluate.budget_forcing import BudgetForcing, Outcome
from trainer.evaluate.cached_decoder import CachedDecoder
from trainer.evaluate.capacity import longest_prompt
from trainer.evaluate.completions_host import CompletionsHost
from trainer.evaluate.endpoint import Endpoint
from trainer.evaluate.engine import Engine, Host, Recalling
from trainer.evaluate.load_model import load_model
from trainer.evaluate.memory import Room
from trainer.evaluate.own_decoder import generate
from trainer.evaluate.own_host import OwnHost
from trainer.evaluate.settings import Control
from trainer.evaluate.text_end import text_end
from trainer.evaluate.vllm_server import vllm_server
from trainer.tests.completions_server import served
from trainer.tests.evaluations import delimiters, export_into
from trainer.thinking import S1, Thinking
from trainer.tokenizer import load_tokenizer

POSITIONS = 512
# vLLM has kernels for heads of 64.
SHAPE = {"hiddenSize": 128, "queryHeads": 2, "keyValueHeads": 1, "headSize": 64, "maxPositions": POSITIONS}
KINDS = ["own", "served", *(["vllm"] if "STINT_TEST_VLLM" in os.environ else [])]
PROMPTS = [(5, 6, 7), (200,), (9, 8, 300, 301, 2, 17), tuple(range(40, 90))]
CONTROLS = [
    Control("budget", 8),
    Control("budget", 40),
    Control("wait", 60, 2, "Wait"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_into(tmp_path_factory.mktemp("engines"), **SHAPE)


def own_host(folder: Path, temperature: float) -> OwnHost:
    model = load_model(folder, torch.device("cpu"), "fp32")
    return OwnHost(
        model, Room("fp32", len(PROMPTS)), temperature=temperature, capacity_of=lambda _: POSITIONS
    )


@pytest.fixture(scope="module", params=KINDS)
def kind_and_url(request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[str, str]]:
    if request.param == "served":
        with served(folder, positions=POSITIONS) as server:
            yield "served", server.url
    elif request.param == "vllm":
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("STINT_VLLM_PYTHON", os.environ["STINT_TEST_VLLM"])
            options = ["--dtype", "float32", "--max-model-len", str(POSITIONS), "--max-num-seqs", "4"]
            options += ["--enforce-eager", "--generation-config", "vllm"]
            log = Path(os.environ.get("STINT_TEST_VLLM_LOG", folder.parent / "vllm.log"))
            with vllm_server(folder, log=log, options=options) as serving:
                yield "vllm", serving.url
    else:
        yield request.param, ""


@pytest.fixture(scope="module", params=[0.0, 1.3], ids=["greedy", "drawn"])
def host(request: pytest.FixtureRequest, kind_and_url: tuple[str, str], folder: Path) -> Iterator[Host]:
    kind, url = kind_and_url
    if kind == "own":
        yield own_host(folder, request.param)
        return
    with Endpoint(url, at_once=4) as endpoint:
        yield CompletionsHost(endpoint, at_once=4, temperature=request.param)


@pytest.fixture
def greedy(host: Host) -> bool:
    return temperature_of(host) == 0


def temperature_of(host: Host) -> float:
    inner = host.engine([PROMPTS[0]])
    found: float = vars(inner)["_temperature"]
    return found


def one(engine: Engine, ask: Ask) -> tuple[tuple[int, ...], int | None]:
    [reply] = engine.reply([(0, ask)])
    return reply.tokens, reply.stop


def test_it_says_who_it_is(host: Host) -> None:
    assert host.identity.name and host.identity.version and host.identity.batch >= 1
    assert host.positions in (None, POSITIONS)


def test_greedy_tokens_are_those_of_the_trainers_decoder(host: Host, folder: Path, greedy: bool) -> None:
    if not greedy:
        return
    decoder = CachedDecoder(load_model(folder, torch.device("cpu"), "fp32"), num_rows=4, capacity=POSITIONS)
    asked = [(row, Ask(prompt, 64, frozenset({300, 17}))) for row, prompt in enumerate(PROMPTS)]
    assert host.engine(PROMPTS).reply(asked) == generate(decoder, asked)


def test_a_limit_is_a_number_of_tokens(host: Host) -> None:
    engine = host.engine(PROMPTS)
    for limit in (1, 2, 33):
        tokens, stop = one(engine, Ask(PROMPTS[0], limit, frozenset(), seed=3))
        assert (len(tokens), stop) == (limit, None)


def test_a_shorter_limit_gives_the_beginning_of_what_a_longer_one_gives(host: Host) -> None:
    engine = host.engine(PROMPTS)
    long, _ = one(engine, Ask(PROMPTS[2], 40, frozenset(), seed=11))
    short, _ = one(engine, Ask(PROMPTS[2], 9, frozenset(), seed=11))
    assert short == long[:9]


def test_the_token_that_ends_it_is_told_and_is_no_part_of_it(host: Host) -> None:
    engine = host.engine(PROMPTS)
    free, _ = one(engine, Ask(PROMPTS[1], 20, frozenset(), seed=5))
    for place in (0, 7):
        first = free.index(free[place])
        tokens, stop = one(engine, Ask(PROMPTS[1], 20, frozenset({free[place], 511}), seed=5))
        assert (tokens, stop) == (free[:first], free[place])


def test_a_stop_that_it_may_not_begin_with_does_not_come_first(host: Host) -> None:
    engine = host.engine(PROMPTS)
    free, _ = one(engine, Ask(PROMPTS[3], 2, frozenset(), seed=5))
    stops = frozenset({free[0]})
    assert one(engine, Ask(PROMPTS[3], 20, stops, seed=5)) == ((), free[0])
    tokens, _ = one(engine, Ask(PROMPTS[3], 20, stops, not_first=stops, seed=5))
    assert tokens and tokens[0] != free[0]


def test_a_token_that_is_no_stop_is_kept_from_coming_first_where_one_is_asked_for(host: Host) -> None:
    engine = host.engine(PROMPTS)
    for seed in (5, 6):
        free, _ = one(engine, Ask(PROMPTS[3], 1, frozenset(), seed=seed))
        banned = frozenset({free[0], (free[0] + 1) % 400})
        tokens, stop = one(engine, Ask(PROMPTS[3], 1, frozenset({511}), not_first=banned | {511}, seed=seed))
        assert (len(tokens), stop) == (1, None) and tokens[0] not in banned


def test_a_text_of_several_tokens_ends_it_and_comes_with_it(host: Host, folder: Path) -> None:
    tokenizer, engine = load_tokenizer(folder), host.engine(PROMPTS)
    free, _ = one(engine, Ask(PROMPTS[1], 60, frozenset(), seed=5))
    said = tokenizer.decode(list(free), skip_special_tokens=False)
    # Words and marks that stand side by side, where no token ends within one.
    found = re.search(r"\w[^\w\s]+\w|\w \w", said.replace("\ufffd", "\n"))
    assert found is not None, said
    end = text_end(found[0], tokenizer)
    assert end is not None
    [reply] = engine.reply([(0, Ask(PROMPTS[1], 60, frozenset(), seed=5, text_end=end))])
    places = end.find(free)
    assert places is not None
    assert reply == Reply(free[: places[1]], None, at_text=True)


def test_what_is_drawn_hangs_on_its_seed_alone(host: Host, greedy: bool) -> None:
    engine = host.engine(PROMPTS)

    def drawn(seed: int) -> tuple[int, ...]:
        return one(engine, Ask(PROMPTS[0], 12, frozenset(), seed=seed))[0]

    assert drawn(1) == drawn(1)
    assert (drawn(1) == drawn(2)) == greedy
    assert (drawn(1) == drawn(2**48 - 1)) == greedy


def test_tokens_are_drawn_as_often_as_they_are_likely(host: Host, folder: Path, greedy: bool) -> None:
    """Of 400 first tokens, the share of the likelier half of the vocabulary, within five standard errors."""
    if greedy:
        return
    model = load_model(folder, torch.device("cpu"), "fp32")
    decoder = CachedDecoder(model, num_rows=1, capacity=POSITIONS)
    likely = (decoder.next_logits([0], [PROMPTS[0]])[0] / temperature_of(host)).softmax(-1)
    order = likely.argsort(descending=True)
    for most in (5, 40, 256):
        among = set(order[:most].tolist())
        expected = float(likely[order[:most]].sum())
        engine = host.engine(PROMPTS)
        asked = [(0, Ask(PROMPTS[0], 1, frozenset(), seed=seed)) for seed in range(400)]
        firsts = Counter(one(engine, ask)[0][0] for _, ask in asked)
        found = sum(count for token, count in firsts.items() if token in among) / len(asked)
        assert abs(found - expected) < 5 * (expected * (1 - expected) / len(asked)) ** 0.5


@pytest.mark.parametrize("thinking", [S1, delimiters("<think>\n", "a")], ids=["token", "text"])
def test_budget_forcing_comes_to_the_same_on_every_engine(
    host: Host, folder: Path, greedy: bool, thinking: Thinking
) -> None:
    if not greedy:
        return
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    prompts = [list(prompt) for prompt in PROMPTS]
    assert longest_prompt(prompts) + 60 + 40 < POSITIONS

    def outcomes(of: Host) -> list[list[Outcome]]:
        forcing = BudgetForcing(
            Recalling(of.engine(prompts)),
            tokenizer,
            ends={2, 17, 301},
            max_answer_tokens=8,
            thinking=thinking,
        )
        return forcing.run(prompts, CONTROLS)

    found = outcomes(host)
    assert found == outcomes(own_host(folder, 0))
    assert {outcome.label for column in found for outcome in column} <= {"obeyed", "impossible"}

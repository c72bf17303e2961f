"""Servers as they are: busy, old, or deaf to a parameter. What they do is told from the tokens they send."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from trainer.evaluate.ask import Ask, Reply
from trainer.evaluate.budget_forcing import BudgetForcing, Outcome
from trainer.evaluate.completions import CompletionsEngine, Way, reply_of, request_of, way_of
from trainer.evaluate.completions_host import CompletionsHost
from trainer.evaluate.endpoint import Endpoint
from trainer.evaluate.engine import Recalling
from trainer.evaluate.retry import LONGEST_PAUSE_SECONDS, TRIES, TRIES_OF_SLOW, pause_before
from trainer.evaluate.settings import Control
from trainer.failure import StageError
from trainer.tests.completions_server import CompletionsServer, Manner, served
from trainer.tests.evaluations import delimiters, export_into
from trainer.thinking import S1, Thinking

PROMPTS = [[5, 6, 7], [200], [9, 8, 300, 301, 2], [17], [40, 41], [77, 3, 77]]
CONTROLS = [Control("budget", 20), Control("wait", 40, 2, "Wait")]
# Of every so many tokens one: seldom, or often enough that an end comes first behind a "Wait".
SELDOM, OFTEN = 12, 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_into(tmp_path_factory.mktemp("completions"))


# No token of its own, and a part of so many that it is likely to be drawn.
SHORT = delimiters("<think>\n", "@")


def forced(
    server: CompletionsServer, folder: Path, every: int = SELDOM, thinking: Thinking = S1
) -> list[Outcome]:
    with Endpoint(server.url, sleep=lambda _: None) as endpoint:
        engine = CompletionsHost(endpoint, at_once=1, temperature=1.0).engine(PROMPTS)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        forcing = BudgetForcing(
            Recalling(engine),
            tokenizer,
            ends=set(range(0, 512, every)),
            max_answer_tokens=8,
            thinking=thinking,
        )
        return [outcome for column in forcing.run(PROMPTS, CONTROLS) for outcome in column]


def test_a_server_that_heeds_everything_is_obeyed(folder: Path) -> None:
    with served(folder) as server:
        labels = [outcome.label for outcome in forced(server, folder)]
    assert "ignored" not in labels and "obeyed" in labels


@pytest.mark.parametrize(
    ("manner", "every"),
    [
        (Manner(ignores=frozenset({"stop_token_ids"})), SELDOM),
        (Manner(ignores=frozenset({"min_tokens"})), OFTEN),
        (Manner(ignores=frozenset({"max_tokens"})), SELDOM),
        (Manner(own_limit=3), SELDOM),
    ],
    ids=["stops", "least", "most", "own limit"],
)
def test_a_server_that_ignores_a_parameter_in_silence_is_found_out(
    folder: Path, manner: Manner, every: int
) -> None:
    with served(folder, manner=manner) as server:
        found = forced(server, folder, every)
    assert any(outcome.label == "ignored" for outcome in found)
    budgets = [control.max_thinking_tokens for control in CONTROLS for _ in PROMPTS]
    assert all(outcome.num_thinking_tokens <= budget for outcome, budget in zip(found, budgets, strict=True))


def test_a_text_ends_thinking_at_a_server_and_does_not_come_first_behind_a_wait(folder: Path) -> None:
    with served(folder) as server:
        found = forced(server, folder, every=512, thinking=SHORT)
        asked = [request for request in server.seen if "stop" in request]
        biased = [request for request in asked if "logit_bias" in request]
    assert all(request["stop"] == ["@"] and request["include_stop_str_in_output"] for request in asked)
    assert biased and all(request["max_tokens"] == 1 for request in biased)
    assert "ignored" not in {outcome.label for outcome in found}
    assert any(not outcome.forced for outcome in found)
    assert all("@" not in outcome.thinking for outcome in found)


def test_a_server_that_ignores_a_text_in_silence_is_found_out(folder: Path) -> None:
    with served(folder, manner=Manner(ignores=frozenset({"stop"}))) as server:
        found = forced(server, folder, every=512, thinking=SHORT)
    assert any(outcome.label == "ignored" for outcome in found)
    assert all("@" not in outcome.thinking for outcome in found)


def test_tokens_are_read_where_an_older_server_says_them(folder: Path) -> None:
    with served(folder) as newer, served(folder, manner=Manner(names_tokens=True)) as older:
        assert forced(newer, folder) == forced(older, folder)
        ways: list[Way] = []
        for server in (newer, older):
            with Endpoint(server.url) as endpoint:
                ways.append(way_of(endpoint, "checkpoint"))
    assert ways == ["ids", "names"]


def ask_once(
    server: CompletionsServer, ask: Ask, check: Callable[[], None] = lambda: None
) -> tuple[Reply, list[float]]:
    pauses: list[float] = []
    with Endpoint(server.url, sleep=pauses.append, check=check) as endpoint:
        [reply] = CompletionsEngine(endpoint, model="checkpoint", temperature=0).reply([(0, ask)])
    return reply, pauses


ASK = Ask((5, 6, 7), 4, frozenset())


def test_what_may_pass_is_tried_again_with_longer_pauses(folder: Path) -> None:
    with served(folder, manner=Manner(failures=[503, None, 429, 500])) as server:
        reply, pauses = ask_once(server, ASK)
        assert len(reply.tokens) == 4 and pauses == [0.5, 1, 2, 4]


def test_a_server_says_itself_how_long_it_wants_to_be_left_alone(folder: Path) -> None:
    with served(folder, manner=Manner(failures=[429, 429], retry_after="7")) as server:
        assert ask_once(server, ASK)[1] == [7, 7]
    with served(folder, manner=Manner(failures=[429], retry_after="86400")) as server:
        assert ask_once(server, ASK)[1] == [LONGEST_PAUSE_SECONDS]


@pytest.mark.parametrize("failure", [503, None])
def test_tries_are_bounded(folder: Path, failure: int | None) -> None:
    with served(folder, manner=Manner(failures=[failure] * 99)) as server:
        with pytest.raises(StageError, match=rf"{TRIES} times") as given_up:
            ask_once(server, ASK)
        assert given_up.value.exit_class == "infrastructure"
        assert len(server.manner.failures) == 99 - TRIES


def test_a_reply_that_never_comes_is_waited_for_twice_and_no_more(folder: Path) -> None:
    pauses: list[float] = []
    slow = Manner(seconds=0.5)
    with served(folder, manner=slow) as server, Endpoint(server.url, sleep=pauses.append) as to:
        request = request_of(ASK, model="checkpoint", temperature=0)
        with pytest.raises(StageError, match="did not answer within 0 s, 2 times") as given_up:
            to.post("/completions", request, seconds=0.1)
        assert given_up.value.exit_class == "infrastructure"
        assert len(pauses) == TRIES_OF_SLOW - 1


def test_a_server_that_has_ended_is_asked_no_more(folder: Path) -> None:
    def ended() -> None:
        raise StageError("infrastructure", "it has ended")

    with served(folder, manner=Manner(failures=[503] * 9)) as server:
        with pytest.raises(StageError, match="it has ended"):
            ask_once(server, ASK, check=ended)
        assert len(server.manner.failures) == 8


def test_a_refusal_that_will_not_pass_is_said_at_once(folder: Path) -> None:
    with served(folder, positions=8) as server:
        with pytest.raises(StageError, match="exceed 8") as refused:
            ask_once(server, Ask((5, 6, 7), 6, frozenset()))
        assert refused.value.exit_class == "configuration"


def test_a_key_comes_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(folder, manner=Manner(key="s3cret")) as server:
        with pytest.raises(StageError, match="STINT_ENDPOINT_KEY") as refused:
            ask_once(server, ASK)
        assert refused.value.exit_class == "configuration"
        monkeypatch.setenv("STINT_ENDPOINT_KEY", "s3cret")
        assert len(ask_once(server, ASK)[0].tokens) == 4


def test_a_server_without_token_ids_is_refused_before_anything_is_asked(folder: Path) -> None:
    with (
        served(folder, manner=Manner(tells_tokens=False)) as server,
        Endpoint(server.url) as endpoint,
        pytest.raises(StageError, match="a server is needed that returns them") as refused,
    ):
        CompletionsHost(endpoint, at_once=1, temperature=0)
    assert refused.value.exit_class == "configuration"


def test_a_model_that_is_not_served_is_named_with_those_that_are(folder: Path) -> None:
    with served(folder) as server, Endpoint(server.url) as endpoint:
        assert endpoint.served().positions == 512
        with pytest.raises(StageError, match="serves checkpoint; expected the model other"):
            endpoint.served("other")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "nonsense", "http://[::1/v1"])
def test_an_address_where_nobody_is_ends_in_words(url: str) -> None:
    with Endpoint(url, sleep=lambda _: None) as endpoint, pytest.raises(StageError):
        endpoint.served()


def test_a_server_that_read_other_tokens_is_not_believed() -> None:
    answer = {"choices": [{"token_ids": [1], "prompt_token_ids": [5, 6], "finish_reason": "length"}]}
    with pytest.raises(StageError, match="read other tokens"):
        reply_of(answer, ASK, where="it")


def test_an_end_is_the_last_token_or_stands_beside_them() -> None:
    stops = frozenset({9})
    ask = Ask((5,), 4, stops)

    def reply(tokens: list[int], **more: object) -> Reply:
        choice = {"token_ids": tokens, "finish_reason": "stop", **more}
        return reply_of({"choices": [choice]}, ask, where="it")

    assert reply([1, 2, 9], stop_reason=9) == Reply((1, 2), 9)
    assert reply([1, 2], stop_reason=9) == Reply((1, 2), 9)
    assert reply([1, 2, 9]) == Reply((1, 2), 9)
    # By an end of its own, which is then in nobody's list.
    assert reply([1, 2]) == Reply((1, 2), None)
    assert reply([1, 2, 9], finish_reason="length") == Reply((1, 2, 9), None)


def test_nothing_of_what_is_likely_is_left_to_the_servers_defaults() -> None:
    request = request_of(Ask((1,), 2, frozenset({4, 3}), frozenset({3, 4}), 8), model="m", temperature=0.7)
    plain = {"top_p": 1, "top_k": 0, "min_p": 0, "repetition_penalty": 1, "ignore_eos": True}
    assert plain.items() <= request.items()
    assert (request["stop_token_ids"], request["min_tokens"], request["seed"]) == ([3, 4], 1, 8)
    assert "seed" not in request_of(ASK, model="m", temperature=0)


def test_pauses_grow_and_end() -> None:
    draw = random.Random(3)
    assert [pause_before(tries, None, is_slow=True) for tries in (1, 2)] == [0.5, None]
    for _ in range(500):
        status = draw.choice([None, 200, 400, 401, 404, 408, 422, 429, 500, 503])
        pauses = [pause_before(tries, status) for tries in range(1, TRIES + 2)]
        if status in (None, 408, 429, 500, 503):
            known = [pause for pause in pauses if pause is not None]
            assert known == sorted(known) and len(known) == TRIES - 1 and sum(known) < 60
        else:
            assert pauses == [None] * len(pauses)

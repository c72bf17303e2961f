"""Any server of OpenAI's completions protocol that takes and gives tokens, as vLLM does, as an engine.

Prompts go as token ids, so that nothing is tokenised twice, and answers are read from the ids that come back:
what a server does with a parameter that it does not know is seen there and nowhere else. Settings that change
what is likeliest are sent out in full, because a server may take others from the model's own files, such as
the repetition penalty in Qwen's generation_config.json.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeGuard

from trainer.evaluate.ask import Ask, Reply
from trainer.evaluate.endpoint import Endpoint
from trainer.evaluate.vocabulary import Vocabulary
from trainer.failure import StageError

# Slower than this a server is taken for dead.
LEAST_TOKENS_PER_SECOND = 2
LONGEST_WAIT_SECONDS = 300
PLAIN_SAMPLING = {
    "top_p": 1.0,
    "top_k": 0,
    "min_p": 0.0,
    "repetition_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
# How a server is made to say which tokens it chose: vLLM's own way, and that of its older versions and of
# others, which costs a probability a token.
Way = Literal["ids", "names"]
_WAYS: dict[Way, dict[str, Any]] = {
    "ids": {"return_token_ids": True},
    "names": {"return_tokens_as_token_ids": True, "logprobs": 0},
}
_NAMED_ID = re.compile(r"token_id:(\d+)")


class CompletionsEngine:
    """Thread-safe, because it keeps nothing."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        model: str,
        temperature: float,
        way: Way = "ids",
        vocabulary: Vocabulary | None = None,
    ) -> None:
        """`vocabulary`: of the model that is meant, where another one could answer."""
        self._endpoint = endpoint
        self._vocabulary = vocabulary
        self._model = model
        self._temperature = temperature
        self._way: Way = way

    def reply(self, asked: Sequence[tuple[int, Ask]]) -> list[Reply]:
        """One request after the other: whoever wants several at a time asks from several threads.

        Raises StageError `configuration` where the server refuses or says no token ids, or others than are
        the model's, `infrastructure` where it does not answer.
        """
        return [self._one(ask) for _, ask in asked]

    def _one(self, ask: Ask) -> Reply:
        answer = self._endpoint.post(
            "/completions",
            request_of(ask, model=self._model, temperature=self._temperature, way=self._way),
            seconds=LONGEST_WAIT_SECONDS + ask.max_tokens / LEAST_TOKENS_PER_SECOND,
        )
        return reply_of(answer, ask, where=self._endpoint.url, vocabulary=self._vocabulary)


def way_of(endpoint: Endpoint, model: str) -> Way:
    """How this server says its tokens, by one token of it. Raises StageError where it does not."""
    ask = Ask((0,), 1, frozenset())
    for way in _WAYS:
        try:
            CompletionsEngine(endpoint, model=model, temperature=0, way=way).reply([(0, ask)])
        except StageError as error:
            if way != "names" and error.exit_class == "configuration":
                continue
            raise
        return way
    raise AssertionError


def request_of(ask: Ask, *, model: str, temperature: float, way: Way = "ids") -> dict[str, Any]:
    others = ask.not_first - ask.stops
    assert not others or ask.max_tokens == 1, "a bias counts for every token of an answer"
    return {
        "model": model,
        "prompt": list(ask.sequence),
        "max_tokens": ask.max_tokens,
        "temperature": temperature,
        **({"seed": ask.seed} if temperature > 0 else {}),
        **PLAIN_SAMPLING,
        # The stops hold every end of the model; an end that is none of them is text like any other.
        "ignore_eos": True,
        "stop_token_ids": sorted(ask.stops),
        "min_tokens": 1 if ask.not_first else 0,
        **({"logit_bias": {str(token): -100 for token in sorted(others)}} if others else {}),
        # The text's own tokens are wanted, too: where it ends is judged by them.
        **({} if ask.text_end is None else {"stop": [ask.text_end.text], "include_stop_str_in_output": True}),
        "skip_special_tokens": False,
        **_WAYS[way],
    }


def reply_of(
    answer: Mapping[str, Any], ask: Ask, *, where: str, vocabulary: Vocabulary | None = None
) -> Reply:
    """What the server's answer says. Raises StageError `configuration` where it says no token ids of the
    vocabulary, or not all.
    """
    try:
        choice = answer["choices"][0]
        tokens = _token_ids(choice)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        message = (
            f"{where} answered without choices[0].token_ids and without token ids as logprobs.tokens: "
            f"{answer!s:.300}. What was thought is counted in tokens, so a server is needed that returns "
            "them, as vLLM does."
        )
        raise StageError("configuration", message) from error
    read = choice.get("prompt_token_ids")
    if read is not None and read != list(ask.sequence):
        message = (
            f"{where} read other tokens than it was sent: {read!s:.100} for {list(ask.sequence)!s:.100}. A "
            "server is needed that takes prompts as token ids, as vLLM does."
        )
        raise StageError("configuration", message)
    reason, stop = choice.get("finish_reason"), choice.get("stop_reason")
    if vocabulary is not None:
        # Some leave out the token that they stopped at, and write it.
        stopped = [stop] if _is_id(stop) and tokens[-1:] != [stop] else []
        vocabulary.require_known([*tokens, *stopped], where=where)
        vocabulary.require_whole([*tokens, *stopped], choice.get("text"), where=where)
    if reason != "stop":
        return Reply(tuple(tokens), None)
    if ask.text_end is not None and ask.text_end.closes(tuple(tokens)):
        return Reply(tuple(tokens), None, at_text=True)
    if not _is_id(stop):
        # A text that it stopped at is looked for in the tokens.
        stop = None
    if stop is not None and tokens[-1:] != [stop]:
        return Reply(tuple(tokens), stop)
    if tokens and (tokens[-1] == stop or tokens[-1] in ask.stops):
        return Reply(tuple(tokens[:-1]), tokens[-1])
    # It ended for a reason of its own; the tokens are too few, which whoever asked notices.
    return Reply(tuple(tokens), None)


def _token_ids(choice: Mapping[str, Any]) -> list[int]:
    """Raises an error of a value that is no such answer's."""
    ids = choice.get("token_ids")
    if not isinstance(ids, list):
        found = [_NAMED_ID.fullmatch(name) for name in choice["logprobs"]["tokens"]]
        ids = [None if match is None else int(match[1]) for match in found]
    # Whatever is no id would be rounded to one, or decoded as nothing.
    if not all(map(_is_id, ids)):
        raise ValueError("a token id is a whole number")
    return ids


def _is_id(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31

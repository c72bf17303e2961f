"""Servers whose answers are not of OpenAI's completions protocol end in words, and never in a guess."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tokenizers import Tokenizer

from trainer.evaluate import endpoint as endpoint_module
from trainer.evaluate.ask import Ask, Reply
from trainer.evaluate.completions import reply_of
from trainer.evaluate.endpoint import Endpoint
from trainer.evaluate.vocabulary import Vocabulary
from trainer.failure import StageError
from trainer.tests.tokenizers import own_tokenizer, qwen_tokenizer

# Of an embedding that has more of them than the tokenizer has entries, as published ones do.
ROWS = 152_064
ASK = Ask((5, 6), 4, frozenset({9}))


@pytest.mark.parametrize(
    "choices",
    [
        *[None, [], {}, "abc", [None], ["x"], [[1]], [7]],
        *[[{"token_ids": ids}] for ids in (None, ["a"], ["7"], [1, None], [1.5], [True], [[1]])],
        *[[{"token_ids": ids}] for ids in ([-1], [2**31], [float("inf")])],
        *[[{"logprobs": said}] for said in (None, {"tokens": None}, {"tokens": [None]}, {"tokens": ["one"]})],
        [{"logprobs": {"tokens": ["token_id:" + "9" * 5_000]}}],
    ],
)
def test_what_says_no_token_ids_is_refused_with_what_it_said(choices: object) -> None:
    with pytest.raises(StageError, match="without token ids") as refused:
        reply_of({"choices": choices}, ASK, where="it")
    assert refused.value.exit_class == "configuration"


@pytest.mark.parametrize("read", [5, "56", [], [5], {"5": 6}])
def test_a_prompt_that_was_not_read_as_it_was_sent_is_refused_whatever_is_said_of_it(read: object) -> None:
    with pytest.raises(StageError, match="read other tokens"):
        reply_of({"choices": [{"token_ids": [1], "prompt_token_ids": read}]}, ASK, where="it")


@pytest.mark.parametrize("stop", [True, -1, [9], "9", None])
def test_a_stop_that_is_no_token_id_is_none(stop: object) -> None:
    def reply(ids: list[int]) -> Reply:
        choice = {"token_ids": ids, "finish_reason": "stop", "stop_reason": stop}
        return reply_of({"choices": [choice]}, ASK, where="it")

    assert reply([1]) == Reply((1,), None)
    assert reply([1, 9]) == Reply((1,), 9)


@pytest.fixture(scope="module", params=["own", "qwen2.5"])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    if request.param == "own":
        return own_tokenizer(tmp_path_factory.mktemp("made"))
    return qwen_tokenizer()


def answered(tokenizer: Tokenizer, ids: list[int], **more: object) -> Reply:
    answer = {"choices": [{"token_ids": ids, **more}]}
    return reply_of(answer, ASK, where="it", vocabulary=Vocabulary(tokenizer, ROWS))


def test_ids_that_the_model_does_not_have_are_refused_by_name(tokenizer: Tokenizer) -> None:
    last = ROWS - 1
    assert answered(tokenizer, [0, last]) == Reply((0, last), None)
    for ids in ([last + 1], [1, 2**31 - 1, 2]):
        with pytest.raises(
            StageError, match=f"the token {max(ids)}, which the model does not have"
        ) as refused:
            answered(tokenizer, ids)
        assert refused.value.exit_class == "configuration"
    with pytest.raises(StageError, match="does not have"):
        answered(tokenizer, [1], finish_reason="stop", stop_reason=last + 1)


@pytest.mark.parametrize("said", ["one two three", " one two, three\n\n", "one <|im_start|>answer\nthree"])
def test_fewer_ids_than_the_text_says_are_refused(tokenizer: Tokenizer, said: str) -> None:
    ids = tokenizer.encode(said, add_special_tokens=False).ids
    for text in (said, said.strip(), said.replace("<|im_start|>", ""), said + "\ufffd", "", None):
        assert answered(tokenizer, ids, text=text) == Reply(tuple(ids), None)
    short = tokenizer.encode("one", add_special_tokens=False).ids
    with pytest.raises(StageError, match="for a text that holds more than they say") as refused:
        answered(tokenizer, short, text=said)
    assert refused.value.exit_class == "configuration"


def test_a_text_may_end_before_its_ids_do_and_hold_the_token_that_they_leave_out(
    tokenizer: Tokenizer,
) -> None:
    ids = tokenizer.encode("one \U0001f9ee", add_special_tokens=False).ids
    # The last byte of the character is not there yet: some write nothing of it, some a mark in its place.
    for text in ("one", "one ", "one \ufffd"):
        answered(tokenizer, ids[:-1], text=text)
    end = tokenizer.token_to_id("<|im_end|>")
    reply = answered(
        tokenizer, [*ids], text="one \U0001f9ee<|im_end|>", finish_reason="stop", stop_reason=end
    )
    assert reply == Reply(tuple(ids), end)


@contextmanager
def answering(
    status: int, body: bytes, headers: Mapping[str, str], *, pause_seconds: float | None = None
) -> Iterator[Endpoint]:
    """`pause_seconds`: before each byte, which comes by itself then."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if pause_seconds is None:
                self.wfile.write(body)
                return
            with suppress(OSError):
                for place in range(len(body)):
                    if ended.wait(pause_seconds):
                        break
                    self.wfile.write(body[place : place + 1])

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Endpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", sleep=lambda _: None) as endpoint:
            yield endpoint
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"data": ', b"[" * 100_000, b'{"a":' * 100_000])
def test_what_is_no_json_object_is_refused_however_deep_it_nests(body: bytes) -> None:
    with answering(200, body, {}) as endpoint, pytest.raises(StageError, match="no JSON object") as refused:
        endpoint.served()
    assert refused.value.exit_class == "configuration"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirection_is_not_followed_and_says_where_to(status: int) -> None:
    place = {"Location": "https://elsewhere.example/v1/models"}
    with answering(status, b"", place) as endpoint, pytest.raises(StageError) as refused:
        endpoint.served()
    assert refused.value.exit_class == "configuration"
    assert "for https://elsewhere.example/v1/models. Name the address" in str(refused.value)
    assert str(refused.value).endswith("as evaluation.engine.url.")


@pytest.mark.parametrize("positions", [b"0", b"-5", b"true", b'"many"', b"null"])
def test_a_length_that_is_none_is_unknown(positions: bytes) -> None:
    body = b'{"data": [{"id": "a", "max_model_len": ' + positions + b"}]}"
    with answering(200, body, {}) as endpoint:
        assert endpoint.served().positions is None


def test_a_reply_that_drips_has_no_longer_than_one_that_is_silent() -> None:
    begun = time.monotonic()
    refusal = pytest.raises(StageError, match="did not answer within 0 s, 2 times")
    with answering(200, b" " * 10_000, {}, pause_seconds=0.02) as endpoint, refusal as given_up:
        endpoint.post("/completions", {}, seconds=0.2)
    assert given_up.value.exit_class == "infrastructure"
    # All of it would take 200 s.
    assert time.monotonic() - begun < 100


def test_a_reply_that_comes_in_pieces_is_whole() -> None:
    with answering(200, b'{"choices": [7]}', {}, pause_seconds=0.001) as endpoint:
        assert endpoint.post("/completions", {}, seconds=60) == {"choices": [7]}


def test_a_reply_without_an_end_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "LARGEST_REPLY_BYTES", 1_000)
    refusal = pytest.raises(StageError, match="answered with more than")
    with answering(200, b" " * 1_000_000, {}) as endpoint, refusal as refused:
        endpoint.post("/completions", {}, seconds=60)
    assert refused.value.exit_class == "configuration"

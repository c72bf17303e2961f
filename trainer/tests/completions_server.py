"""A server of OpenAI's completions protocol on this machine, over the trainer's own decoder.

It answers as vLLM 0.32 does (seen there), and can be made to do what servers do
that are older, busy, or know fewer parameters.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import torch

from trainer.evaluate.ask import Ask, Reply
from trainer.evaluate.cached_decoder import CachedDecoder
from trainer.evaluate.load_model import load_model
from trainer.evaluate.own_decoder import generate
from trainer.evaluate.text_end import text_end
from trainer.tokenizer import load_tokenizer


@dataclass
class Manner:
    """How it serves."""

    ignores: frozenset[str] = frozenset()
    """Fields of a request that it does not know."""
    own_limit: int | None = None
    """Most tokens that it ever sends."""
    names_tokens: bool = False
    """It knows `return_tokens_as_token_ids`, as older versions do, and not `return_token_ids`."""
    tells_tokens: bool = True
    failures: list[int | None] = field(default_factory=list)
    """Status of the next answers; None breaks the connection."""
    retry_after: str | None = None
    key: str | None = None
    seconds: float = 0
    """That an answer waits."""


class CompletionsServer:
    """A running server; `seen` are the requests that it has answered."""

    def __init__(self, folder: Path, *, positions: int, manner: Manner) -> None:
        self.positions = positions
        self.manner = manner
        self.seen: list[dict[str, Any]] = []
        self.at_once = self.most_at_once = 0
        self._model = load_model(folder, torch.device("cpu"), "fp32")
        self._tokenizer = load_tokenizer(folder)
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        manner = self.manner
        known = {key: value for key, value in request.items() if key not in manner.ignores}
        sequence, limit = tuple(known["prompt"]), known.get("max_tokens", 16)
        if len(sequence) + limit > self.positions:
            said = f"max_tokens={limit} and {len(sequence)} tokens of the prompt exceed {self.positions}"
            return 400, {"error": {"message": said}}
        if manner.own_limit is not None:
            limit = min(limit, manner.own_limit)
        stops = frozenset(known.get("stop_token_ids", []))
        not_first = stops if known.get("min_tokens", 0) > 0 else frozenset[int]()
        banned = frozenset(int(token) for token, bias in known.get("logit_bias", {}).items() if bias <= -100)
        assert not banned or limit == 1, "this one knows biases of the first token alone"
        [text] = known.get("stop", [None])
        ends = None if text is None else text_end(text, self._tokenizer)
        ask = Ask(sequence, limit, stops, not_first | banned, known.get("seed", 0), ends)
        with self._lock:
            decoder = CachedDecoder(self._model, num_rows=1, capacity=self.positions)
            [reply] = generate(decoder, [(0, ask)], temperature=known.get("temperature", 1))
        return 200, {
            "object": "text_completion",
            "choices": [self._choice(known, ask, reply)],
        }

    def _choice(self, known: Mapping[str, Any], ask: Ask, reply: Reply) -> dict[str, Any]:
        stop: int | str | None = reply.stop
        if reply.at_text and ask.text_end is not None:
            stop = ask.text_end.text
        sent = [*reply.tokens, *([] if reply.stop is None else [reply.stop])]
        choice: dict[str, Any] = {
            "text": "",
            "finish_reason": "length" if stop is None else "stop",
            "stop_reason": stop,
            "logprobs": None,
            "token_ids": None,
        }
        by_name = known.get("return_tokens_as_token_ids") and known.get("logprobs") is not None
        if self.manner.tells_tokens and by_name:
            choice["logprobs"] = {"tokens": [f"token_id:{token}" for token in sent]}
        if self.manner.tells_tokens and not self.manner.names_tokens and known.get("return_token_ids"):
            choice |= {"token_ids": sent, "prompt_token_ids": list(ask.sequence)}
        return choice


def _handler_of(serving: CompletionsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/version":
                self._send(200, {"version": "0.0.1"})
            elif self.path == "/v1/models":
                model = {"id": "checkpoint", "owned_by": "test", "max_model_len": serving.positions}
                self._send(200, {"object": "list", "data": [model]})
            else:
                self._send(404, {"error": {"message": "no such path"}})

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            manner = serving.manner
            if manner.key is not None and self.headers["Authorization"] != f"Bearer {manner.key}":
                self._send(401, {"error": {"message": "no valid key"}})
                return
            if manner.failures:
                status = manner.failures.pop(0)
                if status is None:
                    self.close_connection = True
                    self.connection.close()
                else:
                    self._send(status, {"error": {"message": "not now"}})
                return
            serving.at_once += 1
            serving.most_at_once = max(serving.most_at_once, serving.at_once)
            try:
                # A server that is closed meanwhile lets its threads go.
                serving.stopped.wait(manner.seconds)
                status, content = serving.answer(request)
            finally:
                serving.at_once -= 1
            serving.seen.append(request)
            self._send(status, content)

        def _send(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if serving.manner.retry_after is not None:
                self.send_header("Retry-After", serving.manner.retry_after)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    return Handler


@contextmanager
def served(
    folder: Path, *, positions: int = 512, manner: Manner | None = None
) -> Iterator[CompletionsServer]:
    serving = CompletionsServer(folder, positions=positions, manner=manner or Manner())
    thread = threading.Thread(target=serving.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield serving
    finally:
        serving.stopped.set()
        serving.server.shutdown()
        serving.server.server_close()
        thread.join()

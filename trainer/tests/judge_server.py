"""A server of OpenAI's chat protocol on this machine that judges as its test wants."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Asked = dict[str, str]
"""What a judge is told of an answer: question, reference, answer, code."""


def honest(asked: Asked) -> str:
    """Right where the reference occurs in the answer."""
    return f"{asked['code']} {'right' if asked['reference'] in asked['answer'] else 'wrong'}"


@dataclass
class JudgeServer:
    says: Callable[[Asked], str | int | None] = honest
    """Of every answer but the two by which a judge shows that it can judge: a reply, the status of a refusal,
    or None, which breaks the connection."""
    key: str | None = None
    shows_its_ability: bool = True
    reason: str = "stop"
    refuses: tuple[str, ...] = ()
    """Parameters, in the words of OpenAI's models that think."""
    usage: dict[str, Any] | None = field(
        default_factory=lambda: {"prompt_tokens": 90, "completion_tokens": 9}
    )
    url: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)
    """Requests about answers, without those of the two trials."""

    @property
    def asked(self) -> list[Asked]:
        return [json.loads(request["messages"][1]["content"]) for request in self.seen]

    def answer(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        unsupported = next((name for name in self.refuses if name in request), None)
        if unsupported is not None:
            words = f"Unsupported parameter: '{unsupported}' is not supported with this model."
            return 400, {"error": {"message": words, "param": unsupported, "code": "unsupported_parameter"}}
        asked = json.loads(request["messages"][1]["content"])
        if asked["question"] == "What is 1 + 1?":
            said: str | int | None = honest(asked) if self.shows_its_ability else "right"
        else:
            self.seen.append(request)
            said = self.says(asked)
        if said is None:
            return None
        if isinstance(said, int):
            return said, {"error": {"message": f"no; the key was {self.key}"}}
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "message": message, "finish_reason": self.reason}
        usage = {"prompt_tokens": 90, "completion_tokens": 9}
        name = "judge-2026-11-30"
        return 200, {"object": "chat.completion", "model": name, "choices": [choice], "usage": usage}


def _handler_of(judging: JudgeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            names = ["judge", "another"]
            self._send(200, {"object": "list", "data": [{"id": name, "owned_by": "test"} for name in names]})

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path != "/v1/chat/completions":
                self._send(404, {"error": {"message": "no such path"}})
                return
            sent = self.headers["Authorization"]
            if judging.key is not None and sent != f"Bearer {judging.key}":
                self._send(401, {"error": {"message": f"not a key: {sent}"}})
                return
            found = judging.answer(request)
            if found is None:
                self.close_connection = True
                self.connection.close()
            else:
                self._send(*found)

        def _send(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    return Handler


@contextmanager
def judging(server: JudgeServer | None = None) -> Iterator[JudgeServer]:
    judge = server or JudgeServer()
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(judge))
    judge.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield judge
    finally:
        http.shutdown()
        http.server_close()
        thread.join()

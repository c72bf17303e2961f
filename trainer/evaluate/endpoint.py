"""An HTTP server of OpenAI's protocol: requests with bounded tries, and what it says of itself."""

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx2

from trainer.evaluate.retry import TRIES, pause_before
from trainer.failure import StageError

CONNECT_SECONDS = 10.0
SHORT_SECONDS = 60.0
KEY_VARIABLE = "STINT_ENDPOINT_KEY"
# Of the longest answer with a name and a probability for each of its tokens it is a hundredth.
LARGEST_REPLY_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Served:
    """What a server says of the model that it serves; None where it says nothing."""

    model: str
    owner: str
    version: str | None
    positions: int | None


class Endpoint:
    """A context manager. `url` ends with the protocol's version, as in http://127.0.0.1:8000/v1.

    `check` is called before another try, and raises where none makes sense, as where the server has ended.
    """

    def __init__(
        self,
        url: str,
        *,
        at_once: int = 1,
        check: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
        key_variable: str = KEY_VARIABLE,
        field: str = "evaluation.engine",
    ) -> None:
        """`key_variable`: of the environment, with its key. `field`: where the recipe names the server."""
        self.url = url.rstrip("/")
        self._check, self._sleep = check, sleep
        self._key_variable, self._field = key_variable, field
        self._key = key = os.environ.get(key_variable)
        self._client = httpx2.Client(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            limits=httpx2.Limits(max_connections=at_once, max_keepalive_connections=at_once),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, path: str, content: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        """The answer's JSON. Raises StageError `configuration` or `infrastructure`."""
        return self._ask("POST", self.url + path, seconds, content)

    def without_key(self, text: str) -> str:
        """What a server said, for records and logs: some repeat the key that they refuse."""
        return text.replace(self._key, "***") if self._key else text

    def served(self, wanted: str | None = None) -> Served:
        """The model of this name, or the only one. Raises StageError as `post`."""
        listed = self._ask("GET", f"{self.url}/models", SHORT_SECONDS).get("data")
        models = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        found = [each for each in models if wanted in (None, each.get("id"))]
        if len(found) != 1 or not isinstance(found[0].get("id"), str):
            names = ", ".join(str(each.get("id")) for each in models) or "none"
            expected = "one model" if wanted is None else f"the model {wanted}"
            message = f"{self.url} serves {names}; expected {expected}. Name it as {self._field}.model."
            raise StageError("configuration", message)
        positions = found[0].get("max_model_len")
        return Served(
            model=found[0]["id"],
            owner=str(found[0].get("owned_by") or "unknown"),
            version=self._version(),
            positions=positions if isinstance(positions, int) and positions > 1 else None,
        )

    def _version(self) -> str | None:
        """Of vLLM and of servers like it; the protocol itself has none."""
        try:
            url = self.url.rpartition("/")[0] + "/version"
            answer, body = self._whole("GET", url, httpx2.Timeout(SHORT_SECONDS), None)
            version = json.loads(body).get("version") if answer.is_success else None
        except (httpx2.HTTPError, StageError, ValueError, AttributeError, RecursionError):
            return None
        return version if isinstance(version, str) else None

    def _ask(
        self, method: str, url: str, seconds: float, content: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        tries = 0
        timeout = httpx2.Timeout(seconds, connect=CONNECT_SECONDS)
        while True:
            tries += 1
            status, retry_after, is_slow = None, None, False
            try:
                answer, body = self._whole(method, url, timeout, content)
                if answer.is_success:
                    return self._as_object(answer, body)
                status, retry_after = answer.status_code, answer.headers.get("retry-after")
                if answer.has_redirect_location:
                    raise self._elsewhere(url, answer)
                said = f"answered {status}: {self._readable(body)[:300]}"
            except httpx2.ReadTimeout:
                said, is_slow = f"did not answer within {seconds:.0f} s", True
            except (httpx2.TransportError, httpx2.DecodingError) as error:
                said = f"did not answer: {type(error).__name__} {error}".rstrip()
            except httpx2.InvalidURL as error:
                message = f"{url} is no address: {error}. Correct {self._field}.url."
                raise StageError("configuration", message) from error
            self._check()
            pause = pause_before(tries, status, retry_after, is_slow=is_slow)
            if pause is None:
                raise self._given_up(url, said, status, tries)
            self._sleep(pause)

    def _whole(
        self, method: str, url: str, timeout: httpx2.Timeout, content: Mapping[str, Any] | None
    ) -> tuple[httpx2.Response, bytes]:
        """The response and its body. Raises ReadTimeout also of one that only drips.

        The client's own limit is one of silence, which every byte breaks. Silence and dripping together take
        less than twice the time.
        """
        until = time.monotonic() + timeout.read if timeout.read is not None else math.inf
        body = bytearray()
        with self._client.stream(method, url, json=content, timeout=timeout) as answer:
            for part in answer.iter_bytes():
                body += part
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("it is still being sent")
                if len(body) > LARGEST_REPLY_BYTES:
                    todo = f"Correct {self._field}.url."
                    message = f"{url} answered with more than {LARGEST_REPLY_BYTES >> 20} MiB. {todo}"
                    raise StageError("configuration", message)
        return answer, bytes(body)

    def _readable(self, body: bytes) -> str:
        return self.without_key(body.decode("utf-8", errors="replace"))

    def _as_object(self, answer: httpx2.Response, body: bytes) -> dict[str, Any]:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            message = (
                f"{answer.url} answered {self._readable(body)[:200]!r}, which is no JSON object: is "
                f"this a server of OpenAI's protocol? Correct {self._field}.url."
            )
            raise StageError("configuration", message)
        return found

    def _elsewhere(self, url: str, answer: httpx2.Response) -> StageError:
        """A redirection is not followed: the key and the questions would go to whoever it names."""
        place = self.without_key(answer.headers["location"])[:300]
        todo = f"Name the address where it answers itself as {self._field}.url."
        return StageError("configuration", f"{url} answered {answer.status_code}, for {place}. {todo}")

    def _given_up(self, url: str, said: str, status: int | None, tries: int) -> StageError:
        if status in (401, 403):
            todo = f"Give its key as {self._key_variable} to the pods."
            return StageError("configuration", f"{url} {said}. {todo}")
        if status is not None and tries < TRIES:
            return StageError("configuration", f"{url} {said}. Change what it refuses.")
        return StageError("infrastructure", f"{url} {said}, {tries} times. Start again when it is well.")

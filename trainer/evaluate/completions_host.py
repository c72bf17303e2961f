"""A server of OpenAI's completions protocol as a host: it makes its own batches of what comes at a time."""

from collections.abc import Sequence
from dataclasses import replace

from trainer.evaluate.completions import CompletionsEngine, way_of
from trainer.evaluate.endpoint import Endpoint
from trainer.evaluate.engine import Identity
from trainer.evaluate.vocabulary import Vocabulary


class CompletionsHost:
    # Each question goes on as soon as it is answered: no device waits for the slowest of a batch.
    together = 1

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        at_once: int,
        temperature: float,
        model: str | None = None,
        identity: Identity | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        """`identity`: what is known where the server was started here; its version is asked. `vocabulary`:
        what it must answer in where it was not.

        Raises StageError as `Endpoint.served` and `way_of`.
        """
        served = endpoint.served(model)
        self.at_once = at_once
        self.positions = served.positions
        known = identity or Identity(
            "endpoint", served.owner, None, None, at_once, None, None, endpoint.url, served.model
        )
        self.identity = replace(known, version=served.version)
        self._engine = CompletionsEngine(
            endpoint,
            model=served.model,
            temperature=temperature,
            way=way_of(endpoint, served.model),
            vocabulary=vocabulary,
        )

    def engine(self, prompts: Sequence[Sequence[int]]) -> CompletionsEngine:  # noqa: ARG002
        return self._engine

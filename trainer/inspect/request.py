"""The question on standard input (orchestrator/wire/inspection.ts) as dataclasses."""

from dataclasses import dataclass, field
from typing import Any, Literal

from trainer.evaluate import settings
from trainer.inputs import InputFile
from trainer.spec import Fields
from trainer.thinking import S1, Thinking


@dataclass(frozen=True, slots=True)
class File:
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One of: a folder, a hub's repository at a revision, or our own tokenizer."""

    folder: str | None = None
    repository: str | None = None
    revision: str | None = None
    scratch: bool = False
    whole: bool = False
    """The folder's weights are looked through, too."""


@dataclass(frozen=True, slots=True)
class DatasetRequest:
    source: dict[str, Any] | None
    """None: nothing is trained on."""
    files: list[File] | None
    fields: Fields | None
    """None: guess."""
    system_prompt: str | None
    control_tokens: Literal["refuse", "text"] = "refuse"
    condition: Literal["token", "step"] | None = None
    thinking: Thinking = S1


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    name: str
    source: dict[str, Any]
    files: list[File] | None
    fields: settings.Fields
    grader: str


@dataclass(frozen=True, slots=True)
class Request:
    model: ModelRequest | None
    dataset: DatasetRequest
    sequence_length: int | None
    over_length: Literal["refuse", "drop", "truncate"] = "refuse"
    benchmarks: list[BenchmarkRequest] = field(default_factory=list)
    controls: list[settings.Control] = field(default_factory=list)
    """Of those under which questions are asked, what puts text into a sequence."""
    online: bool = False
    """Whether a hub may be asked; else what is in its client's cache counts."""


def inputs_of(files: list[File] | None) -> list[InputFile]:
    """Their content is what it is: nobody has seen it before."""
    return [InputFile(file.name, file.path, None) for file in files or []]

"""Opens the engine that a recipe asks for, with the model of a folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from tokenizers import Tokenizer

from trainer.evaluate.capacity import capacity
from trainer.evaluate.completions_host import CompletionsHost
from trainer.evaluate.endpoint import Endpoint
from trainer.evaluate.engine import Host, Identity
from trainer.evaluate.load_model import load_model, usable_bytes
from trainer.evaluate.memory import Room, cached_bytes, room
from trainer.evaluate.own_host import OwnHost
from trainer.evaluate.settings import Settings
from trainer.evaluate.vllm_options import spread, vllm_options
from trainer.evaluate.vllm_server import NAME, vllm_server
from trainer.evaluate.vocabulary import Vocabulary
from trainer.events import Events
from trainer.sft.architecture import read_architecture
from trainer.spec import EvaluationJob, Job


@contextmanager
def open_host(
    job: Job | EvaluationJob,
    settings: Settings,
    folder: Path,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    events: Events,
) -> Iterator[Host]:
    """`prompts`: all that will be asked. Raises StageError as the engine does."""
    if settings.engine.kind == "trainer":
        yield _own(job, settings, folder, tokenizer, prompts, events)
    elif settings.engine.kind == "vllm":
        tokens = capacity(tokenizer, prompts, settings)
        with _vllm(job, settings, folder, tokens, events) as host:
            yield host
    else:
        assert settings.engine.url is not None, "settings require it"
        rows = read_architecture(folder).vocabulary_size
        assert rows is not None, "a config.json always has it"
        with Endpoint(settings.engine.url, at_once=settings.batch) as endpoint:
            yield CompletionsHost(
                endpoint,
                at_once=settings.batch,
                temperature=settings.temperature,
                model=settings.engine.model,
                vocabulary=Vocabulary(tokenizer, rows),
            )


def _own(
    job: Job | EvaluationJob,
    settings: Settings,
    folder: Path,
    tokenizer: Tokenizer,
    prompts: Sequence[Sequence[int]],
    events: Events,
) -> OwnHost:
    device = torch.device(job.spec.device)
    fit = room(
        read_architecture(folder),
        tokens=capacity(tokenizer, prompts, settings),
        batch=settings.batch,
        device=job.spec.device,
        usable=usable_bytes(device),
    )
    if fit != Room("fp32", settings.batch):
        events.note(
            f"On this device {fit.batch} of up to {settings.batch} questions are decoded together, in "
            f"{fit.dtype}: more does not fit its memory.",
            level="warning",
        )
    return OwnHost(
        load_model(folder, device, fit.dtype),
        fit,
        temperature=settings.temperature,
        capacity_of=lambda asked: capacity(tokenizer, asked, settings),
    )


@contextmanager
def _vllm(
    job: Job | EvaluationJob, settings: Settings, folder: Path, tokens: int, events: Events
) -> Iterator[CompletionsHost]:
    """Over all devices that the pod holds."""
    arch, device = read_architecture(folder), job.spec.device
    devices = torch.cuda.device_count() if device == "cuda" else 1
    lies = spread(devices, arch.query_heads, arch.key_value_heads, arch.feed_forward_size)
    cached = cached_bytes(arch, "bf16" if device == "cuda" else "fp32")
    options = vllm_options(lies, device=device, tokens=tokens, at_once=settings.batch, token_bytes=cached)
    log = job.work / "logs" / f"vllm-a{job.attempt}-{folder.name}.log"
    events.note(f"vLLM serves {folder}: {' '.join(options)}. Its log is {log}.")
    with (
        vllm_server(folder, log=log, options=options) as server,
        Endpoint(server.url, at_once=settings.batch, check=server.require_running) as endpoint,
    ):
        dtype = "bf16" if device == "cuda" else "fp32"
        identity = Identity("vllm", "vllm", None, dtype, settings.batch, lies.tensor_parallel, lies.replicas)
        yield CompletionsHost(
            endpoint,
            at_once=settings.batch,
            temperature=settings.temperature,
            model=NAME,
            identity=identity,
        )

"""A small model, its samples and the ways to spread a step of it, for tests that compare one with another."""

from dataclasses import dataclass
from typing import Any

import torch

from trainer.family import ModelType
from trainer.parse import parse
from trainer.sft.model import CausalLM
from trainer.sft.template import Sample
from trainer.spec import JobSpec, RecomputeMode
from trainer.tests.jobs import specification

VOCABULARY = 97


@dataclass(frozen=True)
class Way:
    """How a step is spread; blocks are sharded one by one, as a large model's are."""

    name: str
    ranks: int = 1
    nodes: int = 1
    ulysses: int = 1
    hybrid: bool = False
    recompute: RecomputeMode = "none"
    compiled: bool = False
    model_type: ModelType = "qwen2"

    def spec(self, *, tied: bool) -> JobSpec:
        architecture = {
            "modelType": self.model_type,
            "layers": 3,
            "hiddenSize": 64,
            "queryHeads": 8,
            "keyValueHeads": 4,
            "headSize": 8,
            "feedForwardSize": 96,
            "tiedEmbeddings": tied,
            "ropeTheta": 1e6,
        }
        changes: dict[str, Any] = {
            f"recipe.model.architecture.{key}": architecture[key] for key in architecture
        }
        changes |= {
            "world": {"nodes": self.nodes, "devicesPerNode": self.ranks // self.nodes},
            "sequenceParallel": self.ulysses,
            "sharding": "hybrid" if self.hybrid else "full",
            "recompute": [{"mode": self.recompute, "upToTokens": None}],
            "recipe.training.compile": self.compiled,
        }
        spec: JobSpec = parse(JobSpec, specification(changes), "spec")
        return spec


def samples() -> list[Sample]:
    """Eight, the batch of the tests' specification; odd lengths, so that every share is padded."""
    generator = torch.Generator().manual_seed(1)
    shapes = [(40, 11), (7, 1), (130, 64), (3, 2), (21, 5), (64, 30), (2, 1), (99, 98)]
    return [Sample(torch.randint(0, VOCABULARY, (n,), generator=generator).tolist(), p) for n, p in shapes]


def whole_model(spec: JobSpec) -> CausalLM:
    """The same on every rank; away from the initial ones and zeros, so that norms and biases count too."""
    model = CausalLM(spec.recipe.model.architecture, VOCABULARY)
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3, generator=generator)
    return model

"""Warm-up and weight decay against transformers' own Trainer, which s1 ran."""

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import Qwen2Config, Qwen2ForCausalLM, Trainer, TrainingArguments

from trainer.sft import optim, plan
from trainer.sft.model import CausalLM
from trainer.spec import Architecture, Optimizer

SETTINGS = Optimizer("adamw", 1e-5, 0.9, 0.95, 1e-8, 1e-4, 1.0)


@settings(max_examples=100)
@given(steps=st.integers(1, 20_000), ratio=st.floats(0, 0.99))
def test_warm_up_takes_as_many_steps_as_trainer_gives_a_ratio(steps: int, ratio: float) -> None:
    # A share in `warmup_steps` is what `warmup_ratio` was before transformers 5.
    arguments = TrainingArguments(output_dir="unused", warmup_steps=ratio, use_cpu=True)
    assert plan.warmup_steps(steps=steps, ratio=ratio) == arguments.get_warmup_steps(steps)


@pytest.mark.parametrize("tied", [True, False])
def test_the_optimizer_groups_are_those_of_trainer(tied: bool, tmp_path: Path) -> None:
    config = Qwen2Config(
        vocab_size=11,
        hidden_size=8,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=tied,
    )
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        weight_decay=1e-4,
        learning_rate=1e-5,
        adam_beta2=0.95,
        use_cpu=True,
        report_to=[],
    )
    theirs = Qwen2ForCausalLM(config)
    expected = Trainer(theirs, arguments).create_optimizer()
    ours = CausalLM(Architecture(2, 8, 2, 1, 4, 16, tied, 1e4, 1e-6, 64), 11)
    found = optim.adamw(ours, SETTINGS)
    assert groups(found, ours) == groups(expected, theirs)


def groups(optimizer: torch.optim.Optimizer, model: torch.nn.Module) -> list[tuple[object, ...]]:
    """Settings and parameter names of each group."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return [
        (
            group["weight_decay"],
            group["betas"],
            group["eps"],
            sorted(names[id(parameter)] for parameter in group["params"]),
        )
        for group in optimizer.param_groups
    ]

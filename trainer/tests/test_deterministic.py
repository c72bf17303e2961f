import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer.rehearse import rehearsal
from trainer.sft.deterministic import CUBLAS_WORKSPACES, as_asked
from trainer.sft.train import train
from trainer.spec import Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.training import final_weights

ASKED = {"recipe.training.deterministic": True, "recipe.training.compute": "bf16"}


def test_torch_is_asked_only_while_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    plain = job(tmp_path, "train").spec.recipe.training
    with as_asked(plain):
        assert not torch.are_deterministic_algorithms_enabled()
    assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ
    with as_asked(replace(plain, deterministic=True)):
        assert torch.are_deterministic_algorithms_enabled()
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == CUBLAS_WORKSPACES
        # Without a deterministic way an operation says so, where nothing could be promised.
        with pytest.raises(RuntimeError, match="deterministic"):
            torch.zeros(3).put_(torch.tensor([0, 0]), torch.ones(2), accumulate=False)
    assert not torch.are_deterministic_algorithms_enabled()


def train_and_say(of: Job) -> bool:
    """Whether torch was asked while the ranks trained."""
    seen: list[bool] = []
    multiply: Any = torch.nn.functional.linear

    def watched(*arguments: torch.Tensor) -> torch.Tensor:
        seen.append(torch.are_deterministic_algorithms_enabled())
        out: torch.Tensor = multiply(*arguments)
        return out

    torch.nn.functional.linear = watched  # type: ignore[assignment]
    train(of)
    return all(seen) and bool(seen)


def test_a_run_that_asks_for_it_trains_so_and_twice_to_the_bit(tmp_path: Path) -> None:
    losses, weights = [], []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        of = prepared_job(tmp_path / name, ASKED)
        assert run_ranks(train_and_say, 1, of) == [True]
        losses.append([event["loss"] for event in events(of) if event["event"] == "step"])
        weights.append(final_weights(of))
    assert losses[0] == losses[1] and len(losses[0]) > 2
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_step_is_rehearsed_as_it_will_be_taken(tmp_path: Path) -> None:
    """An operation of the step that has no deterministic way would be found before a device is paid for."""
    found = rehearsal.rehearse(job(tmp_path, "train", ASKED).spec, 97, [40, 24], "selective")
    as_ever = job(tmp_path, "train", {**ASKED, "recipe.training.deterministic": False}).spec
    plain = rehearsal.rehearse(as_ever, 97, [40, 24], "selective")
    assert found.flops == plain.flops and found.collective_bytes == plain.collective_bytes

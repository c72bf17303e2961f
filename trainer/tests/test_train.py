from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from trainer.sft.prepare import prepare
from trainer.spec import Job
from trainer.stage import Outcome
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.training import final_weights, on_ranks, train_by_blocks_on_rank, train_on_rank


def steps_of(of: Job) -> list[dict[str, float]]:
    return [event for event in events(of) if event["event"] == "step"]


Run = tuple[list[dict[str, float]], dict[str, torch.Tensor]]


@pytest.fixture(scope="module")
def by_one_rank(tmp_path_factory: pytest.TempPathFactory) -> Run:
    of = prepared_job(tmp_path_factory.mktemp("one"))
    run_ranks(train_on_rank, 1, of)
    return steps_of(of), final_weights(of)


@pytest.mark.parametrize("on_rank", [train_on_rank, train_by_blocks_on_rank])
def test_two_ranks_train_as_one_does(
    tmp_path: Path, by_one_rank: Run, on_rank: Callable[[Job], Outcome]
) -> None:
    of = on_ranks(prepared_job(tmp_path), 2)
    assert run_ranks(on_rank, 2, of)[0].step == 6
    one_steps, one = by_one_rank
    two_steps, two = steps_of(of), final_weights(of)
    for first, second in zip(one_steps, two_steps, strict=True):
        for field in ("loss", "tokenLoss", "gradientNorm"):
            assert first[field] == pytest.approx(second[field], rel=1e-5), (first["step"], field)
        assert (first["tokens"], first["learningRate"]) == (second["tokens"], second["learningRate"])
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, rtol=1e-3, atol=2e-5, msg=name)


@pytest.mark.parametrize("compute", ["fp32", "bf16"])
def test_training_lowers_the_loss_and_says_what_the_device_does(tmp_path: Path, compute: str) -> None:
    of = prepared_job(tmp_path, {"recipe.training.epochs": 8, "recipe.training.compute": compute})
    run_ranks(train_on_rank, 1, of)
    steps = steps_of(of)
    assert [event["step"] for event in steps] == list(range(1, 25))
    assert steps[-1]["loss"] < steps[0]["loss"] - 1.5
    phases = [event["phase"] for event in events(of) if event["event"] == "phase"]
    assert phases == ["loading", "training", "checkpointing"]


def test_steps_that_an_earlier_attempt_reached_are_recomputing(tmp_path: Path) -> None:
    of = prepared_job(tmp_path, STINT_ATTEMPT="2", STINT_REACHED_STEP="2")
    run_ranks(train_on_rank, 1, of)
    told = [
        event.get("phase") or event["step"] for event in events(of) if event["event"] in ("phase", "step")
    ]
    assert told[:6] == ["loading", "recomputing", 1, 2, "training", 3]


def test_refuses_what_it_cannot_do_before_it_starts(tmp_path: Path) -> None:
    for changes, text in (
        ({"sequenceParallel": 2}, "training.sequenceParallel to 1"),
        ({"world.devicesPerNode": 2}, "1 ranks were started"),
    ):
        with pytest.raises(AssertionError, match=text):
            run_ranks(train_on_rank, 1, job(tmp_path, "train", changes))
    narrow = job(tmp_path, "train", {"world.devicesPerNode": 2, "recipe.training.globalBatch": 1})
    with pytest.raises(AssertionError, match="each of the 2 ranks needs a sample"):
        run_ranks(train_on_rank, 2, narrow)


def test_data_of_another_specification_or_changed_data_are_not_trained_on(tmp_path: Path) -> None:
    of = prepared_job(tmp_path)
    other = job(tmp_path, "train", {"recipe.training.epochs": 1})
    with pytest.raises(AssertionError, match="another job specification"):
        run_ranks(train_on_rank, 1, other)
    tokens = of.work / "data" / "tokens.bin"
    content = bytearray(tokens.read_bytes())
    content[0] ^= 1
    tokens.write_bytes(content)
    with pytest.raises(AssertionError, match=r"tokens\.bin has changed"):
        run_ranks(train_on_rank, 1, of)
    # Sizes alone do not tell prepare either; removing the folder, as the message says, does.
    prepare(job(tmp_path, "prepare"))


def test_a_loss_that_is_not_finite_ends_the_run_with_its_step(tmp_path: Path) -> None:
    of = prepared_job(tmp_path, {"recipe.training.optimizer.learningRate": 1e38})
    with pytest.raises(AssertionError, match=r"Step \d+: loss .* The update was not made"):
        run_ranks(train_on_rank, 1, of)
    last = steps_of(of)[-1]
    assert last["loss"] is None or last["gradientNorm"] is None

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from trainer.sft import __main__ as command
from trainer.sft import flops
from trainer.sft.prepare import prepare
from trainer.sft.prepared_data import read_prepared
from trainer.spec import Job, RecomputeLimit
from trainer.stage import Outcome
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job, prepared_job
from trainer.tests.training import final_weights, on_ranks, train_on_rank


def steps_of(of: Job) -> list[dict[str, Any]]:
    return [event for event in events(of) if event["event"] == "step"]


Run = tuple[list[dict[str, Any]], dict[str, torch.Tensor]]


@pytest.fixture(scope="module")
def by_one_rank(tmp_path_factory: pytest.TempPathFactory) -> Run:
    of = prepared_job(tmp_path_factory.mktemp("one"))
    run_ranks(train_on_rank, 1, of)
    return steps_of(of), final_weights(of)


@pytest.mark.parametrize(
    ("num_ranks", "spread"),
    [
        (2, {}),
        (2, {"sequence_parallel": 2}),
        (4, {"nodes": 2, "hybrid": True}),
        (4, {"nodes": 2, "hybrid": True, "sequence_parallel": 2}),
    ],
    ids=str,
)
def test_several_ranks_train_as_one_does(
    tmp_path: Path,
    by_one_rank: Run,
    num_ranks: int,
    spread: dict[str, Any],
) -> None:
    of = on_ranks(prepared_job(tmp_path), num_ranks, **spread)
    assert run_ranks(train_on_rank, num_ranks, of)[0].step == 6
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


def test_each_step_recomputes_what_its_tokens_ask_for_and_learns_the_same(tmp_path: Path) -> None:
    limits = [
        {"mode": "none", "upToTokens": 209},
        {"mode": "selective", "upToTokens": 212},
        {"mode": "full", "upToTokens": None},
    ]
    of = on_ranks(prepared_job(tmp_path, {"recompute": limits}), 2, sequence_parallel=2)
    run_ranks(train_on_rank, 2, of)
    steps = steps_of(of)
    assert {step["recompute"] for step in steps} == {"none", "selective", "full"}
    for step in steps:
        tokens = (step["tokens"] + step["paddedTokens"]) / 2
        expected = "none" if tokens <= 209 else "selective" if tokens <= 212 else "full"
        assert step["recompute"] == expected
        assert (step["hfu"] > step["mfu"]) == (expected != "none")
    plain = replace(of, attempt=2, spec=replace(of.spec, recompute=[RecomputeLimit("none", None)]))
    shutil.rmtree(of.work / "checkpoints")
    run_ranks(train_on_rank, 2, plain)
    for step, again in zip(steps, steps_of(plain), strict=True):
        assert step["loss"] == pytest.approx(again["loss"], rel=1e-6)


def test_a_step_says_where_its_seconds_went_and_what_the_devices_reached(tmp_path: Path) -> None:
    of = prepared_job(tmp_path)
    run_ranks(train_on_rank, 1, of)
    prepared = json.loads((of.work / "data" / "prepared.json").read_bytes())
    arch = of.spec.recipe.model.architecture
    data = read_prepared(of)
    for row, step in zip(data.rows, steps_of(of), strict=True):
        parts = step["phaseSeconds"]
        assert parts.keys() == {"update", "pack", "forward", "backward", "exchange"}
        assert sum(parts.values()) == pytest.approx(step["seconds"], abs=1e-6)
        lengths = [data.store.lengths[sample] for sample in row.samples]
        needed = flops.model_flops(arch, prepared["vocabularySize"], lengths)
        assert step["mfu"] == pytest.approx(needed / (step["seconds"] * 0.1e12), rel=1e-3)
        assert step["hfu"] == step["mfu"] and step["plannedMfu"] == 0.02
        assert step["tokens"] == sum(lengths) and step["paddedTokens"] == 0
        assert step["memoryBytes"] > 10_000_000


@pytest.mark.parametrize("compiled", [True, False])
def test_what_is_compiled_is_kept_for_later_attempts_unless_the_user_has_a_place_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: bool
) -> None:
    of = job(tmp_path, "train", {"recipe.training.compile": compiled})
    # Set first, so that it is as before afterwards.
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "")
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR")
    seen: list[str | None] = []

    def told(*_: object) -> Outcome:
        seen.append(os.environ.get("TORCHINDUCTOR_CACHE_DIR"))
        return Outcome("trained")

    monkeypatch.setattr("trainer.sft.train.train", told)
    command.main(of)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "/elsewhere")
    command.main(of)
    assert seen == [str(of.work / "compiled") if compiled else None, "/elsewhere"]


@pytest.mark.parametrize(("steps", "profiled"), [([2, 3], "2-3"), ([5, 9], "5-6")])
def test_the_steps_that_a_recipe_asks_for_are_profiled(
    tmp_path: Path, steps: list[int], profiled: str
) -> None:
    of = prepared_job(tmp_path, {"recipe.training.profile": {"steps": steps}})
    run_ranks(train_on_rank, 2, on_ranks(of, 2))
    [trace] = (of.work / "profile").iterdir()
    assert trace.name == f"attempt-1-steps-{profiled}.trace.json"
    named = [event.get("name", "") for event in json.loads(trace.read_text())["traceEvents"]]
    # Each update is one operation for each of AdamW's two groups.
    first, last = map(int, profiled.split("-"))
    assert sum(name == "aten::_fused_adamw_" for name in named) % (last - first + 1) == 0
    assert any(name == "aten::_fused_adamw_" for name in named)


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

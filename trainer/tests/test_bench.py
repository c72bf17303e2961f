"""The GPU bench at its tiny shape on a CPU: every part runs, its arithmetic holds, what is wrong shows."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from trainer.bench import attention, attention_shapes
from trainer.bench.derive import interpolate, measured_run, planned_run
from trainer.bench.plan_data import load_plan
from trainer.bench.report import Check, Failure, Part, Table, attempt
from trainer.bench.shape import MODES, as_planned, tiny
from trainer.bench.their_steps import their_model
from trainer.family import FAMILIES, ModelType
from trainer.sft.attention import Documents, attend, documents
from trainer.sft.data import store_of
from trainer.sft.model import CausalLM
from trainer.sft.pack import pack
from trainer.sft.template import Sample
from trainer.spec import RecomputeMode

PARTS = [
    *("Environment", "Attention", "Blocks", "FP8", "Loss", "Update", "Memory", "Tiles", "Steps"),
    *("Storage", "Another trainer", "Whole run"),
]
PLAN = load_plan()
CPU = torch.device("cpu")


def test_the_whole_command_runs_on_a_cpu_and_ends_with_0(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trainer.bench", "--device", "cpu", "--shape", "tiny"]
    files = ["--json", str(tmp_path / "bench.json"), "--markdown", str(tmp_path / "bench.md")]
    ended = subprocess.run([*command, *files], capture_output=True, text=True, timeout=900, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    parts = json.loads((tmp_path / "bench.json").read_text())
    assert [part["name"] for part in parts] == PARTS
    assert all(part["failure"] is None and part["tables"] for part in parts)
    text = (tmp_path / "bench.md").read_text()
    assert "did not run" not in text
    assert text.strip() in ended.stdout


@pytest.mark.parametrize("model_type", FAMILIES)
def test_the_other_trainers_model_computes_what_ours_does(model_type: ModelType) -> None:
    arch = replace(tiny(PLAN).small_arch, model_type=model_type)
    ours = CausalLM(arch, tiny(PLAN).vocabulary_size)
    theirs = their_model(arch, ours.state_dict(), CPU)
    batch = pack(store_of([Sample(list(range(30)), 1)]), [0], global_batch=1, device=CPU)
    with torch.no_grad():
        logits = theirs(input_ids=batch.ids_T[None]).logits[0]
        torch.testing.assert_close(ours.logits(batch), logits, rtol=1e-5, atol=1e-5)


def test_attention_that_looks_into_other_documents_is_found_wrong() -> None:
    def blind(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
        return attend(q_TNH, k_TKH, v_TKH, documents([docs.cu_seqlens[-1]], CPU))

    wrong = attention.measure(PLAN, tiny(PLAN), CPU, blind)
    assert all(not check.holds for check in wrong.checks if check.what.startswith("output"))
    right = attention.measure(PLAN, tiny(PLAN), CPU, attend)
    assert all(check.holds for check in right.checks)


def test_every_step_is_met_first_once_and_then_again_in_its_own_shape_and_in_a_trained_one() -> None:
    calls: list[tuple[int, ...]] = []
    shape = replace(
        tiny(PLAN), step_lengths=tuple([50 + 7 * step, 9, *[5] * (step % 3)] for step in range(9))
    )

    def told(q_TNH: Tensor, k_TKH: Tensor, v_TKH: Tensor, docs: Documents) -> Tensor:
        calls.append(docs.cu_seqlens)
        return attend(q_TNH, k_TKH, v_TKH, docs)

    own, trained = attention_shapes.measure(shape, (4, 2), CPU, told)
    assert calls[:9] == calls[9:18] and calls[18:27] == calls[27:]
    assert own[3] == trained[3] == 9
    assert own[4] == 9
    assert trained[4] == len({(offsets[-1], len(offsets)) for offsets in calls[18:27]}) < 9
    assert {(len(offsets) - 1) % PLAN.document_multiple for offsets in calls[18:]} == {0}


def test_the_plans_steps_share_few_shapes_when_they_are_filled_up() -> None:
    shape = as_planned(PLAN)
    assert len(shape.step_lengths) == 64

    def shapes(lay_out: Callable[..., Documents]) -> int:
        layouts = [lay_out(lengths, shape, CPU) for lengths in shape.step_lengths]
        return len({(docs.cu_seqlens[-1], len(docs.cu_seqlens), docs.at_most) for docs in layouts})

    assert shapes(attention_shapes.own_shape) >= 60
    assert shapes(attention_shapes.trained_shape) <= 16


def test_weights_that_are_not_read_are_found_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from trainer.bench import __main__ as command

    arguments = ["--device", "cpu", "--shape", "tiny", "--parts", "storage", "--work", str(tmp_path)]
    assert command.main(arguments) == 0
    monkeypatch.setattr("trainer.bench.storage.weights.fill", lambda *_, **__: None)
    assert command.main(arguments) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_result_ends_the_command_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    from trainer.bench import __main__ as command

    monkeypatch.setattr(
        command, "attend", lambda q_TNH, _k, _v, _docs: q_TNH * 1.0 + 0.0 * (_k.sum() + _v.sum())
    )
    assert command.main(["--device", "cpu", "--shape", "tiny", "--parts", "attention"]) == 1


def test_nan_never_passes_a_check() -> None:
    assert not Check("loss", float("nan"), 1.0).holds


def test_a_part_that_cannot_run_says_why_in_its_row() -> None:
    def exhausted() -> float:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3 GiB")

    found = attempt(exhausted)
    assert isinstance(found, Failure)
    assert found.reason == "OutOfMemoryError: CUDA out of memory. Tried to allocate 3 GiB"
    table = Table(
        "T", {"step": "", "seconds": ".1f", "bytes": "d"}, [["p10", f"did not run: {found.reason}", None]]
    )
    assert "did not run: OutOfMemoryError" in Part("P", [table]).text()


@given(
    slope=st.floats(0.001, 10),
    offset=st.floats(0, 10),
    tokens=st.integers(1, 20_000),
    known=st.lists(st.integers(1, 10_000), min_size=2, max_size=6, unique=True),
)
def test_interpolation_of_a_line_is_the_line(
    slope: float, offset: float, tokens: int, known: list[int]
) -> None:
    points = [(each, offset + slope * each) for each in known]
    assert interpolate(points, tokens) == pytest.approx(offset + slope * tokens, rel=1e-6, abs=1e-4)


def test_the_plans_own_cases_give_back_its_gpu_hours() -> None:
    by_mode: dict[RecomputeMode, list[int]] = {}
    for tokens in PLAN.tokens_by_step:
        by_mode.setdefault(mode_of(tokens), []).append(tokens)
    seconds = [len(steps) * planned_run(PLAN, steps, mode).step_seconds for mode, steps in by_mode.items()]
    mean = sum(seconds) / len(PLAN.tokens_by_step)
    assert PLAN.steps * mean * PLAN.devices / 3600 == pytest.approx(PLAN.gpu_hours_of_steps, rel=0.01)
    tflops = PLAN.step_flops / (mean * PLAN.devices) / 1e12
    assert tflops / PLAN.spec.peak_tflops == pytest.approx(PLAN.spec.expected.mfu, rel=0.01)


def mode_of(tokens: int) -> RecomputeMode:
    """As the trainer takes it for a step of so many tokens on each rank."""
    limits = PLAN.spec.recompute
    return next(each.mode for each in limits if each.up_to_tokens is None or tokens <= each.up_to_tokens)


def test_gpu_hours_follow_from_milliseconds_a_block_by_hand() -> None:
    # 20 ms a block and 50 ms of loss whatever the tokens: 64 x 0.02 + 0.05 = 1.33 s of computing.
    free: dict[str, float] = dict.fromkeys(MODES, 0.0)
    plan = replace(PLAN, contention=0.1, cases=[replace(case, exchange_seconds=free) for case in PLAN.cases])
    run = measured_run(
        plan,
        [5000, 6000],
        "full",
        layers=64,
        block=[(4000, 0.02), (7000, 0.02)],
        head=[(4000, 0.05), (7000, 0.05)],
        update_seconds=0.03,
    )
    assert run.step_seconds == pytest.approx(1.33 * 1.1 + 0.03)
    assert run.gpu_hours == pytest.approx(315 * run.step_seconds * 16 / 3600)
    assert run.mfu == pytest.approx(PLAN.step_flops / (run.step_seconds * 16 * 989.4e12))


def test_a_step_is_never_shorter_than_its_traffic_on_the_network() -> None:
    points = [(4000, 1e-6), (7000, 1e-6)]
    run = measured_run(PLAN, [5000], "selective", layers=64, block=points, head=points, update_seconds=0.03)
    assert run.step_seconds == pytest.approx(PLAN.spec.expected.network_seconds + 0.03)


def test_the_shapes_share_out_as_planned() -> None:
    shape = as_planned(PLAN)
    assert shape.head_counts == ((40, 8), (5, 1))
    for case in shape.cases:
        padded = -(-sum(case.lengths) // shape.multiple) * shape.multiple
        assert padded == case.tokens_per_rank * shape.sequence_parallel

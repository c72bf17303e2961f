import re
import resource
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from hypothesis import given
from hypothesis import strategies as st

from trainer.events import Events
from trainer.failure import StageError
from trainer.sft import machines
from trainer.sft.fabric import Fabric
from trainer.sft.preflight import Rates, block_bytes, check, memory_refusal, rates_refusal
from trainer.sft.ranks import join_ranks
from trainer.spec import Expected, Floors, Job
from trainer.tests.dist import run_ranks
from trainer.tests.jobs import events, job

# s1-32b on two nodes of eight H100, as it is planned.
EXPECTED = Expected(
    step_seconds=2.65,
    compute_seconds=2.53,
    network_seconds=0.723,
    mfu=0.44,
    memory_bytes=82.6e9,
    gemm_flops_per_second=673e12,
    ring_bytes_per_second=340e9,
)
FLOORS = Floors(gemm_flops_per_second=380e12, ring_bytes_per_second=170e9, disk_bytes_per_second=0.5e9)
HOSTS = ["host-a"] * 8 + ["host-b"] * 8
FABRIC = Fabric(adapters=["mlx5_0"], active=["mlx5_0"], library_error=None, pinnable_bytes=None)
HEALTHY = Rates(HOSTS, [770e12] * 16, 335e9, [2e9, 2e9], [FABRIC] * 16, "IB")

LOW = {"gemmFlopsPerSecond": 1e6, "ringBytesPerSecond": 1e3, "diskBytesPerSecond": 1e3}


def refusal(rates: Rates, expected: Expected = EXPECTED) -> str | None:
    return rates_refusal(rates, FLOORS, expected, devices_per_node=8)


def test_healthy_machines_are_not_refused() -> None:
    assert refusal(HEALTHY) is None
    assert refusal(replace(HEALTHY, ring_bytes_per_second=None)) is None


def test_ten_gigabits_between_nodes_are_refused_with_the_step_time_that_they_mean() -> None:
    told = refusal(replace(HEALTHY, ring_bytes_per_second=1.2e9))
    assert told is not None
    assert "carries 1.2 GB/s, below the floor of 170 GB/s" in told
    assert "A step would take 205 s; 2.65 s are planned." in told
    assert "NCCL took IB" in told and "NCCL_IB_HCA in network.env" in told
    assert "slowest device" not in told


def test_the_slowest_device_is_named_by_rank_and_host() -> None:
    gemm = [770e12] * 16
    gemm[11] = 200e12
    told = refusal(replace(HEALTHY, gemm_flops_per_second=gemm))
    assert told is not None
    assert "rank 11 on host-b, multiplies matrices at 200 TFLOP/s, below the floor of 380 TFLOP/s" in told
    assert "A step would take 8.63 s; 2.65 s are planned." in told


def test_the_node_with_the_slow_disk_is_named_and_no_step_is_said_to_take_longer() -> None:
    told = refusal(replace(HEALTHY, disk_bytes_per_second=[2e9, 0.04e9]))
    assert told is not None
    assert "host-b writes 0.04 GB/s into the work folder, below the floor of 0.5 GB/s" in told
    assert "A step" not in told


def test_all_that_is_too_slow_is_told_at_once() -> None:
    told = refusal(Rates(HOSTS, [1e12] * 16, 1e9, [1e6, 1e6], [FABRIC] * 16))
    assert told is not None
    assert all(part in told for part in ("slowest device", "ring of all ranks", "into the work folder"))


@given(
    gemm=st.lists(st.floats(1e9, 1e15), min_size=16, max_size=16),
    ring=st.floats(1e6, 1e12),
    disk=st.lists(st.floats(1e3, 1e10), min_size=2, max_size=2),
)
def test_a_step_is_refused_below_any_floor_and_never_said_to_be_faster_than_planned(
    gemm: list[float], ring: float, disk: list[float]
) -> None:
    told = refusal(Rates(HOSTS, gemm, ring, disk, [FABRIC] * 16))
    below = [
        min(gemm) < FLOORS.gemm_flops_per_second,
        ring < FLOORS.ring_bytes_per_second,
        min(disk) < FLOORS.disk_bytes_per_second,
    ]
    assert (told is not None) == any(below)
    if told is not None:
        assert told.count("below") == sum(below)
        implied = re.search(r"A step would take (\S+) s;", told)
        assert implied is None or float(implied[1]) >= 2.65


def test_no_step_time_is_made_up_where_none_was_planned() -> None:
    unknown = replace(EXPECTED, step_seconds=0.0, compute_seconds=0.0, network_seconds=0.0)
    told = refusal(replace(HEALTHY, ring_bytes_per_second=1e9), unknown)
    assert told is not None and "A step" not in told


def test_memory_that_another_process_holds_is_refused_with_free_and_needed() -> None:
    free = [84_000_000_000] * 16
    assert memory_refusal(HOSTS, free, EXPECTED) is None
    free[9] = 60_000_000_000
    told = memory_refusal(HOSTS, free, EXPECTED)
    assert told is not None
    assert "rank 9 on host-b has 60 GB of memory free, the largest step needs 79.6 GB" in told
    assert memory_refusal(HOSTS, [], EXPECTED) is None


def test_the_ring_moves_as_many_bytes_as_one_block_of_the_model(tmp_path: Path) -> None:
    # 32 x (2 x 32 + 2 x 16 + 3 x 48) weights of 4 bytes.
    assert block_bytes(job(tmp_path, "train").spec) == 4 * 32 * 240
    half = job(tmp_path, "train", {"recipe.training.compute": "bf16"})
    assert block_bytes(half.spec) == 2 * 32 * 240


def check_on_rank(of: Job) -> str | None:
    ranks = join_ranks(of.spec)
    try:
        check(of, ranks, Events(of, speaks=ranks.rank == 0))
    except StageError as error:
        assert error.exit_class == "unfit"
        return error.message
    finally:
        dist.destroy_process_group()
    return None


def two_ranks(folder: Path, floors: dict[str, float] | None, *, nodes: int = 1) -> Job:
    world = {"nodes": nodes, "devicesPerNode": 2 // nodes}
    (folder / "work").mkdir()
    return job(folder, "train", {"world": world, "floors": floors})


def test_two_ranks_are_measured_and_the_figures_told(tmp_path: Path) -> None:
    of = two_ranks(tmp_path, LOW)
    assert run_ranks(check_on_rank, 2, of) == [None, None]
    [event] = events(of)
    assert event["event"] == "preflight"
    assert 0 < event["seconds"] < 20
    # A core makes 5 to 200 GFLOP/s in fp32, loopback moves between 10 MB and 100 GB a second.
    assert len(event["gemmFlopsPerSecond"]) == 2
    assert all(2e9 < rate < 2e12 for rate in event["gemmFlopsPerSecond"])
    assert 1e7 < event["ringBytesPerSecond"] < 1e11
    assert len(event["diskBytesPerSecond"]) == 1 and event["diskBytesPerSecond"][0] > 1e5
    assert event["memoryFreeBytes"] == []
    assert event["network"]["transport"] is None, "gloo is not NCCL"
    assert len(event["network"]["adapters"]) == len(event["network"]["pinnableBytes"]) == 1
    assert [path.name for path in of.work.iterdir()] == ["events"], "the written file is gone"


@pytest.mark.parametrize(
    ("floor", "text"),
    [
        ("gemmFlopsPerSecond", "The slowest device, rank "),
        ("ringBytesPerSecond", "The ring of all ranks carries "),
        ("diskBytesPerSecond", " into the work folder, below the floor of 1e+09 GB/s"),
    ],
)
def test_two_ranks_refuse_alike_below_a_floor(tmp_path: Path, floor: str, text: str) -> None:
    of = two_ranks(tmp_path, {**LOW, floor: 1e18})
    first, second = run_ranks(check_on_rank, 2, of)
    assert first is not None and text in first
    assert first == second
    [event] = events(of)
    assert event["event"] == "preflight", "what was measured is told before it is refused"


def check_on_rank_that_may_write_little(of: Job) -> tuple[str, str]:
    # A write beyond it fails as on a full disk (EFBIG); the other files are smaller.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    ranks = join_ranks(of.spec)
    with pytest.raises(StageError) as caught:
        check(of, ranks, Events(of, speaks=ranks.rank == 0))
    dist.destroy_process_group()
    return caught.value.exit_class, caught.value.message


def test_a_full_disk_ends_all_ranks_alike_and_leaves_no_file(tmp_path: Path) -> None:
    of = two_ranks(tmp_path, LOW)
    first, second = run_ranks(check_on_rank_that_may_write_little, 2, of)
    assert first == second
    assert first[0] == "storage" and "No space left" in first[1]
    assert [path.name for path in of.work.iterdir()] == ["events"]


def test_nothing_is_measured_on_processors_without_floors(tmp_path: Path) -> None:
    of = two_ranks(tmp_path, None)
    assert run_ranks(check_on_rank, 2, of) == [None, None]
    assert events(of) == []


def test_each_node_writes_into_the_work_folder(tmp_path: Path) -> None:
    of = two_ranks(tmp_path, LOW, nodes=2)
    assert run_ranks(check_on_rank, 2, of) == [None, None]
    rates = events(of)[0]["diskBytesPerSecond"]
    assert len(rates) == 2 and min(rates) > 1e5


def test_a_single_rank_has_no_ring(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    of = job(tmp_path, "train", {"floors": LOW})
    assert run_ranks(check_on_rank, 1, of) == [None]
    assert events(of)[0]["ringBytesPerSecond"] is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device to measure")
def test_a_gpu_multiplies_in_bf16_and_has_memory_to_give() -> None:
    device = torch.device("cuda", 0)
    # No device with bf16 tensor cores does less, none does more.
    assert 30e12 < machines.gemm_flops_per_second(device) < 5e15
    free = machines.free_memory_bytes(device)
    assert free is not None and 0 < free <= torch.cuda.get_device_properties(device).total_memory

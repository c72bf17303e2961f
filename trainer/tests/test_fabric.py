import os
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trainer.sft import fabric
from trainer.sft.fabric import Fabric

GOOD = Fabric(["mlx5_0", "mlx5_1"], ["mlx5_0", "mlx5_1"], library_error=None, pinnable_bytes=None)
HOSTS = ["host-a", "host-b"]


def adapter(system: Path, name: str, *states: str) -> None:
    """As the kernel shows one: a folder a port, and in it the number and the name of its state."""
    for number, state in enumerate(states, start=1):
        port = system / "class" / "infiniband" / name / "ports" / str(number)
        port.mkdir(parents=True)
        (port / "state").write_text(f"{state}\n")


def test_adapters_and_which_of_them_are_up_are_read_from_the_kernel(tmp_path: Path) -> None:
    adapter(tmp_path, "mlx5_1", "1: DOWN", "4: ACTIVE")
    adapter(tmp_path, "mlx5_0", "2: INIT")
    found = fabric.look(tmp_path)
    assert (found.adapters, found.active) == (["mlx5_0", "mlx5_1"], ["mlx5_1"])
    nothing = fabric.look(tmp_path / "elsewhere")
    assert (nothing.adapters, nothing.active) == ([], [])


def test_a_library_is_really_opened_and_what_the_loader_says_is_kept(tmp_path: Path) -> None:
    assert fabric.look(tmp_path, "libc.so.6").library_error is None
    told = fabric.look(tmp_path, "libnowhere.so.1").library_error
    assert told is not None and told.startswith("libnowhere.so.1: cannot open shared object file")
    # A file of that name that is none: a package for another machine, or half a download.
    (broken := tmp_path / "libbroken.so.1").write_bytes(b"\x7fELF of nothing")
    assert "libbroken.so.1" in str(fabric.library_error(str(broken)))


def test_how_much_may_be_pinned_is_the_processes_own_limit(tmp_path: Path) -> None:
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    expected = None if limit == resource.RLIM_INFINITY else limit
    assert fabric.look(tmp_path).pinnable_bytes == expected
    code = (
        "import resource\nfrom trainer.sft import fabric\n"
        "resource.setrlimit(resource.RLIMIT_MEMLOCK, (65536, 65536))\n"
        "print(fabric.look().pinnable_bytes)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "65536\n"


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (replace(GOOD, adapters=[], active=[]), "On host-b the pod sees no adapter"),
        (replace(GOOD, library_error="libibverbs.so.1: cannot open"), "ops/images/trainer/network.txt"),
        (replace(GOOD, active=[]), "On host-b the pod sees mlx5_0, mlx5_1, but no port is active"),
        (replace(GOOD, pinnable_bytes=65536), "may pin only 65,536 bytes"),
    ],
)
def test_what_keeps_a_host_off_its_adapters_is_blamed_there(second: Fabric, text: str) -> None:
    told = fabric.slow_ring(HOSTS, [GOOD, second], "Socket")
    assert told.startswith("NCCL took TCP sockets. ") and text in told
    assert "network.env" not in told
    assert told.endswith(str(fabric.obstacle(HOSTS, [GOOD, second])))


def test_causes_come_before_what_follows_from_them() -> None:
    """Without adapters no port can be up, and where the image cannot open any, no limit matters."""
    bare = Fabric([], [], library_error="libibverbs.so.1: cannot open", pinnable_bytes=65536)
    assert "sees no adapter" in fabric.slow_ring(HOSTS, [bare, bare], "Socket")
    unopened = replace(GOOD, library_error="libibverbs.so.1: cannot open", pinnable_bytes=65536)
    assert "the image cannot open them" in fabric.slow_ring(HOSTS, [unopened, unopened], None)


def test_settings_are_blamed_only_where_all_else_is_well() -> None:
    assert fabric.obstacle(HOSTS, [GOOD, GOOD]) is None
    assert "NCCL_IB_DISABLE" in fabric.slow_ring(HOSTS, [GOOD, GOOD], "Socket")
    used = fabric.slow_ring(HOSTS, [GOOD, GOOD], "IB")
    assert used.startswith("NCCL took IB, so adapters are used") and "NCCL_IB_HCA" in used
    assert "NCCL took AWS" in fabric.slow_ring(HOSTS, [GOOD, GOOD], "AWS")
    assert "nvlink" in fabric.slow_ring(["host-a"] * 2, [GOOD, GOOD], "Socket")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("h:7:9 [0] NCCL INFO Assigned NET plugin IB to comm\n", "IB"),
        ("h:7:9 [0] NCCL INFO Assigned NET plugin AWS Libfabric to comm\n", "AWS Libfabric"),
        (
            "h:7:9 [0] NCCL INFO NET/IB : No device found.\nh:7:9 [0] NCCL INFO Using network Socket\n",
            "Socket",
        ),
        ("h:7:9 [0] NCCL INFO Bootstrap: Using eth0\n", None),
    ],
)
def test_what_nccl_took_is_read_from_its_own_messages(tmp_path: Path, text: str, name: str | None) -> None:
    asked = {"NCCL_DEBUG_FILE": str(tmp_path / "log-%p")}
    assert fabric.taken(asked, 7) is None
    (tmp_path / "log-7").write_text(text)
    assert fabric.taken(asked, 7) == name


def test_messages_that_somebody_reads_already_stay_where_they_are() -> None:
    theirs = {"NCCL_DEBUG": "WARN"}
    fabric.ask_nccl(theirs)
    assert theirs == {"NCCL_DEBUG": "WARN"} and fabric.taken(theirs, os.getpid()) is None
    ours: dict[str, str] = {}
    fabric.ask_nccl(ours)
    assert ours["NCCL_DEBUG"] == "INFO" and "%p" in ours["NCCL_DEBUG_FILE"]


def test_the_installed_nccl_says_which_network_it_takes() -> None:
    """Its messages are what `taken` reads; a release that words them otherwise is noticed here."""
    nvidia = pytest.importorskip("nvidia")
    [library] = [path for base in nvidia.__path__ for path in Path(base).rglob("libnccl.so.2")]
    content = library.read_bytes()
    assert b"Assigned NET plugin %s to comm" in content or b"Using network %s" in content
    assert fabric.LIBRARY.encode() in content

"""vLLM beside the client, in the same container: it serves one folder, to this machine alone.

It runs in an environment of its own, because it needs another torch than the trainer does.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from trainer.evaluate.socket_folder import socket_folder
from trainer.failure import StageError
from trainer.stage import die_with_parent

PYTHON_VARIABLE = "STINT_VLLM_PYTHON"
IMAGE_PYTHON = Path("/opt/vllm/bin/python")
NAME = "checkpoint"
# Loading 65 GB from a slow volume and compiling takes minutes; without any sign of life for so long it hangs.
START_SECONDS = 1800.0
LOOK_SECONDS = 1.0
END_SECONDS = 15.0
SHOWN_LINES = 15


class VllmServer:
    def __init__(self, process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
        self._process, self.url, self._log = process, url, log

    def require_running(self) -> None:
        """Raises StageError `infrastructure` with its last words once it has ended, or `out-of-memory`."""
        status = self._process.poll()
        if status is None:
            return
        words = self._log.read_text(errors="replace").splitlines()
        said = "\n".join(words[-SHOWN_LINES:])
        if any("out of memory" in line or "No available memory for the cache" in line for line in words):
            todo = "Lower evaluation.batch or maxThinkingTokens, or use devices with more memory."
            raise StageError("out-of-memory", f"vLLM ran out of memory. {todo} Its last words: {said}")
        raise StageError("infrastructure", f"vLLM ended with status {status}. Its last words: {said}")


@contextmanager
def vllm_server(folder: Path, *, log: Path, options: list[str]) -> Iterator[VllmServer]:
    """A server that is ready; it ends with this block, or with this process.

    Raises StageError `configuration` without vLLM, and as `require_running` where it does not start.
    """
    port = _free_port()
    # `vllm serve` asks for a package of this name, which builds for processors do not have.
    command = [serving_python(), "-m", "vllm.entrypoints.openai.api_server", "--model", str(folder)]
    command += ["--served-model-name", NAME, "--host", "127.0.0.1", "--port", str(port), *options]
    # It is to ask nobody for anything, nor to sample as the folder says.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1"}
    # FlashInfer's sampler is compiled when it is first used, by nvcc, which the image does not have.
    environment["VLLM_USE_FLASHINFER_SAMPLER"] = "0"
    # The trainer's own packages are not vLLM's.
    environment.pop("PYTHONPATH", None)
    with socket_folder() as sockets:
        process = _start(command, {**environment, "VLLM_RPC_BASE_PATH": str(sockets)}, log)
        server = VllmServer(process, f"http://127.0.0.1:{port}/v1", log)
        try:
            _wait_until_ready(server, f"http://127.0.0.1:{port}/health")
            yield server
        finally:
            _end(process)


def _start(command: list[str], environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                preexec_fn=die_with_parent,
            )
        except OSError as error:
            message = (
                f"Cannot run {command[0]}: {error.strerror}. Name a Python with vLLM as {PYTHON_VARIABLE}."
            )
            raise StageError("configuration", message) from error


def _wait_until_ready(server: VllmServer, health: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        server.require_running()
        try:
            if httpx2.get(health, timeout=5).is_success:
                return
        except httpx2.TransportError:
            pass
        time.sleep(LOOK_SECONDS)
    raise StageError("infrastructure", f"vLLM was not ready after {START_SECONDS:.0f} s: see its log.")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def serving_python() -> str:
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        return named
    return str(IMAGE_PYTHON) if IMAGE_PYTHON.exists() else sys.executable


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port

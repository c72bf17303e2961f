"""Runs a function on several gloo ranks, each a process of its own forked from a server that has torch
loaded.
"""

import multiprocessing
import os
import socket
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["trainer.sft.train", "torch.distributed.checkpoint"])


def run_ranks(
    function: Callable[..., Any], num_ranks: int, *arguments: Any, timeout: float = 120
) -> list[Any]:
    """Each rank's result of `function(*arguments)`, which must be a module's own function and return plain
    data.
    """
    port = free_port()
    ends, processes = [], []
    for rank in range(num_ranks):
        ours, theirs = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(
            target=_rank, args=(theirs, rank, num_ranks, port, function, arguments), daemon=True
        )
        process.start()
        theirs.close()
        ends.append(ours)
        processes.append(process)
    try:
        results = [_receive(end, timeout) for end in ends]
    finally:
        for process in processes:
            process.join(5)
            process.kill()
    for rank, (_, error) in enumerate(results):
        assert error is None, f"rank {rank}:\n{error}"
    return [result for result, _ in results]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def _receive(end: Connection, timeout: float) -> tuple[Any, str | None]:
    if not end.poll(timeout):
        return None, f"no answer in {timeout} s"
    try:
        answer: tuple[Any, str | None] = end.recv()
    except EOFError:
        return None, "ended without an answer"
    return answer


def _rank(
    end: Connection,
    rank: int,
    num_ranks: int,
    port: int,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> None:
    os.environ.update(
        RANK=str(rank),
        LOCAL_RANK=str(rank),
        WORLD_SIZE=str(num_ranks),
        MASTER_ADDR="127.0.0.1",
        MASTER_PORT=str(port),
        OMP_NUM_THREADS="1",
    )
    try:
        end.send((function(*arguments), None))
    except BaseException:
        end.send((None, traceback.format_exc()))

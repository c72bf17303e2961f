"""How vLLM is started: what of a recipe and of the devices becomes its command line.

orchestrator/plan counts with the same spread and the same share of memory.
"""

from dataclasses import dataclass
from typing import Literal

# Of each device's memory, weights, cached keys and values and all else together. vLLM's own default, said
# here because the plan rests on it.
MEMORY_SHARE = 0.9
# Tokens whose keys and values lie together on processors: no sequence has less.
CPU_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Spread:
    """How the model lies on its devices."""

    tensor_parallel: int
    replicas: int


def spread(devices: int, query_heads: int, key_value_heads: int, feed_forward_size: int) -> Spread:
    """All devices work: as many as can share a copy by heads and gates, and copies over the rest.

    vLLM repeats key/value heads where devices are more than they, and cannot where they are no multiple.
    """
    shared = max(
        each
        for each in range(1, devices + 1)
        if devices % each == 0
        and query_heads % each == 0
        and feed_forward_size % each == 0
        and (key_value_heads % each == 0 or each % key_value_heads == 0)
    )
    return Spread(shared, devices // shared)


def vllm_options(
    lies: Spread, *, device: Literal["cpu", "cuda"], tokens: int, at_once: int, token_bytes: int
) -> list[str]:
    """Beside folder and address: in bf16 on GPUs, where it is fast; in fp32 on processors, as the trainer is.

    `tokens`: most of a sequence. `at_once`: most sequences together. `token_bytes`: keys and values of one.
    """
    options = ["--dtype", "bfloat16" if device == "cuda" else "float32", "--max-model-len", str(tokens)]
    options += ["--max-num-seqs", str(at_once), "--seed", "0"]
    options += ["--tensor-parallel-size", str(lies.tensor_parallel)]
    options += ["--data-parallel-size", str(lies.replicas)] if lies.replicas > 1 else []
    # A budget's thinking begins as the larger one's does; and the folder's way to sample is not the recipe's.
    options += ["--enable-prefix-caching", "--generation-config", "vllm"]
    if device == "cuda":
        return [*options, "--gpu-memory-utilization", str(MEMORY_SHARE)]
    # Else it takes nearly all memory of the machine, and does not start where that is not free.
    blocks = at_once * (-(-tokens // CPU_BLOCK) + 1)
    return [*options, "--enforce-eager", "--kv-cache-memory-bytes", str(blocks * CPU_BLOCK * token_bytes)]

"""Everything that one GPU can show of the trainer, beside what the plan expects.

python -m trainer.bench [--device cpu --shape tiny] [--parts attention,blocks] [--work FOLDER]
                        [--json FILE] [--markdown FILE]

Exit code 1 when a result is wrong, or could not be checked at all. A part that cannot run says why, and the
rest goes on.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist

from trainer.bench import (
    attention,
    block_times,
    comparison,
    environment,
    fp8_blocks,
    head,
    many_steps,
    slice_memory,
    storage,
    tiles,
    update,
    whole_run,
)
from trainer.bench.one_rank import join_alone, lone_spec
from trainer.bench.plan_data import load_plan
from trainer.bench.release import release
from trainer.bench.report import Failure, Part, attempt
from trainer.bench.shape import shape_named
from trainer.sft.attention import attend

PARTS = ("attention", "blocks", "fp8", "loss", "update", "memory", "tiles", "steps", "storage", "comparison")
# Their results are compared with a reference.
CHECKED = ("attention", "blocks", "fp8", "loss", "steps", "storage")


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    plan = load_plan()
    shape = shape_named(options.shape, plan)
    spec = lone_spec(plan, options.device)
    ranks = join_alone(spec)
    device, world = ranks.device, dist.group.WORLD
    assert world is not None
    measures: dict[str, Callable[[], Part]] = {
        "attention": lambda: attention.measure(plan, shape, device, attend),
        "blocks": lambda: block_times.measure(plan, shape, device, world),
        "fp8": lambda: fp8_blocks.measure(shape, device, world),
        "loss": lambda: head.measure(shape, device),
        "update": lambda: update.measure(plan, shape, device),
        "memory": lambda: slice_memory.measure(shape, spec, ranks, world),
        "tiles": lambda: tiles.measure(plan, shape, device),
        "steps": lambda: many_steps.measure(shape, spec, ranks, world),
        "storage": lambda: storage.measure(plan, shape, spec, ranks, options.work),
        "comparison": lambda: comparison.measure(shape, spec, ranks),
    }
    found: dict[str, Part] = {"environment": _show(environment.measure(shape, device))}
    for name in options.parts:
        found[name] = _show(_run(name, measures[name]))
    if all(name in found and found[name].data is not None for name in ("blocks", "loss", "update")):
        whole = whole_run.derive(
            plan, shape, blocks=found["blocks"].data, head=found["loss"].data, update=found["update"].data
        )
        found["whole run"] = _show(whole)
    dist.destroy_process_group()
    parts = list(found.values())
    if options.json is not None:
        options.json.write_text(json.dumps([part.json() for part in parts], indent=1) + "\n")
    if options.markdown is not None:
        options.markdown.write_text("\n\n".join(part.text() for part in parts) + "\n")
    wrong = [check for part in parts for check in part.checks if not check.holds]
    unchecked = [name for name in CHECKED if name in found and not found[name].checks]
    for check in wrong:
        print(check.text(), file=sys.stderr)
    for name in unchecked:
        print(f"- WRONG: {name} could not be checked", file=sys.stderr)
    return 1 if wrong or unchecked else 0


def _run(name: str, measure: Callable[[], Part]) -> Part:
    started = time.perf_counter()
    found = attempt(measure)
    release()
    print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return Part(name.capitalize(), failure=found.reason) if isinstance(found, Failure) else found


def _show(part: Part) -> Part:
    print(part.text(), end="\n\n", flush=True)
    return part


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.bench", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--shape", choices=("s1-32b", "tiny"), default="s1-32b")
    parser.add_argument(
        "--parts", type=_parts, default=PARTS, help=f"some of {','.join(PARTS)}; all without it"
    )
    parser.add_argument("--work", type=Path, help="a folder on the volume that `storage` is to measure")
    parser.add_argument("--json", type=Path, help="write all figures into this file")
    parser.add_argument("--markdown", type=Path, help="write the tables into this file")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("there is no CUDA device here; --device cpu --shape tiny tries the command out")
    return options


def _parts(text: str) -> tuple[str, ...]:
    asked = text.split(",")
    unknown = [name for name in asked if name not in PARTS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return tuple(name for name in PARTS if name in asked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

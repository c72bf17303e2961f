"""python -m trainer.smoke [LIBRARY...]: opens every library the image is for, and compiles a kernel.

The kernel's launcher is compiled, too. It runs inside the image, on any machine: what only a host with
devices brings (libcuda, the driver) is left out. `LIBRARY`: more to open than those that every image needs. A
line for each part; exit code 1 where one cannot be done. NCCL, for one, opens libibverbs by name when it
looks for adapters, and goes on without a word over TCP where there is none.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from trainer.sft.fabric import LIBRARY, library_error

# What opens adapters, and each maker's part of it: NVIDIA's (InfiniBand and RoCE) and Amazon's.
OPENED_BY_NAME = (LIBRARY, "libmlx5.so.1", "libefa.so.1")
# An H100. The kernel is compiled for it, not run.
CAPABILITY = 90


def main(libraries: Sequence[str]) -> int:
    failed = False
    for what, attempt in parts(libraries):
        try:
            told = attempt()
        except Exception as error:
            failed = True
            told = f"{type(error).__name__}: {error}"
            print(f"NO  {what}: {told}", flush=True)
        else:
            print(f"ok  {what}: {told}", flush=True)
    return 1 if failed else 0


def parts(libraries: Sequence[str]) -> Iterator[tuple[str, Callable[[], str]]]:
    """What is tried, and the function that does it; it returns what it found, and raises where it cannot."""
    for name in (*OPENED_BY_NAME, *libraries):
        yield name, lambda name=name: _opened(name)  # type: ignore[misc]
    yield "torch with CUDA, cuDNN and NCCL", _torch
    yield "a kernel for the devices", _kernel
    yield "a kernel's launcher", _launcher


def _opened(name: str) -> str:
    if (reason := library_error(name)) is not None:
        raise OSError(reason)
    return "opens"


def _torch() -> str:
    import torch

    if torch.version.cuda is None:
        raise RuntimeError(f"torch {torch.__version__} is built without CUDA")
    # Their libraries are opened for it.
    versions = torch.backends.cudnn.version(), torch.cuda.nccl.version()
    return f"torch {torch.__version__}, cuDNN {versions[0]}, NCCL {'.'.join(map(str, versions[1]))}"


def _kernel() -> str:
    """By Triton's own assembler, which comes with its package."""
    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    from trainer.smoke.kernel import doubled

    source = ASTSource(doubled, signature={"x": "*fp32", "size": "constexpr"}, constexprs={(1,): 128})
    compiled = triton.compile(source, target=GPUTarget("cuda", CAPABILITY, 32))
    return f"{len(compiled.asm['cubin']):,} bytes for capability {CAPABILITY / 10}"


def _launcher() -> str:
    """Triton's launcher is C, compiled with the image's compiler against Python's headers."""
    from triton.backends.nvidia import driver
    from triton.runtime.build import _build, _find_compiler

    with tempfile.TemporaryDirectory() as folder:
        # The driver's library is the host's; one without content takes its place for the linker.
        empty = [_find_compiler("c"), "-shared", "-x", "c", os.devnull, "-o", f"{folder}/libcuda.so.1"]
        subprocess.run(empty, check=True)
        source = Path(driver.dirname) / "driver.c"
        built = _build("smoke", str(source), folder, [folder], driver.include_dirs, driver.libraries, [])
        return f"{Path(built).stat().st_size:,} bytes"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

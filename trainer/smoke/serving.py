"""python -m trainer.smoke.serving: vLLM understands the command line with which the evaluate stage starts it.

It runs in the environment of the image that is vLLM's, on any machine. vLLM's kernels need the driver, which
is the host's; that they open is seen where the stage starts.
"""

import os
import subprocess
import sys

from trainer.evaluate.vllm_options import Spread, vllm_options
from trainer.evaluate.vllm_server import serving_python

# By its own parser, as on a machine with devices, which it asks for. An option that it does not know, or a
# value that it cannot read, is an error.
ASK = """
import sys
import vllm
import vllm.platforms
from vllm.platforms.interface import UnspecifiedPlatform
class Devices(UnspecifiedPlatform):
    device_type = "cuda"
vllm.platforms._current_platform = Devices()
from vllm.entrypoints.common.cli_args import make_arg_parser
from vllm.utils.argparse_utils import FlexibleArgumentParser
asked = make_arg_parser(FlexibleArgumentParser()).parse_args(sys.argv[1:])
print(vllm.__version__, asked.tensor_parallel_size, asked.data_parallel_size, asked.max_model_len)
"""


def main() -> int:
    # As on a node of eight devices whose model has heads for four.
    options = vllm_options(Spread(4, 2), device="cuda", tokens=32768, at_once=128, token_bytes=2)
    command = [serving_python(), "-c", ASK, "--model", "checkpoint", *options]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    said = done.stdout.strip().splitlines()[-1:] or ["nothing"]
    understood = done.returncode == 0 and said[0].split()[1:] == ["4", "2", "32768"]
    if understood:
        print(f"ok  vLLM {said[0].split()[0]}: understands {' '.join(options)}", flush=True)
        return 0
    print(f"NO  vLLM: {said[0]} {done.stderr.strip()[-2000:]}", flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())

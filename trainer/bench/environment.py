"""Where the bench ran: date, device, driver, and the versions that its figures depend on."""

import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata

import torch

from trainer.bench.report import Part, Table
from trainer.bench.shape import Shape
from trainer.sft.attention import kernel_name

PACKAGES = ("torch", "triton", "transformers", "accelerate", "trl")


def measure(shape: Shape, device: torch.device) -> Part:
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "shape": shape.name,
        "device": _device(device),
        "driver": _driver(device),
        "CUDA of torch": torch.version.cuda or "none",
        "Python": platform.python_version(),
        **{package: _version(package) for package in PACKAGES},
        "attention kernel": kernel_name(device),
    }
    return Part(
        "Environment", [Table("Machine", {"what": "", "found": ""}, [[*fact] for fact in facts.items()])]
    )


def _device(device: torch.device) -> str:
    if device.type != "cuda":
        return f"CPU, {torch.get_num_threads()} threads"
    properties = torch.cuda.get_device_properties(device)
    return (
        f"{properties.name}, {properties.total_memory / 1e9:.1f} GB, {properties.multi_processor_count} SMs"
    )


def _driver(device: torch.device) -> str:
    if device.type != "cuda":
        return "none"
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"unknown ({type(error).__name__})"
    return asked.stdout.strip().splitlines()[0]


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"

"""Gives back what a measurement left in the process, so that the next one starts as the first did."""

import gc

import torch


def release() -> None:
    # Cycles of hooks and modules hold the device's memory until they are looked for.
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    # Compiled variants are counted by function, whatever model they are for, and more than eight are refused.
    torch._dynamo.reset()

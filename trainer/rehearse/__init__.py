"""The trainer's real step at real scale, on fake tensors: what it holds, computes, sends."""

"""Why a container ended, decided from what its processes left behind: pure."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainer.failure import EXIT_CODE_OF_CLASS


@dataclass(frozen=True, slots=True)
class Ending:
    """How the command ended, seen from its parent."""

    code: int
    """As subprocess has it: negative for a signal."""
    was_terminated: bool
    """The container got SIGTERM."""
    was_out_of_memory: bool
    """The kernel killed a process of this container for memory."""
    last_lines: str
    """End of its standard error."""


@dataclass(frozen=True, slots=True)
class Traces:
    """What the stage's processes left behind, by rank (trainer.stage)."""

    started: frozenset[int]
    outcomes: Mapping[int, Mapping[str, Any]]
    crashes: Mapping[int, str]
    """Python stacks of native crashes."""


def judge(ending: Ending, traces: Traces) -> dict[str, Any]:
    """The termination message (orchestrator/wire/termination.ts).

    A rank that says why it failed is believed before a silent one: torchrun kills the other ranks as soon as
    one has failed. A rank that only lost its connection to another comes last: the other one is the cause.
    """
    failures = {
        rank: outcome for rank, outcome in traces.outcomes.items() if outcome["exitClass"] != "succeeded"
    }
    silent = traces.started - traces.outcomes.keys()
    if ending.code == 0 and not failures:
        return _message("succeeded", _of_first_rank(traces), {"message": "Done."})
    causes = {rank: outcome for rank, outcome in failures.items() if not outcome.get("lostPeer")}
    if causes:
        rank = min(causes, key=lambda rank: float(causes[rank]["at"]))
        return {**_message(causes[rank]["exitClass"], causes[rank], {}), "rank": rank}
    if traces.crashes:
        rank = min(traces.crashes)
        message = f"Rank {rank} crashed in native code:\n{traces.crashes[rank].strip()}"
        return {"exitClass": "unknown", "message": message, "rank": rank}
    if ending.was_out_of_memory:
        todo = "Give the container more memory, or use a shorter sequence length."
        message = f"The kernel killed a process of this container for memory. {todo}"
        return {"exitClass": "out-of-memory", "message": message}
    if ending.was_terminated:
        message = "Stopped on request before there was anything to save."
        return {"exitClass": "interrupted", "message": message}
    if silent:
        ranks = ", ".join(map(str, sorted(silent)))
        message = (
            f"Rank {ranks} ended without a word: killed from outside (SIGKILL) or with its node. Start again."
        )
        return {"exitClass": "infrastructure", "message": message, "rank": min(silent)}
    if failures:
        rank = min(failures)
        return {**_message("infrastructure", failures[rank], {}), "rank": rank}
    return _by_code(ending)


def _by_code(ending: Ending) -> dict[str, Any]:
    """For a command whose processes left nothing: it failed before a stage began, or it is no stage."""
    known = {code: name for name, code in EXIT_CODE_OF_CLASS.items()}
    end = f" Its last lines:\n{ending.last_lines.strip()}" if ending.last_lines.strip() else ""
    if ending.code == -signal.SIGKILL:
        return {
            "exitClass": "infrastructure",
            "message": f"The command was killed from outside (SIGKILL).{end}",
        }
    how = f"by signal {-ending.code}" if ending.code < 0 else f"with code {ending.code}"
    message = f"The command ended {how} before its stage began.{end}"
    return {"exitClass": known.get(ending.code, "unknown"), "message": message}


def _of_first_rank(traces: Traces) -> Mapping[str, Any]:
    return traces.outcomes[min(traces.outcomes)] if traces.outcomes else {}


def _message(exit_class: str, outcome: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: outcome[key] for key in ("message", "step", "manifest") if key in outcome}
    return {"exitClass": exit_class, **default, **kept}

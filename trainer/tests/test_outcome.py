import json
import re
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trainer.entrypoint import MESSAGE_BYTES, encode_termination
from trainer.failure import EXIT_CODE_OF_CLASS
from trainer.outcome import Ending, Traces, judge

TABLE = Path(__file__).parents[2] / "orchestrator" / "wire" / "termination.ts"


def ending(code: int, *, terminated: bool = False, out_of_memory: bool = False, last: str = "") -> Ending:
    return Ending(code, was_terminated=terminated, was_out_of_memory=out_of_memory, last_lines=last)


def traces(
    outcomes: dict[int, dict[str, Any]], *, started: int = 2, crashes: dict[int, str] | None = None
) -> Traces:
    return Traces(frozenset(range(started)), outcomes, crashes or {})


def failed(exit_class: str, at: float, **more: Any) -> dict[str, Any]:
    return {"exitClass": exit_class, "message": f"{exit_class} at {at}", "at": at, **more}


def test_the_table_of_codes_is_that_of_the_control_plane() -> None:
    [block] = re.findall(r"EXIT_CODE_OF_CLASS = \{(.*?)\}", TABLE.read_text(), re.DOTALL)
    table = {name.strip("'"): int(code) for name, code in re.findall(r"([\w'-]+): (\d+)", block)}
    assert table == EXIT_CODE_OF_CLASS


def test_success_tells_the_step_and_the_manifest() -> None:
    done = {"exitClass": "succeeded", "message": "Trained.", "step": 9, "manifest": "sha256:0", "at": 1.0}
    assert judge(ending(0), traces({0: done, 1: done})) == {
        "exitClass": "succeeded",
        "message": "Trained.",
        "step": 9,
        "manifest": "sha256:0",
    }


def test_the_first_rank_that_failed_is_the_cause_whatever_the_others_say_later() -> None:
    told = judge(ending(1), traces({0: failed("unknown", 2.0), 1: failed("data", 1.0)}))
    assert (told["exitClass"], told["rank"]) == ("data", 1)


def test_a_rank_that_lost_its_peer_is_not_the_cause_when_another_says_why_or_nothing() -> None:
    lost = failed("infrastructure", 1.0, lostPeer=True)
    assert judge(ending(1), traces({0: lost, 1: failed("numerics", 2.0)}))["exitClass"] == "numerics"
    silent = judge(ending(1), traces({0: lost}))
    assert (silent["exitClass"], silent["rank"]) == ("infrastructure", 1)
    assert judge(ending(1), traces({0: lost}, started=1))["exitClass"] == "infrastructure"


def test_a_silent_end_is_told_apart_by_what_the_kernel_and_the_container_saw() -> None:
    assert judge(ending(1, out_of_memory=True), traces({}))["exitClass"] == "out-of-memory"
    assert judge(ending(-15, terminated=True), traces({}))["exitClass"] == "interrupted"
    crash = judge(ending(1), traces({}, crashes={1: "Fatal Python error: Segmentation fault"}))
    assert (crash["exitClass"], crash["rank"]) == ("unknown", 1)


def test_a_command_without_stages_is_judged_by_its_code_and_its_last_lines() -> None:
    nothing = traces({}, started=0)
    assert judge(ending(0), nothing)["exitClass"] == "succeeded"
    assert judge(ending(78), nothing)["exitClass"] == "configuration"
    assert judge(ending(-9), nothing)["exitClass"] == "infrastructure"
    told = judge(ending(2, last="No module named trainer\n"), nothing)
    assert told["exitClass"] == "unknown" and "No module named trainer" in told["message"]


@given(st.text(max_size=5000))
def test_a_termination_message_fits_and_stays_json_with_a_prefix_of_its_text(message: str) -> None:
    encoded = encode_termination({"exitClass": "unknown", "message": message, "step": 3})
    assert len(encoded) <= MESSAGE_BYTES
    told = json.loads(encoded)
    assert message.startswith(told["message"]) and told["step"] == 3
    if len(message) < 600:
        assert told["message"] == message


def test_a_long_message_is_cut_by_no_more_than_a_few_characters_too_many() -> None:
    assert len(encode_termination({"exitClass": "unknown", "message": "日本" * 4000})) > MESSAGE_BYTES - 8

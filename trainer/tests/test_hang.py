from hypothesis import given
from hypothesis import strategies as st

from trainer.supervise.hang import STOP_SECONDS, Silence, odd_one_out, place, summary
from trainer.supervise.heartbeat import Beat

COLLECTIVE = """\
Thread 0x00007f2a (most recent call first):
  File "/usr/lib/python3.11/concurrent/futures/thread.py", line 81 in _worker
  File "/usr/lib/python3.11/threading.py", line 1002 in _bootstrap

Current thread 0x00007f2b (most recent call first):
  File "/opt/site-packages/torch/distributed/distributed_c10d.py", line 4000 in all_gather_into_tensor
  File "/opt/site-packages/torch/distributed/c10d_logger.py", line 83 in wrapper
  File "/opt/stint/trainer/sft/step.py", line 97 in _exchange
  File "/opt/stint/trainer/sft/step.py", line 76 in take_step
  File "<frozen runpy>", line 198 in _run_module_as_main
"""
WRITING = """\
Current thread 0x00007f2b (most recent call first):
  File "/opt/stint/trainer/events.py", line 131 in _write
  File "/opt/stint/trainer/sft/train.py", line 147 in _train_rows
"""
FOREIGN = """\
Thread 0x00007f2b (most recent call first):
  File "/opt/site-packages/torch/__init__.py", line 2200 in <module>
"""


def beat(at: float = 0, *, allowed: float = 122.65, usual: float = 2.65) -> Beat:
    return Beat("step 41", usual_seconds=usual, allowed_seconds=allowed, at=at)


def watched(silence: Silence, beats: dict[int, Beat], *, start: float, seconds: int) -> float:
    """Looks once a second; returns the time of the last look."""
    for second in range(seconds + 1):
        silence.look(beats, start + second)
    return start + seconds


def test_ranks_hang_when_none_has_moved_for_as_long_as_is_allowed() -> None:
    silence = Silence()
    now = watched(silence, {0: beat(), 1: beat()}, start=0, seconds=122)
    assert not silence.is_hang(stopping=False)
    watched(silence, {0: beat(), 1: beat()}, start=now, seconds=1)
    assert silence.is_hang(stopping=False)


def test_one_rank_that_moves_is_life_and_the_most_patient_rank_decides() -> None:
    silence = Silence()
    now = watched(silence, {0: beat(), 1: beat()}, start=0, seconds=122)
    watched(silence, {0: beat(), 1: beat(at=1)}, start=now, seconds=100)
    assert not silence.is_hang(stopping=False)
    slow = {0: beat(), 1: beat(allowed=2100, usual=2100)}
    silence = Silence()
    watched(silence, slow, start=0, seconds=2000)
    assert not silence.is_hang(stopping=False)


def test_without_ranks_nothing_hangs() -> None:
    silence = Silence()
    watched(silence, {}, start=0, seconds=100_000)
    assert not silence.is_hang(stopping=False)


def test_time_in_which_nobody_could_look_is_no_silence() -> None:
    """A container that was frozen, or a machine that slept."""
    silence = Silence()
    silence.look({0: beat()}, 0)
    silence.look({0: beat()}, 3600)
    assert not silence.is_hang(stopping=False) and silence.seconds <= 5


def test_ranks_that_were_asked_to_stop_have_a_step_and_ten_seconds_but_a_checkpoint_has_its_time() -> None:
    silence = Silence()
    now = watched(silence, {0: beat()}, start=0, seconds=12)
    assert not silence.is_hang(stopping=True)
    watched(silence, {0: beat()}, start=now, seconds=1)
    assert silence.is_hang(stopping=True) and not silence.is_hang(stopping=False)
    silence = Silence()
    watched(silence, {0: beat(allowed=600, usual=600)}, start=0, seconds=599)
    assert not silence.is_hang(stopping=True)


@given(
    gaps=st.lists(st.floats(0, 100), max_size=50), allowed=st.floats(1, 1000), usual=st.floats(0.001, 1000)
)
def test_no_more_silence_is_counted_than_passed_and_stopping_is_never_more_patient(
    gaps: list[float], allowed: float, usual: float
) -> None:
    silence, now = Silence(), 0.0
    beats = {0: beat(allowed=allowed, usual=min(usual, allowed))}
    silence.look(beats, now)
    for gap in gaps:
        now += gap
        silence.look(beats, now)
        assert silence.seconds <= now + 1e-6
        assert silence.is_hang(stopping=True) or not silence.is_hang(stopping=False)
        assert not silence.is_hang(stopping=True) or silence.seconds > min(allowed, usual + STOP_SECONDS)


def test_a_rank_is_where_its_main_thread_is_in_the_trainer_and_what_it_calls_there() -> None:
    assert place(COLLECTIVE) == "in all_gather_into_tensor (trainer/sft/step.py:97)"
    assert place(WRITING) == "in _write (trainer/events.py:131)"
    assert place(FOREIGN) == "in <module> (/opt/site-packages/torch/__init__.py:2200)"
    assert place("", "T") == "is stopped (SIGSTOP)" and place("", "D") == "waits for a disk or a driver"
    assert place("", "S") == "shows no stack"


def test_the_odd_one_out_comes_first_and_is_suspected() -> None:
    places = dict.fromkeys(range(8), place(COLLECTIVE))
    places[3] = place(WRITING)
    assert summary(places) == (
        "rank 3 in _write (trainer/events.py:131); "
        "ranks 0-2, 4-7 in all_gather_into_tensor (trainer/sft/step.py:97)"
    )
    assert odd_one_out(places) == 3
    assert odd_one_out(dict.fromkeys(range(8), "in f")) is None
    assert odd_one_out({0: "in f", 1: "in g"}) is None
    assert odd_one_out({0: "in f"}) is None

"""Whether a request that failed is worth another try, and after how long. Decides; `completions` acts."""

TRIES = 6
# A reply is given all the time that a slow one takes, and devices are held meanwhile: a server that let it
# pass is asked once more, in case it was busy.
TRIES_OF_SLOW = 2
_FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A server that is busy, starts again or is cut off by its proxy; any other answer would come again.
_MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})


def pause_before(
    tries: int, status: int | None, retry_after: str | None = None, *, is_slow: bool = False
) -> float | None:
    """Seconds until the next try after so many; None where no other would help.

    `status`: of the answer, None where none came. `retry_after`: its header of this name. `is_slow`: none
    came in the time that a reply may take.
    """
    most = TRIES_OF_SLOW if is_slow else TRIES
    if tries >= most or (status is not None and status not in _MAY_PASS):
        return None
    pause = _FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1)
    if retry_after is not None and retry_after.isdecimal():
        pause = max(pause, float(retry_after))
    return min(pause, LONGEST_PAUSE_SECONDS)

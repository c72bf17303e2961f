"""python -m trainer.rehearse: steps of a run as JSON on standard input, what they take on standard output.

Both are described in orchestrator/wire/rehearsal.ts. It needs no device, no data and no weights: inside the
trainer's image it shows what that image's torch does. Progress goes to standard error, a JSON object a line.
Exit code 2, with an `error` as the answer, where a step cannot be rehearsed.
"""

import json
import sys
import time
from typing import Any

from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException

from trainer.failure import StageError
from trainer.parse import FieldError, parse
from trainer.rehearse.code import code_digest
from trainer.rehearse.rehearsal import rehearse
from trainer.rehearse.request import Request, answer_of


def main() -> int:
    try:
        answered = answer(json.load(sys.stdin))
    except FieldError as error:
        return _fail("configuration", f"The question cannot be answered: {error}.")
    except StageError as error:
        return _fail(error.exit_class, error.message)
    except (DataDependentOutputException, DynamicOutputShapeException) as error:
        message = (
            f"The step asks the device for a shape or a branch: {error.func}. Give it from the host, which "
            "knows every length and label before the step begins."
        )
        return _fail("configuration", message)
    print(json.dumps(answered))
    return 0


def answer(document: Any) -> dict[str, Any]:
    """Raises FieldError, StageError, or torch's own error where a step depends on what a device computes."""
    began = time.monotonic()
    request: Request = parse(Request, document, "request")
    rows = []
    for done, row in enumerate(request.rows):
        _progress(done, len(request.rows))
        rows.append(answer_of(row, rehearse(request.spec, request.vocabulary_size, row.lengths, row.mode)))
    _progress(len(rows), len(rows))
    return {"rows": rows, "seconds": time.monotonic() - began, "code": code_digest()}


def _progress(done: int, total: int) -> None:
    line = json.dumps({"what": "steps rehearsed", "done": done, "total": total})
    print(line, file=sys.stderr, flush=True)


def _fail(exit_class: str, message: str) -> int:
    print(json.dumps({"error": {"class": exit_class, "message": message}}))
    return 2


if __name__ == "__main__":
    sys.exit(main())

"""python -m trainer.inspect: a question as JSON on standard input, its answer as JSON on standard output.

Both are described in orchestrator/wire/inspection.ts. Progress goes to standard error, a JSON object a line.
Exit code 2, with an `error` as the answer, where something cannot be read at all.
"""

import dataclasses
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from trainer import manifest
from trainer.delimiters import check_delimiters
from trainer.evaluate.appended import require_text
from trainer.evaluate.benchmark import read_benchmark
from trainer.evaluate.capacity import delimiter_tokens, longest_prompt
from trainer.evaluate.prompts import Prompts, encode_told, under_all
from trainer.evaluate.settings import Benchmark
from trainer.failure import StageError
from trainer.generate import tokenizer as own_tokenizer
from trainer.hub.repository import fetch, look_up
from trainer.inspect.dataset import Measured, count_duplicates, measure, read_dataset, row_at
from trainer.inspect.guess import Guess
from trainer.inspect.request import BenchmarkRequest, ModelRequest, Request, inputs_of
from trainer.parse import FieldError, parse
from trainer.rows.read import BrokenRow
from trainer.rows.records import KEPT_ERRORS, Reading
from trainer.rows.source import Surroundings, find_source
from trainer.rows.text import malformed
from trainer.sft.architecture import FIELDS, read_architecture
from trainer.sft.end_tokens import end_tokens
from trainer.sft.model_folder import check_model_folder
from trainer.tokenizer import NAME, TOKENIZER_FILES, load_tokenizer

# Where no dataset is read.
NOTHING = {"name": "", "sha256": None}


def main() -> int:
    try:
        answer = inspect(parse(Request, json.load(sys.stdin), "request"))
    except FieldError as error:
        return _fail("configuration", f"The question cannot be answered: {error}.")
    except StageError as error:
        return _fail(error.exit_class, error.message, error.where)
    print(json.dumps(answer))
    return 0


def inspect(request: Request) -> dict[str, Any]:
    """The answer. Raises StageError where a file cannot be read at all."""
    around = Surroundings(
        Path.cwd(), _note, lambda done, total: _progress("files fetched", done, total), request.online
    )
    trouble = malformed(request.dataset.system_prompt or "")
    if trouble is not None:
        raise StageError("configuration", f"dataset.systemPrompt {trouble}. Write it whole.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = None if request.model is None else _model_folder(request.model, around, Path(scratch))
        tokenizer = None if folder is None else load_tokenizer(folder)
        asked = request.dataset
        if tokenizer is not None and folder is not None:
            check_delimiters(asked.thinking, tokenizer, field="dataset.thinking", ends=end_tokens(folder))
            require_text(request.controls, tokenizer)
        dataset = NOTHING
        reading, columns, fields, guessed = Reading(), list[str](), Guess(None, None, None, []), False
        if asked.source is not None:
            source = find_source(asked.source, inputs_of(asked.files), "The dataset", around)
            dataset = {"name": source.name, "sha256": source.digest}
            reading, columns, fields, guessed = read_dataset(asked, source)
            _progress("rows read", reading.num_rows, reading.num_rows)
        measured = Measured()
        if tokenizer is not None:
            measured = measure(
                reading, request, tokenizer, lambda done, total: _progress("rows measured", done, total)
            )
        others = sum(measured.lengths) - sum(measured.trace_lengths)
        benchmarks = [_benchmark(each, request, tokenizer, around) for each in request.benchmarks]
        return {
            "rows": reading.num_rows,
            "columns": [_printable(column) for column in columns],
            "fields": {"question": fields.question, "trace": fields.trace, "answer": fields.answer},
            "guessed": guessed,
            "hints": fields.hints,
            "lengths": measured.lengths,
            "traceLengths": measured.trace_lengths,
            "labels": measured.labels,
            "questionAnswerTokens": others / max(1, len(measured.lengths)),
            "overLength": measured.over_length,
            "unlabelled": measured.unlabelled,
            "duplicates": count_duplicates(reading),
            "controlTokens": measured.num_held,
            "controlTokenRows": _rows(measured.held),
            "broken": _rows(reading.broken),
            "brokenRows": reading.num_broken,
            "tokenizer": tokenizer
            and folder
            and {
                "sha256": manifest.sha256(folder / NAME),
                "vocabularySize": tokenizer.get_vocab_size(with_added_tokens=True),
            },
            "architecture": _architecture(folder, request.model),
            "benchmarks": [answer for answer, _ in benchmarks],
            "damage": _damage(folder) if folder and request.model and request.model.whole else None,
            "inputs": {
                # Its weights are not read here, so nothing is said of them.
                "model": request.model and {"name": _model_name(request.model), "sha256": None},
                "dataset": dataset,
                "benchmarks": [{"name": answer["name"], "sha256": digest} for answer, digest in benchmarks],
            },
        }


def _model_folder(model: ModelRequest, around: Surroundings, scratch: Path) -> Path:
    if model.scratch:
        own_tokenizer.build(scratch)
        return scratch
    if model.folder is not None:
        return Path(model.folder)
    assert model.repository is not None and model.revision is not None
    found = look_up(
        "models", model.repository, model.revision, around.work, note=around.note, online=around.online
    )
    names = [name for name in found.files if name in (*TOKENIZER_FILES, "config.json")]
    return fetch(found, names, around.work, around.progress)


def _model_name(model: ModelRequest) -> str:
    return model.folder or model.repository or "scratch"


def _architecture(folder: Path | None, model: ModelRequest | None) -> dict[str, Any] | None:
    """Null where nothing describes it; a model that cannot be trained is said by the plan, not here."""
    if folder is None or model is None or model.scratch or not (folder / "config.json").is_file():
        return None
    found = dataclasses.asdict(read_architecture(folder))
    return {name: found[attribute] for name, attribute, _ in FIELDS}


def _damage(folder: Path) -> str | None:
    """Why the weights are not whole; None where they are."""
    try:
        check_model_folder(folder, read_architecture(folder))
    except StageError as error:
        return error.message
    return None


def _benchmark(
    asked: BenchmarkRequest, request: Request, tokenizer: Tokenizer | None, around: Surroundings
) -> tuple[dict[str, Any], str | None]:
    benchmark = Benchmark(asked.name, asked.source, asked.fields, asked.grader)  # type: ignore[arg-type]
    loaded = read_benchmark(benchmark, inputs_of(asked.files), around)
    prompts, delimiting = Prompts([], {}), dict[str, int]()
    if tokenizer is not None:
        system, controls = request.dataset.system_prompt, request.controls
        told = encode_told(loaded.questions, controls, system, tokenizer, places=loaded.places)
        prompts = under_all(told)
        delimiting = {"delimiterTokens": delimiter_tokens(tokenizer, request.dataset.thinking)}
    held = [
        row_at(loaded.places[index], f"holds {', '.join(found)}") for index, found in prompts.held.items()
    ]
    answer = {
        "name": asked.name,
        "rows": len(loaded.questions),
        "longestPromptTokens": longest_prompt(prompts.ids),
        **delimiting,
        "repeated": loaded.repeated,
        "broken": _rows(loaded.broken[:KEPT_ERRORS]),
        "brokenRows": len(loaded.broken),
        "controlTokens": len(held),
        "controlTokenRows": _rows(held[:KEPT_ERRORS]),
    }
    return answer, loaded.source.digest


def _rows(broken: list[BrokenRow]) -> list[dict[str, Any]]:
    return [{"file": row.file, "line": row.number, "what": row.what} for row in broken]


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def _progress(what: str, done: int, total: int) -> None:
    print(json.dumps({"what": what, "done": done, "total": total}), file=sys.stderr, flush=True)


def _note(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _fail(exit_class: str, message: str, where: str | None = None) -> int:
    told = {"class": exit_class, "message": message, **({} if where is None else {"where": where})}
    print(json.dumps({"error": told}))
    return 2


if __name__ == "__main__":
    sys.exit(main())

"""The prepare stage (CPU): records, tokens, labels and the rows of the plan, in `data/`. Loads no torch.

data/records.jsonl           the records as they were read
data/tokenizer/              the tokenizer's files
data/tokens.bin, index.npy   the token store
data/rows.jsonl              what each optimizer step holds
data/prepared.json           figures for the planner
"""

import dataclasses
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from trainer import manifest
from trainer.delimiters import check_delimiters, require_undelimited
from trainer.evaluate.check import check_evaluation
from trainer.events import Events
from trainer.failure import StageError
from trainer.generate import tokenizer as own_tokenizer
from trainer.hub.cache import UNPINNED
from trainer.model_files import fetch_model, model_name, require_planned
from trainer.rows.records import SHOWN_ERRORS, Reading, read_records, require_usable
from trainer.rows.source import FoundSource, Surroundings, find_source
from trainer.rows.text import malformed
from trainer.sft import plan
from trainer.sft.architecture import read_architecture, require_same
from trainer.sft.conditions import conditioned
from trainer.sft.data import TokenStore, store_of, write_store
from trainer.sft.end_tokens import end_tokens
from trainer.sft.lengths import fit
from trainer.sft.model_folder import check_model_folder
from trainer.sft.template import Sample, tokenize
from trainer.spec import Dataset, Job, Model
from trainer.stage import Outcome, done_before
from trainer.thinking import S1
from trainer.tokenizer import TOKENIZER_FILES, load_tokenizer


def prepare(job: Job) -> Outcome:
    """Fills and publishes `data/`. Raises StageError `data`, `missing-input` or `configuration`."""
    events = Events(job)
    final = job.work / "data"
    before = done_before(job, final, events, stage="prepare", done="prepared")
    if before is not None:
        return before
    events.phase("preparing")
    recipe, training = job.spec.recipe, job.spec.recipe.training
    around = Surroundings(job.work, events.note, events.fetched)
    if (trouble := malformed(recipe.dataset.system_prompt or "")) is not None:
        raise StageError("configuration", f"dataset.systemPrompt {trouble}. Write it whole.")
    model = fetch_model(job.spec, around) if recipe.model.kind == "pretrained" else None
    digest_of_model = model and require_planned(job.spec, model)
    embedding_rows = _embedding_rows(recipe.model, model)
    source = find_source(recipe.dataset.source, job.spec.inputs.dataset, "The dataset", around)
    commit = _unpinned_commit(source, recipe.dataset, events)
    reading = read_records(source.rows(), recipe.dataset.fields)
    require_usable(reading, source.name)
    records = reading.records
    events.progress("records read", done=len(records), total=len(records))
    folder = manifest.fresh(final)
    _write_lines(folder / "records.jsonl", map(dataclasses.asdict, records))
    tokenizer = _tokenizer(model, folder / "tokenizer")
    vocabulary_size = _vocabulary_size(embedding_rows, tokenizer)
    ends = end_tokens(model) if model is not None else frozenset[int]()
    check_delimiters(recipe.dataset.thinking, tokenizer, field="dataset.thinking", ends=ends)
    benchmarks = check_evaluation(job, tokenizer, around)
    samples = _tokenized(reading, recipe.dataset, tokenizer)
    fitted = fit(reading.names, samples, recipe.dataset, training)
    events.progress("samples tokenised", done=len(fitted.samples), total=len(records))
    store = store_of(fitted.samples)
    write_store(folder, store)
    rows = plan.rows(
        num_samples=len(fitted.samples),
        epochs=training.epochs,
        global_batch=training.global_batch,
        seed=training.seed,
    )
    _check_weights(rows, store, training.global_batch)
    _write_lines(folder / "rows.jsonl", map(dataclasses.asdict, rows))
    prepared = {
        "samples": len(fitted.samples),
        "truncated": fitted.num_truncated,
        "dropped": fitted.num_dropped,
        "lengths": store.lengths,
        "labels": store.num_labels,
        "longest": fitted.longest,
        "steps": len(rows),
        "warmupSteps": plan.warmup_steps(steps=len(rows), ratio=training.schedule.warmup_ratio),
        "vocabularySize": vocabulary_size,
        "dataset": manifest.sha256(folder / "records.jsonl"),
        "rows": manifest.sha256(folder / "rows.jsonl"),
    }
    prepared["inputs"] = {
        "model": model and {"name": model_name(job.spec), "sha256": digest_of_model},
        "dataset": {"name": source.name, "sha256": source.digest},
        "benchmarks": [each.read for each in benchmarks],
    }
    prepared["benchmarks"] = [each.counts for each in benchmarks]
    if commit is not None:
        prepared["datasetCommit"] = commit
    (folder / "prepared.json").write_text(json.dumps(prepared) + "\n", encoding="utf-8")
    digest = manifest.publish(folder, final, stage="prepare", spec=job.digest)
    cut = f", {fitted.num_truncated} cut" if fitted.num_truncated else ""
    left_out = f", {fitted.num_dropped} left out" if fitted.num_dropped else ""
    return Outcome(
        f"Prepared {len(fitted.samples)} samples{cut}{left_out} for {len(rows)} steps.", manifest=digest
    )


def _unpinned_commit(source: FoundSource, dataset: Dataset, events: Events) -> str | None:
    """The commit that is read where the recipe names none; None where it does, or needs none."""
    if source.commit is None or dataset.source["revision"] != UNPINNED:
        return None
    message = (
        f"dataset.source.revision is unpinned; commit {source.commit} was read. Put it into the recipe to "
        "train on the same records again."
    )
    events.note(message, level="warning")
    return source.commit


def _tokenizer(model: Path | None, folder: Path) -> Tokenizer:
    """Puts the tokenizer of the model's folder, or our own, into `folder` and loads it."""
    folder.mkdir()
    if model is None:
        own_tokenizer.build(folder)
        return load_tokenizer(folder)
    for name in TOKENIZER_FILES:
        if (model / name).is_file():
            shutil.copyfile(model / name, folder / name)
    return load_tokenizer(folder, name=str(model))


def _tokenized(reading: Reading, dataset: Dataset, tokenizer: Tokenizer) -> list[Sample]:
    """Raises StageError `data` where text holds control tokens and the recipe does not read them as text, or
    traces hold what delimits them; `configuration` where steps cannot be told from the end of thinking.
    """
    thinking = dataset.thinking
    if dataset.condition == "step" and not thinking.counts_steps:
        message = (
            f"dataset.condition is step, and steps are set off by {S1.end}; dataset.thinking ends at "
            f"{thinking.end}. Leave one of the two out."
        )
        raise StageError("configuration", message)
    require_undelimited(reading, thinking, tokenizer)
    records = conditioned(reading.records, dataset.condition, tokenizer)
    tokenized = tokenize(records, dataset.system_prompt, tokenizer, thinking)
    held = tokenized.held
    if held and dataset.control_tokens == "refuse":
        shown = [f"{reading.names[index]}: {', '.join(tokens)}" for index, tokens in held.items()]
        more = f"; and {len(held) - SHOWN_ERRORS} more" if len(held) > SHOWN_ERRORS else ""
        message = (
            f"{len(held)} of {len(reading.records)} rows hold control tokens in their text, which would end "
            f"or begin turns there: {'; '.join(shown[:SHOWN_ERRORS])}{more}. "
            "Remove them, or set dataset.controlTokens: text to read them as plain text."
        )
        raise StageError("data", message)
    return tokenized.samples


def _embedding_rows(model: Model, folder: Path | None) -> int | None:
    """As the recipe says, or as a pretrained model has them; None: as many as the tokenizer needs.

    Raises StageError, before anything is made, when a pretrained model is not the recipe's.
    """
    if folder is None:
        return model.architecture.vocabulary_size
    found = read_architecture(folder)
    require_same(model.architecture, found, folder)
    check_model_folder(folder, found)
    return found.vocabulary_size


def _vocabulary_size(embedding_rows: int | None, tokenizer: Tokenizer) -> int:
    """Rows of the embedding. Raises StageError `configuration` when the tokenizer has ids beyond them."""
    num_entries: int = tokenizer.get_vocab_size(with_added_tokens=True)
    if embedding_rows is not None and embedding_rows < num_entries:
        message = (
            f"model.architecture.vocabularySize is {embedding_rows}, but the tokenizer has {num_entries} "
            f"entries. Set it to {num_entries} or more, or leave it out; a pretrained model needs its own "
            "tokenizer."
        )
        raise StageError("configuration", message)
    return embedding_rows or num_entries


def _check_weights(rows: Iterable[plan.Row], store: TokenStore, global_batch: int) -> None:
    labels = store.num_labels
    for row in rows:
        total = sum(
            labels[sample] * plan.token_weight(global_batch=global_batch, num_labels=labels[sample])
            for sample in row.samples
        )
        assert abs(total - 1.0) < 1e-9, (row.step, total)


def _write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)

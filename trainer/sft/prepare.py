"""The prepare stage (CPU): records, tokens, labels and the rows of the plan, in `data/`. Loads no torch.

python -m trainer.sft.prepare

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
from trainer.events import Events
from trainer.failure import StageError
from trainer.generate import tokenizer as own_tokenizer
from trainer.sft import plan
from trainer.sft.architecture import read_architecture, require_same
from trainer.sft.data import TokenStore, store_of, write_store
from trainer.sft.lengths import fit
from trainer.sft.source import load_records, snapshot_folder, unpinned_commit
from trainer.sft.template import tokenize
from trainer.spec import Job, Model
from trainer.stage import Outcome, run

# A pretrained model's folder may hold any of these; the first is what tokenises.
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.json",
    "merges.txt",
    "added_tokens.json",
    "chat_template.jinja",
)


def prepare(job: Job) -> Outcome:
    """Fills and publishes `data/`. Raises StageError `data`, `missing-input` or `configuration`."""
    events = Events(job)
    final = job.work / "data"
    if manifest.is_done(final, stage="prepare", spec=job.digest):
        message = f"{final} is prepared for this very specification; nothing to do."
        events.note(message)
        return Outcome(message, manifest=manifest.sha256(final / manifest.NAME))
    events.phase("preparing")
    recipe, training = job.spec.recipe, job.spec.recipe.training
    embedding_rows = _embedding_rows(recipe.model, job.work)
    records = load_records(recipe.dataset, job.spec.inputs.dataset, job.work)
    events.progress("records read", done=len(records), total=len(records))
    commit = unpinned_commit(recipe.dataset, job.work)
    if commit is not None:
        message = (
            f"dataset.source.revision is unpinned; commit {commit} was read. Put it into the recipe to train "
            "on the same records again."
        )
        events.note(message, level="warning")
    folder = manifest.fresh(final)
    _write_lines(folder / "records.jsonl", map(dataclasses.asdict, records))
    tokenizer = _tokenizer(recipe.model, job.work, folder / "tokenizer")
    samples = tokenize(records, recipe.dataset.system_prompt, tokenizer)
    fitted = fit(records, samples, recipe.dataset, training)
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
        "vocabularySize": _vocabulary_size(embedding_rows, tokenizer),
        "dataset": manifest.sha256(folder / "records.jsonl"),
        "rows": manifest.sha256(folder / "rows.jsonl"),
    }
    if commit is not None:
        prepared["datasetCommit"] = commit
    (folder / "prepared.json").write_text(json.dumps(prepared) + "\n", encoding="utf-8")
    digest = manifest.publish(folder, final, stage="prepare", spec=job.digest)
    cut = f", {fitted.num_truncated} cut" if fitted.num_truncated else ""
    left_out = f", {fitted.num_dropped} left out" if fitted.num_dropped else ""
    return Outcome(
        f"Prepared {len(fitted.samples)} samples{cut}{left_out} for {len(rows)} steps.", manifest=digest
    )


def _tokenizer(model: Model, work: Path, folder: Path) -> Tokenizer:
    """Puts the model's tokenizer into `folder` and loads it."""
    folder.mkdir()
    if model.kind == "scratch":
        own_tokenizer.build(folder)
    else:
        source = model_folder(model, work)
        if not (source / "tokenizer.json").is_file():
            raise StageError(
                "missing-input", f"{source} holds no tokenizer.json; the model's tokenizer is needed."
            )
        for name in TOKENIZER_FILES:
            if (source / name).is_file():
                shutil.copyfile(source / name, folder / name)
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def model_folder(model: Model, work: Path) -> Path:
    """A pretrained model's files: a folder as named, else a hub client's snapshot of the repository."""
    assert model.repository is not None and model.revision is not None
    folder = work / model.repository
    if (folder / "config.json").is_file():
        return folder
    return snapshot_folder("models", model.repository, model.revision, work)


def _embedding_rows(model: Model, work: Path) -> int | None:
    """As the recipe says, or as a pretrained model has them; None: as many as the tokenizer needs.

    Raises StageError, before anything is made, when a pretrained model is not the recipe's.
    """
    if model.kind == "scratch":
        return model.architecture.vocabulary_size
    folder = model_folder(model, work)
    found = read_architecture(folder)
    require_same(model.architecture, found, folder)
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


if __name__ == "__main__":
    run(prepare)

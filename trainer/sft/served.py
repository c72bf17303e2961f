"""What other programs read of an exported model beside its weights: where texts end, how turns are written.

The exported folder behaves outside as it does here: `generate` of transformers, or an engine for serving,
ends a text where evaluation ends it, and asks as training asked. What else the source's files say is kept.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from trainer.failure import StageError
from trainer.model_json import read_object
from trainer.sft.chat_template import exported_template
from trainer.sft.end_tokens import TURN_END, as_ids, end_tokens, token_ids, token_text

GENERATION = "generation_config.json"
# Without sampling they mean nothing, and transformers refuses to save a configuration that has them.
SAMPLING = ("temperature", "top_p", "top_k", "min_p", "top_h", "typical_p", "epsilon_cutoff", "eta_cutoff")
# Never said by a model, so that padding cannot be taken for its end.
PADS = ("<|endoftext|>", "<|fim_pad|>")
# To transformers 5 a tokenizer's class says how text is cut, whatever tokenizer.json says, which was trained
# with: SmolLM2's GPT2Tokenizer keeps "12" whole. The first cuts as the file does, the last asks the file.
QWEN_CLASSES = ("Qwen2Tokenizer", "Qwen2TokenizerFast")
CLASS_OF_THE_FILE = "PreTrainedTokenizerFast"


def complete(folder: Path, *, source: Path | None, system_prompt: str | None) -> None:
    """Makes the files beside the weights agree, in a folder that holds config.json and the tokenizer's files.

    `source`: a pretrained model's folder, whose generation_config.json and ends are taken over. Raises
    StageError `data` where the tokenizer has no `<|im_end|>`, or a file is no JSON object.
    """
    ids = token_ids(folder)
    if TURN_END not in ids:
        message = (
            f"{folder / 'tokenizer.json'} has no {TURN_END}, which ends what the model was trained to say."
        )
        raise StageError("data", message)
    if source is not None and (source / GENERATION).is_file():
        shutil.copyfile(source / GENERATION, folder / GENERATION)
    ends = [ids[TURN_END], *sorted(end_tokens(folder) - {ids[TURN_END]})]
    pad = _pad(read_object(folder / "tokenizer_config.json"), ids)
    config = read_object(folder / "config.json")
    if ids[TURN_END] not in as_ids(config.get("eos_token_id")):
        _write(folder / "config.json", {**config, "eos_token_id": ids[TURN_END]})
    _write(folder / GENERATION, generation(read_object(folder / GENERATION), ends=ends, pad=ids[pad]))
    _write_tokenizer(folder, pad, system_prompt)


def generation(source: dict[str, Any], *, ends: list[int], pad: int) -> dict[str, Any]:
    """generation_config.json: the source's own, ending at `ends`; without what only sampling means."""
    samples = source.get("do_sample") is True and source.get("temperature") != 0
    kept = {key: value for key, value in source.items() if samples or key not in SAMPLING}
    # Else transformers takes the file for one made from config.json, and makes it again.
    kept.pop("_from_model_config", None)
    if "do_sample" in source:
        kept["do_sample"] = samples
    return {**kept, "eos_token_id": ends, "pad_token_id": pad}


def _pad(config: dict[str, Any], ids: dict[str, int]) -> str:
    named = token_text(config.get("pad_token"))
    if named in ids and named != TURN_END:
        return str(named)
    return next((token for token in PADS if token in ids), TURN_END)


def _write_tokenizer(folder: Path, pad: str, system_prompt: str | None) -> None:
    path, template_file = folder / "tokenizer_config.json", folder / "chat_template.jinja"
    config = read_object(path)
    inside = config.get("chat_template")
    # Some models have several, by name.
    several = inside if isinstance(inside, list) else []
    named = {entry["name"]: entry["template"] for entry in several}
    source = template_file.read_text("utf-8") if template_file.is_file() else named.get("default", inside)
    template = exported_template(source if isinstance(source, str) else None, system_prompt)
    if template_file.is_file():
        # transformers prefers it to the one in tokenizer_config.json, which older programs read.
        template_file.write_text(template, encoding="utf-8")
    if named:
        others = [entry for entry in several if entry["name"] != "default"]
        config["chat_template"] = [{"name": "default", "template": template}, *others]
    elif inside is not None or not template_file.is_file():
        config["chat_template"] = template
    if config.get("tokenizer_class", CLASS_OF_THE_FILE) not in QWEN_CLASSES:
        config["tokenizer_class"] = CLASS_OF_THE_FILE
    _write(path, {**config, "eos_token": TURN_END, "pad_token": pad})
    special = folder / "special_tokens_map.json"
    if special.is_file():
        _write(special, {**read_object(special), "eos_token": TURN_END, "pad_token": pad})


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

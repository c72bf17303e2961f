"""The tokenizer of an exported folder in the hands of transformers, beside a model of each family."""

import json
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from trainer.convert.tokenizer import write_tokenizer
from trainer.family import FAMILIES
from trainer.generate.tokenizer import build
from trainer.sft.served import complete
from trainer.tests.gguf_files import metadata_like_smollm2
from trainer.tokenizer import load_tokenizer

TEXTS = [
    "Start at seven. Add four times three",
    "<|im_start|>user\nWhat is 12 in 1212?<|im_end|>\n",
    "  two  blanks\n\n12",
]


@pytest.mark.parametrize("model_type", FAMILIES)
@pytest.mark.parametrize("kind", ["own", "smollm2"])
def test_beside_a_model_of_any_family_transformers_cuts_text_as_training_did(
    tmp_path: Path, kind: str, model_type: str
) -> None:
    if kind == "own":
        build(tmp_path)
    else:
        write_tokenizer(metadata_like_smollm2(), tmp_path)
        path = tmp_path / "tokenizer_config.json"
        # As the hub has it; with this class transformers leaves the splitting of digits out.
        path.write_text(json.dumps({**json.loads(path.read_text()), "tokenizer_class": "GPT2Tokenizer"}))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": model_type}))
    complete(tmp_path, source=None, system_prompt=None)
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    ours = load_tokenizer(tmp_path)
    for text in TEXTS:
        assert theirs(text)["input_ids"] == ours.encode(text, add_special_tokens=False).ids
    assert (theirs.eos_token, theirs.pad_token) == ("<|im_end|>", "<|endoftext|>")

"""A small tokenizer of Qwen2.5's kind: its special tokens, its way of splitting text, its own vocabulary.

It is byte-level BPE, so any text survives encoding and decoding; a word of the generated text is one token.
Normaliser and splitting are Qwen2's because transformers 5 loads every tokenizer next to a `qwen2` model as
Qwen2Tokenizer, which keeps a file's vocabulary and merges and puts Qwen2's own in place of the rest.
"""

import json
from itertools import product
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

from trainer.generate.number_words import SMALL, TENS

# Qwen2.5's added tokens in its own order; those of the second group are not skipped with the special ones.
SPECIAL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
CONTROL_TOKENS = (
    "<tool_call>",
    "</tool_call>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
)

# Qwen2's split: a word may take one blank or mark before it along, figures stand alone.
QWEN2_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

WORDS = (
    # The turns of a conversation, and s1's two parts of the assistant's.
    "system", "user", "assistant", "think", "answer",
    # trainer.generate.running_digit
    "Start", " at", " and", " add", " times", " What", " is", " the", " last", " digit",
    "Wait", "Final", " Answer",
    # Numbers in a question, counters, and digits at the start of a line, after a comma and in an answer.
    *map("".join, product(" @", SMALL + TENS)), *map("".join, product("-", SMALL[1:10])),
    *map("".join, product(("", ","), SMALL[:10])),
)  # fmt: skip

# Renders exactly the turns it is given, as ChatML: no system turn is put in, for training may have had none.
CHAT_TEMPLATE = (
    "{% for turn in messages %}<|im_start|>{{ turn.role }}\n{{ turn.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def build(folder: Path) -> None:
    """Writes `tokenizer.json` and `tokenizer_config.json`, always the same bytes, into an existing folder."""
    tokenizer = Tokenizer(BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    # More entries than the words can fill: merging ends when every word is one token.
    trainer = BpeTrainer(
        vocab_size=10_000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(WORDS, trainer)
    tokenizer.add_special_tokens([_added(token, special=True) for token in SPECIAL_TOKENS])
    tokenizer.add_tokens([_added(token, special=False) for token in CONTROL_TOKENS])
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "additional_special_tokens": list(SPECIAL_TOKENS),
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _added(token: str, *, special: bool) -> AddedToken:
    return AddedToken(token, normalized=False, special=special)

import pytest

from trainer.rows.splits import SplitError, split_files

SHARDS = [f"data/train-{number:05d}-of-00002.parquet" for number in range(2)]
HEADER = """---
license: mit
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: socratic
  default: true
  data_files:
  - split: train
    path: ["socratic/train-*"]
---
# A set
"""
CONFIGS = ("main", "socratic")
OF_HEADER = [f"{config}/{split}-00000-of-00001.parquet" for config in CONFIGS for split in ("test", "train")]


@pytest.mark.parametrize(
    ("files", "split", "expected"),
    [
        (["constraints.json", "train.jsonl"], "train", ["train.jsonl"]),
        ([*SHARDS, "data/test-00000-of-00001.parquet"], "train", SHARDS),
        (["main/train.jsonl", "main/test.jsonl"], "train", ["main/train.jsonl"]),
        (["data/train_sft-00000-of-00001.parquet", "data/train_gen-00000-of-00001.parquet"], "train_sft",
         ["data/train_sft-00000-of-00001.parquet"]),
        (["train/a.json.gz", "train/b.json.gz", "test/a.json.gz"], "train",
         ["train/a.json.gz", "train/b.json.gz"]),
        (["my-training-set.jsonl", "dev.jsonl"], "train", ["my-training-set.jsonl"]),
        (["my-training-set.jsonl", "dev.jsonl"], "validation", ["dev.jsonl"]),
        (["rows.jsonl", "README.md", ".gitattributes", "dataset_infos.json"], "train", ["rows.jsonl"]),
        (["train.jsonl", "train.parquet"], "train", ["train.parquet"]),
        (["all/train/0000.parquet", "all/test/0000.parquet"], "train", ["all/train/0000.parquet"]),
    ],
)  # fmt: skip
def test_a_split_is_the_files_that_are_named_for_it(
    files: list[str], split: str, expected: list[str]
) -> None:
    assert split_files(files, None, None, split) == expected


def test_a_configuration_that_names_one_csv_file_is_that_file() -> None:
    configs = (
        "- config_name: main\n  data_files: main.csv\n- config_name: diamond\n  data_files: diamond.csv\n"
    )
    header = f"---\nconfigs:\n{configs}---\n"
    assert split_files(["diamond.csv", "main.csv", "all.zip"], header, "diamond", "train") == ["diamond.csv"]


@pytest.mark.parametrize(
    ("files", "config", "split", "said"),
    [
        (
            ["constraints.json", "test.jsonl"],
            None,
            "train",
            "has no split 'train'; its files are: constraints.json",
        ),
        (
            ["main/train.jsonl", "socratic/train.jsonl"],
            None,
            "train",
            "name one of them as `config`: main, socratic",
        ),
        (["main/train.jsonl"], "other", "train", "no folder of the configuration 'other'; there are: main"),
        (["README.md", "train.tsv"], None, "train", "holds no file that ends in .jsonl"),
        (
            SHARDS[:1],
            None,
            "train",
            "lacks 1 of the split's shards, such as data/train-00001-of-00002.parquet",
        ),
        (["data/train_sft-00000-of-00001.parquet"], None, "train", "has no split 'train'"),
    ],
)
def test_a_split_that_is_not_told_exactly_is_refused_with_what_there_is(
    files: list[str], config: str | None, split: str, said: str
) -> None:
    with pytest.raises(SplitError) as caught:
        split_files(files, None, config, split)
    assert said in str(caught.value)


def test_a_readme_that_names_configurations_decides() -> None:
    def chosen(config: str | None, split: str) -> list[str]:
        return split_files(OF_HEADER, HEADER, config, split)

    assert chosen("main", "test") == ["main/test-00000-of-00001.parquet"]
    assert chosen(None, "train") == ["socratic/train-00000-of-00001.parquet"]
    for config, split, said in (
        ("third", "train", "its README names main, socratic"),
        (None, "test", "names train"),
    ):
        with pytest.raises(SplitError, match=said):
            chosen(config, split)
    with pytest.raises(SplitError, match="no file there is named so"):
        split_files(["other.parquet"], HEADER, "main", "train")


def test_a_readme_may_give_files_without_splits_or_a_folder_alone() -> None:
    files = ["en/train.jsonl", "en/test.jsonl", "a.jsonl", "b.jsonl"]
    plain = "---\nconfigs:\n- config_name: default\n  data_files: '*.jsonl'\n---\n"
    assert split_files(files, plain, None, "train") == ["a.jsonl", "b.jsonl"]
    folder = "---\nconfigs:\n- config_name: en\n  data_dir: en\n---\n"
    assert split_files(files, folder, "en", "test") == ["en/test.jsonl"]
    assert split_files(files[:2], "---\n: not yaml [\n---\n", None, "train") == ["en/train.jsonl"]

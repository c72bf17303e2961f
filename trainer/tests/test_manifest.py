from pathlib import Path

import pytest

from trainer import manifest

SPEC = "sha256:" + "1" * 64


@pytest.fixture
def published(tmp_path: Path) -> Path:
    final = tmp_path / "data"
    partial = manifest.fresh(final)
    (partial / "sub").mkdir()
    (partial / "sub" / "a.bin").write_bytes(b"abc")
    (partial / "b.txt").write_bytes(b"")
    manifest.publish(partial, final, stage="prepare", spec=SPEC)
    return final


def test_lists_every_file_with_size_and_digest(published: Path) -> None:
    listed = manifest.read(published)
    assert listed is not None
    assert (listed["stage"], listed["spec"]) == ("prepare", SPEC)
    assert [(file["path"], file["bytes"]) for file in listed["files"]] == [("b.txt", 0), ("sub/a.bin", 3)]
    # FIPS 180-2's example for "abc"
    assert listed["files"][1]["sha256"].startswith("sha256:ba7816bf8f01cfea414140de5dae2223")
    assert manifest.damage(published, listed["files"]) is None


def test_a_flipped_bit_a_cut_file_and_a_missing_one_are_found(published: Path) -> None:
    listed = manifest.read(published)
    assert listed is not None
    path = published / "sub" / "a.bin"
    for content, text in ((b"abd", "has changed"), (b"ab", "has 2 bytes")):
        path.write_bytes(content)
        assert text in str(manifest.damage(published, listed["files"]))
    path.unlink()
    assert "is missing" in str(manifest.damage(published, listed["files"]))


def test_done_only_for_the_same_stage_and_specification_with_its_files(published: Path) -> None:
    assert manifest.is_done(published, stage="prepare", spec=SPEC)
    assert not manifest.is_done(published, stage="export", spec=SPEC)
    assert not manifest.is_done(published, stage="prepare", spec="sha256:" + "2" * 64)
    (published / "b.txt").unlink()
    assert not manifest.is_done(published, stage="prepare", spec=SPEC)


def test_publishing_again_replaces_what_was_there(published: Path) -> None:
    partial = manifest.fresh(published)
    (partial / "only").write_bytes(b"1")
    manifest.publish(partial, published, stage="prepare", spec=SPEC)
    assert sorted(path.name for path in published.iterdir()) == ["manifest.json", "only"]
    assert not partial.exists()


def test_an_unreadable_manifest_is_none(published: Path) -> None:
    (published / manifest.NAME).write_text('{"files"')
    assert manifest.read(published) is None

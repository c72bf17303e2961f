import socket
import tempfile
import uuid
from pathlib import Path

import pytest

from trainer.evaluate.socket_folder import socket_folder


@pytest.mark.parametrize("depth", [1, 4])
def test_a_socket_named_as_vllm_names_it_can_be_bound_however_deep_temporary_files_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    deep = tmp_path.joinpath(*["a-run-of-somebody"] * depth)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    with socket_folder() as folder, socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(folder / str(uuid.uuid4())))
    assert folder == deep or not folder.exists()


def test_temporary_files_stay_where_they_are_where_that_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    with socket_folder() as folder:
        assert folder == Path("/tmp")
    assert folder.exists()

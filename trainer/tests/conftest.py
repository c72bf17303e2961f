"""What all tests share. A property's law holds or not, however busy the machine is that tries it.

What loads torch or pyarrow is imported where it is needed: most tests need neither.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from trainer.tests.hub_server import Hub, running
from trainer.tests.order import reorder

settings.register_profile("stint", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stint")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seed = os.environ.get("STINT_TEST_SEED")
    if seed is not None:
        reorder(items, int(seed))


@pytest.fixture(autouse=True)
def _no_container_outlives_its_test() -> Iterator[None]:
    yield
    if "trainer.tests.containers" in sys.modules:
        from trainer.tests.containers import end_all

        end_all()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub on this machine, found as a mirror is; no cache and no token of this user."""
    from trainer.tests.hub_runs import REPOSITORIES

    for name in ("HF_HOME", "HF_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    # Who has logged in on this machine has a token there.
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "token"))
    # The client waits longer and longer between its tries.
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _seconds: None)
    with running(REPOSITORIES) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished export; whoever changes it copies it before."""
    from trainer.tests.evaluations import export_into

    return export_into(tmp_path_factory.mktemp("exported"))


@pytest.fixture
def run(tmp_path: Path, exported: Path) -> Path:
    """A run's folder whose data are prepared and whose model is exported."""
    from trainer.tests.evaluations import exported_run

    return exported_run(tmp_path, exported)

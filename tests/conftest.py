"""What every test stands on: no display, one BLAS thread, and no file of the person who runs it."""

import gc
import locale
import os
import signal
from collections.abc import Generator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

# Variables that the user or another program may have set and that Qt, Python and other libraries obey, here and in the
# processes that tests start. The locale, the folders and the time zone stay: the program has to work with them.
HEEDED = (
    *("QT_", "QML", "PYTEST_QT_", "PYQTGRAPH_", "PYTHON", "DASK_", "JOBLIB_", "LOKY_", "OMP_", "MKL_", "OPENBLAS_NUM"),
    *("MALLOC_", "GLIBC_TUNABLES"),
    *("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "DISPLAY", "WAYLAND_DISPLAY"),
)
KEPT = ("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")

# Before anything imports Qt.
for name in [name for name in os.environ if name.startswith(HEEDED) and name not in KEPT]:
    del os.environ[name]
os.environ.update(QT_QPA_PLATFORM="offscreen", OPENBLAS_NUM_THREADS="1")

# What nohup, or a shell that starts a job in the background, has ignored would be ignored by all programs that tests
# start, too. SIGINT is Python's to handle, and set by the tests that send it.
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

try:
    locale.setlocale(locale.LC_CTYPE, "")
except locale.Error:  # LC_ALL names one that is not on this machine, of which Qt complains in every process
    os.environ.pop("LC_ALL", None)

threadpool_limits(1, user_api="blas")  # NumPy may be there already: plugins of pytest import it

# The same examples in every run, however busy the machine, and no file of earlier runs.
settings.register_profile(
    "suite",
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

ROOT = Path(__file__).parent.parent

# Lines of mnist_gui/engine count as tested only where its own tests reach them.
ENGINE_TESTS = (Path("tests/engine"), Path("tests/training/test_gradient_check.py"))


@pytest.hookimpl(optionalhook=True)  # pytest-xdist may be left out
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more process than processors: a window that waits for its threads leaves a processor idle."""
    return 1 + (os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count() or 1)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Paths for one test each. No folder is made before something is written into it."""
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def own_folders(homes: Generator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, logs and drawings go into folders of the test, here and in the processes it starts."""
    home = next(homes)
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("PYTHONSAFEPATH", "")  # which who starts workers sets for good: here, for the test


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Where --cov is asked for, count lines in the engine's own tests alone: tracing all else takes minutes.

    In a process of xdist pytest-cov has begun two countings, of which it knows the second one only.
    """
    while counting := Coverage.current():
        counting.stop()
    # What is there now stays: seven thousand tests and all modules need not be looked through again and again for what
    # can be deleted.
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    path = item.path.relative_to(ROOT)
    counter = line_counter(item.config)
    if counter is None or not any(path.is_relative_to(tests) for tests in ENGINE_TESTS):
        return (yield)
    counter.resume()
    try:
        return (yield)
    finally:
        counter.pause()


def line_counter(config: pytest.Config) -> Any:
    """That of pytest-cov; None where no lines are counted."""
    return config.pluginmanager.getplugin("_cov").cov_controller if config.getoption("cov_source", None) else None

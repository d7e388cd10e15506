"""Fleets on Ray: the same rows, whoever dies or hangs.

Ray asks addresses outside of the machine when it starts, whatever it is told: it runs in a network of its own, where there is
none. Outside of that one test starts the others inside.
"""

import importlib.util
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import pytest

import extentplan
from test_fleet import Question, expected, lines, pools  # noqa: F401  (fixtures)

INSIDE = os.environ.get("EXTENTPLAN_RAY_INSIDE") == "1"
OWN_NETWORK = ["unshare", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
inside = pytest.mark.skipif(not INSIDE, reason="runs in a network of its own, by the first test of this file")


@pytest.mark.skipif(INSIDE, reason="runs the others")
def test_ray_in_a_network_of_its_own():
    if importlib.util.find_spec("ray") is None:
        pytest.skip("ray is not installed: pip install 'ray>=2.9'")
    try:
        tried = subprocess.run([*OWN_NETWORK, "sh", "-c", "ip link set lo up"], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("unshare is not installed: Ray is not started")
    if tried.returncode != 0:
        pytest.skip(f"a network of its own cannot be had, and Ray is started in no other: {tried.stderr.strip()}")
    here = pathlib.Path(__file__).resolve()
    paths = [str(here.parent), str(pathlib.Path(extentplan.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    told = subprocess.run(
        [*OWN_NETWORK, "sh", "-c", 'ip link set lo up && exec "$0" "$@"', sys.executable, "-m", "pytest", "-q", str(here)],
        env={**os.environ, "EXTENTPLAN_RAY_INSIDE": "1", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@inside
@pytest.mark.parametrize("workers", [2, 4])
def test_ray_gives_the_same_rows(pools, expected, workers):  # noqa: F811
    assert list(extentplan.fleet.run(pools, "audit", engine="ray", workers=workers)) == expected


@inside
@pytest.mark.parametrize("what, says", [("abort", "its worker died"), ("hang", "no answer in 2 s")])
def test_a_pool_that_kills_or_hangs_its_worker_has_an_error_and_the_others_their_rows(pools, what, says):  # noqa: F811
    rows = list(extentplan.fleet.run(pools, Question(0.002, 77, what), engine="ray", workers=2, shard_time=2.0))
    assert lines(rows) == list(range(1, 153))
    wrong = [row for row in rows if "error" in row]
    assert [row["line"] for row in wrong] == [77]
    assert says in wrong[0]["error"] and wrong[0]["host"] == "host0000076"


@inside
def test_ray_asks_again_what_a_killed_worker_had(pools, tmp_path):  # noqa: F811
    kept = tmp_path / "worker"

    def kill():
        last = time.monotonic() + 60
        while not kept.exists() and time.monotonic() < last:
            time.sleep(0.05)
        os.kill(int(kept.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    rows = list(extentplan.fleet.run(pools, Known(0.03, kept), engine="ray", workers=2))
    killer.join()
    assert lines(rows) == list(range(1, 153))
    assert not [row for row in rows if "error" in row]


@inside
def test_shards_that_wait_for_others_are_not_taken_for_late(pools, tmp_path):  # noqa: F811
    # Two of them take as long as a shard may: what waits behind them has not begun.
    few, asked = tmp_path / "few.jsonl", tmp_path / "asked"
    few.write_bytes(b"".join(pools.read_bytes().splitlines(keepends=True)[:12]))
    rows = list(extentplan.fleet.run(few, Counted(0.6, asked), engine="ray", workers=2, shard_time=1.0))
    assert lines(rows) == list(range(1, 13))
    assert len(asked.read_text()) == 12, "each is asked once"


class Counted(Question):
    """A question that counts what it is asked."""

    def __init__(self, wait, kept):
        super().__init__(wait)
        self.kept = str(kept)

    def __call__(self, items):
        with open(self.kept, "a") as file:
            file.write("." * len(items))
        return super().__call__(items)


class Known(Question):
    """A question whose first worker says who it is."""

    def __init__(self, wait, kept):
        super().__init__(wait)
        self.kept = str(kept)

    def __call__(self, items):
        try:
            with open(self.kept, "x") as file:
                file.write(str(os.getpid()))
        except FileExistsError:
            pass
        return super().__call__(items)

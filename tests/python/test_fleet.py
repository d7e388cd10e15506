"""Fleets: the same rows on one machine and on workers, whoever dies or hangs."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

import extentplan
from conftest import ROOT


def built():
    named = os.environ.get("EXTENTPLAN")
    paths = [ROOT / "target" / profile / "extentplan" for profile in ("release", "debug")]
    there = sorted((path for path in paths if path.exists()), key=lambda path: -path.stat().st_mtime)
    if not named and not there:
        pytest.skip("no program to compare with; `cargo build` makes one")
    return named or str(there[0])


@pytest.fixture(scope="module")
def pools(tmp_path_factory):
    path = tmp_path_factory.mktemp("fleet") / "fleet.jsonl"
    made = subprocess.run(
        [built(), "generate", "fleet", "--hosts", "150", "--seed", "3"], capture_output=True, check=True
    ).stdout
    path.write_bytes(made + b'{"host":"broken"}\n' + made.splitlines(keepends=True)[0])
    return path


@pytest.fixture(scope="module")
def expected(pools):
    return list(extentplan.fleet.run(pools, "audit", workers=2))


def test_rows_are_those_of_the_program(pools, expected):
    told = subprocess.run(
        [built(), "fleet", "audit", "--no-seconds", "--format", "jsonl", str(pools)], capture_output=True, text=True
    )
    assert expected == [json.loads(line) for line in told.stdout.splitlines()]
    assert len(expected) == 152
    assert expected[150]["host"] == "broken"
    assert "found neither" in expected[150]["error"] and expected[150]["line"] == 151


def test_questions_have_arguments(pools):
    rows = list(extentplan.fleet.run(pools, "capacity", ["lvcreate -L 10g"], count=3, seconds=True))
    assert rows[0]["value"] == {"count": 3} and rows[0]["seconds"] >= 0
    rows = list(extentplan.fleet.run(ROOT / "models/lvm2/raid1.vg", "survive"))
    assert [row["host"] for row in rows] == ["raid1"]


def test_what_is_wrong_is_said_at_once(pools):
    for arguments, says in [
        ((pools, "adit"), "expected audit, capacity, plan or survive"),
        (("/nowhere", "audit"), "cannot read /nowhere"),
        ((pools, "plan", ["lvcreate --bad"]), "--bad"),
        ((pools, "plan"), "nothing is requested"),
    ]:
        with pytest.raises(extentplan.ExtentplanError, match=says):
            extentplan.fleet.run(*arguments)
    with pytest.raises(extentplan.ExtentplanError, match="engine: found 'spark'"):
        extentplan.fleet.run(pools, "audit", engine="spark")


class Question:
    """A question of a test's own: so long for each item, and what happens at one of them."""

    def __init__(self, wait, at=None, what=None):
        self.wait, self.at, self.what = wait, at, what

    def __call__(self, items):
        rows = []
        for item in items:
            time.sleep(self.wait)
            file, line, host, _ = json.loads(item)
            if line == self.at and self.what == "abort":
                os.kill(os.getpid(), signal.SIGKILL)
            if line == self.at and self.what == "hang":
                time.sleep(3600)
            if line == self.at and self.what == "stop":
                # Nothing in it answers any more, as where native code does not end.
                os.kill(os.getpid(), signal.SIGSTOP)
            rows.append(json.dumps({"line": line}) + "\n")
        return rows


def lines(rows):
    return [row["line"] for row in rows]


@pytest.mark.parametrize("workers", [2, 4])
def test_dask_gives_the_same_rows(pools, expected, workers):
    pytest.importorskip("distributed")
    assert list(extentplan.fleet.run(pools, "audit", engine="dask", workers=workers)) == expected


def test_dask_asks_again_what_a_killed_worker_had(pools):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    )
    with cluster, distributed.Client(cluster, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
        threading.Timer(1.0, os.kill, (victim, signal.SIGKILL)).start()
        question = Question(0.03)
        rows = list(extentplan.fleet.run(pools, question, engine="dask", address=cluster.scheduler_address))
        assert victim not in client.run(os.getpid).values()
    assert lines(rows) == list(range(1, 153))


@pytest.mark.parametrize("what, says", [("abort", "its worker died"), ("hang", "no answer in 2 s"), ("stop", "no answer in 2 s")])
def test_a_pool_that_kills_or_hangs_its_worker_has_an_error_and_the_others_their_rows(pools, what, says):
    pytest.importorskip("distributed")
    question = Question(0.002, 77, what)
    rows = list(extentplan.fleet.run(pools, question, engine="dask", workers=2, shard_time=2.0))
    assert lines(rows) == list(range(1, 153))
    wrong = [row for row in rows if "error" in row]
    assert [row["line"] for row in wrong] == [77]
    assert says in wrong[0]["error"] and wrong[0]["host"] == "host0000076"


class Deadly(Question):
    """A question that more than one pool kills its worker with."""

    def __call__(self, items):
        if any(json.loads(item)[1] in self.at for item in items):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(items)


def test_processes_that_die_as_they_start_are_replaced(pools):
    pytest.importorskip("distributed")
    question = Deadly(0.002, (31, 77, 150))
    rows = list(extentplan.fleet.run(pools, question, engine="dask", workers=2))
    assert lines(rows) == list(range(1, 153))
    assert [row["line"] for row in rows if "error" in row] == [31, 77, 150]


def test_a_shard_past_its_time_keeps_what_it_had(pools):
    started = time.monotonic()
    rows = list(extentplan.fleet.run(pools, Question(0.02), workers=4, shard_time=0.5))
    assert lines(rows) == list(range(1, 153))
    assert time.monotonic() - started < 30

"""Solving lets other threads run, ends at Ctrl-C and at its time, and works in the child of a fork."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import extentplan

LONG = """
import extentplan, json, sys, time
problem = open(sys.argv[1]).read()
print("started", flush=True)
try:
    extentplan.solve(problem, time_limit=60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.fixture(scope="session")
def hard(tmp_path_factory):
    """A problem that takes long."""
    sizes = [97 + 13 * index % 61 for index in range(60)]
    problem = {
        "schema": "extentplan/problem/1",
        "sources": [
            {
                "name": f"s{index}",
                "extents": 4000,
                "free": [[at * 300, size + at * 7 + index] for at, size in enumerate(sizes[:12])],
            }
            for index in range(24)
        ],
        "requests": [
            {"name": f"r{index}", "extents": 3 * (1501 + 17 * index), "stripes": 3, "metadata": 1, "parity": 1}
            for index in range(6)
        ],
        "objective": ["segments", "sources"],
    }
    path = tmp_path_factory.mktemp("hard") / "hard.json"
    path.write_text(json.dumps(problem))
    return path


def test_the_time_limit_is_kept(hard):
    started = time.monotonic()
    plan = extentplan.solve(hard.read_text(), time_limit=0.3)
    took = time.monotonic() - started
    assert plan.status in ("found", "unknown") and plan["stopped"] == "time limit"
    assert took < 3


def test_other_threads_run_meanwhile(hard):
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    extentplan.solve(hard.read_text(), time_limit=0.5)
    done.set()
    thread.join()
    assert len(ticks) > 20


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_ctrl_c_ends_a_search_at_once(hard):
    child = subprocess.Popen([sys.executable, "-c", LONG, str(hard)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "started\n"
    time.sleep(0.5)
    sent = time.monotonic()
    child.send_signal(signal.SIGINT)
    assert child.stdout.readline() == "interrupted\n"
    assert time.monotonic() - sent < 0.5
    assert child.wait(timeout=10) == 0


def test_the_exception_of_a_handler_passes(hard):
    class Alarm(Exception):
        pass

    def raises(*_):
        raise Alarm

    before = signal.signal(signal.SIGALRM, raises)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(Alarm):
            extentplan.solve(hard.read_text())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_of_a_fork_answers(hard):
    text = hard.read_text()
    extentplan.solve(text, time_limit=0.3)
    if os.path.exists("/proc/self/task") and os.cpu_count() > 1:
        assert len(os.listdir("/proc/self/task")) > 1, "no threads are kept, which is what a child has not"
    child = os.fork()
    if child == 0:
        status = 1
        try:
            plan = extentplan.solve(text, time_limit=0.3)
            status = 0 if plan.status in ("found", "unknown", "best") else 1
        finally:
            os._exit(status)
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    pytest.fail("the child waits")


def test_a_pool_of_processes_answers(models):
    import multiprocessing

    path = models / "lvm2" / "three-disks.vg"
    vg = extentplan.read(path)
    expected = extentplan.plan(vg, ["lvcreate -i 2 -l 240 -n d"]).cost
    for method in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.map(cost_of, [str(path)] * 4) == [expected] * 4


def cost_of(path):
    return extentplan.plan(extentplan.read(path), ["lvcreate -i 2 -l 240 -n d"]).cost


def test_plans_come_back_from_a_pool_of_processes(models):
    import multiprocessing

    path = models / "lvm2" / "three-disks.vg"
    ours = planned(path)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (theirs,) = pool.map(planned, [path])
    assert (theirs.legs, theirs.commands) == (ours.legs, ours.commands)
    assert "d: 240 extents" in str(theirs) and theirs.script().startswith("#!") and "<svg" in theirs._repr_svg_()


def planned(path):
    return extentplan.plan(extentplan.read(path), ["lvcreate -i 2 -l 240 -n d"])


def test_progress_is_told_to_the_thread_that_asks(hard):
    heard = []
    plan = extentplan.solve(
        hard.read_text(), time_limit=1, progress=lambda told: heard.append((told, threading.get_ident()))
    )
    assert 1 <= len(heard) <= 8 and {thread for _, thread in heard} == {threading.get_ident()}
    told = [one for one, _ in heard]
    assert [one.seconds for one in told] == sorted(one.seconds for one in told)
    assert any(one.cost for one in told) and any(one.bound for one in told) and any(one.method for one in told)
    assert list(told[-1].cost) == list(plan.cost) and list(told[-1].cost.values()) >= list(plan.cost.values())


def test_what_progress_raises_ends_the_search(hard):
    class Enough(Exception):
        pass

    def raises(told):
        raise Enough(told.method)

    started = time.monotonic()
    with pytest.raises(Enough):
        extentplan.solve(hard.read_text(), progress=raises)
    assert time.monotonic() - started < 5

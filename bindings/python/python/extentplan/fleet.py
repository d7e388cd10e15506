"""The same question of many volume groups, on one machine or on many.

    >>> for row in extentplan.fleet.run("fleet.jsonl.zst", "audit"):
    ...     print(row["host"], row.get("answer", row.get("error")))

A fleet goes out in *shards*: some pools in, their rows out. An engine knows three verbs, submit, wait and cancel; what is
asked again, and how, is decided here: a shard whose worker died is asked again in halves, so that only the pool that kills
its worker has no answer, and one that hangs is cancelled and asked again likewise. Rows are the same, and in the order of the
input, whatever the engine, the number of workers, or who died.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict, deque
from typing import Any, Callable, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from . import _arguments, _extentplan
from ._errors import ExtentplanError

__all__ = ["run"]

Row = Dict[str, Any]
Paths = Union[str, "os.PathLike[str]", Sequence[Union[str, "os.PathLike[str]"]]]
Work = Callable[[List[str]], List[str]]
"""What a worker does: a text of rows for each item."""

_AIM = 0.5
"""Seconds that a shard should take: with less the engine takes a share that can be seen."""
_MOST = 5000
"""Pools of a shard at most: they are in memory on both sides."""
_END_ITSELF = 1.5
"""Seconds in which a process that was told to end mostly has."""

_LOOK = 1.0
"""Seconds between two looks at what was asked."""

_MOST_LOST = 3
"""Times that rows are asked for again which were lost with a worker behind the answer."""

_RENEW = 6.0
"""Seconds without a process that died after which another one is started in its place."""

_END = 10.0
"""Seconds after which a process that was told to end is not waited for any longer."""

class _Shard(NamedTuple):
    first: int
    """The place of its first item in the fleet."""
    items: List[str]


class _Done(NamedTuple):
    handle: Any
    rows: Optional[List[str]]
    """Of the first items, as far as the worker came; ``None`` where it died."""
    seconds: float = 0.0
    is_lost: bool = False
    """Whether there were rows, which are gone with who had them."""


def run(
    pools: Paths,
    question: Union[str, Work],
    requests: Optional[_arguments.Requests] = None,
    *,
    engine: str = "local",
    address: Optional[str] = None,
    workers: Optional[int] = None,
    domains: Union[None, str, Sequence[str]] = None,
    objective: Union[None, str, Sequence[str]] = None,
    count: Optional[int] = None,
    each: Optional[float] = None,
    shard_time: float = 60.0,
    seconds: bool = False,
    lvm2: Optional[str] = None,
    config: Sequence[str] = (),
) -> Iterator[Row]:
    """A row for each volume group of a fleet, in the order of the input, as ``extentplan fleet --format jsonl`` prints it.

    ``pools`` are folders and files as ``extentplan fleet`` takes them. ``question`` is ``"audit"``, ``"capacity"``,
    ``"plan"`` or ``"survive"``; ``requests`` are LVM2 commands for two of these, ``domains`` tags of disks that fail
    together for the others, ``count`` asks how many fit. ``each`` bounds a volume group, in seconds.

    ``engine`` is ``"local"`` (threads of this process), ``"dask"`` (``pip install "extentplan[dask]"``) or ``"ray"``;
    ``address`` is that of a cluster that runs already, without one ``workers`` processes are started here. A shard that is
    not back after ``shard_time`` seconds is cancelled: what it had is kept where it could say so, the rest goes out again
    in halves. A pool that kills its worker, or hangs, every time has a row with ``error``.

    Raises :class:`ExtentplanError` for a question that is wrong or a file that is not there, and ``ImportError`` for an
    engine that is not installed.
    """
    if engine not in _ENGINES:
        raise ExtentplanError(f"engine: found {engine!r}, expected one of {', '.join(sorted(_ENGINES))}")
    if not shard_time > 0:
        raise ExtentplanError(f"shard_time: found {shard_time}, expected seconds above 0")
    workers = _arguments.natural("workers", workers, 1)
    paths = [pools] if isinstance(pools, (str, os.PathLike)) else list(pools)
    items = _extentplan.FleetItems([os.fspath(path) for path in paths])
    if callable(question):
        work = question
    else:
        commands = _arguments.requests(requests)
        if isinstance(commands, str):
            raise ExtentplanError("requests: found JSON, expected LVM2 commands")
        options = {
            "requests": commands,
            "domains": _arguments.words("domains", domains),
            "objective": _arguments.words("objective", objective),
            "count": _arguments.natural("count", count),
            "each": each,
            "seconds": seconds,
        }
        work = _Question(question, options, lvm2, list(config))
        # What is wrong with the question is said here, and not by every worker.
        work([])
    return _rows(items, work, _ENGINES[engine], address, workers, shard_time)


class _Question:
    """A question that another process can be handed."""

    def __init__(self, name: str, options: Dict[str, Any], lvm2: Optional[str], config: List[str]) -> None:
        self.asked = (name, options, lvm2, config)

    def __call__(self, items: List[str]) -> List[str]:
        name, options, lvm2, config = self.asked
        bounds = _arguments.bounds(None, 1)
        return _extentplan.fleet_rows(items, name, options, _arguments.lvm2(lvm2, config), bounds)


def _work(work: Work, items: List[str], time_limit: float) -> Tuple[List[str], float]:
    """The rows of a shard, as far as they are there in time, and how long that took: on a worker."""
    started = time.monotonic()
    rows: List[str] = []
    step = 1
    while len(rows) < len(items):
        before = time.monotonic()
        if rows and before - started > time_limit:
            break
        rows += work(items[len(rows) : len(rows) + step])
        # Some twenty looks at the clock in the time there is.
        took = max(time.monotonic() - before, 1e-6)
        step = max(1, min(4 * step, int(step * time_limit / 20 / took)))
    return rows, time.monotonic() - started


def _end() -> None:
    """Ends a worker's process, a moment after it said that it will."""
    threading.Timer(0.1, os._exit, (1,)).start()


def _rows(
    source: Any,
    work: Work,
    make: Callable[[Optional[str], Optional[int]], Any],
    address: Optional[str],
    workers: Optional[int],
    shard_time: float,
) -> Iterator[Row]:
    engine = make(address, workers)
    try:
        out: Dict[Any, Tuple[_Shard, float]] = {}
        again: Deque[_Shard] = deque()
        alone: Deque[_Shard] = deque()
        is_alone = False

        def failed(shard: _Shard, error: str) -> None:
            if len(shard.items) > 1:
                again.extend(_halves(shard))
            elif is_alone:
                ready[shard.first] = _wrong(shard.items[0], error)
            else:
                # Who dies may take others along: whose fault it is shows where nobody else is asked.
                alone.append(shard)

        lost: Dict[int, int] = defaultdict(int)
        ready: Dict[int, str] = {}
        following = told = 0
        size, has_ended = 1, False
        while True:
            while not is_alone and len(out) < engine.ahead * engine.workers and (again or not has_ended):
                if again:
                    shard = again.popleft()
                elif len(ready) > 12 * engine.workers * size:
                    # One shard is late: no more is held than some others.
                    break
                else:
                    items = source.take(size)
                    has_ended = len(items) < size
                    if not items:
                        continue
                    shard = _Shard(following, items)
                    following += len(items)
                handle = engine.submit(_work, work, shard.items, 0.7 * shard_time)
                out[handle] = (shard, time.monotonic())
            if not out and alone:
                is_alone = True
                shard = alone.popleft()
                out[engine.submit(_work, work, shard.items, 0.7 * shard_time)] = (shard, time.monotonic())
            if not out:
                break
            late = min(start for _, start in out.values()) + shard_time
            for handle, rows, took, is_lost in engine.wait(list(out), max(0.0, late - time.monotonic())):
                shard, _ = out.pop(handle)
                if is_lost and lost[shard.first] < _MOST_LOST:
                    lost[shard.first] += 1
                    (alone if is_alone else again).append(shard)
                    continue
                if rows is None:
                    failed(shard, "its worker died every time it was asked")
                    continue
                for index, text in enumerate(rows):
                    ready[shard.first + index] = text
                if len(rows) < len(shard.items):
                    again.extend(_halves(_Shard(shard.first + len(rows), shard.items[len(rows) :])))
                else:
                    one = took / len(rows)
                    size = max(1, min(_MOST, 4 * size, int(_AIM / max(one, 1e-6))))
            now = time.monotonic()
            for handle in [one for one, (_, start) in out.items() if now - start > shard_time]:
                if handle not in out:
                    continue
                if not engine.is_running(handle):
                    # It waits for another one: its time begins when it is asked.
                    out[handle] = (out[handle][0], now)
                    continue
                shard, _ = out.pop(handle)
                for other in engine.cancel(handle):
                    if other in out:
                        again.append(out.pop(other)[0])
                failed(shard, f"no answer in {shard_time:g} s")
            is_alone = is_alone and bool(out)
            while told in ready:
                for line in ready.pop(told).splitlines():
                    yield json.loads(line)
                told += 1
    finally:
        engine.close()


def _halves(shard: _Shard) -> List[_Shard]:
    middle = (len(shard.items) + 1) // 2
    parts = [_Shard(shard.first, shard.items[:middle]), _Shard(shard.first + middle, shard.items[middle:])]
    return [part for part in parts if part.items]


def _wrong(item: str, error: str) -> str:
    """The row of a pool that has no answer."""
    file, line, host, text = json.loads(item)
    row = {"host": host, "error": error, "file": file}
    if line is not None:
        row["line"] = line
        try:
            row["host"] = json.loads(text["Ok"]).get("host", host)
        except (KeyError, ValueError, AttributeError):
            pass
    return json.dumps(row)


class _Local:
    """Threads of this process; nothing can be cancelled there, and who dies takes all along."""

    ahead = 3
    """Shards for each worker that are out at once, so that none waits for the next one."""

    def __init__(self, address: Optional[str], workers: Optional[int]) -> None:
        from concurrent.futures import ThreadPoolExecutor

        if address is not None:
            raise ExtentplanError("address: engine 'local' has none")
        self.workers = workers or os.cpu_count() or 1
        self.pool = ThreadPoolExecutor(self.workers)

    def submit(self, function: Any, *arguments: Any) -> Any:
        return self.pool.submit(function, *arguments)

    def wait(self, handles: List[Any], timeout: float) -> List[_Done]:
        from concurrent.futures import FIRST_COMPLETED, wait

        done, _ = wait(handles, timeout, FIRST_COMPLETED)
        return [_Done(handle, *handle.result()) for handle in done]

    def is_running(self, handle: Any) -> bool:
        # A thread ends when it ends.
        return False

    def cancel(self, handle: Any) -> List[Any]:
        handle.cancel()
        return []

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)


class _Dask:
    """Workers of a Dask cluster."""

    ahead = 3

    def __init__(self, address: Optional[str], workers: Optional[int]) -> None:
        try:
            import dask
            import distributed
        except ImportError as error:
            raise ImportError('engine "dask" is not installed: pip install "extentplan[dask]"') from error
        self.distributed = distributed
        self.cluster = None
        # What is asked again is decided here.
        dask.config.set({"distributed.scheduler.allowed-failures": 0})
        dask.config.set({"distributed.deploy.lost-worker-timeout": f"{_RENEW:g}s"})
        if address is None:
            self.cluster = distributed.LocalCluster(
                n_workers=workers or os.cpu_count() or 1,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs=50,
            )
        self.client = distributed.Client(self.cluster or address, set_as_default=False)
        self.workers = max(1, sum(self.client.nthreads().values()))
        self.out: Set[Any] = set()
        self.renewed = time.monotonic()

    def submit(self, function: Any, *arguments: Any) -> Any:
        handle = self.client.submit(function, *arguments, pure=False, retries=0)
        self.out.add(handle)
        return handle

    def wait(self, handles: List[Any], timeout: float) -> List[_Done]:
        self._renew()
        # Nobody is woken for what was lost: that is looked for again and again.
        gone = {handle for handle in handles if handle.status in ("lost", "cancelled")}
        if not gone:
            try:
                with self.client.as_current():
                    done = self.distributed.wait(handles, min(timeout, _LOOK), return_when="FIRST_COMPLETED").done
            except (TimeoutError, self.distributed.TimeoutError):
                return []
            gone = set(done)
        self.out -= gone
        return [self._done(handle) for handle in handles if handle in gone]

    def _renew(self) -> None:
        """Starts processes in place of those whose nannies gave up: one does where its process dies as it starts."""
        now = time.monotonic()
        if self.cluster is None or now - self.renewed < _LOOK:
            return
        self.renewed = now
        if len(self.client.nthreads()) < self.workers:
            self.cluster.scale(self.workers)

    def _done(self, handle: Any) -> _Done:
        if handle.status == "finished":
            # Rows may lie on a worker that has died since.
            try:
                return _Done(handle, *handle.result(timeout=_END))
            except (self.distributed.KilledWorker, self.distributed.CancelledError, TimeoutError, self.distributed.TimeoutError):
                handle.cancel()
                return _Done(handle, None, is_lost=True)
        elif handle.status == "error":
            error = handle.exception()
            if not isinstance(error, self.distributed.KilledWorker):
                raise error
            return _Done(handle, None)
        return _Done(handle, None, is_lost=True)

    def _worker(self, handle: Any) -> Optional[str]:
        for address, keys in self.client.processing().items():
            # Each has one thread: the first of its keys is the one that runs.
            if handle.key in list(keys)[:1]:
                return str(address)
        return None

    def is_running(self, handle: Any) -> bool:
        return self._worker(handle) is not None

    def cancel(self, handle: Any) -> List[Any]:
        worker = self._worker(handle)
        handle.cancel()
        if worker is None:
            return []
        # What runs hears of nothing: its process ends, and its nanny starts another one. What waited there is asked again.
        keys = set(self.client.processing()[worker])
        others = [other for other in self.out if other.key in keys and other is not handle]
        for other in others:
            other.cancel()
        # One that does not answer is not waited for.
        threading.Thread(target=self._end, args=(worker,), daemon=True).start()
        # What is asked next is not to meet a process that is about to end.
        if not self._has_left(worker, _END_ITSELF):
            try:
                # However deep it hangs, its nanny ends it.
                self.client.restart_workers([worker], timeout=_END, raise_for_error=False)
            except ValueError:
                # It has none.
                self._has_left(worker, _END)
        return others

    def _end(self, worker: str) -> None:
        try:
            self.client.run(_end, workers=[worker], on_error="ignore")
        except OSError:
            # It was gone before it could say that it will.
            pass

    def _has_left(self, worker: str, seconds: float) -> bool:
        last = time.monotonic() + seconds
        while worker in self.client.processing():
            if time.monotonic() >= last:
                return False
            time.sleep(0.02)
        return True

    def close(self) -> None:
        self.client.close()
        if self.cluster is not None:
            self.cluster.close()


class _Ray:
    """Workers of a Ray cluster."""

    ahead = 1
    """Ray does not tell what waits from what runs: nothing waits, so that nothing is taken for late that has not begun."""

    def __init__(self, address: Optional[str], workers: Optional[int]) -> None:
        try:
            import ray
        except ImportError as error:
            raise ImportError('engine "ray" is not installed: pip install "extentplan[ray]"') from error
        self.ray = ray
        self.is_own = not ray.is_initialized()
        if self.is_own:
            settings: Dict[str, Any] = {"address": address} if address else {"num_cpus": workers or os.cpu_count() or 1}
            ray.init(include_dashboard=False if not address else None, log_to_driver=False, **settings)
        self.workers = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self.remote = ray.remote(max_retries=0, num_cpus=1)(_work)

    def submit(self, function: Any, *arguments: Any) -> Any:
        return self.remote.remote(*arguments)

    def wait(self, handles: List[Any], timeout: float) -> List[_Done]:
        done, _ = self.ray.wait(handles, num_returns=1, timeout=timeout)
        return [self._done(handle) for handle in done]

    def _done(self, handle: Any) -> _Done:
        try:
            return _Done(handle, *self.ray.get(handle))
        except self.ray.exceptions.RayTaskError:
            # What the question itself raises is the caller's.
            raise
        except self.ray.exceptions.RayError:
            return _Done(handle, None)

    def is_running(self, handle: Any) -> bool:
        return True

    def cancel(self, handle: Any) -> List[Any]:
        self.ray.cancel(handle, force=True)
        return []

    def close(self) -> None:
        if self.is_own:
            self.ray.shutdown()


_ENGINES: Dict[str, Callable[[Optional[str], Optional[int]], Any]] = {
    "local": _Local,
    "dask": _Dask,
    "ray": _Ray,
}

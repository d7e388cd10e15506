"""Plans where storage goes, and proves that there is no better place.

    >>> import extentplan
    >>> vg = extentplan.read("/etc/lvm/backup/vg0")
    >>> plan = extentplan.plan(vg, ["lvcreate -i 2 -l 240 -n data"])
    >>> print(plan.verdict, *plan.commands, sep="\\n")

Everything is offline: nothing is asked of, or changed in, the machine. Sizes are in extents unless a name says otherwise.
What is wrong with an argument is an :class:`ExtentplanError` with its place; that there is no plan is an answer. Every
question that is searched for takes ``time_limit`` (seconds; then the best so far is the answer) and ``threads`` (1 to 1024,
by default one for each core; the answer does not depend on it), lets other threads run, and ends at Ctrl-C. Answers can be
copied, pickled and sent to other processes.
"""

from __future__ import annotations

import json
import os
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from . import _arguments, _extentplan, fleet
from ._answers import Answer, Audit, Moves, Outlook, Plan, Progress, Row, Survival, Verdict
from ._arguments import Requests
from ._errors import ExtentplanError, WrongType
from ._problem import Problem
from ._problem import ProblemDict as ProblemDict
from ._problem import RequestDict as RequestDict
from ._problem import SourceDict as SourceDict

__all__ = [
    "Answer",
    "Audit",
    "ExtentplanError",
    "Moves",
    "Outlook",
    "Plan",
    "Progress",
    "Survival",
    "Verdict",
    "VolumeGroup",
    "audit",
    "capacity",
    "check",
    "fleet",
    "plan",
    "read",
    "rearrange",
    "solve",
    "survive",
    "version",
]

version: str = _extentplan.version
"""The version of the library."""
__version__ = version

_SHOWN = 8


class VolumeGroup:
    """A pool of extents: a volume group, or the sources of a problem. Made by :func:`read`."""

    def __init__(
        self, data: bytes, name: str, vg: Optional[str] = None, scenario: Optional[str] = None
    ) -> None:
        if not isinstance(data, bytes):
            raise WrongType(f"data: found a {type(data).__name__}, expected bytes; extentplan.read takes more")
        self._pool = _extentplan.Pool(data, _arguments.text("name", name), vg, scenario)
        self._read = (data, name, vg, scenario)

    def __reduce__(self):  # type: ignore[no-untyped-def]
        # Another process reads it again.
        return (type(self), self._read)

    @property
    def name(self) -> Optional[str]:
        """The name of the volume group; ``None`` for a problem."""
        return self._pool.group

    @property
    def notes(self) -> List[str]:
        """What is to be noted about the text, a sentence each."""
        return self._pool.notes

    def to_dict(self) -> Dict[str, Any]:
        """The sources as a problem without requests, as ``extentplan show --json`` prints it."""
        data: Dict[str, Any] = json.loads(self._pool.sources())
        return data

    @property
    def extent_bytes(self) -> Optional[int]:
        """Bytes of an extent; ``None`` for a problem that does not say."""
        return self.to_dict().get("extent_bytes")

    @property
    def sources(self) -> List[Row]:
        """A row for each physical volume: ``name``, ``extents``, ``free_extents``, ``free`` (``[start, extents]`` each, or
        ``[start, extents, [tags]]`` where an area has tags of its own), ``tags``, and ``area_tags``, those of its areas."""
        rows = []
        for source in self.to_dict()["sources"]:
            free = source.get("free") or []
            rows.append(
                {
                    "name": source["name"],
                    "extents": source["extents"],
                    "free_extents": sum(area[1] for area in free),
                    "free": free,
                    "tags": source.get("tags") or [],
                    "area_tags": sorted(
                        {tag for area in free for tag in area[2:] and area[2]}
                        | set(source.get("area_tags") or [])
                    ),
                }
            )
        return rows

    @property
    def volumes(self) -> List[Row]:
        """A row for each logical volume, as ``extentplan show --format volumes`` prints it; none of a problem."""
        text = self._pool.volumes()
        return [] if text is None else json.loads(text)["volumes"]

    def __repr__(self) -> str:
        names = [row["name"] for row in self.sources]
        more = ", .." if len(names) > _SHOWN else ""
        kind = "problem" if self.name is None else f"volume group {self.name}"
        return f"<{kind}: {', '.join(names[:_SHOWN])}{more}>"


def read(
    source: Union[str, bytes, "os.PathLike[str]"],
    *,
    vg: Optional[str] = None,
    scenario: _arguments.Scenario = None,
) -> VolumeGroup:
    """Reads a pool: LVM2 metadata (``vgcfgbackup``), an LVM2 report, or a problem, recognised by its content.

    ``source`` is a path, a text (a str of several lines, or of JSON), or bytes; gzip is unpacked. ``vg`` names the one
    that is meant where a report holds several. ``scenario`` says what if: changes made before anything is asked, and
    growth for ``capacity(.., when=..)``, as a dict, a path or a text as ``extentplan schema scenario`` has it.

    Raises :class:`ExtentplanError` with ``line`` and ``column`` for a text that is none of these or is malformed, for a
    change that cannot be made, and ``OSError`` for a file that cannot be read.
    """
    data, name = _arguments.content("source", source)
    with _arguments.blamed(scenario=scenario):
        return VolumeGroup(
            data, name, _arguments.text_if_any("vg", vg), _arguments.scenario(scenario)
        )


def _pool(vg: VolumeGroup) -> _extentplan.Pool:
    if not isinstance(vg, VolumeGroup):
        raise WrongType(f"vg: found a {type(vg).__name__}, expected what extentplan.read returns")
    return vg._pool


def _requests(pool: _extentplan.Pool, requests: Union[str, Requests, None]) -> _extentplan.Requests:
    asked = _arguments.requests(requests)
    if not asked and pool.group is not None:
        raise ExtentplanError(
            "requests: found none, expected commands such as `lvcreate -l 10 -n data`"
        )
    return asked


def plan(
    vg: VolumeGroup,
    requests: Union[str, Requests, None] = None,
    *,
    objective: Union[str, Sequence[str], None] = None,
    time_limit: Optional[float] = None,
    threads: Optional[int] = None,
    lvm2: Optional[str] = None,
    config: Sequence[str] = (),
    node_limit: Optional[int] = None,
    seed: int = 0,
    progress: Optional[Callable[[Progress], object]] = None,
) -> Plan:
    """Finds the best layout for requests and proves it best, or proves that there is none.

    ``requests`` are commands of LVM2 (``"lvcreate .."``, ``"lvextend .."``, ``"lvconvert .."``, each a str or a list of
    words), or a dict of our own as ``extentplan schema problem`` has it; a problem has its own. ``objective`` says what is
    good, the most important first, such as ``["segments", "sources"]``. ``lvm2`` is the version that is compared with, and
    whose commands are printed; ``config`` has settings of lvm.conf as ``"KEY=VALUE"``. ``node_limit`` and ``seed`` bound
    and vary the search in a way that does not depend on the machine. ``progress`` is called with a :class:`Progress`, at most
    five times a second, in the thread that asks, as long as there is something new; what it raises ends the search.

    Raises :class:`ExtentplanError` for a wrong request, with its ``position`` in the list.
    """
    pool = _pool(vg)
    asked = _requests(pool, requests)
    with _arguments.blamed(requests=requests):
        planned = _extentplan.plan(
            pool,
            asked,
            _arguments.words("objective", objective),
            _arguments.lvm2(lvm2, config),
            _arguments.bounds(time_limit, threads, node_limit, seed, progress),
        )
    return Plan._of(planned)


def solve(
    problem: Problem,
    *,
    objective: Union[str, Sequence[str], None] = None,
    time_limit: Optional[float] = None,
    threads: Optional[int] = None,
    node_limit: Optional[int] = None,
    seed: int = 0,
    progress: Optional[Callable[[Progress], object]] = None,
) -> Plan:
    """Finds the best layout for a problem of our own: a dict, or a JSON text, as ``extentplan schema problem`` has it.

    The keys of a problem (:class:`ProblemDict`), those in brackets may be left out::

        schema             "extentplan/problem/1"
        sources            the sources, a dict each
        requests           the requests, a dict each
        [extent_bytes]     bytes of an extent
        [objective]        what is good, as the argument of this name

    Of a source (:class:`SourceDict`)::

        name, extents      its name, and its extents, free or not
        [free]             free areas: [start, extents] or [start, extents, [tags]] each
        [tags]             its tags
        [area_tags]        tags of areas of which none is free

    Of a request (:class:`RequestDict`)::

        name, extents      its name, and the extents that it wants, copies and parity not counted
        [size]             "exactly" or "at_most"
        [stripes], [copies], [parity]
                           its legs: stripes * copies + parity
        [metadata]         extents of metadata for each leg
        [metadata_place]   "front", "own_source" or "any_source"
        [log]              its log: extents, [count], [place]
        [policy]           "contiguous", "cling", "cling_by_tags", "normal" or "anywhere"
        [separation]       "segment", "leg" or "none": how legs are kept on different sources
        [cuts]             "together" or "apart": whether a cut of one leg cuts all
        [partition_by_tags], [cling_tags]
                           tags that no two legs share; tags that the areas of a leg share
        [cling_sources]    sources that the legs are to lie on as far as can be
        [area_tags]        only areas with one of these tags, of their own or of their source, may be used
        [grows]            by leg the segments that it has already, [source, start, extents] each
        [sources], [ranges]
                           only these sources, and of them only these [source, start, extents], may be used
        [avoid]            [start, extents, [sources]]: offsets in the legs, and what they keep away from there
        [value]            what it is worth, where it may be left out

    Raises :class:`ExtentplanError` for a wrong key or value; the message has the path to it, such as
    ``sources[0].free[2]``. ``progress`` is that of :func:`plan`.
    """
    text = _arguments.as_json("problem", problem)
    with _arguments.blamed(problem=problem):
        return plan(
            VolumeGroup(text.encode(), "problem"),
            objective=objective,
            time_limit=time_limit,
            threads=threads,
            node_limit=node_limit,
            seed=seed,
            progress=progress,
        )


def check(problem: Problem, plan: Union[str, Dict[str, Any], Plan]) -> Verdict:
    """An independent verdict on a plan for a problem, by rules that share no code with the search.

    Raises :class:`ExtentplanError` for what is no problem, or no plan.
    """
    document = plan.to_dict() if isinstance(plan, Plan) else plan
    with _arguments.blamed(problem=problem, plan=document):
        faults, words = _extentplan.check(
            _arguments.as_json("problem", problem),
            _arguments.as_json("plan", document),
            _arguments.bounds(None, None),
        )
    return Verdict(faults, words)


def _buying(disks: Union[str, Sequence[str]], tags: Union[str, Sequence[str]]) -> Dict[str, Any]:
    return dict(
        request=None,
        count=None,
        prefer=None,
        add=False,
        disks=_arguments.words("disks", disks),
        tags=_arguments.words("tags", tags),
        why=False,
        when=None,
    )


def capacity(
    vg: VolumeGroup,
    requests: Union[str, Requests, None] = None,
    *,
    request: Optional[str] = None,
    count: Optional[int] = None,
    prefer: Optional[str] = None,
    add: bool = False,
    disks: Union[str, Sequence[str]] = (),
    tags: Union[str, Sequence[str]] = (),
    why: bool = False,
    when: Optional[int] = None,
    time_limit: Optional[float] = None,
    threads: Optional[int] = None,
    lvm2: Optional[str] = None,
    config: Sequence[str] = (),
    node_limit: Optional[int] = None,
    seed: int = 0,
) -> Answer:
    """How large a volume can be, how many more fit, what to add, and why something does not fit.

    A command without a size asks how large it can be (``answer["largest"]``); commands with sizes whether they fit
    together (``"fits"``, ``"why"``). ``count`` asks how often the request fits, counting up to that (``"more"``);
    ``prefer="value"`` or ``"count"`` which of them fit together (``"choice"``); ``add`` what to add (``"add"``), ``disks``
    of which sizes (``"4T"``, or extents as a number in a str) with which ``tags``; ``why`` why they do not fit. ``request``
    names the one that is meant. ``when`` looks ahead so many months (1 to 1200) for the first in which the growth of the
    pool's scenario no longer fits, and what would help (``"when"``, an :class:`Outlook`). ``extentplan schema capacity``
    has all keys.
    """
    if when is not None and (add or why or count is not None or prefer is not None):
        raise ExtentplanError("when: found beside count, prefer, add or why, expected alone")
    options = _buying(disks, tags)
    options.update(
        request=_arguments.text_if_any("request", request),
        count=_arguments.natural("count", count),
        prefer=_arguments.text_if_any("prefer", prefer),
        add=bool(add),
        why=bool(why),
        when=_arguments.natural("when", when, 1),
    )
    pool = _pool(vg)
    asked = _arguments.requests(requests) if when is not None else _requests(pool, requests)
    with _arguments.blamed(requests=requests):
        told, text, drawing = _extentplan.capacity(
            pool,
            asked,
            options,
            _arguments.lvm2(lvm2, config),
            _arguments.bounds(time_limit, threads, node_limit, seed),
        )
    if drawing is not None:
        return Outlook(json.loads(told), text, drawing)
    return Answer(json.loads(told), text)


def survive(
    vg: VolumeGroup,
    domains: Union[str, Sequence[str]] = (),
    *,
    disks: Union[str, Sequence[str]] = (),
    tags: Union[str, Sequence[str]] = (),
    time_limit: Optional[float] = None,
    threads: Optional[int] = None,
    lvm2: Optional[str] = None,
    config: Sequence[str] = (),
    node_limit: Optional[int] = None,
    seed: int = 0,
) -> Survival:
    """Whether every RAID volume and mirror could be repaired in place if any one disk failed, or all disks of any one tag
    of ``domains``; ``disks`` and ``tags`` say what can be bought where there is no room."""
    told, text = _extentplan.survive(
        _pool(vg),
        _arguments.words("domains", domains),
        _buying(disks, tags),
        _arguments.lvm2(lvm2, config),
        _arguments.bounds(time_limit, threads, node_limit, seed),
    )
    return Survival(json.loads(told), text)


def audit(vg: VolumeGroup, domains: Union[str, Sequence[str]] = ()) -> Audit:
    """What is unsafe or poor in a volume group as it is; disks of a tag of ``domains`` fail together.

    Raises :class:`ExtentplanError` for a problem, an unknown tag, and for a report that leaves out what would have to be
    known.
    """
    told, text = _extentplan.audit(
        _pool(vg), _arguments.words("domains", domains), _arguments.bounds(None, None)
    )
    return Audit(json.loads(told), text)


def rearrange(
    vg: VolumeGroup,
    *,
    drain: Union[str, Sequence[str]] = (),
    shrink: Union[str, Sequence[str]] = (),
    heal: bool = False,
    to: Union[None, str, bytes, "os.PathLike[str]", Dict[str, Any], Plan] = None,
    defragment: Union[None, bool, str, Sequence[str]] = None,
    budget: Union[None, int, str] = None,
    balance: bool = False,
    room: Union[str, Requests, None] = None,
    domains: Union[str, Sequence[str]] = (),
    keep: Union[str, Sequence[str]] = (),
    ignore_policy: bool = False,
    most_moves: Optional[int] = None,
    rate: Optional[str] = None,
    time_limit: Optional[float] = None,
    threads: Optional[int] = None,
    lvm2: Optional[str] = None,
    config: Sequence[str] = (),
    node_limit: Optional[int] = None,
    seed: int = 0,
) -> Moves:
    """Moves what exists with the least copying; goals may be given together.

    ``drain`` empties physical volumes; ``shrink`` shrinks them (``"PV=SIZE"``, or ``"PV"`` as far as moves go); ``heal``
    puts legs on disks of their own; ``to`` lays out as drawn (another state of the group, or a plan); ``defragment`` brings
    volumes (``True`` for all) into few segments, copying at most ``budget`` (extents, or a size); ``balance`` fills the
    fullest disk as little as can be; ``room`` makes room for requests. ``domains`` are tags of disks that fail together;
    volumes of ``keep`` stay; ``ignore_policy`` lets volumes be placed otherwise than their policies have it;
    ``most_moves`` bounds the moves; ``rate`` is how much is copied in a second (``"150M"``).
    """
    if defragment is None or defragment is False:
        names = None
    else:
        names = [] if defragment is True else _arguments.words("defragment", defragment)
    if isinstance(to, Plan):
        to = to.to_dict()
    if to is None or isinstance(to, dict):
        drawn = None if to is None else _arguments.as_json("to", to)
    else:
        drawn = _arguments.content("to", to)[0].decode("utf-8", "replace")
    options = dict(
        drain=_arguments.words("drain", drain),
        shrink=_arguments.words("shrink", shrink),
        heal=bool(heal),
        to=drawn,
        defragment=names,
        budget=_arguments.extents_or_size("budget", budget),
        balance=bool(balance),
        room=None if room is None else _arguments.requests(room, "room"),
        domains=_arguments.words("domains", domains),
        keep=_arguments.words("keep", keep),
        ignore_policy=bool(ignore_policy),
        most_moves=_arguments.natural("most_moves", most_moves),
        rate=_arguments.text_if_any("rate", rate),
    )
    goals = ("drain", "shrink", "heal", "balance", "room")
    if drawn is None and names is None and not any(options[goal] for goal in goals):
        raise ExtentplanError(f"found no goal, expected one of {', '.join(goals)}, to and defragment")
    try:
        with _arguments.blamed(to=to, requests=room):
            moves = _extentplan.rearrange(
                _pool(vg),
                options,
                _arguments.lvm2(lvm2, config),
                _arguments.bounds(time_limit, threads, node_limit, seed),
            )
    except ExtentplanError as error:
        # All else that names a volume has its argument in front.
        if options["keep"] and error.args[0].startswith("no logical volume "):
            raise ExtentplanError(f"keep: {error.args[0]}") from None
        raise
    return Moves(moves)

"""Answers: what the library says as JSON, typed."""

from __future__ import annotations

import copy
import html
import json
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Protocol

from . import _extentplan

Row = Dict[str, Any]


class _Shown(Protocol):
    """What an answer looks like: the library's own, or what of it went to another process."""

    def text(self) -> str: ...
    def svg(self) -> str: ...
    def html(self) -> str: ...
    def script(self) -> Optional[str]: ...


class _Sent:
    """What an answer looks like in texts, which another process takes."""

    def __init__(self, text: str, svg: str, html: str, script: Optional[str]) -> None:
        self._texts = (text, svg, html, script)

    def text(self) -> str:
        return self._texts[0]

    def svg(self) -> str:
        return self._texts[1]

    def html(self) -> str:
        return self._texts[2]

    def script(self) -> Optional[str]:
        return self._texts[3]


def _sent(state: Dict[str, Any]) -> Dict[str, Any]:
    """The state of an answer without what belongs to this process."""
    shown: Optional[_Shown] = state["_shown"]
    if shown is None:
        return state
    return {**state, "_shown": _Sent(shown.text(), shown.svg(), shown.html(), shown.script())}


_FRAME = (
    '<iframe srcdoc="{}" style="width: 100%; height: 30em; border: 0" '
    """onload="this.style.height = this.contentDocument.documentElement.scrollHeight + 'px'"></iframe>"""
)


def _framed(page: str) -> str:
    """A page that keeps its look to itself, and lets the notebook around it keep its own."""
    return _FRAME.format(html.escape(page))


@dataclass(frozen=True)
class Progress:
    """What is known while a plan is searched for.

    ``seconds``: how long the search took so far;
    ``method``: what is asked now, in a few words;
    ``cost``: what the best plan so far costs, by measure; empty before there is one;
    ``bound``: what no plan goes below, by measure, as far as that is known; where it is the cost, the plan is best.
    """

    seconds: float
    method: str
    cost: Dict[str, int]
    bound: Dict[str, int]


class Answer:
    """An answer: the JSON that the command line prints with ``--json``, as a dict, and the text that it prints without.

    ``str()`` is the text, :meth:`to_dict` the dict, and ``answer["key"]`` a value of it.
    """

    def __init__(self, data: Mapping[str, Any], text: str) -> None:
        self._data = dict(data)
        self._text = text

    def to_dict(self) -> Dict[str, Any]:
        """The answer as the JSON of the command line, read into plain values."""
        return copy.deepcopy(self._data)

    def __getitem__(self, key: str) -> Any:
        return copy.deepcopy(self._data[key])

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._summary()}>"

    def _summary(self) -> str:
        return ", ".join(key for key in self._data if key != "schema")


class Plan(Answer):
    """Where requests go, with a proof, or why they go nowhere.

    In a notebook it is drawn. All sizes are in extents, all positions count from 0. Beside the properties below it has

    ``verdict``: what is true, what it costs and by what it is proven, in words;
    ``notes``: what is to be noted about pool and requests, a sentence each;
    ``parts``: where commands could not be planned as one, each on what those before it leave; else the plan itself;
    ``unplanned``: the first command that is not planned, as what it stands on is not built; else ``None``.
    """

    parts: List["Plan"]
    notes: List[str]
    unplanned: Optional[str]
    verdict: str

    def __init__(
        self,
        data: Mapping[str, Any],
        verdict: str,
        whole: Optional[_extentplan.Planned],
        parts: Optional[List["Plan"]] = None,
    ) -> None:
        super().__init__(data, verdict)
        self._shown: Optional[_Shown] = whole
        self.verdict = verdict
        self.parts = parts or [self]
        self.notes = whole.notes if whole else []
        self.unplanned = whole.unplanned if whole else None

    @classmethod
    def _of(cls, planned: _extentplan.Planned) -> "Plan":
        data = json.loads(planned.json())
        verdicts = planned.verdicts()
        if "parts" not in data:
            return cls(data, verdicts[0], planned)
        parts = [cls(part, words, None) for part, words in zip(data["parts"], verdicts)]
        return cls(data, "\n".join(verdicts), planned, parts)

    def __str__(self) -> str:
        return self._shown.text() if self._shown else self.verdict

    def __getstate__(self) -> Dict[str, Any]:
        return _sent(self.__dict__)

    def _summary(self) -> str:
        return f"{self.status} {self.cost}"

    @property
    def _last(self) -> Dict[str, Any]:
        return self.parts[-1]._data

    @property
    def status(self) -> str:
        """``"best"`` (proven), ``"found"`` (a limit ended the search), ``"impossible"`` (proven) or ``"unknown"``.

        Of several parts that of the last that was planned.
        """
        status: str = self._last["status"]
        return status

    @property
    def cost(self) -> Dict[str, int]:
        """What the plan costs, by measure in the order of the objective; empty without a plan."""
        return dict(self._last.get("cost") or {})

    @property
    def bound(self) -> Dict[str, int]:
        """What no plan goes below, by measure; that of a measure holds for plans that meet all before it."""
        return dict(self._last.get("bound") or {})

    @property
    def proof(self) -> Dict[str, Any]:
        """By measure what shows its bound: a certificate, or the search that ended; of an impossible one its certificate."""
        why = self._last.get("why") or {}
        return copy.deepcopy(self._last.get("proof") or why.get("certificate") or {})

    @property
    def why(self) -> Optional[str]:
        """Why there is no plan, in a sentence; ``None`` where there is one."""
        why = self._last.get("why") or {}
        return why.get("sentence")

    @property
    def commands(self) -> List[str]:
        """The commands of LVM2 that build all parts, in the order in which they have to be run."""
        return [line for part in self.parts for line in part._data.get("commands") or []]

    @property
    def no_commands(self) -> Optional[str]:
        """Why no commands build the plan; ``None`` where some do, or there is no plan or no volume group."""
        reasons = (part._data.get("no_commands") for part in self.parts)
        return next((reason for reason in reasons if reason), None)

    @property
    def legs(self) -> List[Row]:
        """A row for each run of extents that the plan takes: ``request``, ``what`` (``"leg"``, ``"metadata"`` or
        ``"log"``), ``leg`` (from 0), ``source``, ``start`` and ``extents``. ``pandas.DataFrame`` and
        ``pyarrow.Table.from_pylist`` take it as it is.
        """
        rows: List[Row] = []
        for part in self.parts:
            for allocation in part._data.get("allocations") or []:
                runs = [
                    ("leg", leg, run)
                    for leg, runs in enumerate(allocation.get("legs") or [])
                    for run in runs
                ]
                for what, key in (("metadata", "metadata"), ("log", "logs")):
                    runs += [(what, leg, run) for leg, run in enumerate(allocation.get(key) or [])]
                for what, leg, (source, start, extents) in runs:
                    rows.append(
                        {
                            "request": allocation["request"],
                            "what": what,
                            "leg": leg,
                            "source": source,
                            "start": start,
                            "extents": extents,
                        }
                    )
        return rows

    @property
    def lvm2(self) -> Optional[Dict[str, Any]]:
        """What LVM2's own allocator makes of the same requests, ``is_plan`` where that is this very layout; ``None`` where
        there is no volume group."""
        return copy.deepcopy(self._last.get("allocator"))

    def script(self) -> Optional[str]:
        """A shell script that checks the state of the group and builds the plan; ``None`` where nothing does."""
        return self._shown.script() if self._shown else None

    def _repr_html_(self) -> str:
        return _framed(self._shown.html()) if self._shown else ""

    def _repr_svg_(self) -> str:
        return self._shown.svg() if self._shown else ""


class Moves(Answer):
    """Moves of what exists, in an order in which each can be made, or why there are none.

    In a notebook it is drawn. All sizes are in extents.
    """

    def __init__(self, moves: _extentplan.Moves) -> None:
        super().__init__(json.loads(moves.json()), moves.text())
        self._shown: _Shown = moves
        self.notes: List[str] = moves.notes

    def __getstate__(self) -> Dict[str, Any]:
        return _sent(self.__dict__)

    def _summary(self) -> str:
        return f"{self.status} {self.cost}"

    @property
    def status(self) -> str:
        """``"best"``, ``"found"``, ``"impossible"`` or ``"unknown"``."""
        status: str = self._data["status"]
        return status

    @property
    def cost(self) -> Dict[str, int]:
        """``copied`` extents and ``moves``; empty without moves."""
        return dict(self._data.get("cost") or {})

    @property
    def bound(self) -> Dict[str, int]:
        """What no moves go below."""
        return dict(self._data.get("bound") or {})

    @property
    def why(self) -> Optional[str]:
        """Why there are no moves, or none were found."""
        return self._data.get("why")

    @property
    def moves(self) -> List[Row]:
        """A row for each move: ``volume``, ``extents``, ``from_source``, ``from_start``, ``to_source``, ``to_start``."""
        rows = []
        for move in self._data.get("moves") or []:
            (source, start, extents), (target, there, _) = move["from"], move["to"]
            rows.append(
                {
                    "volume": move["volume"],
                    "extents": extents,
                    "from_source": source,
                    "from_start": start,
                    "to_source": target,
                    "to_start": there,
                }
            )
        return rows

    @property
    def commands(self) -> List[str]:
        """The commands that make the moves, and what the goals ask for behind them."""
        return list(self._data.get("commands") or [])

    @property
    def no_commands(self) -> Optional[str]:
        """Why there are no commands for the moves."""
        return self._data.get("no_commands")

    def script(self) -> Optional[str]:
        """A shell script that can be stopped and started again; ``None`` without moves or commands."""
        return self._shown.script()

    def _repr_html_(self) -> str:
        return _framed(self._shown.html())

    def _repr_svg_(self) -> str:
        return self._shown.svg()


class Audit(Answer):
    """What is unsafe or poor in a volume group."""

    @property
    def is_unsafe(self) -> bool:
        """Whether the failure of one disk, or of the disks of one tag, costs more than it should."""
        return bool(self._data["unsafe"])

    @property
    def findings(self) -> List[Row]:
        """A row for each finding: ``severity``, ``kind`` and what it is about."""
        return copy.deepcopy(self._data["findings"])


class Survival(Answer):
    """What the failure of each disk, or of the disks of each tag, comes to."""

    @property
    def failures(self) -> List[Row]:
        """A row for each failure: ``failure``, ``state``, ``volumes`` and more."""
        return copy.deepcopy(self._data["survive"]["failures"])

    @property
    def is_survived(self) -> Optional[bool]:
        """Whether all that is redundant can be repaired in place after each; ``None`` where that is open."""
        states = [row["state"] for row in self.failures]
        if any(state in ("lost", "no_room") for state in states):
            return False
        return None if "unknown" in states else True


class Outlook(Answer):
    """The months ahead: when growth no longer fits. In a notebook it is drawn."""

    def __init__(self, data: Mapping[str, Any], text: str, drawing: str) -> None:
        super().__init__(data, text)
        self._drawing = drawing

    def _summary(self) -> str:
        return f"lasts {self.lasts} months"

    @property
    def lasts(self) -> int:
        """The last month that is known to fit; 0: none."""
        lasts: int = self._data["when"]["lasts"]
        return lasts

    @property
    def is_proven(self) -> bool:
        """Whether the month after it is proven not to fit, or every month fits."""
        return bool(self._data["when"]["proven"])

    @property
    def fails(self) -> Optional[Row]:
        """The first month that does not fit: ``month`` (from 1), ``requests``, ``reason``, and ``add``, what makes it last
        ``until``; ``None`` where every month that was looked at fits, or that is open."""
        fails: Optional[Row] = copy.deepcopy(self._data["when"].get("fails"))
        return fails

    @property
    def months(self) -> List[Row]:
        """A row for each month."""
        return copy.deepcopy(self._data["when"]["months"])

    def _repr_svg_(self) -> str:
        return self._drawing


class Verdict:
    """What is to be said of a plan; true where it is right."""

    def __init__(self, faults: List[str], words: str) -> None:
        self.faults = faults
        """Everything that is wrong, a sentence each."""
        self.words = words
        """Where nothing is, what the plan costs and what shows that."""

    def __bool__(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        return self.words or "\n".join(self.faults)

    def __repr__(self) -> str:
        return f"<Verdict {'right' if self else self.faults}>"

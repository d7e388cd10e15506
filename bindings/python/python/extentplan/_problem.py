"""Problems of our own as dicts with types: the keys that ``extentplan schema problem`` has."""

from __future__ import annotations

from typing import Any, List, Literal, Mapping, TypedDict, Union

Area = List[Any]
"""``[start, extents]``, or ``[start, extents, [tags]]`` where a free area has tags beside those of its source."""
Segment = List[Any]
"""``[source, start, extents]``."""
Avoidance = List[Any]
"""``[start, extents, [sources]]``: offsets in the legs, and what they keep away from there."""

Measure = Literal[
    "unserved",
    "shortfall",
    "elsewhere",
    "segments",
    "sources",
    "balance",
    "fragments",
    "largest_area",
]
Place = Literal["front", "own_source", "any_source"]
Policy = Literal["contiguous", "cling", "cling_by_tags", "normal", "anywhere"]


class _Source(TypedDict):
    name: str
    extents: int


class SourceDict(_Source, total=False):
    """Something that has extents to give; ``free`` are its free areas, ``area_tags`` words of areas of which none is free."""

    free: List[Area]
    tags: List[str]
    area_tags: List[str]


class _Log(TypedDict):
    extents: int


class LogDict(_Log, total=False):
    """The log of a request."""

    count: int
    place: Literal["own_source", "any_source"]


class _Request(TypedDict):
    name: str
    extents: int


class RequestDict(_Request, total=False):
    """What is wanted. ``area_tags``: only areas with one of these tags, of their own or of their source, may be used;
    ``cling_sources``: sources that the legs are to lie on as far as can be (the measure ``"elsewhere"``)."""

    size: Literal["exactly", "at_most"]
    stripes: int
    copies: int
    parity: int
    metadata: int
    metadata_place: Place
    log: LogDict
    policy: Policy
    separation: Literal["segment", "leg", "none"]
    cuts: Literal["together", "apart"]
    partition_by_tags: List[str]
    cling_tags: List[str]
    cling_sources: List[str]
    area_tags: List[str]
    grows: List[List[Segment]]
    sources: List[str]
    ranges: List[Segment]
    avoid: List[Avoidance]
    value: int


class _Problem(TypedDict):
    schema: str
    sources: List[SourceDict]
    requests: List[RequestDict]


class ProblemDict(_Problem, total=False):
    """Sources, requests, and what is good; ``schema`` is ``"extentplan/problem/1"``."""

    extent_bytes: int
    objective: List[Measure]


Problem = Union[str, ProblemDict, Mapping[str, Any]]

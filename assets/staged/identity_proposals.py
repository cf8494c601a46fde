"""Who could be meant by the names and codes on papers that mean no known customer.

Nothing is taken here: a person pastes what is right into customer_aliases.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import dagster as dg
import polars as pl
from rapidfuzz import fuzz, process

from assets import BACKFILL, PARTITIONS
from assets.sql_model import asset_key
from io_managers.session import Session, Window
from io_managers.warehouse import Warehouse, window_of

MOST = 3  # candidates of a name
LEAST_SCORE = 75  # of 100: below this, names have little more than their city in common
PART_SCORE, ZEROS_SCORE = 90, 95  # a short name within a long one; a code without leading zeros
SHORTEST_PART = 3  # signs; two of them stand in too many names
_SAME = 100

SCHEMA = {
    "as_of": pl.Date,
    "chain_id": pl.String,
    "alias_kind": pl.String,
    "alias": pl.String,
    "place": pl.Int32,
    "candidate_id": pl.String,
    "candidate_name": pl.String,
    "candidate_chain_id": pl.String,
    "likeness": pl.Decimal(5, 1),
    "evidence": pl.String,
    "papers": pl.Int64,
    "amount": pl.Decimal(18, 2),
    "first_seen_on": pl.Date,
}

_COMPANY = re.compile("有限责任公司|股份有限公司|有限公司|集团|公司|[()]")
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, order=True)
class Candidate:
    """A customer that a name could mean; sorts from the likeliest down."""

    rank: float  # the score, negative
    customer_id: str
    name: str
    chain_id: str
    likeness: str

    @property
    def score(self) -> Decimal:
        """How alike, of 100."""
        return Decimal(str(round(-self.rank, 1)))


@dataclass(frozen=True, order=True)
class Unresolved:
    """A name or code without a customer on some day; `key` is its spelling without width."""

    chain_id: str
    alias_kind: str
    alias: str
    key: str


@dataclass(frozen=True)
class Known:
    """A way to name a customer: `kind` is name or store_code."""

    kind: str
    key: str
    customer_id: str
    name: str
    chain_id: str


class Directory:
    """The customers known on a day, by the ways to name them."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.known = sorted(known, key=lambda way: (way.customer_id, way.kind, way.key))

    @cached_property
    def _names(self) -> Mapping[str, list[tuple[str, Known]]]:
        """Names by chain; buyers and payers, whose chain is unknown, may be of any."""
        found: dict[str, list[tuple[str, Known]]] = {"unknown": []}
        for way in self.known:
            if way.kind == "name":
                named = _core(way.key), way
                found["unknown"].append(named)
                found.setdefault(way.chain_id, []).append(named)
        return found

    @cached_property
    def _codes(self) -> Mapping[tuple[str, str], list[Known]]:
        found: dict[tuple[str, str], list[Known]] = {}
        for way in self.known:
            if way.kind == "store_code":
                found.setdefault((way.chain_id, way.key.lstrip("0")), []).append(way)
        return found

    def candidates(self, unresolved: Unresolved) -> list[Candidate]:
        """The customers that a name or code is close to, the likeliest first, at most `MOST`.

        Where some have the same name, those that are only alike are left out.
        """
        found = [*self._by_code(unresolved), *self._by_name(unresolved)]
        best: dict[str, Candidate] = {}
        for candidate in sorted(found):
            best.setdefault(candidate.customer_id, candidate)
        likeliest = sorted(best.values())[:MOST]
        same = [candidate for candidate in likeliest if candidate.score == _SAME]
        return same or likeliest

    def _by_code(self, unresolved: Unresolved) -> Iterator[Candidate]:
        """Codes are the same or not; only leading zeros and a name in brackets may differ."""
        if unresolved.alias_kind != "store_code":
            return
        code = unresolved.key.partition("(")[0]
        for way in self._codes.get((unresolved.chain_id, code.lstrip("0")), ()):
            if way.key == unresolved.key:
                yield _candidate(_SAME, way, "the code is known by now")
            elif way.key == code:
                yield _candidate(ZEROS_SCORE, way, "the code before the bracket is known")
            else:
                yield _candidate(ZEROS_SCORE, way, "same code but for leading zeros")

    def _by_name(self, unresolved: Unresolved) -> Iterator[Candidate]:
        wanted = _core(unresolved.key)
        if len(wanted) < 2 or not (
            unresolved.alias_kind == "name" or _WORDS.search(unresolved.key)
        ):
            return
        ways = self._names.get(unresolved.chain_id, [])
        cores = [core for core, _ in ways]
        alike = process.extract_iter(wanted, cores, scorer=fuzz.ratio, score_cutoff=LEAST_SCORE)
        for core, score, place in alike:
            way = ways[place][1]
            if _DIGITS.findall(core) == _DIGITS.findall(wanted):
                yield _candidate(score, way, _likeness(unresolved.key, way.key, score))
        for core, way in ways:
            short, long = sorted((core, wanted), key=len)
            if len(short) >= SHORTEST_PART and short != long and short in long:
                yield _candidate(PART_SCORE, way, "one name is part of the other")


def _candidate(score: float, way: Known, likeness: str) -> Candidate:
    return Candidate(-score, way.customer_id, way.name, way.chain_id, likeness)


def _core(key: str) -> str:
    """A name without brackets and the words that every company has."""
    return _COMPANY.sub("", key)


def _likeness(wanted: str, known: str, score: float) -> str:
    """What two names have in common, in words."""
    if wanted == known:
        return "the name is known by now"
    if _core(wanted) != _core(known):
        return f"spelled alike, {score:.0f} of 100"
    words = (set(_COMPANY.findall(wanted)) ^ set(_COMPANY.findall(known))) - {"(", ")"}
    return f"same name but for {' and '.join(sorted(words)) or 'brackets'}"


class Ledger:
    """Names without a customer and what is at stake under each, as the days go by."""

    def __init__(self) -> None:
        self._stakes: dict[Unresolved, Stake] = {}

    def add(
        self, unresolved: Unresolved, on: date, paper_kind: str, papers: int, amount: Decimal
    ) -> None:
        """Papers of a kind came under a name, or went."""
        stake = self._stakes.setdefault(unresolved, Stake(on, {}))
        before = stake.by_kind.get(paper_kind, (0, Decimal(0)))
        stake.by_kind[paper_kind] = (before[0] + papers, before[1] + amount)

    def open(self) -> list[tuple[Unresolved, "Stake"]]:
        """The names that have papers, with the most money first."""
        still = [(name, stake) for name, stake in self._stakes.items() if stake.papers]
        return sorted(still, key=lambda entry: (-entry[1].amount, entry[0]))


@dataclass
class Stake:
    """Papers and money under a name since a day."""

    first_seen_on: date
    by_kind: dict[str, tuple[int, Decimal]]

    @property
    def papers(self) -> int:
        """How many papers bear the name."""
        return sum(papers for papers, _ in self.by_kind.values())

    @property
    def amount(self) -> Decimal:
        """The money of the kind of paper that has most: the same goods pass through all kinds."""
        return max(abs(amount) for _, amount in self.by_kind.values())


def propose(session: Session, window: Window) -> pl.DataFrame:
    """The proposals of each day of a window.

    Returns:
        One row per day, unresolved name and candidate as in `SCHEMA`; a name without candidate has
        one row.
    """
    events = _by_day(session.rows(_EVENTS, [window.day_until]))
    changes = _by_day(session.rows(_WAYS, [window.day_until])) if events else {}
    ledger, ways, directory = Ledger(), {}, Directory(())
    found: dict[Unresolved, list[Candidate]] = {}
    is_stale = False
    rows: list[tuple[object, ...]] = []
    for day in sorted({*events, *changes, *window.days}):
        for row in changes.get(day, ()):
            way = Known(row["kind"], row["key"], row["customer_id"], row["name"], row["chain_id"])
            ways[row["way"]] = way
        is_stale = is_stale or day in changes
        for row in events.get(day, ()):
            name = Unresolved(row["chain_id"], row["alias_kind"], row["alias"], row["key"])
            ledger.add(name, day, row["paper_kind"], row["papers"], row["amount"])
        if day not in window:
            continue
        if is_stale:
            directory, found, is_stale = Directory(ways.values()), {}, False
        for name, stake in ledger.open():
            if name not in found:
                found[name] = directory.candidates(name)
            rows += _proposals(day, name, found[name], stake)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _proposals(
    day: date, name: Unresolved, candidates: Sequence[Candidate], stake: Stake
) -> Iterator[tuple[object, ...]]:
    count = "1 paper" if stake.papers == 1 else f"{stake.papers:,} papers"
    money = f"{count}, {stake.amount:,.2f} CNY"
    alias = (day, name.chain_id, name.alias_kind, name.alias)
    at_stake = (stake.papers, stake.amount, stake.first_seen_on)
    if not candidates:
        yield *alias, 1, None, None, None, None, f"no known name is close to it; {money}", *at_stake
    for place, candidate in enumerate(candidates, start=1):
        about = (candidate.customer_id, candidate.name, candidate.chain_id, candidate.score)
        yield *alias, place, *about, f"{candidate.likeness}; {money}", *at_stake


def _by_day(rows: Iterable[dict[str, Any]]) -> dict[date, list[dict[str, Any]]]:
    grouped: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["known_on"], []).append(row)
    return grouped


_EVENTS = """
    select *, name_key(alias) as key
    from staged.unresolved_names
    where known_on <= ?
    order by known_on, chain_id, alias_kind, alias, paper_kind
"""

# `way` names what a later version replaces.
_WAYS = """
    with customers as (
        select
            known_on, customer_id, customer_name as name, chain_id, name_key(customer_name) as key
        from staged.customers
    ),

    ways as (
        select known_on, 'name' as kind, key, customer_id, name, chain_id, customer_id as way
        from customers
        union all
        select
            known_on, 'store_code', name_key(customer_id), customer_id, name, chain_id,
            'own code ' || customer_id
        from customers
        union all
        select
            aliases.known_on, aliases.alias_kind, name_key(aliases.alias), aliases.customer_id,
            coalesce(max_by(customers.name, customers.known_on), aliases.customer_id),
            aliases.chain_id,
            aliases.chain_id || ' ' || aliases.alias_kind || ' ' || aliases.alias || ' '
            || aliases.customer_id
        from staged.customer_aliases as aliases
        left join customers
            on
                aliases.customer_id = customers.customer_id
                and aliases.known_on >= customers.known_on
        where aliases.alias_kind in ('name', 'store_code')
        group by
            aliases.known_on, aliases.alias_kind, aliases.alias, aliases.customer_id,
            aliases.chain_id
    )

    select * from ways where known_on <= ? order by known_on, way
"""


@dg.asset(
    key=["staged", "identity_proposals"],
    deps=[
        asset_key(table)
        for table in ("staged.customer_aliases", "staged.customers", "staged.unresolved_names")
    ],
    group_name="staged",
    kinds={"polars"},
    partitions_def=PARTITIONS,
    backfill_policy=BACKFILL,
    io_manager_key="warehouse_tables",
)
def identity_proposals(context: dg.AssetExecutionContext, warehouse: Warehouse) -> pl.DataFrame:
    """One row per day, name or code that means no known customer, and candidate (`place`).

    A name that nobody known is close to has one row without candidate. Nothing is taken: a person
    puts what is right into customer_aliases.
    """
    window = window_of(context.partition_key_range)
    warehouse.session.use(window)
    return propose(warehouse.session, window)

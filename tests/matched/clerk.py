"""A clerk who finds out what the numbers on papers mean, in plain Python and one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from unicodedata import normalize

from tests.support import POLICY

MATCHING = POLICY.matching
RULES = ["normalised", "application_register", "suffix", "one_edit"]


@dataclass(frozen=True)
class Paper:
    """A version of an order, a delivery note or a goods receipt."""

    kind: str
    no: str
    known_on: date
    store: str
    dated_on: date
    amount: Decimal
    names: dict[str, str] = field(default_factory=dict, hash=False)


def key_of(number: str) -> str:
    """What the spellings of a number have in common."""
    plain = "".join(sign for sign in normalize("NFKC", number).upper() if sign.isalnum())
    for end in range(len(plain) - 5, 0, -1):
        front, back = plain[:end], plain[end:]
        if front.isalpha() and front[-1] not in "OIL" and set(back) <= set("0123456789OIL"):
            plain = back
            break
    return plain.translate(str.maketrans("OIL", "011")).lstrip("0")


def signs_of(number: str) -> str:
    """The signs alone, without the word `No.` in front."""
    signs = "".join(sign for sign in normalize("NFKC", number).upper() if sign.isalnum())
    return signs[2:] if signs.startswith("NO") and len(signs) > 2 else signs


def letters_of(number: str) -> str:
    plain = signs_of(number)
    front = plain[: next((at for at, sign in enumerate(plain) if not sign.isalpha()), len(plain))]
    return front.rstrip("OIL")


def digits_of(signs: str) -> str:
    """What follows the letters in front, zeros too."""
    return signs.translate(str.maketrans("OIL", "011")).lstrip("ABCDEFGHJKMNPQRSTUVWXYZ")


def distance_of(named: str, number: str) -> int:
    ours, theirs = signs_of(named), signs_of(number)
    if ours == theirs:
        return 0
    return 1 if digits_of(ours) == digits_of(theirs) else 2


def all_digits(number: str) -> str:
    plain = "".join(sign for sign in normalize("NFKC", number).upper() if sign.isalnum())
    return digits_of(plain)


def is_one_edit(left: str, right: str) -> bool:
    """Whether one sign more, less or other, or one swap of neighbours, leads to the other."""

    def edits(text: str) -> Iterator[str]:
        signs = set(left + right)
        for at in range(len(text) + 1):
            yield from (text[:at] + sign + text[at:] for sign in signs)
            yield from (text[:at] + sign + text[at + 1 :] for sign in signs if at < len(text))
            yield text[:at] + text[at + 1 :]
            if at + 1 < len(text):
                yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]

    return left != right and right in set(edits(left))


def is_end(longer: str, shorter: str) -> bool:
    return (
        longer != shorter and len(shorter) >= 5 and shorter.isdigit() and longer.endswith(shorter)
    )


def is_near(left: Paper, right: Paper) -> tuple[bool, bool]:
    days = abs((left.dated_on - right.dated_on).days)
    money = abs(left.amount - right.amount) * 100
    return (
        days <= MATCHING.near_days,
        money <= abs(right.amount) * MATCHING.near_amount_percent,
    )


def fits(rule: str, naming: Paper, named: str, other: Paper) -> bool:
    ours, theirs = key_of(named), key_of(other.no)
    if rule == "normalised":
        letters = letters_of(named), letters_of(other.no)
        alike = letters[0].endswith(letters[1]) or letters[1].endswith(letters[0])
        return named != other.no and ours == theirs != "" and alike
    if rule == "suffix":
        written = all_digits(named), all_digits(other.no)
        return ours != theirs and any(
            is_end(*pair) for pair in ((ours, theirs), (theirs, ours), written, written[::-1])
        )
    return (
        min(len(named), len(other.no)) >= 5
        and naming.store == other.store
        and is_near(naming, other) == (True, True)
        and is_one_edit(ours, theirs)
    )


def agrees(naming: Paper, other: Paper) -> bool:
    """Whether the paper under the very number may be the one named: its store or its amount."""
    return naming.store == other.store or is_near(naming, other)[1]


Reference = tuple[str, str, str, str]  # paper kind, paper, kind named, number named
Answer = tuple[str | None, bool]  # the paper meant, and whether the number counts as none


class Desk:
    """A clerk who gets the papers day by day and never forgets what was answered."""

    def __init__(self) -> None:
        self.known: list[Paper] = []
        self.references: dict[Reference, list[Paper]] = {}
        self.asked: dict[Reference, dict[str, tuple[str, Decimal] | None]] = {}
        self.doubted_on: dict[Reference, date] = {}
        self.exact_on: dict[Reference, date] = {}
        self.outvoted_on: dict[Reference, date] = {}
        self.upheld_on: dict[Reference, date] = {}
        self.history: list[tuple[date, Reference, Answer]] = []
        self.current: dict[Reference, Answer] = {}
        self.given_back: set[tuple[Reference, str]] = set()

    def day(self, today: date, papers: list[Paper]) -> None:
        self.known += papers
        for paper in papers:
            for kind, number in paper.names.items():
                if not any(agrees(paper, other) for other in self._under(kind, number)):
                    reference = (paper.kind, paper.no, kind, number)
                    self.references.setdefault(reference, []).append(paper)
        speaking = outvoted(latest(self.known))
        for reference in self.outvoted_on:
            if reference not in dict(speaking):
                self.upheld_on.setdefault(reference, today)
        for reference, naming in speaking:
            if reference not in self.outvoted_on:
                self.outvoted_on[reference] = today
                self.references.setdefault(reference, [replace(naming, known_on=today)])
        for reference, versions in self.references.items():
            self._hold_exact(reference, versions, today)
            self._ask(reference, versions[0], today)
        for reference in self.references:
            self._contradict(reference, papers)
            best = self._best(reference)
            if best != self.current.get(reference, (None, False)):
                self.history.append((today, reference, best))
                self.current[reference] = best

    def _under(self, kind: str, number: str) -> list[Paper]:
        return [paper for paper in self.known if (paper.kind, paper.no) == (kind, number)]

    def _hold_exact(self, reference: Reference, versions: list[Paper], today: date) -> None:
        """Whether the paper under the very number is believed, doubted, or not there."""
        if reference in self.exact_on or self.outvoted_on.get(reference) == versions[0].known_on:
            return
        there = self._under(*reference[2:])
        if any(agrees(one, other) for one in versions for other in there) or any(
            self._leads(one, other) for one in versions for other in there
        ):
            self.exact_on[reference] = today
        elif there:
            self.doubted_on.setdefault(reference, today)

    def _leads(self, naming: Paper, other: Paper) -> bool:
        """Whether another paper leads from the one to the other as well."""
        if naming.kind == "delivery":
            wanted = {"delivery": naming.no, "order": other.no}
            return any(
                paper.kind == "goods_receipt" and paper.names == wanted for paper in self.known
            )
        if other.kind == "delivery":
            return "order" in naming.names and other.names.get("order") == naming.names["order"]
        return "delivery" in naming.names and any(
            note.names.get("order") == other.no
            for note in self._under("delivery", naming.names["delivery"])
        )

    def _ask(self, reference: Reference, naming: Paper, today: date) -> None:
        answered = self.asked.setdefault(reference, {})
        for rule in RULES:
            found = self._found(rule, reference, naming) if rule not in answered else {}
            if not found:
                continue
            answered[rule] = None
            blocked = any(answered.get(stronger, "") is None for stronger in self._above(rule))
            nearest = min(distance for distance, _ in found.values())
            scores = {
                no: self._score(rule, reference, naming, other)
                for no, (distance, other) in found.items()
                if distance == nearest
            }
            best = max(scores.values())
            likely = [no for no, score in scores.items() if best - score < MATCHING.clear_lead]
            if len(likely) == 1 and not blocked and best >= MATCHING.apply_from:
                answered[rule] = (likely[0], best)

    def _found(
        self, rule: str, reference: Reference, naming: Paper
    ) -> dict[str, tuple[int, Paper]]:
        """By number, the version of each paper that fits, and how far its spelling lies apart."""
        kind, _, names_kind, named = reference
        if rule == "application_register":
            return self._register(reference, naming)
        found: dict[str, tuple[int, Paper]] = {}
        for other in sorted(self.known, key=lambda paper: paper.known_on):
            met_on = max(naming.known_on, other.known_on)
            if (
                other.kind == names_kind
                and fits(rule, naming, named, other)
                and not (rule == "one_edit" and self._is_taken(kind, other, met_on))
            ):
                distance = distance_of(named, other.no) if rule == "normalised" else 0
                found[other.no] = (distance, other)
        return found

    def _register(self, reference: Reference, naming: Paper) -> dict[str, tuple[int, Paper]]:
        """What stands beside the paper on a receipt, or under the order that it names."""
        kind, paper_no, names_kind, named = reference
        found: dict[str, tuple[int, Paper]] = {}

        def offer(distance: int, other: Paper) -> None:
            def place(row: tuple[int, Paper]) -> tuple:
                return (row[0], row[1].dated_on, row[1].amount, row[1].store)

            row = (distance, other)
            if other.no != named and place(row) <= place(found.get(other.no, row)):
                found[other.no] = row

        for other in self.known:
            if kind == "delivery" and other.kind == "order":
                if any(
                    paper.kind == "goods_receipt"
                    and paper.names == {"delivery": paper_no, "order": other.no}
                    for paper in self.known
                ):
                    offer(0, other)
            elif names_kind == other.kind == "delivery":
                met_on = max(naming.known_on, other.known_on)
                if (
                    naming.names.get("order", "none") == other.names["order"]
                    and not self._is_taken(kind, other, met_on)
                ):  # fmt: skip
                    offer(int(naming.amount != other.amount), other)
        return found

    def _above(self, rule: str) -> list[str]:
        return RULES[: RULES.index(rule)]

    def _is_taken(self, kind: str, other: Paper, on: date) -> bool:
        return any(
            paper.kind == kind and paper.known_on <= on and paper.names.get(other.kind) == other.no
            for paper in self.known
        )

    def _score(self, rule: str, reference: Reference, naming: Paper, other: Paper) -> Decimal:
        names_kind, named = reference[2:]
        date_is_near, amount_is_near = is_near(naming, other)
        score = getattr(MATCHING.scores, rule)
        score -= 0 if naming.store == other.store else MATCHING.other_store
        score -= 0 if date_is_near else MATCHING.other_date
        if not amount_is_near:
            score -= MATCHING.other_amount
            is_part = names_kind == "order" and naming.amount <= other.amount
            if rule == "suffix" or rule == "application_register" and not is_part:
                score -= MATCHING.unfit_amount
        bearers = {key[:2] for key in self.references if key[2:] == reference[2:]}
        ours, theirs = key_of(named), key_of(other.no)
        is_neighbour = ours[:-2] == theirs[:-2] and len(ours) == len(theirs)
        is_swap = ours[-2:] == theirs[:-3:-1]
        is_next = rule == "one_edit" and is_neighbour and not is_swap
        if (
            is_next
            and not self._is_doubted(reference)
            or (rule in ("suffix", "one_edit") and len(bearers) > 1)
        ):
            score -= MATCHING.doubtful_number
        return score

    def _contradict(self, reference: Reference, papers: list[Paper]) -> None:
        answer = self.asked[reference].get("one_edit")
        if answer is None:
            return
        for paper in papers:
            if paper.kind == reference[0] and paper.names.get(reference[2]) == answer[0]:
                self.given_back.add((reference, answer[0]))

    def _is_doubted(self, reference: Reference) -> bool:
        return reference in self.doubted_on or reference in self.outvoted_on

    def _best(self, reference: Reference) -> Answer:
        exact_on = self.exact_on.get(reference)
        outvoted_on = self.outvoted_on.get(reference)
        if exact_on and (outvoted_on is None or outvoted_on < exact_on):
            return None, False
        if reference in self.upheld_on:
            return None, False
        for rule in RULES:
            answer = self.asked[reference].get(rule)
            given_back = rule == "one_edit" and answer and (reference, answer[0]) in self.given_back
            if answer and not given_back:
                return answer[0], False
        return None, self._is_doubted(reference)


def outvoted(known: list[Paper]) -> list[tuple[Reference, Paper]]:
    """Of receipt, note and their two orders: the odd one of the three numbers that join them."""
    receipts = [paper for paper in known if len(paper.names) == 2]
    notes = [paper for paper in known if paper.kind == "delivery"]
    orders = [paper for paper in known if paper.kind == "order"]
    found: list[tuple[date, Reference, Paper]] = []
    for receipt in receipts:
        for note in notes:
            ours, theirs = receipt.names["order"], note.names["order"]
            if note.no != receipt.names["delivery"] or ours == theirs:
                continue
            ours_known = [order for order in orders if order.no == ours]
            theirs_known = [
                order for order in orders if key_of(order.no) == key_of(theirs) and order.no != ours
            ]
            for order in ours_known:
                for other in theirs_known:
                    found += _odd_one(receipt, note, order, other)
    found.sort(key=lambda row: (row[0], row[2].dated_on, row[2].amount, row[2].store))
    return [row[1:] for row in found]


def latest(known: list[Paper]) -> list[Paper]:
    """The latest version of each paper."""
    return list({(paper.kind, paper.no): paper for paper in known}.values())


def _odd_one(
    receipt: Paper, note: Paper, order: Paper, other: Paper
) -> list[tuple[date, Reference, Paper]]:
    def fit(left: Paper, right: Paper) -> bool:
        return left.store == right.store and is_near(left, right)[1]

    joined = fit(receipt, note), fit(receipt, order), fit(note, other)
    day = max(paper.known_on for paper in (receipt, note, order, other))
    wrong: Paper | None = {
        (True, False, True): receipt,
        (False, True, True): receipt,
        (True, True, False): note if other.no == note.names["order"] else None,
    }.get(joined)  # fmt: skip
    if wrong is None:
        return []
    names_kind = "delivery" if joined == (False, True, True) else "order"
    return [(day, (wrong.kind, wrong.no, names_kind, wrong.names[names_kind]), wrong)]

"""Agreements, goods and invoices of a random chain."""

from dataclasses import replace

from tests.soak.model import LONG_AGO, ZERO, Agreement, Chain, Invoice, Receipt

STORES = ("S1", "S2", "S3")
REGIONS = {"S1": "East", "S2": "East", "S3": "North", "HO": "East", "DC": "East"}
PATTERNS = ("branch_head", "branch_branch", "head_head")
TERMS = ("receipt", "monthly", "invoice", "batch", "consignment")
BASKETS = (("A1",), ("B1",), ("C1",), ("A1", "B1"), ("B1", "C1"), ("A1", "D1"))
FOREVER = 100_000


def agree(chain: Chain) -> None:
    """What holds from the start, and perhaps a switch, a store's and a region's own terms."""
    rng = chain.rng
    chain.is_slow = chain.chance(0.15)
    chain.is_plain = not chain.is_slow
    base = _agreement(chain, "A", 0)
    if chain.chance(0.06):
        chain.is_plain = False  # without an agreement the pattern is inferred
    else:
        chain.agreements.append(base)
    if chain.chance(0.35):
        known, since = chain.day(3, chain.days - 5), rng.randint(0, chain.days)
        chain.agreements.append(replace(base, known=known, until=since - 1))
        chain.agreements.append(replace(_agreement(chain, "B", known), since=since))
    if chain.chance(0.3):
        known = rng.choice([0, chain.day(1, chain.days)])
        chain.agreements.append(replace(_agreement(chain, "C", known), store="S2"))
    if chain.chance(0.2):
        known = rng.choice([0, chain.day(1, chain.days)])
        chain.agreements.append(replace(_agreement(chain, "D", known), region="North"))
    if chain.chance(0.3):  # what holds for a category, in a store, a region or everywhere
        known = rng.choice([0, chain.day(1, chain.days)])
        place = rng.choice([{}, {"store": "S1"}, {"store": "S2"}, {"region": "East"}])
        category = rng.choice(["Food", "Drink"])
        agreement = replace(_agreement(chain, "F", known), category=category, **place)
        chain.agreements.append(agreement)
    if chain.chance(0.04):  # as specific as A: what they say differently holds for nobody
        chain.agreements.append(_agreement(chain, "E", chain.day(0, chain.days)))
        chain.is_plain = False


def _agreement(chain: Chain, letter: str, known: int) -> Agreement:
    rng = chain.rng
    kind = rng.choices(TERMS, weights=(4, 3, 2, 2, 2))[0]
    pattern = rng.choice(PATTERNS)
    days = rng.choice([0, 7, 15, 30, 45, 60])
    return Agreement(
        known=known, no=f"{letter} {chain.chain_id}", store=None, region=None, pattern=pattern,
        debtor="S1" if pattern == "branch_branch" and chain.chance(0.15) else None,
        term_kind=kind, term_days=None if kind == "batch" and chain.chance(0.5) else days,
        batch_lag=rng.randint(1, 3) if kind == "batch" else None,
        pay_days=tuple(sorted(rng.sample(range(1, 32), rng.choice([0, 0, 1, 2])))),
        statement_days=tuple(sorted(rng.sample(range(1, 32), rng.choice([0, 0, 1])))),
        since=LONG_AGO, until=FOREVER,
    )  # fmt: skip


def trade(chain: Chain) -> None:
    """Orders, deliveries and receipts, some of them late, changed, missing or returned."""
    rng = chain.rng
    last = chain.days - 8
    for _ in range(rng.randint(6, 14)):
        ordered = rng.randint(0, last)
        store = "DC" if chain.chance(0.2) else rng.choice(STORES)
        order_no = chain.number("PO") if chain.chance(0.8) else None
        received = ordered + rng.randint(0, 4)
        amount = chain.cents(20, 900)
        if order_no:
            chain.orders[order_no] = {
                "store": store, "on": ordered, "amount": amount,
                "known": _late(chain, ordered) if chain.chance(0.85) else None,
                "delivered": rng.randint(ordered, received) if chain.chance(0.8) else None,
                "delivery_no": chain.number("DN"),
                "split": rng.choice([None, ["S1", "S2"], ["S1", "S2", "S3"]])
                if store == "DC" else None,
                "skus": rng.choice(BASKETS),
            }  # fmt: skip
            delivered = chain.orders[order_no]["delivered"]
            if delivered is not None:
                chain.orders[order_no]["delivery_known"] = _late(chain, delivered)
        for _ in range(rng.choice([1, 1, 1, 2, 0])):
            accepted = amount if chain.chance(0.6) else chain.cents(10, 900)
            _receive(chain, store, received, order_no, accepted)
    for _ in range(rng.randint(0, 4)):
        _receive(chain, rng.choice(STORES), rng.randint(3, last), None, -chain.cents(1, 60))


def _late(chain: Chain, day: int) -> int:
    """The day on which a paper of a day becomes known."""
    return chain.day(day, day + (20 if chain.chance(0.1) else 3))


def _receive(chain: Chain, store: str, on_day: int, order_no: str | None, amount) -> None:
    known = _late(chain, on_day)
    versions = [(known, amount)]
    while chain.chance(0.2) and versions[-1][0] < chain.days - 2:
        factor = chain.rng.choice([1, 1, 2]) * chain.rng.randint(20, 140)
        changed = (amount * factor / 100).quantize(amount)
        versions.append((chain.day(versions[-1][0] + 1, versions[-1][0] + 15), changed))
    no = chain.number("RC")
    skus = chain.orders[order_no]["skus"] if order_no else chain.rng.choice(BASKETS)
    chain.receipts[no] = Receipt(no, store, on_day, order_no, versions, skus)


def bill(chain: Chain) -> None:
    """Invoices over one receipt or several, too large or too small, voided, reversed, reissued."""
    for sign in (1, -1):
        waiting = [each for each in chain.receipts.values() if each.versions[0][1] * sign > 0]
        chain.rng.shuffle(waiting)
        while waiting:
            several = [waiting.pop() for _ in range(min(len(waiting), chain.rng.randint(1, 3)))]
            if chain.chance(0.65):
                _invoice(chain, several)
    if chain.chance(0.15):  # goods that no receipt tells of
        known = chain.day(5, chain.days)
        no = chain.number("FP")
        amount = chain.cents(20_000, 30_000)
        chain.invoices[no] = Invoice(no, amount, known, [], known, chain.rng.choice(STORES))


def _invoice(chain: Chain, receipts: list[Receipt], after: int = 0) -> None:
    rng = chain.rng
    first = max(after, max(each.known for each in receipts))
    known = chain.day(first, first + 9)
    # an invoice that waits longer for its application is told by the sum of its receipts
    applied = chain.day(first, first + 9 if chain.is_slow else known + 2)
    covers = [(each.no, each.worth(known) or ZERO) for each in receipts]
    amount = sum((part for _, part in covers), ZERO)
    if chain.chance(0.15):
        amount = (amount * rng.choice([80, 95, 105, 120]) / 100).quantize(amount)
    invoice = Invoice(
        chain.number("FP"), amount, known, covers, applied, rng.choice([*STORES, "HO"])
    )
    chain.invoices[invoice.no] = invoice
    if chain.chance(0.7):
        invoice.handed_over = chain.day(known, known + 10)
    fate = rng.random()
    if fate < 0.15 and known < chain.days - 2:
        invoice.void = chain.day(known + 1, known + 12)
        if chain.chance(0.5):
            _invoice(chain, receipts, after=invoice.void)
    elif fate < 0.35 and amount > 0 and known < chain.days - 2:
        part = amount if chain.chance(0.5) else (amount / rng.randint(2, 9)).quantize(amount)
        red = Invoice(chain.number("FP"), -part, chain.day(known, known + 12), [], 0, invoice.buyer)
        red.red_of = invoice.no
        chain.invoices[red.no] = red

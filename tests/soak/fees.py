"""Deduction agreements of a random chain, and the deductions that its papers take."""

from dataclasses import replace
from decimal import Decimal

from tests.soak.goods import FOREVER, STORES
from tests.soak.model import LONG_AGO, Chain, Fee, Line

# code of a fee: basis, least and most of its rate, kind; what is not here nobody agreed to
KNOWN = {
    "PCT": ("percent_of_net_purchases", (1, 6), "cash_deducted"),
    "MONTH": ("fixed_per_month", (20, 60), "cash_deducted"),
    "EVENT": ("fixed_per_event", (15, 40), "cash_deducted"),
    "UNIT": ("per_unit", (1, 3), "cash_deducted"),
    "INV": ("fixed_per_event", (15, 40), "invoice_deducted"),
    "INV-PCT": ("percent_of_net_purchases", (1, 6), "invoice_deducted"),
    "SEP": ("fixed_per_event", (15, 40), "paid_separately"),
}
CODES = (*KNOWN, "NONE")
KINDS = ("cash_deducted", "invoice_deducted", "paid_separately")
CAPS = (None, None, "statement", "month", "year")


def agree_on_fees(chain: Chain) -> None:
    """An agreement for each known fee; some change, end, begin late, or bind one store only."""
    rng = chain.rng
    chain.usual_fees = rng.sample(CODES, 2)
    for code in KNOWN:
        base = _fee(chain, code, f"{code} {chain.chain_id}")
        if chain.chance(0.15):  # it ends, or begins, within the story
            edge = rng.randint(5, chain.days)
            base = replace(base, until=edge) if chain.chance(0.5) else replace(base, since=edge)
        chain.fees.append(base)
        if chain.chance(0.15):  # the same agreement on other terms, as we learn one day
            changed = _fee(chain, code, base.no)
            chain.fees.append(replace(changed, known=chain.day(1, chain.days)))
        if chain.chance(0.25):  # a customer's own, perhaps settled in another way
            own = _fee(chain, code, f"{code} own {chain.chain_id}")
            kind = rng.choice(KINDS) if chain.chance(0.2) else base.kind
            chain.fees.append(replace(own, store=rng.choice([*STORES, "HO"]), kind=kind))
        if chain.chance(0.05):  # as specific as the first, on other terms
            chain.fees.append(_fee(chain, code, f"{code} too {chain.chain_id}"))


def _fee(chain: Chain, code: str, no: str) -> Fee:
    rng = chain.rng
    basis, (least, most), kind = KNOWN[code]
    period = rng.choice(CAPS)
    rate = Decimal(rng.randint(least * 4, most * 4)) / 4
    cap = Decimal(rng.randint(10, 60)) if period else None
    if period == "statement" and chain.chance(0.5):
        period = None  # a cap without a period holds for a statement
    return Fee(0, no, code, None, basis, rate, cap, period, kind, LONG_AGO, FOREVER)


def deduction(chain: Chain, known: int, most: int = 80) -> Line:
    """A line of a statement that takes a fee, or gives one back."""
    rng = chain.rng
    amount = chain.cents(1, most) * (1 if chain.chance(0.2) else -1)
    store = rng.choice([None, None, None, "S1", "S2"])
    settled_as = rng.choice(KINDS) if chain.chance(0.1) else None
    own_date = known - rng.randint(0, 40) if chain.chance(0.15) else None
    code = rng.choice(chain.usual_fees if chain.chance(0.8) else CODES)
    return Line("deduction", code, amount, store, settled_as, own_date)

"""Statements, payments, promises and decisions of a random chain."""

from dataclasses import replace

from tests.soak.fees import deduction
from tests.soak.goods import STORES
from tests.soak.model import CENT, ZERO, AdviceLine, Chain, Line, Payment, Promise, Statement

PAYERS = ("HO", "HO", "HO", "S1")


def state(chain: Chain) -> None:
    """Statements over what was received, with fees; some are sent again with other lines."""
    rng = chain.rng
    stated: set[str] = set()
    for _ in range(rng.randint(2, 4)):
        known = rng.randint(8, chain.days - 4)
        lines = []
        for receipt in chain.receipts.values():
            amount = receipt.worth(known)
            if amount is None and chain.chance(0.1):  # the statement is faster
                amount = receipt.versions[0][1] if receipt.known < known + 20 else None
            if amount and (receipt.no not in stated or chain.chance(0.03)) and chain.chance(0.8):
                stated.add(receipt.no)
                if chain.chance(0.1):
                    amount = (amount * rng.randint(80, 115) / 100).quantize(CENT)
                kind = "return" if amount < 0 else "receipt"
                lines.append(Line(kind, receipt.no, amount, receipt.store))
        for _ in range(rng.randint(0, 6)):
            lines.append(deduction(chain, known))
        if chain.chance(0.15):
            lines.append(Line(rng.choice(["adjustment", "prepayment"]), "", -chain.cents(1, 80)))
        if not lines:
            continue
        no = chain.number("DZ")
        versions = [(known, lines)]
        if chain.chance(0.25) and known < chain.days - 2:
            versions.append((chain.day(known + 1, known + 14), _restated(chain, lines, known)))
        chain.statements[no] = Statement(no, rng.choice(["HO", "HO", "S1"]), versions)


def _restated(chain: Chain, lines: list[Line], known: int) -> list[Line]:
    """Lines that went, changed their amount or are new."""
    found = []
    for line in lines:
        if chain.chance(0.75):
            found.append(line)
        elif chain.chance(0.6):
            factor = chain.rng.randint(50, 130)
            found.append(replace(line, amount=(line.amount * factor / 100).quantize(CENT)))
    if chain.chance(0.4) or not found:
        found.append(deduction(chain, known))
    return found


def pay(chain: Chain) -> None:
    """Payments of every kind."""
    chain.names_papers = chain.chance(0.4)
    statements = list(chain.statements.values())
    for statement in statements:
        for _ in range(chain.rng.choice([1, 1, 1, 0, 2])):
            _pay_statement(chain, statement, statements)
    for invoice in chain.invoices.values():
        if chain.chance(0.15) and invoice.amount > 0:
            amount = max(invoice.amount - chain.rng.choice([ZERO, chain.cents(0, 2)]), CENT)
            known = chain.day(invoice.known, invoice.known + 12)
            _book(chain, known, amount, f"货款 {invoice.no}")
    for item_id, item in chain.openings.items():
        if chain.chance(0.6) and item["versions"][0][1] > 0:
            part = chain.rng.choice([ZERO, ZERO, CENT, chain.cents(1, 20)])
            amount = max(item["versions"][0][1] - part, CENT)
            _book(chain, chain.day(0, chain.days), amount, f"货款 {item['document_no']}")
            del item_id
    if chain.names_papers:
        return
    if chain.chance(0.2):  # nobody knows who, nor what for
        payment = _book(chain, chain.day(5, chain.days), chain.cents(50, 900), "货款", payer=None)
        if chain.chance(0.5):
            chain.cash_decisions.append(
                (chain.day(payment.known + 1, chain.days), payment.no, "assign",
                 chain.customer("HO"))
            )  # fmt: skip
    if chain.chance(0.2):
        _book(chain, chain.day(5, chain.days), chain.cents(1000, 9000), "预付款")
    _decide_on_cash(chain)


def _net(statement: Statement, day: int) -> object:
    separate = "paid_separately"
    return sum(
        (
            line.amount
            for line in statement.lines(day)
            if (line.settled_as or (separate if line.name == "SEP" else None)) != separate
        ),
        ZERO,
    )


def _pay_statement(chain: Chain, statement: Statement, others: list[Statement]) -> None:
    rng = chain.rng
    known = chain.day(statement.versions[0][0] - 1, statement.versions[0][0] + 14)
    net = _net(statement, max(known, statement.versions[0][0]))
    if net <= 0:
        return
    off = rng.choice([ZERO, ZERO, ZERO, CENT * 30, CENT * 100, CENT * 101, CENT * 2500,
                      -CENT * 1000, net * 2 / 3])  # fmt: skip
    amount = max((net - off).quantize(CENT), CENT)
    kind = rng.random() * (0.72 if chain.names_papers else 1)
    if kind < 0.45:
        payment = _book(chain, known, amount, f"货款 {statement.no}")
    elif kind < 0.55:
        other = rng.choice(others)
        both = amount + max(_net(other, known), ZERO)
        payment = _book(chain, known, both, f"货款 {statement.no}、{other.no}")
    elif kind < 0.72:
        payment = _book(chain, known, amount, _advise(chain, statement, known, amount))
    else:
        payment = _book(chain, known, net, "货款", purpose=statement.no)
    fate = rng.random()
    if fate < 0.1 and known < chain.days - 3:  # the bank line stands in a second export
        chain.again.append((chain.day(known + 1, known + 5), payment))
    elif fate < 0.22 and known < chain.days - 3:
        back = chain.day(known + 1, known + 6)
        memo = rng.choice(["冲正", "退款"])
        _book(chain, back, -payment.amount, memo, payer=payment.payer)
        if chain.chance(0.6):
            _book(chain, chain.day(back, back + 4), payment.amount, payment.memo)


def _advise(chain: Chain, statement: Statement, known: int, amount) -> str:
    """An advice over a statement, an invoice and a fee; the memo that names it."""
    no = chain.number("FK")
    lines = [AdviceLine("statement", statement.no, amount)]
    if chain.invoices and chain.chance(0.4):
        invoice = chain.rng.choice(list(chain.invoices.values()))
        if invoice.amount > 0:
            lines.append(AdviceLine("invoice", invoice.no, invoice.amount))
    while chain.chance(0.4):
        of = chain.rng.choice([None, statement.no, statement.no])
        store = chain.rng.choice([None, None, *STORES])
        code = chain.rng.choice([*chain.usual_fees, "PCT", "EVENT", "NONE"])
        lines.append(AdviceLine("fee", code, -chain.cents(1, 40), of, store))
    chain.advices[no] = (chain.day(max(known - 3, 0), known + 4), lines)
    return f"付款通知单 {no}"


def _book(
    chain: Chain, known: int, amount, memo: str, payer: str | None = "", purpose: str = ""
) -> Payment:
    payer = chain.rng.choice(PAYERS) if payer == "" else payer
    payment = Payment(chain.number("T"), known, amount, memo, payer, purpose)
    chain.payments.append(payment)
    return payment


def promise(chain: Chain) -> None:
    """Promises to pay: around what is paid, far beyond it, and for nothing; some are changed."""
    rng = chain.rng
    paid = [each for each in chain.payments if each.amount > 0 and each.payer]
    rng.shuffle(paid)
    for payment in paid[: rng.randint(0, 4)]:
        promised = max(payment.known - rng.randint(0, 12), 0)
        amount = (payment.amount * rng.choice([50, 100, 100, 100, 130]) / 100).quantize(CENT)
        pay_by = payment.known + rng.choice([-2, 0, 0, 3, 9])
        _promise(chain, payment.payer or "HO", promised, max(pay_by, promised), amount)
    if chain.chance(0.3):
        promised = rng.randint(0, chain.days - 3)
        payer = rng.choice(PAYERS)
        _promise(chain, payer, promised, promised + rng.randint(1, 9), chain.cents(50, 5000))


def _promise(chain: Chain, customer: str, promised: int, pay_by: int, amount) -> None:
    if (customer, promised, pay_by) in {(p.customer, p.promised, p.pay_by) for p in chain.promises}:
        return
    known = chain.day(promised, promised + 3)
    versions = [(known, amount)]
    if chain.chance(0.15) and known < chain.days - 2:
        versions.append((chain.day(known + 1, known + 8), (amount / 2).quantize(CENT)))
    chain.promises.append(Promise(customer, promised, pay_by, versions))


def _decide_on_cash(chain: Chain) -> None:
    """What people say of payments: right, wrong, and not to be understood."""
    rng = chain.rng
    for payment in list(chain.payments):
        if payment.amount > 0 and chain.chance(0.1):
            made = chain.day(payment.known + 1, payment.known + 15)
            papers = [*chain.statements, *chain.invoices, *chain.receipts]
            decision = rng.choice(["match to", "match to", "unmatch", "oldest_first", "nonsense"])
            target = rng.choice(papers) if decision == "match to" and papers else None
            if made > payment.known:
                chain.cash_decisions.append((made, payment.no, decision, target))


def decide(chain: Chain) -> None:
    """What people say of deductions."""
    for statement in chain.statements.values():
        for known, lines in statement.versions:
            for place, line in enumerate(lines, start=1):
                while line.kind == "deduction" and chain.chance(0.3):
                    made = chain.day(known, chain.days)
                    amount = chain.rng.choice([None, chain.cents(1, 40)])
                    said = chain.rng.choice(["accept", "write_off", "reopen", "dispute"])
                    unit = f"{statement.no}#{place}"
                    if made not in {day for day, _, _ in chain.fee_decisions[unit]}:
                        chain.fee_decisions[unit].append((made, said, amount))


def open_before(chain: Chain) -> None:
    """Items open before the first day; a later list may change one."""
    for count in range(chain.rng.choice([0, 0, 1, 2])):
        amount = chain.cents(30, 700) * (-1 if chain.chance(0.15) else 1)
        known = chain.rng.choice([0, 0, 0, 9])
        versions = [(known, amount)]
        if chain.chance(0.25):
            changed = (amount * chain.rng.randint(30, 130) / 100).quantize(CENT)
            versions.append((chain.day(known + 1, chain.days), changed))
        no = chain.number("QC")
        chain.openings[f"{no}-{count}"] = {
            "document_no": no, "customer": chain.rng.choice(["HO", *STORES]),
            "on": -chain.rng.randint(1, 200), "due": chain.rng.choice([None, -5, 20]),
            "versions": versions, "is_invoiced": chain.chance(0.7),
        }  # fmt: skip

"""A random chain as rows of the received tables."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from assets.received.inbox import flags_schema
from receivables.contracts import KINDS
from tests.soak.goods import FOREVER, REGIONS
from tests.soak.model import ARTICLES, FIRST, LONG_AGO, Chain, lines_of, on
from tests.support import World, day

Rows = dict[str, list[dict[str, Any]]]
LEVELS = {"HO": "head_office", "DC": "dc"}


def send(chains: list[Chain], world: World) -> None:
    """Fill the received tables with all papers; which days they are of, the window decides."""
    rows: Rows = defaultdict(list)
    parts = (_customers, _agreements, _goods, _invoices, _statements, _money, _decisions)
    for part in parts:
        for chain in chains:
            part(chain, rows)
    rows["products"] = [
        {
            "known_on": on(article.known), "sku": sku, "product_name": sku, "tax_rate": "0.13",
            "category": article.category,
        }
        for sku, article in ARTICLES.items()
    ]  # fmt: skip
    for kind, found in rows.items():
        _fill(world, kind, found)


def _fill(world: World, kind: str, rows: list[dict[str, Any]]) -> None:
    contract = KINDS[kind]
    schema = {**flags_schema(contract), **contract.polars_schema}
    rows = [
        {"file_id": f"{kind} {row['known_on']}", "row_no": number, "is_duplicate": False,
         "is_standing": True, **row}
        for number, row in enumerate(rows, start=1)
    ]  # fmt: skip
    world.have(f"received.{kind}")
    frame = pl.DataFrame(rows, schema=schema)
    world.connection.register("incoming_frame", frame.to_arrow())
    world.connection.execute(f"insert into received.{kind} by name select * from incoming_frame")
    world.connection.unregister("incoming_frame")


def _customers(chain: Chain, rows: Rows) -> None:
    for code, region in REGIONS.items():
        rows["customers"].append(
            {
                "known_on": FIRST, "customer_id": chain.customer(code),
                "customer_name": f"Shop {chain.customer(code)}", "chain_id": chain.chain_id,
                "level": LEVELS.get(code, "branch"), "region": region, "channel": "chain",
                "head_office_id": None if code == "HO" else chain.customer("HO"),
            }
        )  # fmt: skip
        rows["customer_aliases"].append(
            {
                "known_on": FIRST, "chain_id": chain.chain_id, "alias_kind": "store_code",
                "alias": code, "customer_id": chain.customer(code),
            }
        )  # fmt: skip


def _agreements(chain: Chain, rows: Rows) -> None:
    for each in chain.agreements:
        rows["settlement_agreements"].append(
            {
                "known_on": on(each.known), "agreement_id": each.no, "chain_id": chain.chain_id,
                "region": each.region, "category": each.category,
                "customer_id": each.store and chain.customer(each.store),
                "pattern": each.pattern, "debtor_id": each.debtor and chain.customer(each.debtor),
                "term_kind": each.term_kind, "term_days": each.term_days,
                "batch_lag": each.batch_lag,
                "pay_days": ";".join(map(str, each.pay_days)) or None,
                "statement_days": ";".join(map(str, each.statement_days)) or None,
                "valid_from": _from(each.since), "valid_to": _until(each.until),
            }
        )  # fmt: skip
    for fee in chain.fees:
        rows["deduction_agreements"].append(
            {
                "known_on": on(fee.known), "agreement_id": fee.no, "chain_id": chain.chain_id,
                "customer_id": fee.store and chain.customer(fee.store), "fee_code": fee.code,
                "fee_name": fee.code, "basis": fee.basis, "rate_or_amount": fee.rate,
                "cap": fee.cap, "cap_period": fee.cap_period, "kind": fee.kind,
                "valid_from": _from(fee.since), "valid_to": _until(fee.until),
            }
        )  # fmt: skip


def _from(number: int) -> date:
    return day("2020-01-01") if number == LONG_AGO else on(number)


def _until(number: int) -> date | None:
    return None if number == FOREVER else on(number)


def _goods(chain: Chain, rows: Rows) -> None:
    for order_no, order in chain.orders.items():
        paper = {"chain_id": chain.chain_id, "store_code": order["store"], "order_no": order_no}
        skus = order["skus"]
        if order["known"] is not None:
            stores = order["split"] or [None]
            parts = [(order["amount"] / len(stores)).quantize(order["amount"]) for _ in stores]
            parts[-1] = order["amount"] - sum(parts[:-1])
            shares = zip(stores, parts, strict=True)
            for store, of in ((store, line) for store, part in shares for line in _of(skus, part)):
                head = {"known_on": on(order["known"]), "order_date": on(order["on"])}
                rows["orders"].append({**paper, **head, "for_store_code": store, **of})
        if order["delivered"] is not None:
            for of in _of(skus, order["amount"]):
                rows["deliveries"].append(
                    {
                        **paper, "known_on": on(order["delivery_known"]), **of,
                        "delivery_no": order["delivery_no"],
                        "delivery_date": on(order["delivered"]),
                    }
                )  # fmt: skip
    for receipt in chain.receipts.values():
        for known, amount in receipt.versions:
            for of in _of(receipt.skus, amount):
                rows["goods_receipts"].append(
                    {
                        "chain_id": chain.chain_id, "known_on": on(known), **of,
                        "store_code": receipt.store, "receipt_no": receipt.no,
                        "order_no": receipt.order_no, "receipt_date": on(receipt.on),
                        "receipt_kind": "return" if amount < 0 else "receipt",
                    }
                )  # fmt: skip


def _of(skus: tuple[str, ...], amount: Decimal) -> list[dict[str, Any]]:
    """The lines of goods of an amount."""
    return [
        {"line_no": place, "sku": sku, "quantity": units, "amount": part}
        for place, (sku, units, part) in enumerate(lines_of(skus, amount), start=1)
    ]


def _invoices(chain: Chain, rows: Rows) -> None:
    for invoice in chain.invoices.values():
        paper = {
            "known_on": on(invoice.known), "invoice_no": invoice.no, "amount": invoice.amount,
            "amount_excl_tax": invoice.amount, "tax": 0, "issued_on": on(invoice.known),
            "is_red": invoice.amount < 0, "red_of_invoice_no": invoice.red_of, "status": "normal",
            "buyer_name": f"Shop {chain.customer(invoice.buyer)}",
        }  # fmt: skip
        rows["invoices"].append(paper)
        if invoice.void is not None:
            rows["invoices"].append({**paper, "known_on": on(invoice.void), "status": "void"})
        if invoice.covers:
            application_no = f"SQ{invoice.no}"
            for place, (receipt_no, amount) in enumerate(invoice.covers, start=1):
                del place
                rows["invoice_applications"].append(
                    {
                        "known_on": on(invoice.applied), "application_no": application_no,
                        "applied_on": on(invoice.applied), "chain_id": chain.chain_id,
                        "store_code": chain.receipts[receipt_no].store, "receipt_no": receipt_no,
                        "amount": amount, "invoice_no": invoice.no,
                    }
                )  # fmt: skip
        if invoice.handed_over is not None:
            handed_over = on(invoice.handed_over)
            rows["invoice_handovers"].append(
                {"known_on": handed_over, "invoice_no": invoice.no, "handed_over_on": handed_over}
            )


def _statements(chain: Chain, rows: Rows) -> None:
    for statement in chain.statements.values():
        for known, lines in statement.versions:
            for place, line in enumerate(lines, start=1):
                is_fee = line.kind == "deduction"
                receipt = chain.receipts.get(line.name)
                dated = receipt.on if receipt else line.on
                rows["statements"].append(
                    {
                        "known_on": on(known), "chain_id": chain.chain_id,
                        "statement_no": statement.no, "party_code": statement.party,
                        "period_end": on(statement.versions[0][0]), "line_no": place,
                        "line_kind": line.kind, "store_code": line.store,
                        "fee_code": line.name if is_fee else None,
                        "receipt_no": receipt and receipt.no,
                        "document_date": None if dated is None else on(dated),
                        "deduction_kind": line.settled_as, "amount": line.amount,
                    }
                )  # fmt: skip


def _money(chain: Chain, rows: Rows) -> None:
    for no, (known, lines) in chain.advices.items():
        for place, line in enumerate(lines, start=1):
            fields = {"statement": "statement_no", "invoice": "invoice_no", "fee": "fee_code"}
            rows["remittance_advices"].append(
                {
                    "known_on": on(known), "chain_id": chain.chain_id, "advice_no": no,
                    "line_no": place, "paid_on": on(known), "statement_no": line.statement,
                    "store_code": line.store, fields[line.kind]: line.name, "amount": line.amount,
                }
            )  # fmt: skip
    for promise in chain.promises:
        for known, amount in promise.versions:
            rows["promises"].append(
                {
                    "known_on": on(known), "customer_id": chain.customer(promise.customer),
                    "promised_on": on(promise.promised), "pay_by": on(promise.pay_by),
                    "amount": amount,
                }
            )  # fmt: skip
    sent = [(payment.known, payment, False) for payment in chain.payments]
    for known, payment, is_again in [*sent, *((day_, each, True) for day_, each in chain.again)]:
        payer = f"Shop {chain.customer(payment.payer)}" if payment.payer else f"Nobody {payment.no}"
        rows["bank_receipts"].append(
            {
                "known_on": on(known), "account_no": "ACC", "transaction_no": payment.no,
                "received_on": on(payment.known), "amount": payment.amount, "payer_name": payer,
                "memo": payment.memo, "is_duplicate": is_again, "is_standing": not is_again,
            }
        )  # fmt: skip
    for item_id, item in chain.openings.items():
        for known, amount in item["versions"]:
            rows["opening_items"].append(
                {
                    "known_on": on(known), "item_id": item_id, "balance": amount,
                    "customer_id": chain.customer(item["customer"]),
                    "document_no": item["document_no"], "document_on": on(item["on"]),
                    "due_on": None if item["due"] is None else on(item["due"]),
                    "is_invoiced": item["is_invoiced"],
                }
            )  # fmt: skip


def _decisions(chain: Chain, rows: Rows) -> None:
    for unit, decisions in chain.fee_decisions.items():
        paper_no, line_no = unit.split("#")
        for made, decision, amount in decisions:
            rows["decisions"].append(
                {
                    "known_on": on(made), "subject_kind": "deduction",
                    "subject_id": chain.deduction_id(paper_no, int(line_no)),
                    "decision": decision, "amount": amount, "decided_by": "Lin",
                    "decided_on": on(made),
                }
            )  # fmt: skip
    said = set()
    for made, payment_no, decision, target in chain.cash_decisions:
        if (made, payment_no) not in said:
            said.add((made, payment_no))
            rows["decisions"].append(
                {
                    "known_on": on(made), "subject_kind": "cash", "subject_id": payment_no,
                    "decision": decision, "target_id": target, "decided_by": "Lin",
                    "decided_on": on(made),
                }
            )  # fmt: skip

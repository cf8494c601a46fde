"""A random chain as rows of the received tables."""

from collections import defaultdict
from typing import Any

import polars as pl

from assets.received.inbox import flags_schema
from receivables.contracts import KINDS
from tests.soak.goods import FOREVER, REGIONS
from tests.soak.model import FIRST, LONG_AGO, Chain, on
from tests.soak.money import FEES
from tests.support import World, day

Rows = dict[str, list[dict[str, Any]]]
LEVELS = {"HO": "head_office", "DC": "dc"}


def send(chains: list[Chain], world: World) -> None:
    """Fill the received tables with all papers; which days they are of, the window decides."""
    rows: Rows = defaultdict(list)
    for chain in chains:
        for part in (_customers, _agreements, _goods, _invoices, _statements, _money, _decisions):
            part(chain, rows)
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
                "region": each.region,
                "customer_id": each.store and chain.customer(each.store),
                "pattern": each.pattern, "debtor_id": each.debtor and chain.customer(each.debtor),
                "term_kind": each.term_kind, "term_days": each.term_days,
                "batch_lag": each.batch_lag,
                "pay_days": ";".join(map(str, each.pay_days)) or None,
                "statement_days": ";".join(map(str, each.statement_days)) or None,
                "valid_from": day("2020-01-01") if each.since == LONG_AGO else on(each.since),
                "valid_to": None if each.until == FOREVER else on(each.until),
            }
        )  # fmt: skip
    for code, (basis, rate, cap, period, kind) in FEES.items():
        rows["deduction_agreements"].append(
            {
                "known_on": FIRST, "agreement_id": f"{code} {chain.chain_id}",
                "chain_id": chain.chain_id, "fee_code": code, "fee_name": code, "basis": basis,
                "rate_or_amount": rate, "cap": cap, "cap_period": period, "kind": kind,
                "valid_from": day("2026-01-01"),
            }
        )  # fmt: skip


def _goods(chain: Chain, rows: Rows) -> None:
    own = {"chain_id": chain.chain_id, "line_no": 1, "sku": "A1"}
    for order_no, order in chain.orders.items():
        paper = {**own, "store_code": order["store"], "order_no": order_no}
        if order["known"] is not None:
            stores = order["split"] or [None]
            parts = [(order["amount"] / len(stores)).quantize(order["amount"]) for _ in stores]
            parts[-1] = order["amount"] - sum(parts[:-1])
            for place, (store, part) in enumerate(zip(stores, parts, strict=True), start=1):
                rows["orders"].append(
                    {
                        **paper, "known_on": on(order["known"]), "order_date": on(order["on"]),
                        "line_no": place, "for_store_code": store, "quantity": part, "amount": part,
                    }
                )  # fmt: skip
        if order["delivered"] is not None:
            rows["deliveries"].append(
                {
                    **paper, "known_on": on(order["delivery_known"]),
                    "delivery_no": order["delivery_no"], "delivery_date": on(order["delivered"]),
                    "quantity": order["amount"], "amount": order["amount"],
                }
            )  # fmt: skip
    for receipt in chain.receipts.values():
        for known, amount in receipt.versions:
            rows["goods_receipts"].append(
                {
                    **own, "known_on": on(known), "store_code": receipt.store,
                    "receipt_no": receipt.no, "order_no": receipt.order_no,
                    "receipt_kind": "return" if amount < 0 else "receipt",
                    "receipt_date": on(receipt.on), "quantity": amount, "amount": amount,
                }
            )  # fmt: skip


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
                rows["statements"].append(
                    {
                        "known_on": on(known), "chain_id": chain.chain_id,
                        "statement_no": statement.no, "party_code": statement.party,
                        "period_end": on(statement.versions[0][0]), "line_no": place,
                        "line_kind": line.kind, "store_code": line.store,
                        "fee_code": line.name if is_fee else None,
                        "receipt_no": receipt and receipt.no,
                        "document_date": receipt and on(receipt.on), "amount": line.amount,
                    }
                )  # fmt: skip


def _money(chain: Chain, rows: Rows) -> None:
    for no, (known, lines) in chain.advices.items():
        for place, (kind, name, amount) in enumerate(lines, start=1):
            field = {"statement": "statement_no", "invoice": "invoice_no", "fee": "fee_code"}[kind]
            rows["remittance_advices"].append(
                {
                    "known_on": on(known), "chain_id": chain.chain_id, "advice_no": no,
                    "line_no": place, "paid_on": on(known), field: name, "amount": amount,
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

"""A small chain and its papers, for table tests of matching, settlement and the ledger."""

from decimal import Decimal
from functools import cache
from typing import Any

from tests.support import World, upstream

FLOW = upstream(
    "matched.links",
    "settled.open_items",
    "settled.unapplied_cash",
    stages=("matched", "settled"),
)


PROGRESS = upstream(
    "matched.exceptions",
    "matched.closed_exceptions",
    "matched.suspected_matches",
    "matched.decision_results",
    stages=("matched",),
)


@cache
def leading_to(*tables: str) -> list[str]:
    """The tables of matched and settled that lead to the given ones."""
    return upstream(*tables, stages=("matched", "settled"))


class Chain:
    """A chain with head office HO and stores S1, S2 on one agreement; papers are added by day.

    Several chains may stand in one world: each but C has its chain id before the ids of its
    customers, and the test computes `START` when all are there.
    """

    START = ("staged.store_terms", "staged.decision_words")

    def __init__(
        self,
        pattern: str = "branch_branch",
        apart: bool = False,
        chain_id: str = "C",
        world: World | None = None,
        **terms: Any,
    ) -> None:
        self.world = world or World(apart=apart)
        self.chain_id = chain_id
        self._decisions = 0
        head_office = self.customer("HO")
        for code, level in (("HO", "head_office"), ("S1", "branch"), ("S2", "branch")):
            customer_id = self.customer(code)
            self.world.given(
                "staged.customers",
                [
                    {
                        "known_on": "05-01",
                        "customer_id": customer_id,
                        "chain_id": chain_id,
                        "customer_name": f"Shop {customer_id}",
                        "level": level,
                        "head_office_id": None if level == "head_office" else head_office,
                        "channel": "chain",
                    }
                ],
            )
            self.world.given(
                "staged.store_codes",
                [
                    {
                        "known_on": "05-01",
                        "chain_id": chain_id,
                        "store_code": code,
                        "store_id": customer_id,
                        "valid_from": "0001-01-01",
                        "valid_to": "9999-12-31",
                    }
                ],
            )
        self.agreement(pattern=pattern, **terms)
        if world is None:
            self.world.run(*self.START, day_from="05-01")

    def customer(self, code: str) -> str:
        """The id of a customer of the chain."""
        return code if self.chain_id == "C" else f"{self.chain_id}-{code}"

    def agreement(self, **fields: Any) -> "Chain":
        row = {
            "known_on": "05-01",
            "agreement_id": "A1" if self.chain_id == "C" else f"A1 {self.chain_id}",
            "chain_id": self.chain_id,
            "term_kind": "receipt",
            "term_days": 30,
            "valid_from": "2020-01-01",
            **fields,
        }
        self.world.given("staged.settlement_agreements", [row])
        return self

    def order(self, no: str, amount: Any, on: str = "05-01", **fields: Any) -> "Chain":
        return self._paper(
            "orders",
            on,
            **{"order_no": no, "amount": amount, "order_date": on, "is_cancelled": False, **fields},
        )

    def delivery(self, no: str, amount: Any, on: str = "05-02", **fields: Any) -> "Chain":
        return self._paper(
            "deliveries", on, delivery_no=no, amount=amount, delivery_date=on, **fields
        )

    def receipt(self, no: str, amount: Any, on: str = "05-03", **fields: Any) -> "Chain":
        return self._paper(
            "goods_receipts",
            on,
            receipt_no=no,
            amount=amount,
            receipt_date=on,
            is_return=Decimal(str(amount)) < 0,
            **fields,
        )

    def application(
        self,
        no: str,
        receipt_no: str,
        amount: Any,
        invoice_no: str | None,
        on: str = "05-10",
        **fields: Any,
    ) -> "Chain":
        return self._paper(
            "invoice_applications",
            on,
            application_no=no,
            line_no=1,
            applied_on=on,
            receipt_no=receipt_no,
            amount=amount,
            invoice_no=invoice_no,
            **fields,
        )

    def invoice(self, no: str, amount: Any, on: str = "05-10", **fields: Any) -> "Chain":
        row = {
            "known_on": on,
            "invoice_no": no,
            "amount": amount,
            "issued_on": on,
            "status": "normal",
            "is_red": False,
            "chain_id": self.chain_id,
            "buyer_id": self.customer("S1"),
            "buyer_name": f"Shop {self.customer('S1')}",
            **fields,
        }
        self.world.given("staged.invoices", [row])
        return self

    def handover(self, invoice_no: str, on: str) -> "Chain":
        self.world.given(
            "staged.invoice_handovers",
            [{"known_on": on, "invoice_no": invoice_no, "handed_over_on": on}],
        )
        return self

    def statement(
        self, no: str, lines: list[dict[str, Any]], on: str = "06-01", party: str = "HO"
    ) -> "Chain":
        rows = [
            {
                "known_on": on,
                "chain_id": self.chain_id,
                "statement_no": no,
                "line_no": number,
                "line_kind": "receipt",
                "period_end": "05-31",
                "party_code": party,
                **line,
            }
            for number, line in enumerate(lines, start=1)
        ]
        self.world.given("staged.statement_lines", rows)
        self.world.run("staged.statements", day_from=on)
        return self

    def payment(self, no: str, amount: Any, memo: str, on: str = "06-10", **fields: Any) -> "Chain":
        row = {
            "known_on": on,
            "account_no": "ACC",
            "transaction_no": no,
            "received_on": on,
            "amount": amount,
            "payer_name": f"Shop {self.customer('HO')}",
            "payer_id": self.customer("HO"),
            "chain_id": self.chain_id,
            "memo": memo,
            **fields,
        }
        self.world.given("staged.bank_receipts", [row])
        return self

    def decision(self, exception_id: str, decision: str, on: str, **fields: Any) -> "Chain":
        """What somebody decided on an exception, in a file of its own."""
        self._decisions += 1
        row = {
            "known_on": on,
            "subject_kind": "exception",
            "subject_id": exception_id,
            "decision": decision,
            "decided_by": "Lin",
            "decided_on": on,
            "file_id": f"decisions {self._decisions:02}",
            "row_no": 2,
            **fields,
        }
        self.world.given("received.decisions", [row])
        if row.get("is_standing", True):
            row = {key: value for key, value in row.items() if not key.startswith("is_")}
            self.world.given("staged.decisions", [row])
        return self

    def close(
        self, day_from: str = "05-01", until: str = "06-30", needed: tuple[str, ...] = ()
    ) -> World:
        """Compute matched and settled over a window, or only what leads to the tables needed."""
        self.world.have("staged.calendar")
        tables = leading_to(*needed) if needed else FLOW
        return self.world.run(*tables, day_from=day_from, until=until)

    def progress(
        self, day_from: str = "05-01", until: str = "06-30", needed: tuple[str, ...] = ()
    ) -> World:
        """Compute order states, variances and exceptions over a window, or what is needed."""
        tables = leading_to(*needed) if needed else PROGRESS
        return self.world.run(*tables, day_from=day_from, until=until)

    def lines(self, kind: str, no: str, rows: list[dict[str, Any]], on: str) -> "Chain":
        """Lines of a paper, as received: `kind` is orders, deliveries or goods_receipts."""
        number = {"orders": "order_no", "deliveries": "delivery_no", "goods_receipts": "receipt_no"}
        date_field = {
            "orders": "order_date",
            "deliveries": "delivery_date",
            "goods_receipts": "receipt_date",
        }
        self.world.given(
            f"received.{kind}",
            [
                {
                    "known_on": on,
                    "chain_id": self.chain_id,
                    "store_code": "S1",
                    number[kind]: no,
                    date_field[kind]: on,
                    **row,
                }
                for row in rows
            ],
        )
        return self

    def _paper(self, kind: str, on: str, **fields: Any) -> "Chain":
        row = {
            "known_on": on,
            "chain_id": self.chain_id,
            "store_id": self.customer("S1"),
            "store_code": "S1",
            **fields,
        }
        if kind in ("orders", "deliveries", "goods_receipts"):
            row = {"lines_known_on": row["known_on"], **row}
        self.world.given(f"staged.{kind}", [row])
        return self


def side_by_side(count: int, pattern: str = "branch_branch", **terms: Any) -> list[Chain]:
    """Chains in one world, for a list of cases: C00, C01 and so on."""
    world = World()
    chains = [Chain(pattern, chain_id=f"C{no:02}", world=world, **terms) for no in range(count)]
    world.run(*Chain.START, day_from="05-01")
    return chains


def open_items(world: World, as_of: str, chain_id: str = "%") -> list[tuple[str, str, Any]]:
    """(kind, document, balance) of the items open on a day, by document."""
    rows = world.rows(
        "select item_kind, document_no, balance from settled.open_items "
        f"where as_of = date '2026-{as_of}' and chain_id like '{chain_id}' "
        "order by document_no, item_kind, balance"
    )
    return [(row["item_kind"], row["document_no"], row["balance"]) for row in rows]


def unapplied(world: World, as_of: str) -> Any:
    """Unapplied cash on a day."""
    rows = world.rows(
        "select coalesce(sum(amount), 0) as amount from settled.unapplied_cash "
        f"where as_of = date '2026-{as_of}'"
    )
    return rows[0]["amount"]

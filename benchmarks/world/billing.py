"""Invoice applications, invoices blue and red, hand-overs, and the papers about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random

from benchmarks.world.consigning import Consigning
from benchmarks.world.invoice_lines import (
    billed_lines,
    gross,
    invoice_lines,
    money,
    negated,
    red_remark,
)
from benchmarks.world.lists import listed_on
from benchmarks.world.looks.canonical import Row
from benchmarks.world.model import CENT, ZERO, Invoice, Line, Receipt, Story, after
from benchmarks.world.model import month_end as end_of_month
from benchmarks.world.parties import SWITCH_ON, SWITCHING_CHAIN, Customer, Parties, chain_plan
from benchmarks.world.settings import WorldSettings

Part = tuple[Receipt, Decimal]


@dataclass
class Billing:
    """Draws the invoices of a world whose goods have already moved."""

    settings: WorldSettings
    parties: Parties
    story: Story

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.settings.seed}/billing")
        self.serial = 0
        self.applications = 0
        self.voided = 0
        self.listed: dict[str, date] = {}
        self.consigning = Consigning(self.story)
        self.shipped = self.consigning.shipped

    def run(self) -> None:
        """Apply for, issue, reverse and hand over every invoice of the world."""
        batches = sorted(
            self._batches(),
            key=lambda item: (item[0], item[1][0].store.chain_id, item[1][0].number),
        )
        for day, receipts in batches:
            if day <= self.settings.last_day:
                self._bill(day, receipts)
        for receipt in self.story.receipts:
            if receipt.kind == "return":
                self._credit(receipt)
        self._allowances()
        for invoice in self.story.invoices:
            self._send_invoice(invoice, "normal", listed_on("invoices", invoice.issued_on))
            self._hand_over(invoice)
        self._send_reversals()

    def buyer(self, receipt: Receipt) -> Customer:
        """Who stands on the invoice: the debtor of the pattern in force on delivery."""
        store = receipt.store
        is_branch = chain_plan(store.chain_id).pattern == "branch_branch"
        shipped = self.shipped.get(receipt.order.number, receipt.order.day)
        if store.chain_id == SWITCHING_CHAIN and shipped >= SWITCH_ON:
            is_branch = False
        if store.customer_id == "YH-0016":
            return self.parties.get("YH-0015")
        return store if is_branch else self.parties.head_office(store.chain_id)

    def _batches(self) -> Iterable[tuple[date, list[Receipt]]]:
        """Receipts to bill together, with the day somebody applies for their invoice."""
        groups: dict[tuple[str, ...], list[Receipt]] = defaultdict(list)
        days: dict[tuple[str, ...], date] = {}
        for receipt in self.story.receipts:
            if receipt.kind == "return" or receipt.known_on is None:
                continue
            if receipt.known_on > self.settings.last_day:
                continue
            if self.rng.random() < 0.015:
                self.story.plant("never_applied", receipt.number)
                continue
            day, group = self._slot(receipt, receipt.known_on)
            key = (day.isoformat(), self.buyer(receipt).customer_id, *group)
            groups[key].append(receipt)
            days[key] = day
        for key, receipts in groups.items():
            yield days[key], receipts

    def _slot(self, receipt: Receipt, known_on: date) -> tuple[date, tuple[str, ...]]:
        store = receipt.store
        match chain_plan(store.chain_id).invoicing:
            case "store_half_month":
                middle = known_on.replace(day=15)
                end = middle if known_on <= middle else end_of_month(known_on)
                return after(end, 2), (store.code,)
            case "store_week":
                return after(known_on, 7 - known_on.weekday()), (store.code,)
            case "head_month":
                return after(end_of_month(known_on), 2), (store.region,)
            case _:
                return after(known_on, 1 + int(receipt.number[-2:]) % 4), (receipt.number,)

    def _bill(self, day: date, receipts: Sequence[Receipt]) -> None:
        """Apply for one invoice over these receipts; now and then for two.

        Goods on consignment are billed when they are sold, later than this world goes.
        """
        parts = [self._part(receipt, is_alone=len(receipts) == 1) for receipt in receipts]
        parts = [part for part in parts if not self.consigning.holds(part[0])]
        if not parts:
            return
        chain_id = receipts[0].store.chain_id
        if chain_id == "YH" and len(parts) >= 4 and self.rng.random() < 0.1:
            receipt, amount = parts[-1]
            half = (amount / 2).quantize(CENT)
            self.story.plant("receipt_on_two_invoices", receipt.number)
            self._issue(day, [*parts[:-1], (receipt, half)])
            self._issue(day, [(receipt, amount - half)])
            return
        if len(parts) > 1:
            self.story.plant("invoice_for_many_receipts", receipts[0].number)
        self._issue(day, parts)

    def _part(self, receipt: Receipt, is_alone: bool) -> Part:
        """How much of a receipt is billed: normally what was accepted."""
        chance = self.rng.random()
        if not is_alone or receipt.store.chain_id not in ("QL", "BS"):
            return receipt, receipt.amount
        if receipt.cause and receipt.delivery and chance < 0.4:
            billed = sum((line.amount for line in receipt.delivery.lines), ZERO)
            self.story.plant("invoice_at_delivered_value", receipt.number)
            return receipt, billed
        if chance > 0.985:
            self.story.plant("invoice_rounding", receipt.number)
            return receipt, receipt.amount - Decimal("0.02")
        return receipt, receipt.amount

    def _number(self) -> str:
        self.serial += 1
        return f"26997{self.serial + 410_000:015d}"

    def _issue(self, day: date, parts: list[Part]) -> None:
        rng, story = self.rng, self.story
        self.applications += 1
        application_no = f"KP{day:%y%m}{self.applications:05d}"
        buyer = self.buyer(parts[0][0])
        if rng.random() < 0.006:
            self._send_application(application_no, day, buyer, parts, None, day)
            story.plant("applied_never_invoiced", application_no)
            return
        issued_on = after(day, rng.randint(0, 2))
        if issued_on.weekday() == 6:
            issued_on = after(issued_on, 1)
        invoice = self._blue(buyer, issued_on, parts, application_no)
        fate = rng.random()
        wrong = None
        if fate < 0.012:
            wrong = self._other_title(parts[0][0], buyer)
            invoice.buyer = wrong
            story.plant("wrong_invoice_title", invoice.number)
        # Some forms come twice: when somebody applies, and again with the invoice number.
        comes_back = parts[0][0].store.chain_id == "QL" and rng.random() < 0.6
        if comes_back:
            self._send_application(application_no, day, buyer, parts, None, day)
            story.plant("application_comes_back", application_no)
        self._send_application(
            application_no, day, buyer, parts, invoice.number,
            after(issued_on, 1) if comes_back else issued_on,
        )  # fmt: skip
        if fate < 0.025 and len(parts) < 30:
            self._reverse(invoice, buyer, day)

    def _other_title(self, receipt: Receipt, buyer: Customer) -> Customer:
        head = self.parties.head_office(receipt.store.chain_id)
        return receipt.store if buyer.customer_id == head.customer_id else head

    def _blue(
        self, buyer: Customer, issued_on: date, parts: list[Part], application_no: str
    ) -> Invoice:
        number = self._number()
        lines: list[Line] = []
        for receipt, amount in parts:
            lines += billed_lines(receipt, amount)
        remark = parts[0][0].order.number if len(parts) == 1 else None
        rows = invoice_lines(number, lines, sum((amount for _, amount in parts), ZERO))
        invoice = Invoice(
            number, buyer, issued_on, gross(rows), rows, parts,
            remark=remark, application_no=application_no,
        )  # fmt: skip
        self.story.invoices.append(invoice)
        return invoice

    def _reverse(self, invoice: Invoice, buyer: Customer, day: date) -> None:
        """Void a paper invoice or reverse a digital one in full; then issue it again."""
        rng, story = self.rng, self.story
        red_on = after(invoice.issued_on, rng.randint(4, 18))
        if red_on.weekday() == 6:
            red_on = after(red_on, 1)
        again_on = after(red_on, rng.randint(0, 3))
        if listed_on("invoices", again_on) > self.settings.last_day:
            return
        invoice.is_reversed = True
        if len(invoice.parts) == 1 and self.voided < 3:
            self.voided += 1
            old, invoice.number = invoice.number, f"045128{self.voided:02d}"
            invoice.code = "9900261130"
            for row in invoice.lines:
                row["invoice_no"] = invoice.number
            for paper in story.papers:
                for row in paper.rows:
                    if row.get("invoice_no") == old:
                        row["invoice_no"] = invoice.number
            invoice.red_of = f"void on {red_on.isoformat()}"
            story.plant("void_invoice", invoice.number)
        else:
            red = Invoice(
                self._number(), invoice.buyer, red_on, -invoice.amount,
                [negated(row) for row in invoice.lines], [], red_of=invoice.number,
                remark=red_remark(invoice.number, self.serial),
            )  # fmt: skip
            for row in red.lines:
                row["invoice_no"] = red.number
            story.invoices.append(red)
            story.plant("red_invoice_full", red.number)
        fresh = self._blue(buyer, again_on, invoice.parts, invoice.application_no)
        self._send_application(
            invoice.application_no, day, buyer, invoice.parts, fresh.number, after(again_on, 1)
        )
        story.plant("invoice_issued_again", fresh.number)

    def _credit(self, sent_back: Receipt) -> None:
        """Bill a return by a red invoice that names the blue one of the original receipt."""
        if sent_back.known_on is None or self.rng.random() < 0.25:
            return
        blue = self._blue_of(sent_back)
        if blue is None:
            return
        issued_on = after(max(sent_back.known_on, blue.issued_on), self.rng.randint(2, 8))
        if listed_on("invoices", issued_on) > self.settings.last_day:
            return
        self.applications += 1
        application_no = f"KP{issued_on:%y%m}{self.applications:05d}"
        number = self._number()
        rows = invoice_lines(number, sent_back.lines, sent_back.amount)
        red = Invoice(
            number, blue.buyer, issued_on, sent_back.amount, rows,
            [(sent_back, sent_back.amount)], red_of=blue.number,
            remark=red_remark(blue.number, self.serial), application_no=application_no,
        )  # fmt: skip
        self.story.invoices.append(red)
        self._send_application(application_no, issued_on, blue.buyer, red.parts, number, issued_on)
        self.story.plant("red_invoice_for_return", number)

    def _blue_of(self, sent_back: Receipt) -> Invoice | None:
        for invoice in self.story.invoices:
            if invoice.is_reversed or invoice.red_of:
                continue
            if len(invoice.parts) > 12 or invoice.amount + sent_back.amount <= 0:
                continue
            if any(
                part.order is sent_back.order and part.kind == "receipt"
                for part, _ in invoice.parts
            ):
                return invoice
        return None

    def _allowances(self) -> None:
        """A few red invoices that allow a price difference and name no return."""
        plain = [
            invoice
            for invoice in self.story.invoices
            if len(invoice.parts) == 1
            and not invoice.red_of
            and not invoice.is_reversed
            and invoice.amount > 1000
            and invoice.parts[0][0].kind == "receipt"
            and invoice.parts[0][0].store.chain_id in ("QL", "BS")
        ]
        for invoice in plain[5::70]:
            issued_on = after(invoice.issued_on, 6)
            if issued_on.weekday() == 6:
                issued_on = after(issued_on, 1)
            if listed_on("invoices", issued_on) > self.settings.last_day:
                continue
            amount = Decimal("-113.00")
            number = self._number()
            row: Row = {
                "invoice_no": number, "line_no": 1, "description": "*折扣*价格折让", "sku": None,
                "quantity": None, "unit_price_excl_tax": None, "tax_rate": Decimal("0.13"),
                "amount_excl_tax": Decimal("-100.00"), "tax": Decimal("-13.00"),
            }  # fmt: skip
            red = Invoice(
                number, invoice.buyer, issued_on, amount, [row], [], red_of=invoice.number,
                remark=red_remark(invoice.number, self.serial),
            )  # fmt: skip
            invoice.allowance += amount
            self.story.invoices.append(red)
            self.story.plant("red_invoice_allowance", number)

    def _send_application(
        self,
        application_no: str,
        applied_on: date,
        buyer: Customer,
        parts: list[Part],
        invoice_no: str | None,
        known_on: date,
    ) -> None:
        rows: list[Row] = []
        for receipt, amount in parts:
            delivery = receipt.delivery
            has_note = delivery is not None and delivery.known_on is not None and len(parts) == 1
            rows.append(
                {
                    "application_no": application_no, "applied_on": applied_on,
                    "buyer_name": buyer.name, "chain_id": receipt.store.chain_id,
                    "store_code": receipt.store.code, "order_no": receipt.order.number,
                    "delivery_no": delivery.number if delivery and has_note else None,
                    "delivery_date": delivery.day if delivery and has_note else None,
                    "receipt_no": receipt.number, "amount": amount, "invoice_no": invoice_no,
                }
            )  # fmt: skip
        before = self.listed.get(application_no)
        if before is not None:
            known_on = max(known_on, after(before, 1))
        self.listed[application_no] = known_on = listed_on("invoice_applications", known_on)
        self.story.send("invoice_applications", (application_no,), known_on, rows)

    def _send_invoice(self, invoice: Invoice, status: str, known_on: date) -> bool:
        is_red = invoice.amount < 0
        row: Row = {
            "invoice_no": invoice.number, "invoice_code": invoice.code,
            "buyer_tax_id": invoice.buyer.tax_id, "buyer_name": invoice.buyer.name,
            "issued_on": invoice.issued_on,
            "amount_excl_tax": sum((money(x, "amount_excl_tax") for x in invoice.lines), ZERO),
            "tax": sum((money(x, "tax") for x in invoice.lines), ZERO),
            "amount": invoice.amount, "status": status, "is_red": is_red,
            "red_of_invoice_no": invoice.red_of if is_red else None, "remark": invoice.remark,
        }  # fmt: skip
        sent = self.story.send("invoices", (invoice.number,), known_on, [row])
        return self.story.send("invoice_lines", (invoice.number,), known_on, invoice.lines) and sent

    def _send_reversals(self) -> None:
        """A blue invoice appears again in the export that shows what became of it."""
        by_number = {invoice.number: invoice for invoice in self.story.invoices}
        latest: dict[str, tuple[date, str]] = {}
        for invoice in self.story.invoices:
            if invoice.code:
                day = date.fromisoformat(str(invoice.red_of).removeprefix("void on "))
                latest[invoice.number] = (listed_on("invoices", day), "void")
            elif invoice.amount < 0 and invoice.red_of:
                blue = by_number[invoice.red_of]
                status = "red_full" if invoice.amount == -blue.amount else "red_partial"
                day = listed_on("invoices", invoice.issued_on)
                if latest.get(blue.number, (date.min, ""))[0] < day:
                    latest[blue.number] = (day, status)
        for number, (day, status) in latest.items():
            if day > listed_on("invoices", by_number[number].issued_on):
                self._send_invoice(by_number[number], status, day)

    def _hand_over(self, invoice: Invoice) -> None:
        rng = self.rng
        if invoice.is_reversed and rng.random() < 0.7:
            return
        if rng.random() < 0.03:
            self.story.plant("never_handed_over", invoice.number)
            return
        handed_over_on = after(invoice.issued_on, rng.randint(2, 6))
        confirmed_on = None
        chain_id = invoice.buyer.chain_id
        if chain_id in ("LZ", "BS"):
            confirmed_on = after(handed_over_on, rng.randint(0, 3))
        row: Row = {
            "invoice_no": invoice.number, "handed_over_on": handed_over_on,
            "confirmed_on": confirmed_on, "received_by": "门户确认" if confirmed_on else "财务部",
        }  # fmt: skip
        day = listed_on("invoice_handovers", confirmed_on or handed_over_on)
        if confirmed_on and rng.random() < 0.2:
            unconfirmed = row | {"confirmed_on": None, "received_by": "前台"}
            self.story.send("invoice_handovers", (invoice.number,), day, [unconfirmed])
            day = after(day, 7)
            if day <= self.settings.last_day:
                self.story.plant("handover_confirmed_later", invoice.number)
        if self.story.send("invoice_handovers", (invoice.number,), day, [row]):
            invoice.handed_over_on = handed_over_on

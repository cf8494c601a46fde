"""A small closed day made by hand: the tables that packs and mails read, with figures that tie."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from io_managers.connection import configured
from io_managers.session import Session, Window
from receivables.home import REPOSITORY
from receivables.policy import Policy
from tests.reported.closed_accounts import ACCOUNT_COLUMNS, balance_rows, bucket_of
from tests.reported.closed_agreements import AGREEMENT_COLUMNS, agreement_rows
from tests.reported.closed_ratings import RATING_COLUMNS, review_rows
from tests.reported.closed_tables import COLUMNS

D = Decimal
DAY = date(2026, 8, 31)
POLICY = Policy.read(REPOSITORY / "config" / "policy.yaml")
SCORE = {"scale": 20, "sales": 25, "nature": 15, "record": 40}
PAID = (
    "91.2 % on time of 3,204.20 paid and 120.00 overdue, 12.4 days late on average, "
    "8,200.00 taken without agreement, 1 of 4 promises broken"
)
CITIES = ["上海", "杭州", "南京", "成都", "武汉", "西安"]

_TABLES = {**COLUMNS, **ACCOUNT_COLUMNS, **AGREEMENT_COLUMNS, **RATING_COLUMNS}

# the people responsible; mail to the last one's address is not allowed
MANAGERS = {
    "王建国": "Wang.JG@supplier.cn", "李秀英": "li.xy@supplier.cn", "张伟": "zhang.w@elsewhere.cn",
}  # fmt: skip


class ClosedDay:
    """The tables of `DAY` and the day before it; change `rows` before `build`."""

    def __init__(self, debtors: int = 4, stores: int = 3, items: int = 5) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {table: [] for table in _TABLES}
        for debtor in range(debtors):
            self._debtor(debtor, stores, items)
        for table, row in agreement_rows(DAY) if debtors else ():
            self._add(table, **row)
        self._money()
        self._work()

    def build(self) -> Session:
        """A session over the tables."""
        session = Session(configured(duckdb.connect(), POLICY))
        session.use(Window(DAY, DAY))
        for table, columns in _TABLES.items():
            frame = pl.DataFrame(self.rows[table], schema=columns)
            session.connection.execute(f"create schema if not exists {table.split('.')[0]}")
            session.connection.register("incoming_frame", frame.to_arrow())
            session.connection.execute(f"create table {table} as select * from incoming_frame")
            session.connection.unregister("incoming_frame")
        return session

    def _add(self, table: str, **row: Any) -> None:
        self.rows[table].append(row)

    def _debtor(self, number: int, stores: int, items: int) -> None:
        chain = ["YH", "HR", "JD", "BL", "KG"][number % 5]
        city = CITIES[number % len(CITIES)]
        debtor = f"{chain}-HO{number:03}"
        manager = [*MANAGERS, None][number % 4]
        self._customer(
            debtor, f"{city}永和超市有限公司（第{number + 1}公司）", chain, city, manager
        )
        for as_of in (DAY - timedelta(days=1), DAY):
            self._add(
                "rated.accounts",
                as_of=as_of,
                customer_id=debtor,
                customer_name=f"{city}永和超市有限公司（第{number + 1}公司）",
                manager=manager,
                manager_email=MANAGERS.get(manager),
            )
        before = after = D(0)
        for store in range(stores):
            store_id = f"{chain}-{number:03}{store:02}"
            self._customer(store_id, f"永和超市{city}成山路第{store + 1}店", chain, city, None)
            for item in range(items):
                balance = self._item(chain, debtor, store_id, number * 97 + store * 31 + item * 13)
                after += balance
                before += balance if item else D(0)
        self._add("aged.bridge", as_of=DAY, debtor_id=debtor, cause="opening", amount=before)
        self._add(
            "aged.bridge", as_of=DAY, debtor_id=debtor, cause="new_goods", amount=after - before
        )
        self._add("aged.bridge", as_of=DAY, debtor_id=debtor, cause="closing", amount=after)
        for table, row in balance_rows(DAY, chain, debtor, before, after):
            self._add(table, **row)
        self._rated(number, debtor, after, manager)

    def _customer(self, customer_id, name, chain, city, manager) -> None:
        self._add(
            "staged.customers",
            known_on=date(2026, 5, 1),
            customer_id=customer_id,
            customer_name=name,
            level="head_office" if manager else "branch",
            chain_id=chain,
            region=city,
            manager=manager,
        )
        group = f"{chain}-HO000" if "HO" in customer_id else customer_id
        self._add(
            "aged.parties",
            as_of=DAY,
            customer_id=customer_id,
            group_id=group,
            region=city,
            manager=manager,
        )

    def _item(self, chain: str, debtor: str, store: str, seed: int) -> Decimal:
        age = seed * 7 % 430
        is_invoiced = seed % 3 > 0
        due_on = DAY - timedelta(days=age - 45) if is_invoiced else None
        late = max(0, age - 45) if is_invoiced else 0
        balance = D(seed * 7919 % 4_000_000) / 100 + D("0.01")
        item = {
            "item_id": f"item-{store}-{seed}",
            "item_kind": "invoice" if is_invoiced else "uninvoiced",
            "chain_id": chain,
            "debtor_id": debtor,
            "store_id": store,
            "document_no": f"{26327000000742719331 + seed}" if is_invoiced else f"YS{seed:08}",
            "order_no": f"000{seed:06}",
            "receipt_no": f"YS{seed:08}",
            "document_on": DAY - timedelta(days=age),
            "due_on": due_on,
            "original_amount": balance,
            "balance": balance,
            "is_invoiced": is_invoiced,
        }
        receipt = {"known_on": item["document_on"], "chain_id": chain}
        self._add(
            "staged.goods_receipts",
            **receipt,
            receipt_no=item["receipt_no"],
            store_code=store[-2:],
            delivery_no=f"SH{seed:08}",
        )
        self._add(
            "staged.deliveries",
            **receipt,
            delivery_no=f"SH{seed:08}",
            delivery_date=item["document_on"] - timedelta(days=1),
        )
        self._add("settled.open_items", as_of=DAY, **item)
        self._add("settled.open_items", as_of=DAY - timedelta(days=1), **item)
        self._add(
            "settled.ledger",
            known_on=DAY - timedelta(days=age),
            effective_on=DAY - timedelta(days=age),
            debtor_id=debtor,
            amount=balance,
        )
        for as_of in (DAY - timedelta(days=1), DAY):
            for basis, days, first in (("overdue", late, "not_due"), ("document", age, "0-30")):
                self._add(
                    "aged.aging",
                    as_of=as_of,
                    debtor_id=debtor,
                    store_id=store,
                    chain_id=chain,
                    basis=basis,
                    bucket=bucket_of(days, first, basis),
                    is_invoiced=is_invoiced,
                    amount=balance,
                )
        return balance

    def _rated(self, number: int, debtor: str, exposure: Decimal, manager: str | None) -> None:
        points = [D(12) + number % 8, D(15) + number % 10, D(9), D(20) + number % 20]
        evidence = [
            "24 stores (60 %), 12,000 square metres (60 %), registered capital not known (0 %)",
            "class AA, 1,208,000.00 a month (90 %)",
            "private (60 %)",
            PAID,
        ]
        named = zip(SCORE, points, evidence, strict=True)
        parts = [
            {"part": part, "points": value, "weight": SCORE[part], "evidence": why}
            for part, value, why in named
        ]
        score = sum(points, D(0))
        tier = "A" if score >= 85 else "B" if score >= 70 else "C" if score >= 55 else "D"
        is_held = number % 4 == 1
        overdue = exposure / 4 // 1
        tiers = {
            "customer_id": debtor,
            "customer_class": "AA",
            "credit_tier": tier,
            "score": score,
            "score_parts": parts,
            "limit_basis": "own",
            "credit_limit": D(1_500_000),
            "exposure": exposure,
            "group_exposure": exposure * 2,
            "judged_exposure": exposure * 2,
            "open_receivables": exposure,
            "accepted_uninvoiced": D(0),
            "delivered_unreceived": D("100.10"),
            "unapplied_cash": D("100.10"),
            "overdue": overdue,
            "overdue_beyond_grace": overdue,
            "days_late": D("12.4"),
            "action": "hold" if is_held else "normal",
            "previous_tier": "B" if number % 3 == 0 else tier,
            "reason": f"tier {tier}: score {score}; limit 1.2 x 1,208.00 a month x 30/30 months "
            "= 1,449,600.00; approval AP-001 allows 1,500,000.00",
        }
        self._add("rated.credit_tiers", as_of=DAY, **tiers)
        for table, row in review_rows(DAY, number, manager, tiers, overdue + 100):
            self._add(table, **row)
        self._add(
            "rated.credit_tiers",
            **{**tiers, "as_of": DAY - timedelta(days=1), "credit_tier": "B"},
        )
        if is_held:
            self._add(
                "rated.holds",
                as_of=DAY,
                customer_id=debtor,
                action="hold",
                reason=f"{overdue:,.2f} overdue beyond 7 days of grace, the oldest since "
                "2026-06-10 (82 days)",
                amount=overdue,
                oldest_due_on=date(2026, 6, 10),
                release_when=f"{overdue:,.2f} is collected",
            )
            self._add(
                "rated.held_stores",
                as_of=DAY,
                chain_id=debtor[:2],
                store_id=f"{debtor[:2]}-{number:03}00",
                customer_id=debtor,
            )
        self._add(
            "warned.warnings",
            as_of=DAY,
            warning_id=f"w{number}",
            kind=["over_limit", "customer_lost", "sales_behind"][number % 3],
            customer_id=debtor,
            severity=["high", "medium", "low"][number % 3],
            first_on=DAY - timedelta(days=number % 9),
            state="cleared" if number % 7 == 6 else "standing",
            cleared_on=DAY if number % 7 == 6 else None,
            evidence="exposure 1,834,221.10 is 122.3 % of the limit of 1,500,000.00",
            owner="王建国",
            deadline=DAY + timedelta(days=7),
        )

    def _money(self) -> None:
        for number in range(3):
            self._add(
                "staged.bank_receipts",
                known_on=DAY,
                account_no="6222",
                transaction_no=f"T{number}",
                received_on=DAY,
                amount=D("1000.00"),
            )
        self._add(
            "settled.cash_applications",
            known_on=DAY,
            effective_on=DAY,
            transaction_no="T0",
            amount=D("2500.50"),
        )
        self._add(
            "settled.unapplied_cash",
            as_of=DAY,
            account_no="6222",
            transaction_no="T2",
            debtor_id=None,
            amount=D("499.50"),
            question="Who is the payer?",
        )
        self._add(
            "matched.cash_answers",
            known_on=DAY - timedelta(days=6),
            account_no="6222",
            transaction_no="T1",
            debtor_id="YH-HO000",
            verdict="applied",
            rule="item",
            evidence="the amount is what is open of invoice 123, and of no other",
            is_replacing=True,
            is_decision=False,
        )

    def _work(self) -> None:
        reasons = [
            ("unreceived", "无验收单", "unreceived"),
            ("short_received", "短收", "short received"),
            ("uninvoiced", "未开票", "uninvoiced"),
            ("price_difference", "价差", "price difference"),
        ]
        for number in range(12):
            row = {
                "exception_id": f"e{number:04}",
                "chain_id": "YH",
                "store_id": "YH-00000",
                "debtor_id": "YH-HO000",
                "order_no": f"=0000{number}",
                "document_no": f"=0000{number}",
                **dict(zip(("reason", "reason_zh", "reason_en"), reasons[number % 4], strict=True)),
                "amount": D(number * 1000) + D("12.34"),
                "opened_on": DAY - timedelta(days=number),
                "days_open": number,
                "owner": "仓库",
                "next_action": "向门店索要验收单，核对签收",
                "evidence": "delivered 8640.00 on 2026-08-20, no goods receipt",
            }
            self._add("matched.exceptions", as_of=DAY, **row)
            if number > 2:
                self._add("matched.exceptions", as_of=DAY - timedelta(days=1), **row)
        for reason, zh, en in reasons:
            self._add("matched.exception_reasons", reason=reason, reason_zh=zh, reason_en=en)
        self._add(
            "settled.disputes",
            as_of=DAY,
            deduction_id="d0001",
            chain_id="YH",
            debtor_id="YH-HO000",
            document_no="JS202607#12",
            fee_name="堆头费",
            amount=D("1500.00"),
            open_amount=D("1200.00"),
            taken_on=DAY - timedelta(days=20),
            days_open=20,
            claim="Statement JS202607 took 1500.00 for fee 堆头费. Please repay 1200.00.",
            claim_zh="结算单 JS202607 扣款 1500.00 元（堆头费）。请退还 1200.00 元。",
        )
        self._add(
            "matched.suspected_matches",
            as_of=DAY,
            suspect_id="s0001",
            chain_id="YH",
            from_kind="order",
            from_no="00012345",
            to_kind="delivery",
            to_no="SH2026080001",
            named_no="00012346",
            amount=D("8640.00"),
            score=D("0.85"),
            evidence="one sign differs",
        )
        self._add(
            "matched.closed_exceptions",
            known_on=DAY,
            exception_id="e9000",
            chain_id="YH",
            order_no="000900",
            document_no="000900",
            reason="unreceived",
            amount=D("120.00"),
            days_open=5,
            closed_because="accepted by 林会计 on 2026-08-30",
        )
        self._file("2026-08-31/订单.csv", "orders", 120, 118, 0, 2)
        self._file("2026-08-31/坏文件.xlsx", None, 0, 0, 0, 0, "不是有效的工作簿：压缩包已损坏")
        for row in (7, 9):
            self._add(
                "received.rejected_rows",
                known_on=DAY,
                path="2026-08-31/订单.csv",
                sheet="",
                row=row,
                field="amount",
                value="=十二",
                reason=f"第 {row} 行 amount：“=十二” 不是金额",
            )

    def _file(self, path, kind, rows_in, staged, duplicate, rejected, message=None) -> None:
        self._add(
            "received.files",
            known_on=DAY,
            path=path,
            kind=kind,
            rows_in=rows_in,
            rows_staged=staged,
            rows_duplicate=duplicate,
            rows_rejected=rejected,
            amount_in=D(rows_in),
            amount_staged=D(staged),
            amount_duplicate=D(duplicate),
            amount_rejected=D(rejected),
            message=message,
        )

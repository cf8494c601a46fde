"""The fictional supplier, its five chains, their stores and the terms agreed with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

SUPPLIER = "江岭食品贸易有限公司"
SUPPLIER_CODE = "G10086"
SUPPLIER_ACCOUNT = "32050161883600001234"
_CREDIT_CODE_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Customer:
    """A store, distribution centre or head office; `code` is what the chain calls it."""

    customer_id: str
    chain_id: str
    code: str
    name: str
    level: str
    head_office_id: str | None
    region: str
    tax_id: str
    account: str
    weight: int

    @property
    def place(self) -> str:
        """Code and name the way portals and delivery notes write them."""
        return f"{self.code}({self.name})"


@dataclass(frozen=True)
class ChainPlan:
    """What makes one chain different from the others.

    `share` is its part of all orders in percent; `lines` the usual number of order lines;
    `invoicing` how receipts are grouped on invoices; `statement` how often and for whom.
    """

    chain_id: str
    brand: str
    legal_name: str
    pattern: str
    ship_level: str
    share: int
    lines: tuple[int, int]
    term_kind: str
    term_days: int
    pay_days: str | None
    invoicing: str
    statement: str
    memo: str
    head_code: str
    store_codes: tuple[str, ...]
    regions: tuple[str, ...]


def _codes(first: int, step: int, count: int, form: str) -> tuple[str, ...]:
    return tuple(form.format(first + step * index) for index in range(count))


CHAINS: tuple[ChainPlan, ...] = (
    ChainPlan(
        "YH", "云禾超市", "云禾连锁超市有限公司", "branch_branch", "branch", 31, (1, 3),
        "monthly", 30, "10;25", "store_half_month", "store_month", "statement_no",
        "0000", _codes(1, 1, 16, "{:04d}"), ("江北", "江南"),
    ),
    ChainPlan(
        "QL", "青岚生活超市", "青岚生活超市管理有限公司", "branch_branch", "branch", 21, (1, 3),
        "receipt", 60, None, "receipt", "store_month", "invoice_no",
        "Q000", _codes(101, 1, 13, "Q{:03d}"), ("东区", "西区"),
    ),
    ChainPlan(
        "LZ", "澜舟大卖场", "澜舟商业集团有限公司", "branch_head", "branch", 28, (1, 3),
        "invoice", 45, "15", "store_week", "head_half_month", "advice_no",
        "8000", _codes(5015, 7, 18, "{:04d}"), ("华东", "华中"),
    ),
    ChainPlan(
        "XQ", "星渠便利", "星渠便利商业管理有限公司", "branch_head", "branch", 15, (1, 3),
        "monthly", 15, "5;20", "head_month", "head_month", "statement_no",
        "900000", _codes(1203, 11, 13, "{:06d}"), ("城东", "城西"),
    ),
    ChainPlan(
        "BS", "白石仓储会员店", "白石仓储商业有限公司", "head_head", "dc", 5, (3, 6),
        "receipt", 30, None, "receipt", "head_month", "invoice_no",
        "D00", _codes(1, 1, 2, "D{:02d}"), ("总部",),
    ),
)  # fmt: skip

_STORE_NAMES = (
    "青石路", "望江", "枫桥里", "银杏街", "东篱", "南塘", "梧桐湾", "锦鲤巷", "北辰坊", "观澜",
    "翠屏", "明德街", "鹿鸣", "紫藤园", "长堤", "清源里", "向阳桥", "竹海",
)  # fmt: skip
_RETAIL_SUFFIX = {"YH": "店", "QL": "生活馆", "LZ": "广场店", "XQ": "便利站", "BS": "配送中心"}


def chain_plan(chain_id: str) -> ChainPlan:
    """Return the plan of a chain by its id."""
    return next(plan for plan in CHAINS if plan.chain_id == chain_id)


def credit_code(rng: Random) -> str:
    """Return an invented unified social credit code with a correct check character.

    The region digits 99 belong to no province, so no real body can carry it.
    """
    body = "9199" + "".join(rng.choice("0123456789") for _ in range(4))
    body += "".join(rng.choice(_CREDIT_CODE_DIGITS) for _ in range(9))
    total = sum(_CREDIT_CODE_DIGITS.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + _CREDIT_CODE_DIGITS[(31 - total % 31) % 31]


@dataclass
class Parties:
    """All customers, by id and by chain."""

    supplier_tax_id: str
    customers: list[Customer] = field(default_factory=list)

    def get(self, customer_id: str) -> Customer:
        """Return a customer by id."""
        return next(c for c in self.customers if c.customer_id == customer_id)

    def head_office(self, chain_id: str) -> Customer:
        """Return the head office of a chain."""
        return self.get(f"{chain_id}-HO")

    def ship_to(self, chain_id: str) -> list[Customer]:
        """Return the stores (or distribution centres) a chain orders for."""
        return [c for c in self.customers if c.chain_id == chain_id and c.level != "head_office"]


def make_parties(seed: int) -> Parties:
    """Invent every customer of the world."""
    rng = Random(f"{seed}/parties")
    parties = Parties(supplier_tax_id=credit_code(rng))
    for plan in CHAINS:
        head_id = f"{plan.chain_id}-HO"
        parties.customers.append(
            Customer(
                head_id,
                plan.chain_id,
                plan.head_code,
                plan.legal_name,
                "head_office",
                None,
                plan.regions[0],
                credit_code(rng),
                _account(rng),
                0,
            )  # fmt: skip
        )
        for index, code in enumerate(plan.store_codes):
            name = _STORE_NAMES[index % len(_STORE_NAMES)] + _RETAIL_SUFFIX[plan.chain_id]
            parties.customers.append(
                Customer(
                    f"{plan.chain_id}-{code}",
                    plan.chain_id,
                    code,
                    f"{plan.brand}{name}",
                    plan.ship_level,
                    head_id,
                    plan.regions[index % len(plan.regions)],
                    credit_code(rng),
                    _account(rng),
                    rng.randint(2, 9),
                )  # fmt: skip
            )
    return parties


def _account(rng: Random) -> str:
    return "6200" + "".join(rng.choice("0123456789") for _ in range(15))


SWITCHING_CHAIN = "QL"
SWITCH_ON = date(2026, 7, 1)

# A store on trial: from this day on it keeps our goods on consignment and pays what it has sold.
CONSIGNED_STORE = "XQ-001302"
CONSIGNED_FROM = date(2026, 7, 1)
# A head office that never pays the cents of a sum.
WHOLE_YUAN_CHAIN = "BS"


@dataclass(frozen=True)
class Fee:
    """A fee the chain takes; without a rate nothing was agreed about it."""

    chain_id: str
    code: str
    name: str
    kind: str
    basis: str | None
    rate: Decimal | None
    cap: Decimal | None = None


FEES: tuple[Fee, ...] = (
    Fee("YH", "R01", "月度返利", "cash_deducted", "percent_of_net_purchases", Decimal("2.0000")),
    Fee("YH", "D01", "堆头陈列费", "cash_deducted", "fixed_per_month", Decimal("300.0000")),
    Fee("YH", "X09", "店庆赞助费", "cash_deducted", None, None),
    Fee("QL", "R01", "商品返利", "cash_deducted", "percent_of_net_purchases", Decimal("1.5000")),
    Fee("QL", "P05", "促销员管理费", "paid_separately", "fixed_per_month", Decimal("200.0000")),
    Fee("LZ", "1001", "商品返利", "invoice_deducted", "percent_of_net_purchases",
        Decimal("3.0000")),
    Fee("LZ", "1003", "端架陈列费", "cash_deducted", "fixed_per_month", Decimal("1500.0000")),
    Fee("LZ", "1008", "海报费", "cash_deducted", "fixed_per_event", Decimal("800.0000")),
    Fee("LZ", "1020", "违约金", "cash_deducted", None, None),
    Fee("LZ", "1015", "促销员服务费", "paid_separately", "fixed_per_month", Decimal("600.0000")),
    Fee("XQ", "2101", "配送服务费", "cash_deducted", "percent_of_net_purchases",
        Decimal("1.8000"), Decimal("2500.00")),
    Fee("XQ", "2104", "新品上架费", "cash_deducted", "fixed_per_event", Decimal("500.0000")),
    Fee("XQ", "2109", "损耗补差", "cash_deducted", None, None),
    Fee("BS", "B01", "会员店返利", "cash_deducted", "percent_of_net_purchases",
        Decimal("2.5000")),
    Fee("BS", "B07", "物流折扣", "cash_deducted", "percent_of_net_purchases", Decimal("1.0000")),
)  # fmt: skip

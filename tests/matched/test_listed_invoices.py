"""Invoices that a chain lists with a statement confirm or contradict what they are linked to."""

import pytest

from tests.papers import PROGRESS, Chain
from tests.support import World, day, upstream

TABLES = upstream(
    "matched.listed_invoices", "matched.links", "matched.exceptions", stages=("matched",)
)


def listing(chain: Chain, rows: list[tuple[str, object]], on: str = "06-01") -> Chain:
    """Statement ST1 lists invoices, a row per tax rate."""
    chain.world.given(
        "staged.statement_invoices",
        [
            {"known_on": on, "chain_id": chain.chain_id, "statement_no": "ST1", "line_no": number,
             "invoice_no": invoice_no, "amount": amount}
            for number, (invoice_no, amount) in enumerate(rows, start=1)
        ],
    )  # fmt: skip
    return chain


def billed(receipts: tuple[str, ...] = ("R1",)) -> Chain:
    """Goods of 100 a receipt, billed by V1; statement ST1 lists the goods of R1."""
    chain = Chain()
    for receipt_no in receipts:
        chain.receipt(receipt_no, 100, order_no=f"O{receipt_no}")
        chain.application(f"A{receipt_no}", receipt_no, 100, "V1")
    chain.invoice("V1", 100 * len(receipts))
    return chain.statement("ST1", [{"receipt_no": "R1", "amount": 100}])


def verdicts(world: World) -> list[tuple[object, str]]:
    rows = world.rows(
        "select known_on, invoice_no, verdict from matched.listed_invoices order by all"
    )
    return [(row["known_on"], f"{row['invoice_no']} {row['verdict']}") for row in rows]


def closed(chain: Chain) -> World:
    return chain.world.run(*TABLES, day_from="05-01", until="06-30")


def test_a_statement_that_lists_the_invoice_and_its_goods_confirms_their_link() -> None:
    world = closed(listing(billed(), [("V1", 60), ("V1", 40)]))
    assert verdicts(world) == [(day("06-01"), "V1 confirmed")]
    assert world.rows(
        "select from_no, to_no, amount, evidence, undone_on from matched.links "
        "where rule = 'statement_lists_invoice'"
    ) == [
        {"from_no": "V1", "to_no": "ST1", "amount": 100, "undone_on": None,
         "evidence": "the statement lists the invoice and the goods that it bills"}
    ]  # fmt: skip
    assert world.rows("select reason from matched.exceptions where document_no like 'ST1#%'") == []


@pytest.mark.parametrize(
    ("receipts", "listed", "verdict", "reason", "evidence"),
    [
        (("R1", "R2"), 200, "in_part", None,
         "the statement lists the invoice, but only 100.00 of the goods over 200.00 that it bills"),
        (("R2", "R3"), 200, "other_goods", None,
         "the statement lists the invoice, but none of the goods that it bills"),
        (("R1",), 90, "other_amount", ("statement_amount_differs", -10),
         "the statement lists the invoice over 90.00, but it is over 100.00"),
    ],
)  # fmt: skip
def test_a_list_that_does_not_fit_says_so(receipts, listed, verdict, reason, evidence) -> None:
    world = closed(listing(billed(receipts), [("V1", listed)]))
    assert verdicts(world) == [(day("06-01"), f"V1 {verdict}")]
    (link,) = world.rows(
        "select evidence from matched.links where rule = 'statement_lists_invoice'"
    )
    assert link == {"evidence": evidence}
    found = world.rows(
        "select distinct reason, amount from matched.exceptions where document_no = 'ST1#V1'"
    )
    assert [tuple(row.values()) for row in found] == ([reason] if reason else [])


def test_an_invoice_that_we_do_not_have_is_asked_for_until_it_comes_or_is_unlisted() -> None:
    chain = listing(billed(), [("V1", 100), ("V8", 50), ("V9", 70)])
    chain.invoice("V8", 50, known_on="06-05", on="05-10")
    world = closed(listing(chain, [("V1", 100), ("V8", 50)], on="06-10"))
    asked = world.rows(
        "select document_no, evidence, min(as_of) as first, max(as_of) as last "
        "from matched.exceptions where reason = 'on_statement_without_documents' "
        "group by all order by all"
    )
    assert [tuple(row.values()) for row in asked] == [
        ("ST1#V8", "statement ST1 lists invoice V8 over 50.00, which we do not have",
         day("06-01"), day("06-04")),
        ("ST1#V9", "statement ST1 lists invoice V9 over 70.00, which we do not have",
         day("06-01"), day("06-09")),
    ]  # fmt: skip
    assert verdicts(world) == [
        (day("06-01"), "V1 confirmed"), (day("06-01"), "V8 unknown_invoice"),
        (day("06-01"), "V9 unknown_invoice"), (day("06-05"), "V8 without_goods"),
        (day("06-10"), "V9 unlisted"),
    ]  # fmt: skip
    assert world.audit("matched/links_are_unique", "05-01", "06-30") == []


def test_what_becomes_of_the_invoice_and_its_goods_later_is_told_on_its_day() -> None:
    def papers() -> Chain:
        chain = (
            Chain().receipt("R1", 100, on="06-03").application("A1", "R1", 100, "V1", on="05-10")
        )
        chain.invoice("V1", 100).statement("ST1", [{"receipt_no": "R1", "amount": 100}])
        listing(chain, [("V1", 100)])
        chain.invoice("V1", 100, known_on="06-20", status="void")
        return listing(chain, [("V2", 5)], on="06-25")

    at_once = closed(papers())
    assert verdicts(at_once) == [
        (day("06-01"), "V1 without_goods"), (day("06-03"), "V1 confirmed"),
        (day("06-20"), "V1 ended"), (day("06-25"), "V1 unlisted"),
        (day("06-25"), "V2 unknown_invoice"),
    ]  # fmt: skip
    assert at_once.audit("matched/links_are_unique", "05-01", "06-30") == []
    chain = papers()
    for first, last in (
        ("05-01", "06-01"),
        ("06-02", "06-19"),
        ("06-20", "06-24"),
        ("06-25", "06-30"),
    ):
        chain.world.run(*PROGRESS, *TABLES, day_from=first, until=last)
    query = "from matched.listed_invoices order by all"
    assert chain.world.rows(query) == at_once.rows(query)


def test_an_invoice_open_before_the_first_day_is_known() -> None:
    chain = listing(Chain(), [("V0", 50)])
    item = {"known_on": "05-01", "item_id": "I1", "document_no": "V0", "balance": 50}
    chain.world.given("staged.opening_items", [item])
    assert verdicts(closed(chain)) == [(day("06-01"), "V0 opening_item")]

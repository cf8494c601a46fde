"""Who is meant: store codes, names, tax ids and accounts find their customer, or nobody."""

import pytest

from tests.support import World


def customers(world: World) -> World:
    return world.given(
        "staged.customers",
        [
            {
                "known_on": "05-01",
                "customer_id": customer_id,
                "chain_id": "C",
                "level": level,
                "customer_name": name,
                "tax_id": tax_id,
            }
            for customer_id, level, name, tax_id in (
                ("HO", "head_office", "Grocer", "TAX"),
                ("S1", "branch", "Grocer East", "TAX"),
                ("S2", "branch", "Grocer West", None),
            )
        ],
    )


def alias(world: World, kind: str, text: str, customer_id: str, known_on: str = "05-01") -> None:
    world.given(
        "staged.customer_aliases",
        [
            {
                "known_on": known_on,
                "chain_id": "C",
                "alias_kind": kind,
                "alias": text,
                "customer_id": customer_id,
            }
        ],
    )


def order(world: World, store_code: str, on: str = "05-02") -> str:
    world.given(
        "received.orders",
        [
            {
                "known_on": on,
                "chain_id": "C",
                "store_code": store_code,
                "order_no": store_code,
                "order_date": on,
                "amount": 1,
            }
        ],
    )
    world.run("staged.store_codes", day_from="05-01", until=on)
    world.run("staged.orders", day_from=on)
    return world.rows(f"select store_id from staged.orders where order_no = '{store_code}'")[0][
        "store_id"
    ]


def test_a_code_means_the_customer_of_its_alias_leading_zeros_and_all() -> None:
    world = customers(World())
    alias(world, "store_code", "007", "S2")
    assert order(world, "007") == "S2"


def test_our_own_customer_id_is_understood() -> None:
    assert order(customers(World()), "S1") == "S1"


def test_an_unknown_code_keeps_its_rows_under_its_own_name() -> None:
    assert order(customers(World()), "999") == "unknown:C/999"


def invoice_buyer(world: World, **fields: str | None) -> str | None:
    row = {
        "known_on": "05-02",
        "invoice_no": "V1",
        "issued_on": "05-02",
        "amount": 1,
        "status": "normal",
        **fields,
    }
    world.given("received.invoices", [row])
    world.run("staged.party_names", day_from="05-01", until="05-02")
    world.run("staged.invoices", day_from="05-02")
    return world.rows("select buyer_id from staged.invoices")[0]["buyer_id"]


def test_a_tax_id_shared_by_head_office_and_branch_means_the_head_office() -> None:
    world = customers(World())
    assert invoice_buyer(world, buyer_tax_id="TAX", buyer_name="Grocer East") == "HO"


def test_a_buyer_without_tax_id_is_found_by_name() -> None:
    assert invoice_buyer(customers(World()), buyer_name="Grocer West") == "S2"


def test_a_buyer_that_nobody_knows_is_nobody() -> None:
    assert invoice_buyer(customers(World()), buyer_name="Stranger") is None


def test_an_invoice_whose_paper_states_no_status_is_normal_and_no_name_goes_by_its_tax_id() -> None:
    world = customers(World())
    assert invoice_buyer(world, buyer_tax_id="TAX", status=None) == "HO"
    assert world.rows("select status, buyer_name from staged.invoices") == [
        {"status": "normal", "buyer_name": "TAX"}
    ]


def test_an_alias_of_two_branches_means_neither() -> None:
    world = customers(World())
    alias(world, "name", "Grocer Town", "S1")
    alias(world, "name", "Grocer Town", "S2")
    assert invoice_buyer(world, buyer_name="Grocer Town") is None


@pytest.mark.parametrize(
    ("known", "on_the_paper"),
    [
        ("示例超市（城东）有限公司", "示例超市(城东)有限公司"),
        ("示例超市(城东)有限公司", "示例超市【城东】有限公司"),
        ("ＡＢ超市 城东店", "ab超市城东店"),
        ("Ａ１店", "a1 店"),
    ],
)
def test_spellings_that_differ_in_width_brackets_case_or_spaces_are_one_name(
    known: str, on_the_paper: str
) -> None:
    world = customers(World())
    alias(world, "name", known, "S2")
    assert invoice_buyer(world, buyer_name=on_the_paper) == "S2"


def test_another_name_is_not_taken_for_it() -> None:
    world = customers(World())
    alias(world, "name", "示例超市（城东）", "S2")
    assert invoice_buyer(world, buyer_name="示例超市（城西）") is None


@pytest.mark.parametrize("account", ["6222 0001", "６２２２0001"])
def test_a_payer_is_found_by_its_account_however_it_is_spaced(account: str) -> None:
    world = customers(World())
    alias(world, "bank_account", "62220001", "HO")
    row = {"known_on": "05-02", "account_no": "A", "transaction_no": "1", "received_on": "05-02"}
    world.given("received.bank_receipts", [{**row, "amount": 1, "payer_account": account}])
    world.run("staged.party_names", day_from="05-01", until="05-02")
    world.run("staged.bank_receipts", day_from="05-02")
    assert world.rows("select payer_id, chain_id from staged.bank_receipts") == [
        {"payer_id": "HO", "chain_id": "C"}
    ]

"""What a payment that names no paper is for: each rule in its order, and what is asked."""

from tests.papers import Chain, open_items, unapplied


def answers(world):
    """(day, payment, verdict, rule) of all answers."""
    rows = world.rows(
        "select strftime(known_on, '%m-%d') as day, transaction_no, verdict, rule "
        "from matched.cash_answers order by all"
    )
    return [(row["day"], row["transaction_no"], row["verdict"], row["rule"]) for row in rows]


def asked(world, as_of):
    """(payment, rest, candidates, question) of the payments with a rest on a day."""
    rows = world.rows(
        "select transaction_no, amount, candidates, question from settled.unapplied_cash "
        f"where as_of = date '2026-{as_of}' order by transaction_no"
    )
    return [(row.pop("transaction_no"), float(row.pop("amount")), *row.values()) for row in rows]


def cleared(world):
    """What each payment clears in the end: {payment: {unit: amount}}."""
    found: dict[str, dict[str, float]] = {}
    for row in world.rows(
        "select transaction_no, unit_no, sum(amount) as amount from matched.clearings "
        "group by all having sum(amount) <> 0 order by all"
    ):
        found.setdefault(row["transaction_no"], {})[row["unit_no"]] = float(row["amount"])
    return found


def receipt(no, amount, **line):
    return {"receipt_no": no, "amount": amount, **line}


FEE = {"line_kind": "deduction", "fee_code": "FL", "deduction_kind": "cash_deducted"}


def test_the_rules_in_their_order():
    """Statement, item, several statements, a group, few items; each payment finds what is left."""
    chain = Chain("branch_head")
    for number, amount in enumerate([310.11, 427.35, 555.19, 618.47, 702.93, 811.37], start=1):
        chain.receipt(f"R{number}", amount, on=f"05-0{number}")
    for number, amount in enumerate([91.23, 87.61, 93.57], start=1):
        chain.receipt(f"Q{number}", amount, on=f"05-1{number}", store_id="S2")
    chain.receipt("BACK", -20.15, on="05-09")
    chain.receipt("ODD", 77.77, on="05-10")
    chain.receipt("LEFT", 1234.56, on="05-11")
    chain.receipt("STAY", 987.65, on="05-11")
    chain.statement("ST1", [receipt("R1", 310.11), {**FEE, "amount": -10.11}], on="05-20")
    chain.statement("ST2", [receipt("R2", 427.35)], on="05-20")
    chain.statement("ST3", [receipt("R3", 555.19), {**FEE, "amount": -5.04}], on="05-20")
    chain.payment("T1", 300, "货款", on="06-01")
    chain.payment("T2", 77.77, "", on="06-02")
    chain.payment("T3", 427.35 + 550.15, "5月货款", on="06-03")
    chain.payment("T4", 91.23 + 87.61 + 93.57, "货款", on="06-04")
    chain.payment("T5", 618.47 + 811.37 - 20.15, "货款", on="06-05")
    world = chain.close()
    assert answers(world) == [
        ("06-01", "T1", "applied", "statement_net"),
        ("06-02", "T2", "applied", "item"),
        ("06-03", "T3", "applied", "statements"),
        ("06-04", "T4", "applied", "group"),
        ("06-05", "T5", "applied", "subset"),
    ]
    assert cleared(world) == {
        "T1": {"R1": 310.11, "ST1#2": -10.11},
        "T2": {"ODD": 77.77},
        "T3": {"R2": 427.35, "R3": 555.19, "ST3#2": -5.04},
        "T4": {"Q1": 91.23, "Q2": 87.61, "Q3": 93.57},
        "T5": {"R4": 618.47, "R6": 811.37, "BACK": -20.15},
    }
    assert unapplied(world, "06-30") == 0
    assert [item[1] for item in open_items(world, "06-30")] == [
        "LEFT", "R5", "ST1#2", "ST3#2", "STAY",
    ]  # fmt: skip
    assert world.audit("settled/cash_received_is_applied_or_unapplied", "05-01", "06-30") == []


def test_what_is_not_singled_out_is_asked():
    chain = Chain("branch_head")
    chain.receipt("A", 100, on="05-03").receipt("B", 100, on="05-20", store_id="S2")
    chain.receipt("C", 250.5, on="05-21")
    chain.payment("T1", 100, "货款", on="06-01")  # two of its amount
    chain.payment("T2", 33.21, "货款", on="06-01")  # nothing makes it up
    chain.payment("T3", 250.5, "货款 DZ2026060001", on="06-01")  # its paper has not come yet
    chain.payment("T4", 50, "投资款", on="06-01", payer_id=None, chain_id=None, payer_name="X")
    world = chain.close()
    assert asked(world, "06-04") == [
        (
            "T1", 100,
            "goods receipt A (S1, 2026-05-03, 100.00) | goods receipt B (S2, 2026-05-20, 100.00)",
            "Which of these is it for?",
        ),
        ("T2", 33.21, None, "Which statement, advice or invoices does this payment settle?"),
        ("T3", 250.5, None, "What is DZ2026060001? Its paper has not come."),
        ("T4", 50, None, "Who is X? Decide assign with the customer's number."),
    ]  # fmt: skip
    assert cleared(world) == {"T3": {"C": 250.5}}, "after five days it is told by its amount"


def test_a_paper_that_comes_later_outranks_the_amount():
    """Applied by amount, then its statement comes: what was inferred is given up."""
    chain = Chain("branch_head")
    chain.receipt("A", 100, on="05-03").receipt("B", 60, on="05-04").receipt("C", 40, on="05-04")
    chain.payment("T1", 100, "货款 DZ2026060001", on="06-01")
    chain.statement("DZ2026060001", [receipt("B", 60), receipt("C", 40)], on="06-10")
    world = chain.close()
    assert answers(world) == [
        ("06-01", "T1", "waiting", None),
        ("06-06", "T1", "applied", "item"),
        ("06-10", "T1", "named", "reference"),
    ]
    assert [item[1] for item in open_items(world, "06-09")] == ["B", "C"]
    assert cleared(world) == {"T1": {"B": 60, "C": 40}}
    assert open_items(world, "06-30") == [("uninvoiced", "A", 100)]


def decided(chain, payment, decision, on, target=None):
    row = {
        "known_on": on, "subject_kind": "cash", "subject_id": payment, "decision": decision,
        "target_id": target, "decided_by": "Lin", "decided_on": on,
    }  # fmt: skip
    chain.world.given("staged.decisions", [row])


def test_people_decide():
    chain = Chain("branch_head")
    for number in range(1, 8):
        chain.receipt(f"R{number}", 100 + number, on=f"05-0{number}")
    chain.invoice("80000001", 500, on="05-10", buyer_id="HO")
    chain.statement("ST1", [receipt("R1", 101), receipt("R2", 102)], on="05-20")
    chain.payment("T1", 103, "货款", on="06-01")  # by amount R3, but it was for R4
    decided(chain, "T1", "match to", "06-05", "R4")
    chain.payment("T2", 203, "货款 ST1", on="06-01")  # named, yet wrong
    decided(chain, "T2", "取消匹配", "06-05")
    chain.payment("T3", 105, "", on="06-01", payer_id=None, chain_id=None, payer_name="X")
    decided(chain, "ACC/T3", "assign", "06-06", "HO")
    chain.payment("T4", 120.5, "", on="06-01")
    decided(chain, "T4", "oldest_first", "06-07")
    chain.payment("T5", 333.33, "", on="06-01")
    decided(chain, "T5", "match to", "06-05", "NOWHERE")
    chain.payment("T6", 600, "", on="06-01")
    decided(chain, "T6", "match to", "06-08", "R6; 80000001")
    chain.payment("T7", 44.44, "", on="06-01")
    decided(chain, "T7", "forget it", "06-05")
    chain.payment("T8", 55.55, "", on="06-01", payer_id=None, chain_id=None, payer_name="Y")
    decided(chain, "T8", "assign", "06-05", "NOBODY")
    world = chain.close()
    assert cleared(world) == {
        "T1": {"R4": 103},
        "T3": {"R5": 105},
        "T4": {"R1": 101, "R2": 19.5},
        "T6": {"80000001": 494, "R6": 106},
    }
    assert [(row[0], row[1], row[3]) for row in asked(world, "06-30")] == [
        (
            "T2",
            203,
            "It was taken off what it had paid: which statement or invoices does it settle?",
        ),
        ("T5", 333.33, "Which statement, invoice or item is meant? Decide again with its number."),
        ("T7", 44.44, "Decide match to, unmatch, assign or oldest_first."),
        ("T8", 55.55, "Whose payment is it?"),
    ]
    rows = world.rows(
        "select document_no from settled.open_items "
        "where as_of = date '2026-06-04' and document_no in ('R3', 'R4')"
    )
    assert [row["document_no"] for row in rows] == ["R4"], "before the decision"
    assert world.audit("settled/cash_received_is_applied_or_unapplied", "05-01", "06-30") == []
    assert world.audit("matched/no_payment_clears_more_than_it_brings", "05-01", "06-30") == []


def test_money_that_goes_back():
    chain = Chain("branch_head")
    chain.receipt("A", 100, on="05-03").receipt("B", 70.7, on="05-03")
    chain.payment("T1", 100, "货款", on="06-01")
    chain.payment("T2", -100, "冲正", on="06-05")
    chain.payment("T3", 70.7, "货款 ", on="06-02")
    chain.payment("T4", -20, "退款", on="06-06")
    chain.payment("T5", 0, "", on="06-06")
    world = chain.close()
    assert open_items(world, "06-04") == []
    assert open_items(world, "06-30") == [("uninvoiced", "A", 100)]
    assert asked(world, "06-30") == [
        (
            "T4", -20, None,
            "Which payment went back? Decide match to with its transaction number.",
        )
    ]  # fmt: skip
    assert world.audit("settled/cash_received_is_applied_or_unapplied", "05-01", "06-30") == []
    assert world.audit("matched/no_payment_clears_more_than_it_brings", "05-01", "06-30") == []
    assert world.audit("settled/nothing_is_applied_beyond_its_balance", "05-01", "06-30") == []


def test_a_lower_balance_is_given_back_by_the_last_payment_first():
    """Three payments of one receipt, whose versions are lower, and lower, and higher again."""
    chain = Chain("branch_head").receipt("R", 1000, on="05-03").receipt("B", -90, on="05-03")
    lines = [receipt("R", 1000), receipt("B", -90, line_kind="return")]
    chain.statement("ST", lines, on="05-20")
    chain.payment("T0", 10, "ST", on="06-01").payment("T1", 400, "ST", on="06-02")
    chain.payment("T2", 300, "ST", on="06-05")
    chain.receipt("R", 600, on="06-10").receipt("R", 350, on="06-15").receipt("R", 420, on="06-20")
    chain.receipt("B", -30, on="06-18")
    chain.payment("T3", 100, "ST", on="06-25")
    chain.receipt("F", 70, on="05-04").statement("ST2", [receipt("F", 70)], on="05-20")
    chain.payment("T4", 70, "ST2", on="06-01").receipt("F", -45, on="06-12")  # it was a return
    world = chain.close()
    by_day = {
        on: {
            row["transaction_no"]: float(row["amount"])
            for row in world.rows(
                "select transaction_no, sum(amount) as amount from matched.clearings "
                f"where known_on <= '2026-{on}' and unit_no = 'R' "
                "group by all having sum(amount) <> 0"
            )
        }
        for on in ("06-05", "06-10", "06-15", "06-30")
    }
    assert by_day == {
        "06-05": {"T0": 100, "T1": 400, "T2": 300},
        "06-10": {"T0": 100, "T1": 400, "T2": 100},
        "06-15": {"T0": 100, "T1": 250},
        "06-30": {"T0": 100, "T1": 250, "T3": 70},
    }
    assert cleared(world)["T0"] == {"R": 100, "B": -30, "ST#B": -60}
    assert unapplied(world, "06-30") == 150 + 300 + 30 + 70
    for audit in ("cash_received_is_applied_or_unapplied", "nothing_is_applied_beyond_its_balance"):
        assert world.audit(f"settled/{audit}", "05-01", "06-30") == []

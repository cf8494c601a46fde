"""Lines of one fee that meet several limits at once."""

from tests.papers import Chain
from tests.settled.test_deductions import AGREED, agree, fee, goods, judged, supported
from tests.support import money


def test_what_the_month_refuses_uses_nothing_of_the_cap_nor_the_other_way_round() -> None:
    """A line of April without goods, then one of May on 1000: at most 60 of both, 10 %."""
    chain = Chain("branch_head")
    agree(chain, "PCT-CAP", **AGREED["PCT-CAP"])
    first = [
        goods(1000, "R2", "S2"),
        fee("PCT-CAP", 50, store_id="S1", document_date="04-30"),
        fee("PCT-CAP", 90),
    ]
    second = [goods(200, "R3", "S2"), fee("PCT-CAP", 90)]
    for number, (lines, on) in enumerate([(first, "05-15"), (second, "05-31")], start=1):
        chain.statement(
            f"ST{number}", [{"period_end": on, **line} for line in lines], on=on, party="S1"
        )
    chain.world.connection.execute("update staged.statements set party_id = 'S1'")
    assert supported(judged(chain.world)) == [money(0), money(60), money(60)]

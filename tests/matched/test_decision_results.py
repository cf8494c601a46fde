"""Every decision that people send gets an answer: what became of it, and why."""

from hashlib import md5
from typing import Any

import pytest

from receivables.decisions import CHOICES
from tests.papers import Chain
from tests.support import World


def name_of(reason: str, document_no: str) -> str:
    """The identity of an exception of chain C."""
    return md5(f"{reason}|C|{document_no}".encode()).hexdigest()[:16]


def over(number: int) -> str:
    """Order O<number> is over-delivered by 10 from 2 May on, by 15 from 20 May on."""
    return name_of("over_delivered", f"O{number}")


WORDS = "say accept, dispute, write_off, assign (with target_id) or reopen"
LATE = name_of("undelivered", "late")  # from 5 May until it is delivered on 12 May

ANSWERS: list[tuple[str, list[tuple[str, str, dict[str, Any]]], list[tuple[str, str, str]]]] = [
    # what people send about one exception (day, word, other fields), and what they are told
    (over(1), [("05-10", "接受", {})], [
        ("05-10", "taken", "listed no more while it is worth 10.00"),
        ("05-20", "contradicted", "decided on at 10.00, it is 15.00 now"),
    ]),
    (over(2), [("05-10", "write off", {"amount": 15})], [
        ("05-10", "contradicted", "decided on at 15.00, it is 10.00 now"),
    ]),
    (over(3), [("05-10", "dispute", {"target_id": "Wu"}), ("05-21", "重开", {})], [
        ("05-10", "taken", "listed as disputed by Lin, owner Wu"),
        ("05-20", "contradicted", "decided on at 10.00, it is 15.00 now"),
        ("05-21", "superseded", '"重开" by Lin on 2026-05-21 counts now'),
        ("05-21", "taken", "earlier decisions on it count no more"),
    ]),
    (over(4), [("05-10", "指派", {"target_id": "Wang"}), ("05-11", "assign", {}),
               ("05-12", "转派", {"target_id": "Wang", "decided_by": "Wu"})], [
        ("05-10", "taken", "Wang is its owner"),
        ("05-11", "not_understood", '"assign" is not understood: ' + WORDS),
        ("05-12", "superseded", '"转派" by Wu on 2026-05-12 counts now'),
        ("05-12", "unchanged", "Lin decided so on 2026-05-10"),
    ]),
    # an accepted one is open as long as it holds; an older decision that comes late does not count
    (over(5), [("05-10", "accept", {}), ("05-11", "核销", {}),
               ("05-12", "dispute", {"decided_on": "05-08"})], [
        ("05-10", "taken", "listed no more while it is worth 10.00"),
        ("05-11", "superseded", '"核销" by Lin on 2026-05-11 counts now'),
        ("05-11", "taken", "listed no more while it is worth 10.00"),
        ("05-12", "superseded", '"核销" by Lin on 2026-05-11 counts'),
        ("05-20", "contradicted", "decided on at 10.00, it is 15.00 now"),
    ]),
    # the same file again; two files of one day that say different things
    (over(6), [("05-10", "ok?", {}),
               ("05-11", "ok?", {"decided_on": "05-10", "is_duplicate": True,
                                 "is_standing": False}),
               ("05-13", "accept", {"is_standing": False}), ("05-13", "争议", {})], [
        ("05-10", "not_understood", '"ok?" is not understood: ' + WORDS),
        ("05-11", "unchanged", "the same decision came before"),
        ("05-13", "contradicted", '"争议" by Lin on 2026-05-13 counts'),
        ("05-13", "taken", "listed as disputed by Lin"),
        ("05-20", "contradicted", "decided on at 10.00, it is 15.00 now"),
    ]),
    (LATE, [("05-20", "accept", {})], [
        ("05-20", "unchanged", "closed on 2026-05-12 already: what it says no longer holds"),
    ]),
    ("0000", [("05-10", "accept", {})], [
        ("05-10", "unknown_subject",
         "no exception has this number; copy it from the exception list"),
    ]),
    (over(7), [("05-10", "match", {"subject_kind": "suspected_match"})], [
        ("05-10", "unknown_subject", "this is the number of an exception: say so in subject_kind"),
    ]),
]  # fmt: skip


def told() -> Chain:
    """Seven orders delivered beyond what was ordered, one delivered late; and what people say."""
    chain = Chain().order("late", 50).delivery("DL", 50, order_no="late", on="05-12")
    for number in range(1, 8):
        chain.order(f"O{number}", 100).delivery(f"D{number}", 110, order_no=f"O{number}")
        chain.delivery(f"E{number}", 5, order_no=f"O{number}", on="05-20")
    for subject, sent, _ in ANSWERS:
        for on, word, fields in sent:
            fields = {"decided_on": on, **fields}
            chain.decision(subject, word, fields.pop("decided_on"), known_on=on, **fields)
    return chain


def answers(world: World, subject: str) -> list[tuple[str, str, str]]:
    """(day, result, sentence) of every result about a subject, in the order of the days."""
    rows = world.rows(
        "select known_on, result, sentence from matched.decision_results "
        f"where subject_id = '{subject}' order by known_on, decided_on, file_id, row_no, result"
    )
    return [(f"{row['known_on']:%m-%d}", row["result"], row["sentence"]) for row in rows]


@pytest.fixture(scope="module")
def world() -> World:
    return told().progress(until="05-25")


@pytest.mark.parametrize("case", range(len(ANSWERS)))
def test_every_decision_is_answered(world: World, case: int) -> None:
    subject, _, expected = ANSWERS[case]
    assert answers(world, subject) == expected


def test_answers_are_the_same_day_by_day_and_in_one_run(world: World) -> None:
    portions = told()
    for first, last in (("01", "10"), ("11", "11"), ("12", "19"), ("20", "20"), ("21", "25")):
        portions.progress(f"05-{first}", f"05-{last}")
    for subject, _, expected in ANSWERS:
        assert answers(portions.world, subject) == expected


def test_every_word_that_a_worklist_offers_is_understood(world: World) -> None:
    rows = world.rows("select subject_kind, word, meaning from staged.decision_words")
    understood = {(row["subject_kind"], row["word"]): row["meaning"] for row in rows}
    for kind in ("exception", "suspected_match"):
        for choice in CHOICES[kind]:
            for word in choice.words:
                assert understood[kind, word] == choice.code


def test_what_was_written_off_closes_as_written_off(world: World) -> None:
    rows = world.rows(
        "select known_on, closed_because from matched.closed_exceptions "
        f"where exception_id = '{over(5)}' order by known_on"
    )
    assert [row["closed_because"] for row in rows] == ["accepted by Lin on 2026-05-10"]


def test_a_suspected_match_is_answered_like_an_exception() -> None:
    chain = Chain().order("0015000", 10).order("PO15000", 10)
    chain.delivery("D1", 10, order_no="15000")
    suspect_id = chain.progress(until="05-09").rows(
        "select suspect_id from matched.suspected_matches where from_no = 'PO15000' limit 1"
    )[0]["suspect_id"]
    kind = {"subject_kind": "suspected_match"}
    chain.decision(suspect_id, "accept", "05-10", **kind)
    chain.decision(suspect_id, "匹配", "05-11", **kind)
    assert answers(chain.progress("05-10", "05-25"), suspect_id) == [
        ("05-10", "not_understood", '"accept" is not understood: say match or unmatch'),
        ("05-11", "taken", "the paper is taken to be meant from this day on"),
    ]


def test_two_sheets_of_one_file_do_not_answer_for_each_other() -> None:
    """A worklist has several sheets, and in each a row 5."""
    chain = told()
    for number, word in ((1, "dispute"), (2, "accept")):
        place = {"file_id": "worklist", "sheet": f"sheet {number}", "row_no": 5}
        chain.decision(over(number), word, "05-19", **place)
    world = chain.progress(until="05-19")
    assert answers(world, over(1))[-1] == ("05-19", "taken", "listed as disputed by Lin")
    assert answers(world, over(2))[-1] == (
        "05-19",
        "taken",
        "listed no more while it is worth 10.00",
    )
    assert len([row for row in answers(world, over(2)) if row[0] == "05-19"]) == 2

"""The same invoice in another form is no duplicate document; the same form again is one."""

import pytest

from tests.support import World

COPY = {"is_duplicate": True, "is_standing": False}


@pytest.mark.parametrize(
    ("first", "again", "copies"),
    [
        ("etax_export", "etax_export", 1),
        (None, None, 1),
        ("etax_export", "einvoice", 0),
        ("einvoice", None, 0),
    ],
)
def test_only_the_same_form_again_is_a_copy(
    first: str | None, again: str | None, copies: int
) -> None:
    world = World()
    for on, file, layout, flags in (("05-01", "a", first, {}), ("05-02", "b", again, COPY)):
        world.given("received.files", [{"known_on": on, "file_id": file, "layout": layout}])
        row = {"known_on": on, "invoice_no": "V1", "issued_on": "05-01", "amount": 113}
        world.given("received.invoices", [{**row, "file_id": file, **flags}])
    world.run("staged.invoices", "matched.duplicate_documents", day_from="05-01", until="05-03")
    rows = world.rows("select document_no, copies from matched.duplicate_documents")
    assert rows == [{"document_no": "V1", "copies": 1}] * copies

"""Generated documents say what the code says, and no column is without a meaning."""

from pipelines.docs import DOCS, data_dictionary, flow_picture


def test_the_data_dictionary_is_current():
    assert (DOCS / "data-dictionary.md").read_text(encoding="utf-8") == data_dictionary()


def test_the_picture_of_the_flow_is_current():
    assert (DOCS / "flow.svg").read_text(encoding="utf-8") == flow_picture()

"""Generated documents say what the code says, and no column is without a meaning."""

import re

from pipelines.docs import DOCS, GLOSSARY, data_dictionary, flow_picture, tables


def test_the_data_dictionary_is_current():
    assert (DOCS / "data-dictionary.md").read_text(encoding="utf-8") == data_dictionary()


def test_the_picture_of_the_flow_is_current():
    assert (DOCS / "flow.svg").read_text(encoding="utf-8") == flow_picture()


def test_a_name_has_one_meaning_and_every_meaning_a_column():
    names = re.findall(r"^(\w+):", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    columns = {column for table in tables().values() for column in table}
    assert sorted(names) == sorted(set(names))
    assert set(names) - columns == set()

"""YAML whose every key knows its line, so that a complaint about a file can name it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from receivables.yaml_text import FAST, Loader


class YamlError(Exception):
    """The text is no YAML, or says a key twice; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Document:
    """A YAML text: its content, and the line of any place in it."""

    def __init__(self, text: str) -> None:
        """Read a text.

        Raises:
            YamlError: the text is no YAML, or a mapping has a key twice.
        """
        try:
            self._root, self.content = _read(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            reason = f"not valid YAML: {error.problem or error.context}"
            raise YamlError(mark.line + 1 if mark else 1, reason) from None
        except yaml.YAMLError as error:
            raise YamlError(1, f"not valid YAML: {error}") from None

    def line(self, place: Sequence[str | int]) -> int:
        """The line of a place given as keys and positions; of the last part that exists."""
        node, line = self._root, 1
        for part in place:
            found = _step(node, part)
            if found is not None:
                line, node = _line(found[0]), found[1]
        return line


def _read(text: str, kind: Loader = FAST) -> tuple[yaml.Node | None, Any]:
    """The nodes of a text, and what it says."""
    loader = kind(text)
    try:
        root = loader.get_single_node()
        for key in _repeated_keys(root):
            raise YamlError(_line(key), f"the key {key.value} stands here a second time")
        return root, loader.construct_document(root) if root else None
    except yaml.YAMLError:
        if kind is yaml.SafeLoader:
            raise
        return _read(text, yaml.SafeLoader)  # complaints are worded the same wherever it is read
    finally:
        loader.dispose()


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _step(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that bears the line, and the node to go on from."""
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        # What << merges stands before the mapping's own keys, which count.
        for key, value in reversed(node.value):
            if key.value == str(part):
                return key, value
    return None


def _repeated_keys(node: yaml.Node | None) -> Iterator[yaml.Node]:
    """Keys that stand in a mapping already; the reader would keep the last one in silence."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _repeated_keys(each)
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key
                seen.add(key.value)
            yield from _repeated_keys(value)

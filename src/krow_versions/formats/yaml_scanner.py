"""The scanner of ``ruamel.yaml``, corrected where it refuses what YAML 1.2 allows.

Each method replaces one of ruamel's. If a release of ruamel no longer calls one, the documents that need it
are refused again, with ruamel's words; nothing is read wrongly, because each edit is proven. The rules are
those of https://yaml.org/spec/1.2.2, and the section is named at each method.
"""

from __future__ import annotations

from typing import Any

from ruamel.yaml.scanner import Scanner, ScannerError
from ruamel.yaml.tokens import FlowMappingEndToken, FlowSequenceEndToken, ScalarToken

_BREAKS = "\r\n"
_END = "\0\r\n"
_TAG_LENGTH = 1024
_KEY_LENGTH = 1024  # Of a key on several lines, too: YAML has no limit there, but a bomb needs one.


def make_lenient(parser: Any) -> None:
    """Have a parser of ``ruamel.yaml`` scan as YAML 1.2 says."""
    parser.Scanner = _LenientScanner


class _LenientScanner(Scanner):
    """Scans tabs, block scalars and keys of flow mappings as YAML 1.2 says."""

    def scan_to_next_token(self) -> Any:
        """Skip white space, tabs included, and comments; a tab is no indentation (6.1, 6.2)."""
        reader = self.reader
        if self.flow_level:
            return super().scan_to_next_token()
        if reader.index == 0 and reader.peek() == "\ufeff":
            reader.forward()
        is_first = reader.column == 0  # Whether no token is before this one in its line.
        while True:
            tab = None
            while (character := reader.peek()) in " \t":
                tab = reader.get_mark() if character == "\t" and tab is None else tab
                reader.forward()
            if reader.peek() == "#":
                while reader.peek() not in _END:
                    reader.forward()
            if not self.scan_line_break():
                break
            self.allow_simple_key, is_first = True, True
        if tab is not None and reader.peek() != "\0":
            if is_first and tab.column <= self.indent:
                raise ScannerError(None, None, "a tab is used as indentation", tab)
            self.allow_simple_key = False  # No collection may begin after it: it would indent that.
        return None

    def scan_plain_spaces(self, indent: Any, start_mark: Any) -> Any:
        """Skip the white space in a plain scalar, tabs after the indentation included (7.3.3)."""
        chunks, reader = super().scan_plain_spaces(indent, start_mark), self.reader
        while chunks and reader.peek() == "\t" and reader.column >= indent:
            while reader.peek() in " \t":
                reader.forward()
        return chunks

    def scan_block_scalar_indentation(self) -> Any:
        """Find the indentation of a block scalar: that of its first line that is not blank (8.1.1.1)."""
        reader, chunks, longest = self.reader, [], 0
        end = reader.get_mark()
        while (character := reader.peek()) in " \r\n":
            if character == " ":
                reader.forward()
                continue
            longest = max(longest, reader.column)
            chunks.append(self.scan_line_break())
            end = reader.get_mark()
        column = reader.column
        if longest > column > self.indent and reader.peek() != "\0":
            problem = "a blank line above the first line of a block scalar is indented more than that"
            raise ScannerError(None, None, problem, reader.get_mark())
        return chunks, column, end

    def scan_tag_uri(self, name: Any, start_mark: Any) -> Any:
        """Read a tag; to decode one takes ruamel time that grows with the square of its length."""
        uri = super().scan_tag_uri(name, start_mark)
        if len(uri) > _TAG_LENGTH:
            raise ScannerError(None, None, f"a tag has more than {_TAG_LENGTH:,} characters", start_mark)
        return uri

    def stale_possible_simple_keys(self) -> None:
        """Let a key of a flow mapping end on another line than it begins on (7.4.2)."""
        kept = {
            level: key
            for level, key in self.possible_simple_keys.items()
            if level and self.flow_context[level - 1] == "{" and self.reader.index - key.index <= _KEY_LENGTH
        }
        super().stale_possible_simple_keys()
        self.possible_simple_keys.update(kept)

    def check_value(self) -> Any:
        """Let a value follow a quoted key or a collection without a blank, in a flow sequence (7.4.2)."""
        if super().check_value():
            return True
        if self.flow_level not in self.possible_simple_keys or not self.tokens:
            return False
        last = self.tokens[-1]
        return isinstance(last, (FlowMappingEndToken, FlowSequenceEndToken)) or (
            isinstance(last, ScalarToken) and not last.plain
        )

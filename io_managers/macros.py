"""What SQL models can call beside the functions of DuckDB."""


def _name_key() -> str:
    """`name_key(name)`: what two spellings of one name have in common.

    Width, brackets, case and spaces are taken off: `Ａ店（东）` and `a店 [东]` have one key.
    """
    brackets = str.maketrans("[]{}", "()()")
    full = [chr(code) for code in range(0xFF01, 0xFF5F) if chr(code) != "\uff07"]
    half = [chr(ord(sign) - 0xFEE0).translate(brackets) for sign in full]
    spellings = "".join([*full, "【】〔〕[]{}"]), "".join([*half, "()()()()"])
    return " ".join(
        [
            "create or replace temp macro name_key(name) as",
            "upper(translate(regexp_replace(name, '[\\s\u3000\u00a0]', '', 'g'),",
            "'" + spellings[0] + "',",
            "'" + spellings[1] + "'))",
        ]
    )


def _number_key() -> str:
    """`number_key(no)`: what two spellings of one document number have in common.

    Width, case and separators are taken off, O is read as 0, I and L as 1; letters before at least
    five digits go, and so do leading zeros: `ＰＯ-2026/0015`, `po2O260015` and `20260015` have one
    key. A number of nothing but zeros and separators has the empty key.
    """
    full = "".join(chr(code) for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B)])
    half = "".join(chr(ord(sign) - 0xFEE0) for sign in full)
    return " ".join(
        [
            "create or replace temp macro number_key(no) as",
            "ltrim(replace(replace(replace(regexp_replace(regexp_replace(",
            "case when strlen(no) = length(no) then upper(no) else",
            "translate(upper(no), '" + full + "', '" + half + "') end,",
            "'[\\s\\p{P}\\p{S}]', '', 'g'),",
            # an O, I or L next to the digits may be one of them
            "'^[A-Z]*[A-HJKMNP-Z]([0-9OIL]{5,})$', '\\1'),",
            "'O', '0'), 'I', '1'), 'L', '1'), '0')",
        ]
    )


# The part of an amount that a paper of so much has room for; what came before took its room first.
# A paper of a negative amount has room for negative amounts only.
_PART_WITHIN = """
create or replace temp macro part_within(paper, before, amount) as
    sign(paper) * (
        least(greatest(sign(paper) * (before + amount), 0), abs(paper))
        - least(greatest(sign(paper) * before, 0), abs(paper))
    )
"""

# The pattern that invoice, statement and payer together speak for. Each names a place, `branch` or
# `head`; most decide, of equally many the first that speaks. Null where none does.
_VOICED_PATTERN = """
create or replace temp macro voiced_pattern(buyer, party, payer) as
    list_transform(
        [list_filter([buyer, party, payer], lambda place: place in ('branch', 'head'))],
        lambda voices: case
            when len(voices) = 0 then null
            when 2 * len(list_filter(voices, lambda place: place = 'head')) > len(voices)
                or 2 * len(list_filter(voices, lambda place: place = 'head')) = len(voices)
                and voices[1] = 'head' then 'branch_head'
            else 'branch_branch'
        end
    )[1]
"""

# A quotient of whole numbers that are not negative, as a whole number, half up: a division would go
# through floats.
_HALF_UP = """
create or replace temp macro half_up(dividend, divisor) as
    cast(
        (2 * cast(dividend as hugeint) + cast(divisor as hugeint)) // (2 * cast(divisor as hugeint))
        as decimal(38, 0)
    )
"""

MACROS = (_name_key(), _number_key(), _HALF_UP, _PART_WITHIN, _VOICED_PATTERN)

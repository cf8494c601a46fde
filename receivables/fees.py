"""What the fees of chains are: categories, the codes and the words by which they are told."""

from collections import Counter
from typing import Literal

from pydantic import Field, model_validator

from receivables.sections import Section

# Chinese label of each category; what no code and no word tells is `unknown`, never `other`.
CATEGORIES = {
    "rebate": "返利",
    "display": "陈列",
    "flyer": "海报",
    "listing": "进场",
    "staff": "促销员",
    "logistics": "物流",
    "festival": "节庆",
    "penalty": "罚款",
    "shrinkage": "损耗",
    "return": "退货",
    "price": "价差",
    "early_payment": "提前付款",
    "other": "其他",
    "unknown": "未识别",
}
KINDS = ("invoice_deducted", "cash_deducted", "paid_separately")


class FeeCode(Section):
    """What a code of a fee means; without a chain in every chain.

    `kind` says how the fee is settled where neither the paper nor an agreement does.
    """

    chain_id: str | None = None
    code: str = Field(min_length=1)
    category: str | None = None
    kind: Literal["invoice_deducted", "cash_deducted", "paid_separately"] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "FeeCode":
        if self.category is None and self.kind is None:
            raise ValueError(f"the code {self.code} needs a category, a kind or both")
        _refuse_unknown(self.category)
        return self


class FeeWords(Section):
    """Words in the name of a fee that tell its category; the longest word in a name decides."""

    category: str
    words: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _category_is_known(self) -> "FeeWords":
        _refuse_unknown(self.category)
        if any(not word.strip() for word in self.words):
            raise ValueError(f"a word of {self.category} is empty and would tell every fee")
        return self


class Deductions(Section):
    """How deductions are coded."""

    codes: tuple[FeeCode, ...] = ()
    words: tuple[FeeWords, ...] = ()

    @model_validator(mode="after")
    def _each_is_said_once(self) -> "Deductions":
        codes = Counter((code.chain_id, code.code) for code in self.codes)
        twice = [code for (_, code), times in codes.items() if times > 1]
        if twice:
            raise ValueError(f"the code {twice[0]} stands twice for the same chain; keep one")
        words = Counter(word for group in self.words for word in group.words)
        again = [word for word, times in words.items() if times > 1]
        if again:
            raise ValueError(f"the word {again[0]} stands in two categories; keep it in one")
        return self


def _refuse_unknown(category: str | None) -> None:
    if category is not None and (category not in CATEGORIES or category == "unknown"):
        known = ", ".join(name for name in CATEGORIES if name != "unknown")
        raise ValueError(f"{category} is no category of fees; known are {known}")

"""Sheets that people fill in: locked but for their entries, with what may be chosen."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from receivables.workbook.model import Column, Kind, Label, Language, Sheet
from receivables.workbook.styles import Page

_LONGEST_LIST = 255  # characters that a workbook takes for a list within a rule

_REFUSED = Label("请从下拉列表中选择", "choose one of the list")
_NO_AMOUNT = Label("请填写金额", "write an amount")
_NO_DAY = Label("请填写日期，例如 2026-09-30", "write a day such as 2026-09-30")
_CHOOSE = Label("可选：{}", "one of: {}")


def as_form(page: Page, sheet: Sheet, first_row: int, last_row: int, language: Language) -> None:
    """Lock a sheet but for its entries, and say what they take.

    There is no password: whoever wants to sort or delete rows lifts the lock. Filters, widths and
    hiding stay allowed under it.
    """
    page.protection.sheet = True
    for allowed in ("autoFilter", "sort", "formatCells", "formatColumns", "formatRows"):
        setattr(page.protection, allowed, False)
    for index, column in enumerate(sheet.columns, 1):
        rule = _rule(column, language) if column.is_entry else None
        if rule is not None:
            letter = get_column_letter(index)
            rule.add(f"{letter}{first_row}:{letter}{last_row}")
            page.add_data_validation(rule)


def _rule(column: Column, language: Language) -> DataValidation | None:
    """What an entry takes; None where it takes anything."""
    if column.choices:
        listed = ",".join(choice.say(language) for choice in column.choices)
        if len(listed) > _LONGEST_LIST:
            listed = listed[:_LONGEST_LIST].rpartition(",")[0]
        rule = DataValidation(type="list", formula1='"{}"'.format(listed.replace('"', '""')))
        rule.showErrorMessage = column.only_choices
        rule.error = _REFUSED.say(language)
        rule.prompt = _CHOOSE.say(language).format(listed.replace(",", " / "))[:200]
    elif column.kind is Kind.MONEY:
        rule = DataValidation(type="decimal", operator="between", formula1="-1E12", formula2="1E12")
        rule.showErrorMessage, rule.error = True, _NO_AMOUNT.say(language)
    elif column.kind is Kind.DAY:
        rule = DataValidation(
            type="date", operator="between", formula1="DATE(2000,1,1)", formula2="DATE(2100,1,1)"
        )
        rule.showErrorMessage, rule.error = True, _NO_DAY.say(language)
    else:
        return None
    rule.allow_blank, rule.showInputMessage = True, bool(rule.prompt)
    return rule

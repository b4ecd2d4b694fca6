#!/usr/bin/env python3
"""Reads round.xlsx as another program does and compares it with round.json.

    python3 tests/workbook_check.py ROUND_DIR

Needs openpyxl. Prints what is wrong, a line each, and exits with 1; prints one line and exits with 0 otherwise.
"""

import csv
import json
import sys
import zipfile
from pathlib import Path
from xml.parsers import expat

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import unescape

HEAD = 4  # the header's row on every sheet that holds a table
# Sheets by what their names end with, in order; the last ones only where the round has them.
SHEETS = ["overview", "units", "completeness", "standing", "ranking", "by people", "facilities", "inputs", "findings", "standards"]
SOME = ["counties", "equity"]
# Columns by English header, with the number format that they must have.
FORMATS = {
    "units": {"residents {base}": "#,##0", "unit": "@", "name": "@", "township": "@"},
    "standing": {"target group (persons)": "#,##0", "coverage": "0.0%", "demand": "#,##0.0", "name": "@", "year": "0"},
    "ranking": {"priority score": "#,##0.0", "name": "@", "place by priority": "0"},
    "facilities": {"capacity": "#,##0.0", "facility name": "@", "longitude": "0.00000"},
    "findings": {"value": "@"},
}


def main(folder):
    wrong = []

    def ask(holds, what):
        if not holds:
            wrong.append(what)

    path = folder / "round.xlsx"
    about = json.loads((folder / "round.json").read_text(encoding="utf-8"))
    base, small = about["years"][0], about["units"]["count"] * 0.5 + 1
    well_formed(path, ask)
    book = openpyxl.load_workbook(path)
    values = openpyxl.load_workbook(path, data_only=True)

    names = book.sheetnames
    ask(all(len(name) <= 31 for name in names), f"a sheet's name is too long: {names}")
    want = SHEETS + [name for name in SOME if any(each.endswith(name) for each in names)] + ["method"]
    ask(len(names) == len(want) and all(map(str.endswith, names, want)), f"sheets are {names}, not {want}")
    if wrong:
        return wrong
    sheets = {want: Sheet(book[name]) for want, name in zip(want, names)}

    for name, sheet in sheets.items():
        page = sheet.page
        ask(page.page_setup.orientation == "landscape" and int(page.page_setup.paperSize) == 9, f"{name}: not A4 landscape")
        if name not in ("overview", "method"):
            layout(name, sheet, ask)
            ask(not sheet.formulas(), f"{name}: formulas in {sheet.formulas()[:5]}")
        for head, form in FORMATS.get(name, {}).items():
            column = sheet.cells(head.format(base=base))
            ask(column is not None, f"{name}: no column `{head}`")
            formats = {cell.number_format for cell in column or [] if cell.value is not None}
            ask(formats <= {form}, f"{name}: `{head}` has the formats {formats}, not {form}")
    properties = book.properties
    ask(not properties.title and not properties.creator, "title or author is set")
    ask(str(properties.created).startswith("2000-01-01"), f"created at {properties.created}")

    sums(folder, about, sheets, base, small, ask)
    results = [cell.value for row in values[names[0]].iter_rows() for cell in row if cell.column == 4]
    results = [value for value in results if isinstance(value, str) and value.endswith(("agrees", "differs"))]
    ask(results and all(value.endswith("agrees") for value in results), f"the overview's checks say {results}")
    return wrong


class Sheet:
    """A table below its header; columns by the English line of it."""

    def __init__(self, page):
        self.page = page
        heads = [str(cell.value or "").split("\n")[-1] for cell in page[HEAD]] if page.max_row >= HEAD else []
        self.heads = {head: at for at, head in enumerate(heads, 1)}

    def cells(self, head):
        at = self.heads.get(head)
        return at and [self.page.cell(row, at) for row in range(HEAD + 1, self.page.max_row + 1)]

    def values(self, head):
        return [cell.value for cell in self.cells(head) or []]

    def formulas(self):
        return [cell.coordinate for row in self.page.iter_rows() for cell in row if cell.data_type == "f"]


def well_formed(path, ask):
    """Every part is XML, so there are no raw control characters; nothing in it points outside."""
    with zipfile.ZipFile(path) as parts:
        for part in parts.namelist():
            text = parts.read(part)
            try:
                expat.ParserCreate().Parse(text, True)
            except expat.ExpatError as error:
                ask(False, f"{part}: {error}")
            ask(b'TargetMode="External"' not in text, f"{part}: a link to outside")


def layout(name, sheet, ask):
    page = sheet.page
    last = get_column_letter(len(sheet.heads))
    ask(page.auto_filter.ref == f"A{HEAD}:{last}{max(page.max_row, HEAD)}", f"{name}: the filter is {page.auto_filter.ref}")
    frozen = page.freeze_panes or ""
    ask(frozen.lstrip("ABCDEFGH") == str(HEAD + 1) and not frozen.startswith("A"), f"{name}: frozen at {frozen}")
    ask(page.print_title_rows == f"${HEAD}:${HEAD}", f"{name}: prints {page.print_title_rows} on every page")
    ask(page.sheet_properties.pageSetUpPr.fitToPage, f"{name}: does not fit its width to pages")
    twolines = [cell.coordinate for cell in page[HEAD] if "\n" not in str(cell.value)]
    ask(not twolines, f"{name}: headers without a second language in {twolines}")


def sums(folder, about, sheets, base, small, ask):
    """Figures of the sheets against the totals of the round, and the names against its tables."""
    units, standing = sheets["units"], sheets["standing"]
    for year in about["units"]["residents_by_year"]:
        total = sum(units.values(f"residents {year['year']}"))
        ask(abs(total - year["residents"]) <= (0 if year["year"] == base else small), f"units: {total}, not {year}")
    heads = ["service", "year", "target group (persons)", "covered (persons)"]
    lines = list(zip(*(standing.values(head) for head in heads)))
    for total in about["totals"]:
        own = [line[2:] for line in lines if line[:2] == (total["service"], total["year"])]
        # A public edition leaves out small figures: there is no sum then.
        if None in sum(own, ()):
            continue
        for key, figures in zip(["target", "covered"], zip(*own)):
            ask(abs(sum(figures) - total[key]) <= small, f"standing: {total['service']} {total['year']} {key} {sum(figures)}")
    count = len(about["years"]) * len({total["service"] for total in about["totals"]}) * about["units"]["count"]
    ask(len(lines) == count or "standing.csv" in standing.page["A2"].value, f"standing: {len(lines)} lines, not {count}")
    for name, head, column in [("units", "unit", "unit"), ("facilities", "facility name", "facility_name")]:
        table = folder / f"{name}.csv"
        if table.exists():
            with table.open(encoding="utf-8-sig", newline="") as text:
                want = [row[column] for row in csv.DictReader(text)]
            got = [cell.value or "" for cell in sheets[name].cells(head)]
            # openpyxl leaves control characters as `_xHHHH_`.
            same = len(got) == len(want) and all(each in (cell, unescape(cell)) for cell, each in zip(got, want))
            ask(same, f"{name}: `{head}` differs from {table.name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = main(Path(sys.argv[1]))
    print("\n".join(found) if found else "round.xlsx agrees with round.json")
    sys.exit(1 if found else 0)

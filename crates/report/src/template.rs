//! A table for departments to fill in, as a workbook: a styled header that stays in sight, lists to choose from, codes as text, and a
//! sheet that says what each column means.

use fuwutu_io::read::template::{Field, Holds, Template, example};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Formula, Workbook, Worksheet, XlsxError,
};

use crate::ReportError;

/// So many rows have lists to choose from, and codes that are text.
const ROWS: u32 = 5000;
const LISTS: &str = "选项";

/// The bytes of a workbook to fill in: the table, its notes (填写说明), and the lists to choose from on a hidden sheet. The row under the
/// header is an example, which is left out when the table is read. Equal templates give equal bytes.
///
/// # Errors
/// [`ReportError::File`] where the file cannot be put together.
pub fn workbook(template: &Template, services: &[String]) -> Result<Vec<u8>, ReportError> {
    assemble(template, services).map_err(|error| ReportError::File {
        path: format!("{}.xlsx", template.name).into(),
        message: error.to_string(),
    })
}

fn assemble(template: &Template, services: &[String]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The day is always the same one, so that equal templates give equal bytes.
    let day = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&day));
    let (lists, ranges) = lists(template, services)?;
    book.push_worksheet(table(template, &ranges)?);
    book.push_worksheet(notes(template)?);
    book.push_worksheet(lists);
    book.save_to_buffer()
}

/// The sheet of all lists, and by column of the table where its own stands.
fn lists(
    template: &Template,
    services: &[String],
) -> Result<(Worksheet, Vec<Option<String>>), XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(LISTS)?.set_hidden(true);
    let mut ranges = Vec::new();
    let mut column = 0;
    for field in &template.columns {
        let words: Vec<&str> = match field.holds {
            Holds::Service => services.iter().map(String::as_str).collect(),
            Holds::Choice(words) => words.to_vec(),
            Holds::Words | Holds::Code | Holds::Number => Vec::new(),
        };
        if words.is_empty() {
            ranges.push(None);
            continue;
        }
        for (word, row) in words.iter().zip(0..) {
            sheet.write_string(row, column, *word)?;
        }
        let letter = char::from(b'A' + column as u8);
        let range = format!("={LISTS}!${letter}$1:${letter}${}", words.len());
        ranges.push(Some(range));
        column += 1;
    }
    Ok((sheet, ranges))
}

fn table(template: &Template, ranges: &[Option<String>]) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(template.title[0])?;
    let header = |field: &Field| {
        let format = Format::new()
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_border(FormatBorder::Thin)
            .set_text_wrap();
        match field.required {
            true => format.set_background_color(Color::RGB(0xf4_d9_a6)),
            false => format.set_background_color(Color::RGB(0xe3_ea_f2)),
        }
    };
    let text = Format::new().set_num_format("@");
    let grey = Format::new()
        .set_italic()
        .set_font_color(Color::RGB(0x80_80_80));
    let columns = template
        .columns
        .iter()
        .zip(ranges)
        .zip(example(template))
        .zip(0..);
    for (((field, range), example), column) in columns {
        let wide = field.header.chars().count() as f64 * 2.2 + 6.0;
        sheet.set_column_width(column, wide.max(12.0))?;
        if matches!(field.holds, Holds::Code | Holds::Words) {
            sheet.set_column_format(column, &text)?;
        }
        sheet.write_string_with_format(0, column, &field.header, &header(field))?;
        match example.parse::<f64>() {
            Ok(number) if field.holds == Holds::Number => {
                sheet.write_number_with_format(1, column, number, &grey)?;
            }
            _ if example.is_empty() => {}
            _ => {
                sheet.write_string_with_format(
                    1,
                    column,
                    &example,
                    &grey.clone().set_num_format("@"),
                )?;
            }
        }
        if let Some(range) = range {
            let list = DataValidation::new().allow_list_formula(Formula::new(range));
            sheet.add_data_validation(1, column, ROWS, column, &list)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(sheet)
}

/// One line for each column, in Chinese and English.
fn notes(template: &Template) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name("填写说明")?;
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let heads = ["列 / column", "是否必填 / needed", "说明", "meaning"];
    for ((head, width), column) in heads.into_iter().zip([22.0, 16.0, 60.0, 60.0]).zip(0..) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, head, &bold)?;
    }
    let mut row = 1;
    for field in &template.columns {
        let needed = if field.required {
            "必填 / yes"
        } else {
            "选填 / no"
        };
        let cells = [&*field.header, needed, field.meaning[0], field.meaning[1]];
        for (cell, column) in cells.into_iter().zip(0..) {
            sheet.write_string_with_format(row, column, cell, &wrapped)?;
        }
        row += 1;
    }
    let more = [
        (
            "第一列以“示例”加编号开头的行是示例，读取时不计入，可以删去。不要填写身份证号码、电话等个人信息。",
            "A row whose first cell begins with 示例 and an id is an example, which is left out when the table is read. Give no identity numbers and no phones.",
        ),
        (
            "不知道的留空；数字只写数字。表名、列名不要改动。",
            "Leave empty what is not known; write numbers as digits alone. Leave headers as they are.",
        ),
    ];
    for (zh, en) in more {
        row += 1;
        sheet.write_string_with_format(row, 2, zh, &wrapped)?;
        sheet.write_string_with_format(row, 3, en, &wrapped)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(sheet)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io;
    use std::path::Path;

    use fuwutu_io::finding::{Finding, Kind};
    use fuwutu_io::plan::{self, Plan};
    use fuwutu_io::read::template::{csv, services, templates};
    use fuwutu_io::read::{Files, read};

    use super::*;

    struct Memory(BTreeMap<&'static str, Vec<u8>>);

    impl Files for Memory {
        fn bytes(&self, path: &Path) -> io::Result<Vec<u8>> {
            let file = path.to_str().and_then(|path| self.0.get(path));
            file.cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
        }
    }

    const SQUARE: &str = "[[[104.0,30.6],[104.01,30.6],[104.01,30.61],[104.0,30.61],[104.0,30.6]]]";
    const PLAN: &str = r#"
[round]
name = "template"
base_year = 2026
[inputs]
crs = "EPSG:4490"
townships = { path = "townships" }
communities = { path = "communities" }
population = { path = "population" }
earlier = { path = "earlier", year = 2016 }
facilities = [{ path = "facilities" }]
housing = { path = "housing" }
[services]
select = ["primary_school"]
"#;

    fn layer(properties: &str) -> Vec<u8> {
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"properties\":{{{properties}}},\
             \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":{SQUARE}}}}}]}}"
        )
        .into_bytes()
    }

    /// A city whose tables are templates, each made by `file`.
    fn findings(file: impl Fn(&Template) -> Vec<u8>) -> Vec<Finding> {
        let mut files: BTreeMap<_, _> = templates()
            .iter()
            .map(|template| (template.name, file(template)))
            .collect();
        files.insert("townships", layer("\"code\":\"990101001\",\"name\":\"镇\""));
        let community = "\"code\":\"990101001001\",\"name\":\"东一社区\",\"township\":\"990101001\",\"class\":\"urban\"";
        files.insert("communities", layer(community));
        let mut plan = Plan::parse(PLAN, Path::new("plan.toml")).unwrap();
        let (catalogue, _) = plan::catalogue(&mut plan, Path::new("plan.toml")).unwrap();
        match read(&plan, &Memory(files), &catalogue) {
            Ok(input) => input.findings,
            Err(failure) => failure.findings,
        }
    }

    /// Findings of a file that say more than that it was seen.
    fn faults(findings: &[Finding], names: &[&str]) -> Vec<String> {
        let seen = [
            Kind::SheetChosen,
            Kind::RowsLeftOut,
            Kind::ExampleRows,
            Kind::NoRows,
            // Nobody has filled anything in.
            Kind::EarlierMissing,
        ];
        let of = findings.iter().filter(|each| names.contains(&&*each.file));
        of.filter(|each| !seen.contains(&each.kind))
            .map(|each| format!("{each:?}"))
            .collect()
    }

    #[test]
    fn templates_are_read_without_a_word_in_the_plan_and_their_example_is_none() {
        let catalogue = plan::parse_catalogue(plan::CATALOGUE, Path::new("a")).unwrap();
        let services = services(&catalogue);
        let names = ["population", "facilities", "earlier", "housing"];
        for findings in [
            findings(|template| workbook(template, &services).unwrap()),
            findings(|template| csv(template).into_bytes()),
        ] {
            let examples = findings
                .iter()
                .filter(|each| each.kind == Kind::ExampleRows);
            assert_eq!(examples.count(), 4, "{findings:?}");
            assert!(
                faults(&findings, &names).is_empty(),
                "{:?}",
                faults(&findings, &names)
            );
        }
        // The examples without their mark are rows like any other.
        let filled = |template: &Template| csv(template).replace("示例", "").into_bytes();
        let findings = findings(filled);
        assert!(
            faults(&findings, &names).is_empty(),
            "{:?}",
            faults(&findings, &names)
        );
        assert!(findings.iter().all(|each| each.kind != Kind::NoRows));
    }

    #[test]
    fn equal_templates_give_equal_bytes() {
        for template in templates() {
            let one = workbook(&template, &["小学".to_owned()]).unwrap();
            assert_eq!(one, workbook(&template, &["小学".to_owned()]).unwrap());
        }
    }
}

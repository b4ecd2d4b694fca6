//! The first sheet: the whole city on a page.

use fuwutu_core::quantity::Residents;
use fuwutu_core::service::Service;
use fuwutu_io::manifest::ResidentsBand;
use fuwutu_io::standards;
use fuwutu_io::tables::standing::Standing;
use fuwutu_io::tables::totals::Total;
use fuwutu_io::words::status;
use rust_xlsxwriter::utility::row_col_to_cell_absolute;
use rust_xlsxwriter::{
    Chart, ChartFormat, ChartLegendPosition, ChartSolidFill, Color, Formula, Worksheet, XlsxError,
};

use super::sheet::{self, Area, Column, Group, Look, Rule, column};
use super::text;
use super::units::residents;
use super::words::{both, marks, service, statuses, unit};
use crate::book::{Book, Edition};
use crate::foot;
use crate::words::NO_DATA;

/// Pixels of a row that has the height of its letters.
const ROW: u32 = 20;
/// Places in the second chart.
const PLACES: u32 = 10;

/// Title, key figures, residents by year, services, two charts, checks, and what every report says at its foot.
pub(super) fn sheet(
    book: &Book,
    units: &Area,
    standing: &Area,
    by_need: &Area,
) -> Result<Worksheet, XlsxError> {
    let mut page = sheet::page(book, OVERVIEW, 1)?;
    sheet::title(
        &mut page,
        &format!("公共服务地图 Public-service map: {}", book.manifest.round),
    )?;
    text::write(
        &mut page,
        1,
        0,
        &marks(book).join("    "),
        &Look::Mark.format(),
    )?;
    let row = key_figures(book, &mut page, 3)?.max(years(book, &mut page, 3)?);
    let (services, row) = service_tables(book, &mut page, row + 1)?;
    // Charts are not cut in two: Excel heeds a break only where the scale is given, and this one fits the tables' width.
    page.set_print_scale(60).set_page_breaks(&[row + 1])?;
    let row = charts(book, &mut page, row + 1, services, by_need)?;
    let row = checks(book, &mut page, row + 1, services, units, standing)?;
    foot(book, &mut page, row + 1)?;
    Ok(page)
}

const OVERVIEW: &str = "总览 overview";

fn section(page: &mut Worksheet, row: u32, words: &str) -> Result<(), XlsxError> {
    page.set_row_height(row, 22)?;
    text::write(page, row, 0, words, &Look::Section.format())
}

/// What the city and its units are, in the first two columns; gives the row after the last.
fn key_figures(book: &Book, page: &mut Worksheet, first: u32) -> Result<u32, XlsxError> {
    section(page, first, "全市 The city")?;
    let (units, city) = (&book.manifest.units, &book.manifest.city);
    let cap = book.manifest.plan.units.cap;
    let figures = [
        ("人口上限（人） cap of a unit", cap as f64),
        ("单元 units", units.count as f64),
        ("超过上限的单元 units over the cap", units.over_cap as f64),
        ("镇（街道） townships", city.townships as f64),
        (
            "单元数已证明最少的镇街 proven minimum",
            units.townships_proved_least as f64,
        ),
        ("社区（村） communities", city.communities as f64),
        ("需求点 demand points", city.demand_points as f64),
        ("设施 facilities", city.facilities as f64),
    ];
    let mut row = first + 1;
    for (words, number) in figures {
        text::write(page, row, 0, words, &Look::Wrapped.format())?;
        page.write_number_with_format(row, 1, number, &Look::Whole.format())?;
        row += 1;
    }
    let [own, on_foot] = [0, 2].map(|way| book.city_complete(0, way));
    // Without it nobody can tell a city of two services from one of forty.
    let count = own.map_or(0, |line| line.count);
    let all = format!("基础服务（{count} 项）齐备的居民 with all {count} basic services");
    let shares = [
        (&*all, own.and_then(|line| line.share)),
        (
            "其中一律步行 15 分钟 all within 15 minutes on foot",
            on_foot.and_then(|line| line.share),
        ),
        (
            "基础服务完整度 completeness, basic services",
            own.and_then(|line| line.mean_share),
        ),
    ];
    for (words, share) in shares {
        if let Some(share) = share {
            text::write(page, row, 0, words, &Look::Wrapped.format())?;
            page.write_number_with_format(row, 1, share, &Look::Rate.format())?;
            row += 1;
        }
    }
    Ok(row)
}

/// Residents by year, with the low and the high figure where they were projected, from the third column on.
fn years(book: &Book, page: &mut Worksheet, first: u32) -> Result<u32, XlsxError> {
    let projection = book.manifest.projection.as_ref();
    let projected = projection.map_or(&[][..], |projection| &projection.residents);
    let mut heads = vec!["年份 year", "人口 residents"];
    if !projected.is_empty() {
        heads.extend(["低方案 low", "高方案 high"]);
    }
    for (head, column) in heads.iter().zip(2..) {
        text::write(
            page,
            first,
            column,
            head,
            &Look::Head(Group::Which).format(),
        )?;
    }
    let mut row = first + 1;
    for of_year in &book.manifest.units.residents_by_year {
        let band = projected.iter().find(|band| band.year == of_year.year);
        let persons =
            |figure: fn(&ResidentsBand) -> Residents| band.map(figure).map(Residents::persons);
        let cells = [
            Some(f64::from(of_year.year)),
            Some(of_year.residents.persons()),
            persons(|band| band.low),
            persons(|band| band.high),
        ];
        for (cell, column) in cells.into_iter().zip(2..) {
            let look = if column == 2 {
                Look::Plain
            } else {
                Look::Whole
            };
            sheet::write(page, row, column, &cell.into(), &look.format())?;
        }
        row += 1;
    }
    if projected.is_empty() && book.manifest.years.len() > 1 {
        let words =
            "没有历史人口，各年按基期年计 No earlier population: every year is as the base year.";
        text::write(page, row, 2, words, &Look::Note.format())?;
        row += 1;
    }
    Ok(row)
}

/// A service with its city figures of the base year and of the last.
#[derive(Clone, Copy)]
struct Line<'a> {
    service: &'a Service,
    /// Whether something is known of its facilities.
    supplied: bool,
    base: Option<&'a Total>,
    last: Option<&'a Total>,
}

/// Reach and presence by service, and below them capacity: side by side they would be too wide for a page. Gives the row of
/// the first service in the first table, and the row after both.
fn service_tables(book: &Book, page: &mut Worksheet, row: u32) -> Result<(u32, u32), XlsxError> {
    let (base, last) = ends(book);
    let lines = || {
        book.services.iter().enumerate().map(|(at, service)| Line {
            service,
            supplied: book.supplied(at),
            base: book.total(&service.id, base),
            last: book.total(&service.id, last),
        })
    };
    section(
        page,
        row,
        "全市各服务：覆盖与配置 The city by service: reach and presence",
    )?;
    let spread = lines().any(|line| line.base.is_some_and(|base| base.covered_least.is_some()));
    let columns = reach_and_presence(base, last, spread);
    sheet::head(page, row + 1, &columns)?;
    let first = row + 2;
    let row = sheet::lines(page, first, &columns, lines())? + 1;
    section(page, row, "全市各服务：供需 The city by service: capacity")?;
    let columns = capacity(base, last);
    sheet::heads(page, row + 1, &columns)?;
    let row = sheet::lines(page, row + 2, &columns, lines())?;
    Ok((first, not_supplied(book, page, row)?))
}

/// Services of whose facilities nothing was supplied; gives the row after the last.
fn not_supplied(book: &Book, page: &mut Worksheet, row: u32) -> Result<u32, XlsxError> {
    let Some([zh, en]) = foot::not_supplied(book) else {
        return Ok(row);
    };
    let words = format!(
        "未提供设施数据（不评价，不计入配置优先度） Without facility data (not judged, not in the priority score)：{zh} {en}"
    );
    text::write(page, row + 1, 0, &words, &Look::Note.format())?;
    Ok(row + 2)
}

/// Its name, and that nothing is known of its facilities where that is so.
fn service_with_data(line: Line) -> String {
    let name = service(line.service);
    if line.supplied {
        name
    } else {
        format!("{name}（{} {}）", NO_DATA[0], NO_DATA[1])
    }
}

/// The base year and the last one.
fn ends(book: &Book) -> (i32, i32) {
    let years = &book.manifest.years;
    (years[0], years[years.len() - 1])
}

/// Width of the column of services, in Latin letters.
const SERVICE: u16 = 42;

/// The column of the base year's coverage in the first table; that of the last year stands beside it.
const COVERAGE: u16 = 6;

/// A figure of the city in one year.
fn figure<'a>(
    head: [&str; 2],
    year: i32,
    look: Look,
    value_of: impl Fn(Line<'a>) -> Option<f64> + 'a,
) -> Column<'a, Line<'a>> {
    column(
        [
            &format!("{year} {}", head[0]),
            &format!("{} {year}", head[1]),
        ],
        13,
        look,
        value_of,
    )
}

fn reach_and_presence<'a>(base: i32, last: i32, spread: bool) -> Vec<Column<'a, Line<'a>>> {
    let reach = |head, look, value_of: fn(Line<'a>) -> Option<f64>| {
        figure(head, base, look, value_of).of(Group::Reach)
    };
    let presence = |head, count: fn(&Total) -> Option<u32>| {
        figure(head, base, Look::Whole, move |line| {
            line.base.and_then(count).map(f64::from)
        })
        .of(Group::Presence)
    };
    let mut columns = vec![
        column(
            ["服务", "service"],
            SERVICE,
            Look::Wrapped,
            |line: Line<'a>| service_with_data(line),
        ),
        column(
            ["依据可靠性", "status of the standard"],
            22,
            Look::Text,
            |line: Line<'a>| both(status(&line.service.status.overall)),
        )
        .colored(statuses()),
        column(
            ["依据年份与适用范围", "year and scope"],
            26,
            Look::Wrapped,
            move |line: Line<'a>| {
                let evidence = line.service.main_evidence();
                evidence.map_or_else(String::new, |evidence| {
                    let [zh, en] = standards::short(evidence, base);
                    both([&zh, &en])
                })
            },
        ),
        column(
            ["服务编号", "service id"],
            24,
            Look::Text,
            |line: Line<'a>| line.service.id.as_str(),
        ),
        reach(
            ["服务人口（人）", "target group (persons)"],
            Look::Whole,
            |line| line.base?.target.map(Residents::persons),
        ),
        reach(
            ["已覆盖（人）", "covered (persons)"],
            Look::Whole,
            |line| line.base?.covered.map(Residents::persons),
        ),
        reach(["覆盖率", "coverage"], Look::Rate, |line| {
            line.base?.coverage()
        })
        .colored(Rule::Share),
    ];
    if last != base {
        let later = figure(["覆盖率", "coverage"], last, Look::Rate, |line| {
            line.last?.coverage()
        });
        columns.push(later.of(Group::Reach).colored(Rule::Share));
    }
    if spread {
        columns.extend([
            reach(
                ["覆盖率下限", "coverage at least"],
                Look::Rate,
                |line| share(line.base?.covered_least, line.base?.target),
            ),
            reach(["覆盖率上限", "coverage at most"], Look::Rate, |line| {
                share(line.base?.covered_most, line.base?.target)
            }),
        ]);
    }
    columns.extend([
        presence(["有规则的单元", "units with a rule"], |total| {
            total.units_with_a_rule
        }),
        presence(["已达标单元", "units attained"], |total| {
            total.units_attained
        }),
        presence(["资料不详单元", "units undecided"], |total| {
            total.units_undecided
        }),
    ]);
    columns
}

fn share(part: Option<Residents>, whole: Option<Residents>) -> Option<f64> {
    let (part, whole) = (part?.persons(), whole?.persons());
    (whole > 0.0).then(|| part / whole)
}

fn capacity<'a>(base: i32, last: i32) -> Vec<Column<'a, Line<'a>>> {
    let amount = |head, value_of: fn(Line<'a>) -> Option<f64>| {
        figure(head, base, Look::Tenth, value_of).of(Group::Capacity)
    };
    let mut columns = vec![
        column(
            ["服务", "service"],
            SERVICE,
            Look::Wrapped,
            |line: Line<'a>| service_with_data(line),
        ),
        column(
            ["规模单位", "unit of capacity"],
            22,
            Look::Text,
            |line: Line<'a>| unit(line.service),
        )
        .of(Group::Capacity),
        figure(
            ["规模不详的设施", "facilities, capacity not known"],
            base,
            Look::Whole,
            |line| line.base?.capacity_unknown.map(f64::from),
        )
        .of(Group::Capacity),
        amount(["需求", "demand"], |line| demand(line.base?)),
        amount(["供给", "supply"], |line| line.base?.capacity),
        amount(
            ["供给缺口（计入可达供给）", "short in reach"],
            |line| line.base?.short,
        ),
        amount(["未满足需求", "unmet demand"], |line| {
            line.base?.certain_short
        }),
    ];
    if last != base {
        let later = figure(
            ["未满足需求", "unmet demand"],
            last,
            Look::Tenth,
            |line| line.last?.certain_short,
        );
        columns.push(later.of(Group::Capacity));
    }
    columns
}

/// What the norm asks for: what can be seated and what cannot.
fn demand(total: &Total) -> Option<f64> {
    Some(total.certain_seated? + total.certain_short?)
}

/// Coverage by service, and beside it the places with most need; gives the row below both.
fn charts(
    book: &Book,
    page: &mut Worksheet,
    row: u32,
    services: u32,
    by_need: &Area,
) -> Result<u32, XlsxError> {
    let count = book.services.len() as u32;
    if count == 0 {
        return Ok(row);
    }
    let last = services + count - 1;
    let (base, horizon) = ends(book);
    let mut chart = bars("覆盖率 Coverage");
    let years = [
        (base, COVERAGE, 0x1F_5F_8A),
        (horizon, COVERAGE + 1, 0x9C_C9_EA),
    ];
    for (year, column, color) in years.into_iter().take(if base == horizon { 1 } else { 2 }) {
        let series = chart.add_series();
        series
            .set_name(&year.to_string())
            .set_format(&mut fill(color))
            .set_gap(60);
        series
            .set_categories((OVERVIEW, services, 0, last, 0))
            .set_values((OVERVIEW, services, column, last, column));
    }
    chart.x_axis().set_min(0).set_max(1).set_num_format("0%");
    chart.legend().set_position(ChartLegendPosition::Bottom);
    let height = 110 + ROW * (2 * count).max(PLACES);
    chart.set_width(610).set_height(height);
    page.insert_chart_with_offset(row, 0, &chart, 0, 5)?;
    let columns = by_need
        .column("name")
        .zip(by_need.column("priority score"))
        .filter(|_| by_need.lines > 0);
    if let Some((names, needs)) = columns {
        let (first, last) = (by_need.first, by_need.first + by_need.lines.min(PLACES) - 1);
        let mut chart = bars("配置优先度最高的单元 Units of highest priority");
        let series = chart.add_series();
        series
            .set_name("配置优先度 priority score")
            .set_format(&mut fill(0xC4_6A_12))
            .set_gap(60);
        series.set_categories((by_need.name, first, names, last, names));
        series.set_values((by_need.name, first, needs, last, needs));
        chart.legend().set_hidden();
        chart.x_axis().set_min(0).set_num_format("0.0");
        chart.set_width(610).set_height(height);
        page.insert_chart_with_offset(row, 3, &chart, 30, 5)?;
    }
    Ok(row + height / ROW + 1)
}

/// A chart of bars, the first on top.
fn bars(title: &str) -> Chart {
    let mut chart = Chart::new_bar();
    chart.set_alt_text(title).title().set_name(title);
    // In a chart of bars the library calls the upright axis y.
    chart.y_axis().set_reverse();
    chart
}

fn fill(color: u32) -> ChartFormat {
    let mut format = ChartFormat::new();
    format.set_solid_fill(ChartSolidFill::new().set_color(Color::RGB(color)));
    format
}

/// What is compared: words, the formula of the sum, the sum, and the city's figure.
struct Check {
    words: String,
    formula: String,
    sum: f64,
    city: f64,
}

/// Sums of other sheets beside the city's figures, as formulas that anybody can follow; gives the row after the last.
fn checks(
    book: &Book,
    page: &mut Worksheet,
    row: u32,
    services: u32,
    units: &Area,
    standing: &Area,
) -> Result<u32, XlsxError> {
    section(
        page,
        row,
        "核对：各单元之和与全市 Checks: the sum of units and the city",
    )?;
    let checks = all_checks(book, services, units, standing);
    if checks.is_empty() {
        let words = match book.edition {
            Edition::Public { .. } => {
                "公开版不列出人数很少的数字，不能核对 The public edition leaves out small figures: nothing to check."
            }
            Edition::Internal => "没有可核对的 Nothing to check.",
        };
        text::write(page, row + 1, 0, words, &Look::Note.format())?;
        return Ok(row + 2);
    }
    // A unit's figure is rounded, and the city's in a public edition.
    let (step, rounded) = match book.edition {
        Edition::Internal => (1.0, book.units.len()),
        Edition::Public { small } => (f64::from(small), book.units.len() + 1),
    };
    let tolerance = (rounded as f64 * 0.5 * step).max(1.0);
    let words = format!(
        "允许差 {tolerance} 人，因人数取整到 {step} A difference of {tolerance} is allowed: people are rounded to multiples of {step}."
    );
    text::write(page, row + 1, 0, &words, &Look::Note.format())?;
    let heads = [
        "核对 check",
        "单元之和 sum of units",
        "全市 the city",
        "结果 result",
    ];
    for (head, column) in heads.iter().zip(0..) {
        text::write(
            page,
            row + 2,
            column,
            head,
            &Look::Head(Group::Which).format(),
        )?;
    }
    let mut row = row + 3;
    for check in checks {
        text::write(page, row, 0, &check.words, &Look::Wrapped.format())?;
        sheet::tall(page, row, sheet::rows(&check.words, f64::from(SERVICE)))?;
        let sum = Formula::new(&check.formula).set_result(check.sum.to_string());
        page.write_formula_with_format(row, 1, sum, &Look::Whole.format())?;
        page.write_number_with_format(row, 2, check.city, &Look::Whole.format())?;
        let agrees = (check.sum - check.city).abs() <= tolerance;
        let (sum, city) = (
            row_col_to_cell_absolute(row, 1),
            row_col_to_cell_absolute(row, 2),
        );
        let result = Formula::new(format!(
            "=IF(ABS({sum}-{city})<={tolerance},\"{AGREES}\",\"{DIFFERS}\")"
        ));
        let result = result.set_result(if agrees { AGREES } else { DIFFERS });
        page.write_formula_with_format(row, 3, result, &Look::Plain.format())?;
        row += 1;
    }
    Ok(row)
}

const AGREES: &str = "一致 agrees";
const DIFFERS: &str = "不一致 differs";

/// Residents of the base year; target group and covered people of the base year, service by service. What the sheets do not show
/// in full is not checked.
fn all_checks(book: &Book, services: u32, units: &Area, standing: &Area) -> Vec<Check> {
    let (base, _) = ends(book);
    let residents = units.reference(&residents(base)).map(|cells| Check {
        words: format!("{base} 常住人口 residents"),
        formula: format!("=SUM({cells})"),
        sum: book
            .units
            .iter()
            .map(|unit| unit.row.residents)
            .sum::<u64>() as f64,
        city: book.manifest.city.residents.persons(),
    });
    let mut checks: Vec<Check> = residents.into_iter().collect();
    let columns = [
        ("服务人口 target", "target group (persons)", "target"),
        ("已覆盖 covered", "covered (persons)", "covered"),
    ];
    let ids = standing
        .reference("service")
        .zip(standing.reference("year"));
    let Some((ids, years)) = ids else {
        return checks;
    };
    for (position, about) in book.services.iter().enumerate() {
        let id = row_col_to_cell_absolute(services + position as u32, 2);
        for (zh, head, key) in columns {
            let counted = |standing: &Standing| {
                if key == "target" {
                    standing.target_residents
                } else {
                    standing.covered_residents
                }
            };
            let sum: Option<u64> = (0..book.units.len())
                .map(|unit| counted(book.standing(unit, position, 0)))
                .sum();
            let city = book.total(&about.id, base).and_then(|total| {
                if key == "target" {
                    total.target
                } else {
                    total.covered
                }
            });
            let city = city.map(Residents::persons);
            if let Some(((sum, city), cells)) = sum.zip(city).zip(standing.reference(head)) {
                checks.push(Check {
                    words: format!("{base} {zh}: {}", service(about)),
                    formula: format!("=SUMIFS({cells},{ids},{id},{years},{base})"),
                    sum: sum as f64,
                    city,
                });
            }
        }
    }
    checks
}

/// The statement, and from what the figures came.
fn foot(book: &Book, page: &mut Worksheet, row: u32) -> Result<(), XlsxError> {
    let manifest = &book.manifest;
    let tool = format!("fuwutu {} · {}", manifest.version, manifest.datum);
    let sources = foot::sources(book);
    let lines = [
        Some(manifest.statement.zh.as_str()),
        Some(manifest.statement.en.as_str()),
        Some(tool.as_str()),
        foot::attribution(book),
        sources.as_deref(),
    ];
    for (line, row) in lines.into_iter().flatten().zip(row..) {
        text::write(page, row, 0, line, &Look::Note.format())?;
    }
    Ok(())
}

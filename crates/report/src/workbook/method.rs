//! The last sheet: from what the figures came, how they are computed, and what is not there.

use fuwutu_io::plan::TravelMode;
use rust_xlsxwriter::{IgnoreError, Worksheet, XlsxError};
use serde_json::{Value, json};

use super::sheet::{self, Look};
use super::text;
use super::words::{NONE, both, marks};
use crate::book::{Book, Edition};
use crate::foot;

const READING: [[&str; 3]; 6] = [
    [
        "三类评价 three verdicts",
        "覆盖（有没有在时限内）、配置（有没有、够不够大）、供需（规模够不够）分开看，不合成一个分数。覆盖不等于够用。",
        "Reach (is one within the limit), presence (are there enough, large enough) and capacity (is there enough) are reported separately, never as one score. Covered is not enough.",
    ],
    [
        "覆盖率 coverage",
        "服务人口中，时限内至少有一处开放设施的人的份额。",
        "The share of the target group with at least one open facility within the limit.",
    ],
    [
        "未满足需求 unmet demand",
        "无论怎样分配都安排不下的需求；有设施规模不详时为下限。逐个需求点按时限计，所以供给缺口为 0 时仍可很大：规模够，但有人在时限内到不了。",
        "The demand that no assignment whatever can seat; where a capacity is not known, at least so much. Asked at every place within the limit, so it can be large where the shortfall is 0: there is enough, but not within the limit of everybody.",
    ],
    [
        "供给缺口（计入可达供给） short in reach",
        "需求减可达供给，逐单元相加，不小于 0；是单元总量之差，一处的富余抵消另一处的不足。",
        "Demand less the accessible supply, summed over units, none below 0; of totals, so that plenty in one place offsets want in another.",
    ],
    [
        "空格 empty cells",
        "未知、不适用，或公开版不列出的数字；不是 0。",
        "Not known, not applicable, or a small figure that the public edition leaves out; never 0.",
    ],
    [
        "颜色 colours",
        "橙色偏少、蓝色充足；颜色只是辅助，单元格里总有数字或文字。表头：蓝 覆盖，紫 配置，棕 供需。",
        "Orange is little, blue is much; a figure or a word always stands beside the colour. Headers: blue reach, purple presence, brown capacity.",
    ],
];

const FORMULAS: [[&str; 3]; 7] = [
    [
        "覆盖率 coverage",
        "C = 已覆盖 ÷ 服务人口；已覆盖 ⇔ 最近开放设施的时间 ≤ 时限",
        "C = covered ÷ target; covered ⇔ time to the nearest open facility ≤ limit",
    ],
    [
        "需求 demand",
        "D = 人口 × 千人指标 ÷ 1000，或 服务人口 × 每人指标（见“标准”）",
        "D = residents × norm per 1,000 ÷ 1,000, or target group × norm per person (see the standards)",
    ],
    [
        "可达供给 access (2SFCA)",
        "Rⱼ = Sⱼ ÷ Σᵢ Pᵢ f(tᵢⱼ)；Aᵢ = Σⱼ Rⱼ f(tᵢⱼ)。P 服务人口，S 规模，t 时间，f 衰减（时限外为 0）；Σ Pᵢ Aᵢ = 有人可达的规模",
        "Rⱼ = Sⱼ ÷ Σᵢ Pᵢ f(tᵢⱼ); Aᵢ = Σⱼ Rⱼ f(tᵢⱼ). P target group, S capacity, t time, f decay (0 beyond the limit); Σ Pᵢ Aᵢ = capacity that anybody reaches",
    ],
    [
        "缺口 shortfall",
        "单元内：max(0, D − 单元内供给)；可达：max(0, D − 可达供给)；确定：D − 最大分配",
        "inside: max(0, D − supply inside); in reach: max(0, D − accessible supply); unmet: D − the greatest assignment",
    ],
    [
        "综合缺口率 need",
        "N = 100 × Σ 权重 × 缺口率 ÷ Σ 权重，只计有设施数据、且本单元有服务人口的服务；缺口率取规模缺口率与未覆盖率中较大者；各领域权重相同（或依评估任务文件），领域内按基础、提升分配",
        "N = 100 × Σ weight × missing share ÷ Σ weight, over the services with facility data to whose target group somebody belongs in the unit; the missing share is that of capacity or of people out of reach, whichever is more; all fields weigh the same (or as the plan says), and services share it by tier",
    ],
    [
        "配置优先度 priority score",
        "P = N ×（1 + λ × 流入），流入 = 预测期增长 ÷ 参考值，限于 0 至 1；N、P 保留一位小数，相同的按单元编号",
        "P = N × (1 + λ × inflow), inflow = growth over the horizon ÷ reference, within 0 and 1; N and P have one decimal, and equal ones stand in the order of units",
    ],
    [
        "位次区间 interval of a place",
        "权重、步速、可达供给（和人口方案）随机变动后重排，90 % 落在区间内",
        "Weights, pace, accessible supply (and the population figure) are drawn anew and units ranked again; nine in ten draws fall within it",
    ],
];

/// Of the topic, the Chinese and the English, in Latin letters.
const WIDTHS: [f64; 3] = [36.0, 72.0, 80.0];

/// Statement, reading, formulas, what is absent, parameters and inputs: topic, Chinese, English.
pub(super) fn sheet(book: &Book) -> Result<Worksheet, XlsxError> {
    let mut page = sheet::page(book, "说明 method", 1)?;
    for (width, column) in WIDTHS.into_iter().zip(0..) {
        page.set_column_width(column, width)?;
    }
    sheet::title(&mut page, "说明 Method")?;
    let blocks = [
        ("本表 This workbook", about(book)),
        ("怎样读 How to read it", owned(&READING)),
        ("公式 Formulas", owned(&FORMULAS)),
        ("没有的内容 What is not there", absent(book)),
        (
            "参数 Parameters of the plan",
            flat(&json!(book.manifest.plan)),
        ),
        ("输入文件 Inputs (SHA-256)", inputs(book)),
    ];
    let mut row = 2;
    for (head, lines) in blocks.into_iter().filter(|(_, lines)| !lines.is_empty()) {
        page.set_row_height(row, 22)?;
        text::write(&mut page, row, 0, head, &Look::Section.format())?;
        for line in lines {
            row += 1;
            let mut most = 1;
            for ((cell, width), column) in line.iter().zip(WIDTHS).zip(0..) {
                most = most.max(sheet::rows(cell, width));
                text::write(&mut page, row, column, cell, &Look::Wrapped.format())?;
            }
            sheet::tall(&mut page, row, most)?;
        }
        row += 2;
    }
    // Parameters are shown as they are written: no green corners.
    page.ignore_error_range(0, 0, row, 2, IgnoreError::NumberStoredAsText)?;
    Ok(page)
}

fn owned(lines: &[[&str; 3]]) -> Vec<[String; 3]> {
    lines.iter().map(|line| line.map(str::to_owned)).collect()
}

fn about(book: &Book) -> Vec<[String; 3]> {
    let manifest = &book.manifest;
    let years: Vec<String> = manifest.years.iter().map(i32::to_string).collect();
    let mut lines = vec![
        [
            "声明 statement".to_owned(),
            manifest.statement.zh.clone(),
            manifest.statement.en.clone(),
        ],
        [
            "标记 marks".to_owned(),
            marks(book).join("；"),
            String::new(),
        ],
        [
            "轮次 round".to_owned(),
            manifest.round.clone(),
            String::new(),
        ],
        [
            "版本 version".to_owned(),
            format!("fuwutu {}", manifest.version),
            String::new(),
        ],
        ["年份 years".to_owned(), years.join(", "), String::new()],
        [
            "坐标系 datum".to_owned(),
            manifest.datum.clone(),
            String::new(),
        ],
    ];
    if let Edition::Public { small } = book.edition {
        lines.push([
            "版本类别 edition".to_owned(),
            format!("公开版：略去少于 {small} 人的数字、受限类别和精确位置，其余人数按 {small} 取整。"),
            format!("Public: counts of fewer than {small} people, restricted kinds and exact places are left out; other counts are rounded to multiples of {small}."),
        ]);
    }
    let streets = foot::streets(&manifest.plan.travel);
    if !streets.is_empty() {
        let said = |lang: usize, between: &str| {
            let said: Vec<&str> = streets.iter().map(|said| said[lang].as_str()).collect();
            said.join(between)
        };
        lines.push([
            "路网通行 who may walk where".to_owned(),
            format!("{}；规则见 fuwutu roads --rules。", said(0, "；")),
            format!("{}; rules: fuwutu roads --rules.", said(1, "; ")),
        ]);
    }
    if let Some(attribution) = foot::attribution(book) {
        lines.push([
            "路网来源 roads".to_owned(),
            attribution.to_owned(),
            String::new(),
        ]);
    }
    if let Some(sources) = foot::sources(book) {
        lines.push(["数据来源 sources".to_owned(), sources, String::new()]);
    }
    lines
}

/// What this round does not have, so that readers need not look for it.
fn absent(book: &Book) -> Vec<[String; 3]> {
    let mut lines = Vec::new();
    let mut say = |missing: bool, topic: &str, zh: &str, en: &str| {
        if missing {
            lines.push([topic, zh, en].map(str::to_owned));
        }
    };
    say(
        book.manifest.plan.travel.mode == TravelMode::Straight,
        "路网 streets",
        "没有路网：时间按直线距离乘绕行系数计。",
        "No streets: times are straight lines × the detour factor.",
    );
    if let Some([zh, en]) = foot::not_supplied(book) {
        say(
            true,
            "设施数据 facilities",
            &format!("未提供设施数据的服务，不评价，不计入配置优先度：{zh}。"),
            &format!(
                "Services without facility data are not judged and have no part in the priority score: {en}."
            ),
        );
    }
    say(
        book.manifest.projection.is_none(),
        "人口预测 projection",
        "没有历史人口：各年人口与基期年相同，没有流入。",
        "No earlier population: residents of all years are those of the base year, and there is no inflow.",
    );
    say(
        book.units.iter().all(|unit| unit.since_last.is_none()),
        "上一轮 last round",
        "没有上一轮，无从比较。",
        "No last round to compare with.",
    );
    say(
        book.places.iter().all(|place| place.place_first.is_none()),
        "位次区间 certainty",
        "没有抽样，位次没有区间。",
        "Nothing was drawn: places have no interval.",
    );
    say(
        book.compares.is_none(),
        "直线对比 straight lines",
        "没有与直线距离对比。",
        "No comparison with straight lines.",
    );
    say(
        book.counties.is_empty(),
        "区县 counties",
        "没有区县总量。",
        "No counties.",
    );
    say(
        book.equities.is_empty(),
        "公平 equity",
        "没有公平指标。",
        "No figures of equity.",
    );
    lines
}

/// A tree of parameters as lines, each with its path.
fn flat(tree: &Value) -> Vec<[String; 3]> {
    fn walk(path: &str, value: &Value, lines: &mut Vec<[String; 3]>) {
        let below = |name: &str| {
            if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            }
        };
        match value {
            Value::Object(members) => members
                .iter()
                .for_each(|(name, value)| walk(&below(name), value, lines)),
            Value::Array(items)
                if !items
                    .iter()
                    .all(|value| !value.is_object() && !value.is_array()) =>
            {
                items
                    .iter()
                    .zip(1..)
                    .for_each(|(value, number)| walk(&below(&format!("{number}")), value, lines));
            }
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(plain).collect();
                lines.push([path.to_owned(), items.join(", "), String::new()]);
            }
            scalar => lines.push([path.to_owned(), plain(scalar), String::new()]),
        }
    }
    let mut lines = Vec::new();
    walk("", tree, &mut lines);
    lines
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => NONE.to_owned(),
        Value::Bool(true) => both(["是", "true"]),
        Value::Bool(false) => both(["否", "false"]),
        other => other.to_string(),
    }
}

fn inputs(book: &Book) -> Vec<[String; 3]> {
    book.manifest
        .inputs
        .iter()
        .map(|file| {
            if file.sha256.is_empty() {
                let [zh, en] = ["公开版不列", "not in the public edition"].map(str::to_owned);
                return [file.path.clone(), zh, en];
            }
            let bytes = format!("{} bytes", file.bytes);
            [file.path.clone(), file.sha256.clone(), bytes]
        })
        .collect()
}

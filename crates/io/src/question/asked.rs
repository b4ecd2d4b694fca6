//! The questions that findings come to.

use std::path::Path;

use super::{Choice, Edit, Need, Own, OwnKind, Question};
use crate::finding::{Finding, Kind, Lang};
use crate::manifest::Statement;
use crate::plan::Plan;
use crate::read::name;

/// The questions that `findings` of a plan's files come to, in their order: those that a change of the plan answers. Findings that only a
/// change of a file mends are none.
#[must_use]
pub fn asked(findings: &[Finding], plan: &Plan) -> Vec<Question> {
    let mut all: Vec<Question> = Vec::new();
    for finding in findings {
        let question = match finding.kind {
            Kind::DatumDoubted => datum(finding, plan),
            Kind::ColumnMeant => columns(finding, plan),
            Kind::CrsUndeclared => Some(undeclared(finding)),
            Kind::ServicesNotSupplied | Kind::ServicesNoData => Some(services(finding, plan)),
            Kind::BlocksApart => blocks(finding),
            _ => None,
        };
        // Of several findings alike the first asks.
        all.extend(question.filter(|new| all.iter().all(|old| old.id != new.id)));
    }
    all
}

fn said(zh: impl Into<String>, en: impl Into<String>) -> Statement {
    Statement {
        zh: zh.into(),
        en: en.into(),
    }
}

/// A question about the file of a finding, whose words are those of the finding.
fn about(finding: &Finding, choices: Vec<Choice>) -> Question {
    Question {
        id: format!("{}:{}", finding.kind.code(), finding.file),
        level: Need::Default,
        file: finding.file.clone(),
        text: said(finding.kind.what(Lang::Zh), finding.kind.what(Lang::En)),
        evidence: said(finding.text(Lang::Zh, &[]), finding.text(Lang::En, &[])),
        choices,
        own: None,
    }
}

fn as_it_is(zh: &str, en: &str) -> Choice {
    Choice {
        label: said("保持不变", "leave it as it is"),
        patch: Vec::new(),
        effect: said(zh, en),
    }
}

/// The value of such a finding ends in the system that fits better.
fn datum(finding: &Finding, plan: &Plan) -> Option<Question> {
    let Place { key, crs, .. } = place(plan, &finding.file)?;
    let (_, fits) = finding.value.rsplit_once(": ")?;
    let declare = Choice {
        label: said(format!("是 {fits}"), format!("it is in {fits}")),
        patch: vec![Edit::new(format!("{key}.crs"), fits)],
        effect: said(
            "按此坐标系换算到 CGCS2000",
            "its places are transformed to CGCS2000",
        ),
    };
    let declared = crs.or(plan.inputs.crs.as_deref()).unwrap_or("EPSG:4490");
    let keep = Choice {
        patch: vec![Edit::new(format!("{key}.crs"), declared)],
        ..as_it_is("坐标照原样使用", "its places are used as they are")
    };
    Some(about(finding, vec![declare, keep]))
}

/// The value lists `header → column`.
fn columns(finding: &Finding, plan: &Plan) -> Option<Question> {
    let Place { key, columns, .. } = place(plan, &finding.file)?;
    let pairs = finding
        .value
        .split(", ")
        .filter_map(|part| part.split_once(" → "));
    let patch: Vec<Edit> = pairs
        .filter(|(_, column)| !column.contains('='))
        .map(|(header, column)| Edit::new(format!("{key}.{columns}.{column}"), header))
        .collect();
    if patch.is_empty() {
        return None;
    }
    let read = Choice {
        label: said(
            "按箭头后的列读取",
            "read them as the columns after the arrows",
        ),
        patch,
        effect: said("这些列参与计算", "their figures count"),
    };
    let keep = as_it_is("这些列不参与计算", "they are passed over");
    Some(about(finding, vec![read, keep]))
}

fn undeclared(finding: &Finding) -> Question {
    let systems = [
        ("EPSG:4490", "CGCS2000 经纬度", "degrees in CGCS2000"),
        ("GCJ-02", "高德、腾讯地图", "Amap and Tencent"),
        ("BD-09", "百度地图", "Baidu"),
    ];
    let choices = systems.map(|(crs, zh, en)| Choice {
        label: said(format!("{crs}（{zh}）"), format!("{crs} ({en})")),
        patch: vec![Edit::new("inputs.crs", crs)],
        effect: said(
            "没有自带坐标系的文件都按此换算",
            "all files that name no system are read in it",
        ),
    });
    about(finding, choices.into())
}

/// The value lists services that no file has, the first of them.
fn services(finding: &Finding, plan: &Plan) -> Question {
    let named = plan.services.none_exist.len();
    let unknown = as_it_is(
        "不评价，标明未提供数据",
        "they are not judged, and reported as not supplied",
    );
    let listed = said(&*finding.value, &*finding.value);
    Question {
        text: said(
            "这些服务要素没有设施数据。其中哪些确实一处也没有？",
            "No file has facilities of these services. Of which is there none at all?",
        ),
        evidence: listed,
        own: Some(Own::new(
            format!("services.none_exist[{named}]"),
            OwnKind::Names,
        )),
        ..about(finding, vec![unknown])
    }
}

/// The value names the tolerance that joins the blocks.
fn blocks(finding: &Finding) -> Option<Question> {
    let (_, rest) = finding.value.split_once("gap_tolerance_m = ")?;
    let metres: f64 = rest.split(';').next()?.trim().parse().ok()?;
    let join = Choice {
        label: said(
            format!("缝隙不超过 {metres} 米的视为相邻"),
            format!("gaps of up to {metres} m are none"),
        ),
        patch: vec![Edit::new("units.gap_tolerance_m", metres)],
        effect: said(
            "单元更少，且多为一整块",
            "fewer units, and most of them in one piece",
        ),
    };
    let keep = as_it_is("按原图划分", "units are drawn as the land is drawn");
    Some(about(finding, vec![join, keep]))
}

/// Where a plan names a file.
struct Place<'a> {
    /// `inputs.facilities[1]`.
    key: String,
    /// The system that is declared for the very file.
    crs: Option<&'a str>,
    /// The key under which its columns are named.
    columns: &'static str,
}

/// Where the plan names a file, the first place.
fn place<'a>(plan: &'a Plan, file: &str) -> Option<Place<'a>> {
    let inputs = &plan.inputs;
    let is = |path: &Path| name(path) == file;
    let at = |key: &str, crs: &'a Option<String>, columns| Place {
        key: format!("inputs.{key}"),
        crs: crs.as_deref(),
        columns,
    };
    let sources = [
        ("townships", Some(&inputs.townships)),
        ("communities", Some(&inputs.communities)),
        ("codes", inputs.codes.as_ref()),
        ("population", inputs.population.as_ref()),
        ("weights", inputs.weights.as_ref()),
        ("housing", inputs.housing.as_ref()),
        ("controls", inputs.controls.as_ref()),
        ("crosswalk", inputs.crosswalk.as_ref()),
    ];
    let source = sources.into_iter().find_map(|(key, source)| {
        let source = source.filter(|source| is(&source.path))?;
        Some(at(key, &source.crs, "columns"))
    });
    let dated = || {
        let dated = [("earlier", &inputs.earlier), ("observed", &inputs.observed)];
        let (key, _) = (dated.into_iter())
            .find(|(_, source)| source.as_ref().is_some_and(|source| is(&source.path)))?;
        Some(at(key, &None, "columns"))
    };
    let facilities = || {
        let number = inputs
            .facilities
            .iter()
            .position(|source| is(&source.path))?;
        let crs = &inputs.facilities[number].crs;
        Some(at(&format!("facilities[{number}]"), crs, "columns"))
    };
    let roads = || {
        let roads = inputs.roads.as_ref()?;
        let tables = [
            (&roads.nodes, "node_columns"),
            (&roads.edges, "edge_columns"),
        ];
        let (_, columns) =
            (tables.into_iter()).find(|(path, _)| path.as_deref().is_some_and(is))?;
        Some(at("roads", &roads.crs, columns))
    };
    let last_units = || {
        let source = inputs.last_units.as_ref();
        source.filter(|source| is(&source.path))?;
        Some(at("last_units", &None, "columns"))
    };
    source
        .or_else(dated)
        .or_else(facilities)
        .or_else(roads)
        .or_else(last_units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(facilities: &str) -> Plan {
        let text = format!(
            "[round]\nname = \"a\"\nbase_year = 2026\n[inputs]\ncrs = \"EPSG:4490\"\ntownships = {{ path = \"t\" }}\n\
             communities = {{ path = \"c\" }}\nroads = {{ nodes = \"n\", edges = \"e\" }}\nfacilities = [{facilities}]\n\
             [services]\nnone_exist = [\"market\"]\n"
        );
        Plan::parse(&text, Path::new("plan.toml")).unwrap()
    }

    fn question(kind: Kind, file: &str, value: &str, facilities: &str) -> Question {
        let finding = Finding::new(kind, file).value(value);
        asked(&[finding], &plan(facilities)).remove(0)
    }

    #[test]
    fn to_leave_a_datum_as_it_is_changes_nothing() {
        let value = "9 → 5 m to the nearest street (median of 40): EPSG:4490";
        let facilities = "{ path = \"a\" }, { path = \"b\", crs = \"GCJ-02\" }";
        for (file, key, own) in [
            ("b", "inputs.facilities[1].crs", "GCJ-02"),
            ("a", "inputs.facilities[0].crs", "EPSG:4490"),
            ("n", "inputs.roads.crs", "EPSG:4490"),
        ] {
            let Question { choices, .. } = question(Kind::DatumDoubted, file, value, facilities);
            assert_eq!(choices[0].patch, [Edit::new(key, "EPSG:4490")], "{file}");
            assert_eq!(choices[1].patch, [Edit::new(key, own)], "{file}");
        }
    }

    #[test]
    fn columns_are_named_where_the_plan_names_them() {
        let meant = |file, value| question(Kind::ColumnMeant, file, value, "{ path = \"a\" }");
        let edit = |key: &str, header: &str| Edit::new(key, header);
        let facilities = meant("a", "状况 → status, 停用 → status = closed");
        assert_eq!(
            facilities.choices[0].patch,
            [edit("inputs.facilities[0].columns.status", "状况")]
        );
        let edges = meant("e", "起 → from");
        assert_eq!(
            edges.choices[0].patch,
            [edit("inputs.roads.edge_columns.from", "起")]
        );
    }

    #[test]
    fn services_of_which_there_are_none_are_added_to_those_that_are_named() {
        let found = question(
            Kind::ServicesNotSupplied,
            "",
            "2: pharmacy, bus_stop",
            "{ path = \"a\" }",
        );
        let edits = found.own.unwrap().edits("pharmacy，bus_stop").unwrap();
        let text = "[services]\nnone_exist = [\"market\"]\n";
        let after = super::super::patched(text, &edits).unwrap();
        assert_eq!(
            after,
            "[services]\nnone_exist = [\"market\", \"pharmacy\", \"bus_stop\"]\n"
        );
    }
}

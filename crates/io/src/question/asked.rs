//! The questions that findings come to.

use std::collections::BTreeMap;

use super::{Choice, Edit, Need, Own, OwnKind, Question};
use crate::finding::{Finding, Kind, Lang};
use crate::manifest::Statement;
use crate::plan::Plan;

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
            Kind::ServicesNotSupplied | Kind::ServicesNoData => Some(services(finding)),
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
    let key = plan.inputs.key_of(&finding.file)?;
    let (_, fits) = finding.value.rsplit_once(": ")?;
    let declare = Choice {
        label: said(format!("是 {fits}"), format!("it is in {fits}")),
        patch: vec![Edit::new(format!("{key}.crs"), fits)],
        effect: said(
            "按此坐标系换算到 CGCS2000",
            "its places are transformed to CGCS2000",
        ),
    };
    let declared = plan.inputs.crs.as_deref().unwrap_or("EPSG:4490");
    let keep = Choice {
        patch: vec![Edit::new(format!("{key}.crs"), declared)],
        ..as_it_is("坐标照原样使用", "its places are used as they are")
    };
    Some(about(finding, vec![declare, keep]))
}

/// The value lists `header → column`.
fn columns(finding: &Finding, plan: &Plan) -> Option<Question> {
    let key = plan.inputs.key_of(&finding.file)?;
    let pairs = finding
        .value
        .split(", ")
        .filter_map(|part| part.split_once(" → "));
    let patch: Vec<Edit> = pairs
        .filter(|(_, column)| !column.contains('='))
        .map(|(header, column)| Edit::new(format!("{key}.columns.{column}"), header))
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
fn services(finding: &Finding) -> Question {
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
        own: Some(Own::new("services.none_exist", OwnKind::Names)),
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

/// The keys of the inputs, by the names of their files.
impl crate::plan::Inputs {
    /// Where the plan names a file: `inputs.facilities[1]`.
    pub(crate) fn key_of(&self, file: &str) -> Option<String> {
        let mut keys: BTreeMap<String, String> = BTreeMap::new();
        let mut add = |key: String, path: &std::path::Path| {
            keys.entry(crate::read::name(path)).or_insert(key);
        };
        add("inputs.townships".into(), &self.townships.path);
        add("inputs.communities".into(), &self.communities.path);
        for (key, source) in [
            ("population", &self.population),
            ("housing", &self.housing),
            ("controls", &self.controls),
            ("crosswalk", &self.crosswalk),
        ] {
            if let Some(source) = source {
                add(format!("inputs.{key}"), &source.path);
            }
        }
        for (key, source) in [("earlier", &self.earlier), ("observed", &self.observed)] {
            if let Some(source) = source {
                add(format!("inputs.{key}"), &source.path);
            }
        }
        for (source, at) in self.facilities.iter().zip(0..) {
            add(format!("inputs.facilities[{at}]"), &source.path);
        }
        keys.remove(file)
    }
}

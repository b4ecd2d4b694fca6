//! `metadata.xml`: what the round is, where, from what and how it was made, as catalogues of geodata read it.

mod methods;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fuwutu_io::finding::Level;
use fuwutu_io::manifest::FileEntry;
use fuwutu_io::plan::{DatedSource, Inputs, Source};
use fuwutu_io::standards;
use fuwutu_io::words::{self, Coded};
use geo::{BoundingRect, Coord, Rect};

use crate::book::{Book, Edition};
use crate::foot;
use crate::xml::{element, escape};

/// A text in Chinese and English.
type Both = [String; 2];

/// ISO 19115 metadata of the round in the encoding of ISO 19139 (`gmd`, GML 3.2), in Chinese with English beside it.
///
/// Title, abstract and purpose; box and years; reference system; lineage with every input (its file's name without folders, and
/// its hash), every standard with its source and status, and the methods with their formulas in words; quality: findings by
/// level, standards by status; constraints: internal draft or map approval, the licence of OpenStreetMap; the round's files,
/// which a public edition does not list. The responsible party is left to be filled in. The date is `report.date` of the plan
/// where that is a day (`2026-11-25`), else it is marked as missing. Characters that XML cannot bear become U+FFFD.
///
/// Equal books give equal text. O(corners of outlines + findings); nothing is said of single facilities or demand points.
#[must_use]
pub fn metadata(book: &Book) -> String {
    let parts = [
        element("gmd:fileIdentifier", &string(&identifier(book))),
        language("gmd:language", "chi"),
        code("gmd:characterSet", "MD_CharacterSetCode", "utf8"),
        code("gmd:hierarchyLevel", "MD_ScopeCode", "dataset"),
        element("gmd:contact", CONTACT),
        date(book).map_or_else(
            || MISSING_DATE.to_owned(),
            |day| element("gmd:dateStamp", &day_element(day)),
        ),
        element("gmd:metadataStandardName", &string("ISO 19115:2003/19139")),
        element("gmd:metadataStandardVersion", &string("1.0")),
        locale(),
        reference_system(book),
        element(
            "gmd:identificationInfo",
            &element("gmd:MD_DataIdentification", &identification(book)),
        ),
        distribution(book),
        element(
            "gmd:dataQualityInfo",
            &element("gmd:DQ_DataQuality", &quality(book)),
        ),
    ];
    format!("{HEAD}{}</gmd:MD_Metadata>\n", parts.concat())
}

/// The plan's `report.date` where it is a day of the calendar such as `2026-11-25`.
pub(crate) fn date(book: &Book) -> Option<&str> {
    let text = book.manifest.plan.report.date.as_deref()?;
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(position, byte)| {
            if position == 4 || position == 7 {
                *byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if !shaped {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u32>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (year > 0 && (1..=days).contains(&day)).then_some(text)
}

/// What has to be said wherever the round goes, in Chinese and English, sentence by sentence.
pub(crate) fn notices(book: &Book) -> [Vec<String>; 2] {
    let manifest = &book.manifest;
    let (round, version) = (&manifest.round, &manifest.version);
    let mut sentences: Vec<Both> = vec![[
        format!("公共服务地图 {round}（fuwutu {version}）"),
        format!("Public-service map {round} (fuwutu {version})"),
    ]];
    if foot::synthetic(book) {
        sentences.push(foot::SYNTHETIC.map(str::to_owned));
    }
    sentences.push(foot::standing(book));
    sentences.push([manifest.statement.zh.clone(), manifest.statement.en.clone()]);
    if book.edition != Edition::Internal {
        sentences.push([
            "公开版：人数很少的数字不列出，其余人数取整".to_owned(),
            "public edition: counts of few people are left out, others are rounded".to_owned(),
        ]);
    }
    if let Some(date) = &manifest.plan.report.date {
        sentences.push([format!("日期：{date}"), format!("dated {date}")]);
    }
    sentences.push([
        format!("坐标：{}", foot::datum(book)),
        format!("coordinates: {}", manifest.datum),
    ]);
    sentences.extend(foot::attribution(book).map(|attribution| {
        [
            format!("路网：{attribution}"),
            format!("streets: {attribution}"),
        ]
    }));
    [0, 1].map(|language| {
        sentences
            .iter()
            .map(|both| both[language].clone())
            .collect()
    })
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<gmd:MD_Metadata xmlns:gmd=\"http://www.isotc211.org/2005/gmd\" xmlns:gco=\"http://www.isotc211.org/2005/gco\" \
xmlns:gml=\"http://www.opengis.net/gml/3.2\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">
";

/// For the office to fill in.
const CONTACT: &str = "<gmd:CI_ResponsibleParty>\
<gmd:organisationName gco:nilReason=\"missing\"><gco:CharacterString/></gmd:organisationName>\
<gmd:role><gmd:CI_RoleCode codeList=\"http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#CI_RoleCode\" \
codeListValue=\"pointOfContact\">pointOfContact</gmd:CI_RoleCode></gmd:role></gmd:CI_ResponsibleParty>\n";

const MISSING_DATE: &str = "<gmd:dateStamp gco:nilReason=\"missing\"/>\n";

fn identifier(book: &Book) -> String {
    let edition = if book.edition == Edition::Internal {
        ""
    } else {
        ":public"
    };
    format!("fuwutu:{}{edition}", book.manifest.round)
}

fn string(text: &str) -> String {
    element("gco:CharacterString", &escape(text))
}

/// An element with a text in Chinese, and in English as the other locale.
fn both(name: &str, [zh, en]: [&str; 2]) -> String {
    let english = format!(
        "<gmd:LocalisedCharacterString locale=\"#en\">{}</gmd:LocalisedCharacterString>",
        escape(en)
    );
    let english = element("gmd:PT_FreeText", &element("gmd:textGroup", &english));
    format!(
        "<{name} xsi:type=\"gmd:PT_FreeText_PropertyType\">{}{english}</{name}>\n",
        string(zh)
    )
}

/// A value of one of the standard's lists.
fn code(name: &str, list: &str, value: &str) -> String {
    element(
        name,
        &format!(
            "<gmd:{list} codeList=\"http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#{list}\" \
             codeListValue=\"{value}\">{value}</gmd:{list}>"
        ),
    )
}

/// `language` as in ISO 639-2/B.
fn language(name: &str, language: &str) -> String {
    element(
        name,
        &format!(
            "<gmd:LanguageCode codeList=\"http://www.loc.gov/standards/iso639-2/\" codeListValue=\"{language}\">{language}</gmd:LanguageCode>"
        ),
    )
}

fn locale() -> String {
    let inner = language("gmd:languageCode", "eng")
        + &code("gmd:characterEncoding", "MD_CharacterSetCode", "utf8");
    element(
        "gmd:locale",
        &format!("<gmd:PT_Locale id=\"en\">{inner}</gmd:PT_Locale>"),
    )
}

fn day_element(day: &str) -> String {
    element("gco:Date", day)
}

/// What the layers' coordinates are in.
pub(crate) fn srs(book: &Book) -> i32 {
    // Places of a CGCS2000 zone are written as degrees of it.
    let code = book.manifest.plan.inputs.crs();
    let code = code.and_then(|name| name.strip_prefix("EPSG:")?.parse().ok());
    match code {
        Some(4490..=4554) => 4490,
        _ => 4326,
    }
}

fn reference_system(book: &Book) -> String {
    let name = element(
        "gmd:code",
        &string(&format!("urn:ogc:def:crs:EPSG::{}", srs(book))),
    );
    let name = element(
        "gmd:RS_Identifier",
        &(name + &element("gmd:codeSpace", &string("EPSG"))),
    );
    let name = element("gmd:referenceSystemIdentifier", &name);
    element(
        "gmd:referenceSystemInfo",
        &element("gmd:MD_ReferenceSystem", &name),
    )
}

fn identification(book: &Book) -> String {
    let keywords = book
        .services
        .iter()
        .chain(&book.county_services)
        .map(|service| both("gmd:keyword", [&service.name.zh, &service.name.en]));
    let keywords: String =
        keywords.collect::<String>() + &code("gmd:type", "MD_KeywordTypeCode", "theme");
    [
        element(
            "gmd:citation",
            &citation(
                &both("gmd:title", title(book).each_ref().map(String::as_str)),
                date(book),
                &identifier(book),
            ),
        ),
        both("gmd:abstract", summary(book).each_ref().map(String::as_str)),
        both("gmd:purpose", PURPOSE),
        foot::attribution(book)
            .map_or_else(String::new, |credit| element("gmd:credit", &string(credit))),
        code(
            "gmd:status",
            "MD_ProgressCode",
            if approval(book).is_some() {
                "completed"
            } else {
                "onGoing"
            },
        ),
        element("gmd:pointOfContact", CONTACT),
        MAINTENANCE.to_owned(),
        element(
            "gmd:descriptiveKeywords",
            &element("gmd:MD_Keywords", &keywords),
        ),
        constraints(book),
        code(
            "gmd:spatialRepresentationType",
            "MD_SpatialRepresentationTypeCode",
            "vector",
        ),
        language("gmd:language", "chi"),
        language("gmd:language", "eng"),
        code("gmd:characterSet", "MD_CharacterSetCode", "utf8"),
        element(
            "gmd:topicCategory",
            &element("gmd:MD_TopicCategoryCode", "society"),
        ),
        element(
            "gmd:topicCategory",
            &element("gmd:MD_TopicCategoryCode", "planningCadastre"),
        ),
        element("gmd:extent", &element("gmd:EX_Extent", &extent(book))),
    ]
    .concat()
}

/// One of these comes every three years.
const MAINTENANCE: &str = "<gmd:resourceMaintenance><gmd:MD_MaintenanceInformation>\
<gmd:maintenanceAndUpdateFrequency gco:nilReason=\"inapplicable\"/>\
<gmd:userDefinedMaintenanceFrequency><gts:TM_PeriodDuration xmlns:gts=\"http://www.isotc211.org/2005/gts\">P3Y</gts:TM_PeriodDuration>\
</gmd:userDefinedMaintenanceFrequency></gmd:MD_MaintenanceInformation></gmd:resourceMaintenance>\n";

const PURPOSE: [&str; 2] = [
    "每三年开展一轮供需匹配评估，为公共服务配置优先次序提供依据；不作考核依据",
    "to match supply and demand every three years, for setting priorities of public services; not for appraisal",
];

/// `title` is the whole element.
fn citation(title: &str, day: Option<&str>, identifier: &str) -> String {
    let day = day.map_or_else(
        || "<gmd:date gco:nilReason=\"missing\"/>\n".to_owned(),
        |day| {
            let dated = element("gmd:date", &day_element(day))
                + &code("gmd:dateType", "CI_DateTypeCode", "creation");
            element("gmd:date", &element("gmd:CI_Date", &dated))
        },
    );
    let identifier = element(
        "gmd:MD_Identifier",
        &element("gmd:code", &string(identifier)),
    );
    element(
        "gmd:CI_Citation",
        &(title.to_owned() + &day + &element("gmd:identifier", &identifier)),
    )
}

fn title(book: &Book) -> Both {
    let round = &book.manifest.round;
    let (first, last) = years(book);
    let [zh, en] = if foot::synthetic(book) {
        ["（模拟数据）", " (synthetic data)"]
    } else {
        ["", ""]
    };
    [
        format!("公共服务地图 {round}，{first}–{last} 年{zh}"),
        format!("Public-service map {round}, {first}–{last}{en}"),
    ]
}

fn summary(book: &Book) -> Both {
    let (first, last) = years(book);
    let (units, services) = (
        book.units.len(),
        book.services.len() + book.county_services.len(),
    );
    let residents: u64 = book.units.iter().map(|unit| unit.row.residents).sum();
    let cap = book.manifest.plan.units.cap;
    let summary = [
        format!(
            "全市 {units} 个单元（每个以不超过 {cap} 名常住人口为限）、{residents} 人、{services} 类服务，基期年 {first}，末年 {last}：单元界线、可达覆盖、配建达标、供需缺口与配置优先次序。"
        ),
        format!(
            "{units} units (at most {cap} residents each), {residents} residents and {services} services of a city, from {first} to {last}: outlines of units, coverage, presence, shortfalls and the order of priority. "
        ),
    ];
    let [zh, en] = notices(book);
    [
        summary[0].clone() + &zh.join("；") + "。",
        summary[1].clone() + &en.join("; ") + ".",
    ]
}

fn approval(book: &Book) -> Option<&str> {
    book.manifest.plan.report.map_approval.as_deref()
}

/// The base year and the last one.
fn years(book: &Book) -> (i32, i32) {
    let years = &book.manifest.years;
    (years[0], years[years.len() - 1])
}

fn constraints(book: &Book) -> String {
    let [zh, en] = notices(book);
    let limits: String = zh
        .iter()
        .zip(&en)
        .skip(1)
        .map(|(zh, en)| both("gmd:useLimitation", [zh, en]))
        .collect();
    let access = approval(book).map_or_else(
        || code("gmd:accessConstraints", "MD_RestrictionCode", "restricted"),
        |_| {
            code(
                "gmd:accessConstraints",
                "MD_RestrictionCode",
                "otherRestrictions",
            )
        },
    );
    let other = both(
        "gmd:otherConstraints",
        [
            "单元界线为分析单元，不作法定界线",
            "units are analysis units, no legal boundaries",
        ],
    );
    let legal = limits
        + &access
        + &code(
            "gmd:useConstraints",
            "MD_RestrictionCode",
            "otherRestrictions",
        )
        + &other;
    element(
        "gmd:resourceConstraints",
        &element("gmd:MD_LegalConstraints", &legal),
    )
}

fn extent(book: &Book) -> String {
    let (first, last) = years(book);
    let place = bounds(book).map_or_else(String::new, |bounds| {
        let edge =
            |name: &str, value: f64| element(name, &element("gco:Decimal", &format!("{value:.5}")));
        // Outwards, so that nothing lies beyond what is written.
        let (least, most) = (
            |value: f64| (value * 1e5).floor() / 1e5,
            |value: f64| (value * 1e5).ceil() / 1e5,
        );
        let edges = edge("gmd:westBoundLongitude", least(bounds.min().x))
            + &edge("gmd:eastBoundLongitude", most(bounds.max().x))
            + &edge("gmd:southBoundLatitude", least(bounds.min().y))
            + &edge("gmd:northBoundLatitude", most(bounds.max().y));
        element(
            "gmd:geographicElement",
            &element("gmd:EX_GeographicBoundingBox", &edges),
        )
    });
    let period = element("gml:beginPosition", &first.to_string())
        + &element("gml:endPosition", &last.to_string());
    let period = format!("<gml:TimePeriod gml:id=\"years\">{period}</gml:TimePeriod>");
    let time = element(
        "gmd:temporalElement",
        &element("gmd:EX_TemporalExtent", &element("gmd:extent", &period)),
    );
    place + &time
}

/// Of all land; `None` where nothing has any.
fn bounds(book: &Book) -> Option<Rect> {
    let units = book.units.iter().map(|unit| &unit.outline);
    let outlines = units.chain(book.communities.iter().map(|community| &community.outline));
    outlines
        .filter_map(BoundingRect::bounding_rect)
        .reduce(union)
}

/// The smallest box around both.
pub(crate) fn union(a: Rect, b: Rect) -> Rect {
    let least = Coord {
        x: a.min().x.min(b.min().x),
        y: a.min().y.min(b.min().y),
    };
    let most = Coord {
        x: a.max().x.max(b.max().x),
        y: a.max().y.max(b.max().y),
    };
    Rect::new(least, most)
}

/// The files of the round beside this one; a public edition is not beside them.
fn distribution(book: &Book) -> String {
    if book.edition != Edition::Internal {
        return String::new();
    }
    let resources: String = book
        .manifest
        .files
        .iter()
        .map(|FileEntry { path, sha256 }| {
            let inner = element("gmd:linkage", &element("gmd:URL", &reference(path)))
                + &element("gmd:name", &string(path))
                + &element("gmd:description", &string(&format!("sha256 {sha256}")));
            element("gmd:onLine", &element("gmd:CI_OnlineResource", &inner))
        })
        .collect();
    if resources.is_empty() {
        return String::new();
    }
    let options = element(
        "gmd:transferOptions",
        &element("gmd:MD_DigitalTransferOptions", &resources),
    );
    element(
        "gmd:distributionInfo",
        &element("gmd:MD_Distribution", &options),
    )
}

/// A path as a reference beside this file.
fn reference(path: &str) -> String {
    path.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn quality(book: &Book) -> String {
    let scope = element(
        "gmd:DQ_Scope",
        &code("gmd:level", "MD_ScopeCode", "dataset"),
    );
    let steps: String = methods::steps(book)
        .iter()
        .map(|[zh, en]| {
            element(
                "gmd:processStep",
                &element("gmd:LI_ProcessStep", &both("gmd:description", [zh, en])),
            )
        })
        .collect();
    let lineage = both("gmd:statement", lineage(book)) + &steps + &inputs(book) + &standards(book);
    let lineage = element("gmd:lineage", &element("gmd:LI_Lineage", &lineage));
    element("gmd:scope", &scope) + &findings(book) + &statuses(book) + &lineage
}

fn lineage(book: &Book) -> [&'static str; 2] {
    if foot::synthetic(book) {
        [
            "地点、人口与设施均为模拟数据，非真实地点",
            "places, people and facilities are made up: no real places",
        ]
    } else {
        [
            "由下列输入按下列方法计算；每个输入以其散列值标识",
            "computed from the inputs below by the methods below; each input is identified by its hash",
        ]
    }
}

/// A figure about the quality of the whole.
fn measure(name: [&str; 2], about: [&str; 2], value: &str) -> String {
    let result = format!(
        "<gmd:DQ_QuantitativeResult><gmd:valueUnit gco:nilReason=\"inapplicable\"/>\
         <gmd:value><gco:Record>{}</gco:Record></gmd:value></gmd:DQ_QuantitativeResult>",
        escape(value)
    );
    let inner = both("gmd:nameOfMeasure", name)
        + &both("gmd:measureDescription", about)
        + &element("gmd:result", &result);
    element("gmd:report", &element("gmd:DQ_DomainConsistency", &inner))
}

/// What reading noticed: how much of each level, and of what kinds.
fn findings(book: &Book) -> String {
    let mut kinds: BTreeMap<(&str, &str), [&str; 2]> = BTreeMap::new();
    for finding in &book.findings {
        let level = finding.level.map_or("", |level| level.word().code);
        let text = [finding.说明.as_str(), finding.what.as_str()];
        kinds.entry((level, &finding.finding)).or_insert(text);
    }
    let report = |(level, count): (&String, &u64)| {
        let texts: Vec<[&str; 2]> = kinds
            .iter()
            .filter(|((other, _), _)| other == level)
            .map(|(_, text)| *text)
            .collect();
        let listed = |language: usize, between: &str| {
            texts
                .iter()
                .map(|text| text[language])
                .collect::<Vec<_>>()
                .join(between)
        };
        let [word, _] = words::name(Level::WORDS, level);
        measure(
            [
                &format!("数据质检问题数：{word}"),
                &format!("findings: {level}"),
            ],
            [&listed(0, "；"), &listed(1, "; ")],
            &count.to_string(),
        )
    };
    book.manifest.findings.iter().map(report).collect()
}

/// How many standards are how well established.
fn statuses(book: &Book) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for service in book.services.iter().chain(&book.county_services) {
        *counts.entry(&service.status.overall).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(status, count)| {
            let [zh, en] = words::status(status);
            let about = [
                "标准的核实程度；每项结论须与其一并说明",
                "how well standards are established: to be reported with each verdict",
            ];
            measure(
                [&format!("标准数：{zh}"), &format!("standards: {en}")],
                about,
                &count.to_string(),
            )
        })
        .collect()
}

fn source(about: [&str; 2], title: &str, identifier: &str) -> String {
    let cited = citation(&element("gmd:title", &string(title)), None, identifier);
    let inner = both("gmd:description", about) + &element("gmd:sourceCitation", &cited);
    element("gmd:source", &element("gmd:LI_Source", &inner))
}

/// Each input: its name without the folders of somebody's disk, what it is, and its hash.
fn inputs(book: &Book) -> String {
    let named = book.manifest.plan.inputs.named();
    book.manifest
        .inputs
        .iter()
        .map(|file| {
            let path = file.path.as_str();
            let name = Path::new(path)
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or(path);
            let hash = match file.sha256.as_str() {
                "" => "sha256: not published 未公布".to_owned(),
                hash => format!("sha256:{hash}"),
            };
            source(role(named, path), name, &hash)
        })
        .collect()
}

/// What an input is, by where the plan names it.
fn role(inputs: Option<&Inputs>, path: &str) -> [&'static str; 2] {
    let mut roles = inputs.into_iter().flat_map(roles);
    roles
        .find(|(paths, _)| {
            let mut paths = paths.iter();
            paths.any(|named| named.to_str() == Some(path))
        })
        .map_or(["其他输入", "another input"], |(_, words)| words)
}

fn path(source: &Option<Source>) -> Vec<&PathBuf> {
    source.iter().map(|source| &source.path).collect()
}

fn dated(source: &Option<DatedSource>) -> Vec<&PathBuf> {
    source.iter().map(|source| &source.path).collect()
}

/// The inputs that a plan can name, with their paths and what they are.
fn roles(inputs: &Inputs) -> [(Vec<&PathBuf>, [&'static str; 2]); 12] {
    let Inputs {
        crs: _,
        townships,
        communities,
        codes,
        population,
        earlier,
        facilities,
        roads,
        housing,
        controls,
        observed,
        crosswalk,
        last_units,
    } = inputs;
    let streets = roads
        .iter()
        .flat_map(|roads| [&roads.path, &roads.nodes, &roads.edges, &roads.dem]);
    [
        (vec![&townships.path], ["镇（街道）界线", "townships"]),
        (
            vec![&communities.path],
            ["社区（村）界线与人口", "communities and their residents"],
        ),
        (
            path(codes),
            ["区划代码表", "codes with their names and classes"],
        ),
        (
            path(population),
            ["需求点人口", "residents of demand points"],
        ),
        (dated(earlier), ["历史人口", "residents at an earlier date"]),
        (
            facilities.iter().map(|source| &source.path).collect(),
            ["设施", "facilities"],
        ),
        (streets.flatten().collect(), ["路网", "streets"]),
        (path(housing), ["新建住宅", "new dwellings"]),
        (path(controls), ["区县人口控制数", "totals of counties"]),
        (
            dated(observed),
            [
                "检验用的第三期人口",
                "validation population, at a third date",
            ],
        ),
        (
            path(crosswalk),
            ["区划区划代码变更对照表", "codes before and after changes"],
        ),
        (
            last_units.iter().map(|source| &source.path).collect(),
            ["上一轮的单元", "units of the last round"],
        ),
    ]
}

fn standards(book: &Book) -> String {
    book.services
        .iter()
        .chain(&book.county_services)
        .map(|service| {
            let [zh, en] = standards::status(service, book.manifest.years[0]);
            let about = [
                format!("{}的标准：{zh}", service.name.zh),
                format!("standard of {}: {en}", service.name.en),
            ];
            let title = if service.source.is_empty() {
                &service.id
            } else {
                &service.source
            };
            source(
                about.each_ref().map(String::as_str),
                title,
                &format!("standard:{}", service.id),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fuwutu_io::manifest::FileEntry;
    use fuwutu_io::plan::{RoadsSource, TravelMode};
    use geo::MultiPolygon;
    use resvg::usvg::roxmltree::{Document, Node};

    use super::{date, metadata};
    use crate::book::{Book, Edition, ShownInputs};
    use crate::testing::{self, NASTY, book};

    /// Looks into the metadata of a book.
    fn read<T>(book: &Book, look: impl Fn(Node) -> T) -> T {
        let text = metadata(book);
        let document = Document::parse(&text).expect("metadata is XML");
        look(document.root_element())
    }

    fn first<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
        node.descendants()
            .find(|node| node.tag_name().name() == name)
    }

    /// The text within the first element of this name.
    fn within(node: Node, name: &str) -> String {
        first(node, name)
            .into_iter()
            .flat_map(|found| found.descendants())
            .filter_map(|node| if node.is_text() { node.text() } else { None })
            .map(str::trim)
            .collect()
    }

    #[test]
    fn names_come_back_as_far_as_xml_can_bear_them() {
        for name in NASTY {
            let mut book = book();
            book.manifest.round = name.to_owned();
            book.services[0].name.zh = name.to_owned();
            book.services[0].source = name.to_owned();
            book.findings[0].what = name.to_owned();
            book.findings[0].说明 = name.to_owned();
            book.manifest.inputs[0].path = name.to_owned();
            let kept: String = name
                .chars()
                .map(|c| if c < ' ' { '\u{fffd}' } else { c })
                .collect();
            read(&book, |root| {
                assert_eq!(within(root, "fileIdentifier"), format!("fuwutu:{kept}"));
                assert!(within(root, "title").contains(&kept));
                assert!(within(root, "keyword").starts_with(&kept));
            });
        }
    }

    #[test]
    fn a_date_is_a_day_or_missing() {
        let mut book = book();
        for (given, is) in [
            ("2026-11-25", true),
            ("2024-02-29", true),
            ("2026-02-29", false),
            ("2026-13-01", false),
            ("2026-11-00", false),
            ("0000-01-01", false),
            ("2026-1-1", false),
            ("二〇二六年", false),
            ("2026/11/25", false),
        ] {
            book.manifest.plan.report.date = Some(given.to_owned());
            assert_eq!(date(&book), is.then_some(given), "{given}");
            read(&book, |root| {
                let stamp = first(root, "dateStamp").unwrap();
                assert_eq!(
                    stamp
                        .attributes()
                        .any(|attribute| attribute.value() == "missing"),
                    !is,
                    "{given}"
                );
                // In words it is reported in any case.
                assert!(within(root, "abstract").contains(given));
            });
        }
    }

    #[test]
    fn it_says_whether_the_data_is_made_up_and_may_be_published() {
        let mut book = book();
        read(&book, |root| {
            let about = within(root, "abstract");
            assert!(
                about.contains("模拟数据，非真实地点")
                    && about.contains("synthetic data, no real place")
            );
            assert!(
                about.contains("内部草稿")
                    && about.contains("internal draft")
                    && about.contains("不是官方格式")
            );
            assert!(within(root, "statement").contains("模拟数据"));
        });
        book.manifest.plan.round.synthetic = false;
        book.manifest.plan.report.map_approval = Some("GS川(2026)1号".to_owned());
        book.manifest.roads = Some(testing::roads("© OpenStreetMap contributors, ODbL 1.0"));
        let text = metadata(&book);
        assert!(
            !text.contains("模拟数据")
                && !text.contains("内部草稿")
                && text.contains("审图号 GS川(2026)1号")
        );
        assert!(text.contains("路网：© OpenStreetMap contributors, ODbL 1.0"));
    }

    #[test]
    fn inputs_are_told_by_what_they_are_and_without_the_folders_of_a_disk() {
        let mut book = book();
        let path = "/home/somebody/streets.osm.pbf";
        let mut inputs = book.manifest.plan.inputs.named().unwrap().clone();
        inputs.roads = Some(RoadsSource {
            path: Some(path.into()),
            nodes: None,
            edges: None,
            crs: None,
            dem: None,
            node_columns: BTreeMap::new(),
            edge_columns: BTreeMap::new(),
        });
        book.manifest.plan.inputs = ShownInputs::Named(Box::new(inputs));
        book.manifest.inputs[0].path = path.to_owned();
        let text = metadata(&book);
        assert!(!text.contains("somebody"));
        read(&book, |root| {
            let source = within(root, "LI_Source");
            assert!(
                source.contains("路网")
                    && source.contains("streets.osm.pbf")
                    && source.contains("sha256:00"),
                "{source}"
            );
        });
    }

    #[test]
    fn the_box_is_that_of_the_land() {
        let mut book = book();
        read(&book, |root| {
            // Squares of 0.01°: two side by side, one above; to five decimals, outwards.
            let edges = [
                "westBoundLongitude",
                "eastBoundLongitude",
                "southBoundLatitude",
                "northBoundLatitude",
            ];
            let edges = edges.map(|name| within(root, name).parse::<f64>().unwrap());
            let right = [104.0, 104.02, 30.5, 30.52];
            assert!(
                edges
                    .iter()
                    .zip(right)
                    .all(|(edge, right)| (edge - right).abs() < 2e-5),
                "{edges:?}"
            );
            assert_eq!(
                within(root, "beginPosition") + &within(root, "endPosition"),
                "20262029"
            );
        });
        book.units
            .iter_mut()
            .for_each(|unit| unit.outline = MultiPolygon(Vec::new()));
        book.communities.clear();
        read(&book, |root| {
            assert!(first(root, "EX_GeographicBoundingBox").is_none());
        });
    }

    #[test]
    fn quality_counts_findings_and_standards() {
        let mut book = book();
        book.services[0].status.overall = "recalled".to_owned();
        book.services[1].status.overall = "recalled".to_owned();
        read(&book, |root| {
            let reports = root
                .descendants()
                .filter(|node| node.has_tag_name(("http://www.isotc211.org/2005/gmd", "report")));
            let measures: Vec<(String, String)> = reports
                .map(|report| (within(report, "nameOfMeasure"), within(report, "Record")))
                .collect();
            assert_eq!(
                measures[0],
                (
                    "数据质检问题数：说明findings: notice".to_owned(),
                    "1".to_owned()
                )
            );
            assert_eq!(
                measures[1],
                (
                    "标准数：待核实standards: recalled".to_owned(),
                    "2".to_owned()
                )
            );
            assert_eq!(measures.len(), 2);
        });
    }

    #[test]
    fn only_methods_that_were_used_are_reported() {
        let mut book = book();
        let text = metadata(&book);
        assert!(
            text.contains("直线距离 × 绕行系数 1.3")
                && !text.contains("人口预测")
                && !text.contains("次抽样")
        );
        book.manifest.plan.travel.mode = TravelMode::Streets;
        book.manifest.plan.ranking.certainty.draws = 1000;
        book.manifest.projection = Some(testing::projection());
        let text = metadata(&book);
        assert!(
            text.contains("沿路网的最短时间")
                && text.contains("人口预测")
                && text.contains("1000 次抽样")
        );
    }

    #[test]
    fn a_public_edition_lists_no_files_of_the_office() {
        let mut book = book();
        book.manifest.files = vec![FileEntry {
            path: "a b/%.csv".to_owned(),
            sha256: "ff".to_owned(),
        }];
        read(&book, |root| {
            assert_eq!(within(root, "URL"), "a%20b/%25.csv");
        });
        book.edition = Edition::Public { small: 10 };
        read(&book, |root| {
            assert!(first(root, "distributionInfo").is_none());
            assert_eq!(within(root, "fileIdentifier"), "fuwutu:test-2026:public");
        });
    }

    #[test]
    fn the_same_book_gives_the_same_text() {
        assert_eq!(metadata(&book()), metadata(&book()));
    }
}

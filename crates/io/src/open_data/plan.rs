//! The files of a plan from open data, and what is said of it in the terminal: the same that stands in its comments.

use std::collections::BTreeMap;
use std::fmt::Write;

use fuwutu_core::service::Service;
use geo::Coord;
use serde_json::json;

use super::bounds::{Administrative, LEAST_COVERED, Level, Origin, SQUARE, Zone};
use super::people::{Buildings, LEAST_BUILDINGS, LEAST_BUILT, LEAST_FLOOR};
use super::tags::Finds;
use super::{BEYOND, City, Made, Refused};
use crate::csv_text::Cells;
use crate::finding::Lang;
use crate::write::geojson_text::{Layer, properties};

/// Two texts, Chinese and English.
type Both = [String; 2];

fn both(zh: impl Into<String>, en: impl Into<String>) -> Both {
    [zh.into(), en.into()]
}

/// The first digits of codes that are invented: no province has them.
const INVENTED: &str = "99";

/// How many townships a county of invented codes has, and communities a township.
const A_COUNTY: usize = 999;

/// The extract has next to no buildings.
pub(super) fn streets_alone(buildings: &Buildings, share: f64) -> Refused {
    let (lived_in, share) = (buildings.lived_in, share * 100.0);
    let least = LEAST_BUILT * 100.0;
    Refused {
        said: both(
            format!(
                "数据中可作住宅的建筑只有 {lived_in} 栋，有道路的方格中 {share:.0} % 有建筑（至少要 {LEAST_BUILDINGS} 栋和 {least:.0} %），无法推算居民住在哪里"
            ),
            format!(
                "the extract has {lived_in} buildings that people may live in, and buildings in {share:.0} % of the squares with a street (at least {LEAST_BUILDINGS} and {least:.0} % are needed): it does not say where people live"
            ),
        ),
        hint: both(
            "用 --population 给人口栅格（GeoTIFF，如 WorldPop、GHSL），或换用含建筑的数据；只有道路的数据还可用 --boundaries 给镇（街道）边界，设施表写入生成的 plan.toml 的 inputs.facilities",
            "give a raster of residents by --population (GeoTIFF such as WorldPop or GHSL), or an extract with buildings; where it has streets alone, --boundaries gives townships, and tables of facilities go to `inputs.facilities` of the plan that is written",
        ),
    }
}

/// Nothing says how many residents there are.
pub(super) fn how_many(areas: &[Administrative], levels: &[Level]) -> Refused {
    let said = areas
        .iter()
        .rev()
        .filter(|area| area.shape.whole)
        .find_map(|area| {
            let covered = levels
                .iter()
                .find(|level| level.level == area.level)?
                .covered;
            Some((area, area.population?, covered))
        });
    let [zh, en] = match said {
        Some((area, population, _)) => both(
            format!(
                "（数据中“{}”的 population 标签为 {population}，年份不明）",
                area.name
            ),
            format!(
                " (the tag `population` of \"{}\" says {population}, of an unknown year)",
                area.name
            ),
        ),
        None => both("", ""),
    };
    Refused {
        said: both(
            "不知道有多少居民",
            "nothing says how many residents there are",
        ),
        hint: both(
            format!("用 --residents 给总人口，按建筑面积分布{zh}；或用 --population 给人口栅格"),
            format!(
                "give their number by --residents, to be put into buildings by floor area{en}, or a raster by --population"
            ),
        ),
    }
}

/// The buildings are too small for so many.
pub(super) fn little_floor(floor_m2: f64, residents: f64) -> Refused {
    let floor = floor_m2 / residents;
    Refused {
        said: both(
            format!(
                "镇（街道）内住宅建筑面积共 {floor_m2:.0} ㎡，{residents:.0} 人每人只有 {floor:.1} ㎡（至少要 {LEAST_FLOOR} ㎡）：建筑数据不全，或人口有误"
            ),
            format!(
                "the buildings in the townships have {floor_m2:.0} m² of floor for homes, which is {floor:.1} m² for each of {residents:.0} residents (at least {LEAST_FLOOR} are needed): buildings are missing, or the number is wrong"
            ),
        ),
        hint: both(
            "核对 --residents；或用 --population 给人口栅格",
            "check --residents, or give a raster of residents by --population",
        ),
    }
}

/// A relation that is asked for is cut by the extract.
pub(super) fn not_whole(area: &Administrative) -> Refused {
    let (name, label, border) = (&area.name, &area.label, &area.shape.border);
    let (missing, all) = (border.missing, border.ways);
    Refused {
        said: both(
            format!("“{name}”（{label}）的边界不完整：{all} 段中缺 {missing} 段，或不闭合"),
            format!(
                "\"{name}\" ({label}) is not whole: {missing} of {all} ways are missing, or it does not close"
            ),
        ),
        hint: both(
            "换用含有它全部边界的数据，或用 --boundaries 给边界文件",
            "take an extract that has all of its border, or give a file by --boundaries",
        ),
    }
}

/// A relation that is asked for is not there.
pub(super) fn no_relation(id: i64) -> Refused {
    Refused {
        said: both(
            format!("数据中没有行政边界关系 r{id}"),
            format!("the extract has no administrative boundary r{id}"),
        ),
        hint: both(
            "核对编号：openstreetmap.org/relation 之后的数字",
            "check the number: that behind openstreetmap.org/relation",
        ),
    }
}

/// No home lies in a community.
pub(super) fn nobody() -> Refused {
    Refused {
        said: both(
            "各社区内都没有居民",
            "no resident lives in any of the communities",
        ),
        hint: both(
            "核对 --boundaries 和 --population 是否为同一城市",
            "check that --boundaries and --population are of the same city",
        ),
    }
}

/// All that is written and said.
pub(super) fn written(city: &City, catalogue: &[Service]) -> Made {
    let codes = codes(city);
    let said = said(city);
    let files = vec![
        ("plan.toml", plan(city, catalogue, &said)),
        ("townships.geojson", townships(city, &codes)),
        ("communities.geojson", communities(city, &codes)),
        ("population.csv", population(city, &codes)),
        ("facilities.csv", facilities(city, catalogue)),
        ("undecided.csv", undecided(city)),
        ("osm_tags.csv", super::TABLE.to_owned()),
        ("NOTICE.txt", notice(city, &said)),
    ];
    Made {
        files,
        said: pick_all(city, &said),
        table: table(city, catalogue),
    }
}

fn pick_all(city: &City, said: &[Both]) -> Vec<String> {
    let [zh, en] = [0, 1];
    let lang = match city.request.lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    said.iter().map(|both| both[lang].clone()).collect()
}

/// The codes of townships, in their order.
fn codes(city: &City) -> Vec<String> {
    let invented = |number: usize| {
        let (county, township) = (1 + number / A_COUNTY, 1 + number % A_COUNTY);
        format!("{INVENTED}01{county:02}{township:03}")
    };
    let townships = city.townships.iter().enumerate();
    townships
        .map(|(number, zone)| match &zone.code {
            Some(code) if city.own_codes => code.clone(),
            _ => invented(number),
        })
        .collect()
}

/// The code of a community by that of its township and its number.
fn community_code(township: &str, number: usize) -> String {
    format!("{township}{:03}", number + 1)
}

/// The day of the data, as it is to be read.
fn day(city: &City) -> Both {
    match city.day {
        Some(([year, month, day], false)) => {
            let day = format!("{year:04}-{month:02}-{day:02}");
            both(day.clone(), day)
        }
        Some(([year, month, day], true)) => both(
            format!("{year:04}-{month:02}-{day:02}（其中最新一次修改）"),
            format!("{year:04}-{month:02}-{day:02} (its newest change)"),
        ),
        None => both("日期不明", "of an unknown day"),
    }
}

fn base_year(city: &City) -> i64 {
    city.day
        .map_or(i64::from(city.request.this_year), |([year, ..], _)| year)
}

/// What was found and decided.
fn said(city: &City) -> Vec<Both> {
    let mut said = Vec::new();
    let [zh, en] = day(city);
    let counts = city.counts;
    said.push(both(
        format!(
            "{}：{zh}，节点 {}，路线 {}（其中道路 {}），关系 {}",
            city.request.file, counts.nodes, counts.ways, counts.streets, counts.relations
        ),
        format!(
            "{}: {en}, nodes {}, ways {} (streets {}), relations {}",
            city.request.file, counts.nodes, counts.ways, counts.streets, counts.relations
        ),
    ));
    for Level {
        level,
        whole,
        all,
        covered,
    } in &city.levels
    {
        said.push(both(
            format!("行政级别 {level}：{all} 个区域中 {whole} 个边界完整，占土地的 {:.1} %", covered * 100.0),
            format!("admin_level {level}: {whole} of {all} areas are whole, they have {:.1} % of the land", covered * 100.0),
        ));
    }
    said.push(both(
        format!("土地按 {SQUARE:.0} 米方格计：{} 个方格有道路、建筑或地名，其中各物的中心在区域内即计入；至少要 {:.0} %", city.squares, LEAST_COVERED * 100.0),
        format!("land is counted in squares of {SQUARE:.0} m: {} have a street, a building or a named place, and an area has a square where the middle of these lies in it; at least {:.0} % are asked for", city.squares, LEAST_COVERED * 100.0),
    ));
    said.extend(incomplete(city));
    said.extend(whole_but_small(city));
    let number = city.townships.len();
    let [zh, en] = origin(city.origin);
    said.push(both(
        format!("镇（街道）{number} 个：{zh}"),
        format!("townships: {number}, {en}"),
    ));
    let number = city.communities.iter().map(Vec::len).sum::<usize>();
    let origins: Vec<Both> = (city.origins.iter())
        .map(|&each| origin_of_communities(each))
        .collect();
    let joined = |at: usize, with: &str| {
        origins
            .iter()
            .map(|both| both[at].clone())
            .collect::<Vec<_>>()
            .join(with)
    };
    said.push(both(
        format!("社区（村）{number} 个：{}", joined(0, "；")),
        format!("communities: {number}, {}", joined(1, "; ")),
    ));
    said.push(match city.own_codes {
        true => both(
            "镇（街道）代码取自边界文件；社区（村）代码的末三位是编的",
            "codes of townships are those of the file of boundaries; the last three digits of communities' codes are invented",
        ),
        false => both(
            format!("代码是编的，以 {INVENTED} 开头，不是统计用区划代码；名称是数据中的"),
            format!("codes are invented and begin with {INVENTED}: they are no statistical codes; names are those of the data"),
        ),
    });
    said.extend(people(city));
    said.push(both(
        "城乡分类未给出：由人口密度推定（见 findings.csv 中的 class_absent）；请核对",
        "no class of communities is given: urban and rural follow from density (`class_absent` in findings.csv); look at it",
    ));
    said.extend(about_facilities(city));
    said
}

/// Where hexagons are taken: the areas that are whole, which could be asked for.
fn whole_but_small(city: &City) -> Option<Both> {
    let hexagons = matches!(city.origin, Origin::Hexagons(_));
    let named: Vec<String> = city
        .whole
        .iter()
        .take(NAMED)
        .map(|(name, label)| format!("{name} {label}"))
        .collect();
    (hexagons && !named.is_empty()).then(|| {
        let first = &city.whole[0].1;
        both(
            format!("边界完整的区域：{}；要以其为镇（街道），用 --boundaries {first}（可写几个，以逗号隔开）", named.join("、")),
            format!("areas that are whole: {}; `--boundaries {first}` (or several with commas) makes townships of them", named.join(", ")),
        )
    })
}

/// How many incomplete areas are named.
const NAMED: usize = 12;

fn incomplete(city: &City) -> Option<Both> {
    let named = |lang: usize| {
        let names = city.incomplete.iter().rev().take(NAMED);
        let names = names.map(|(name, label, level, [missing, all])| match lang {
            0 => format!("{name}（{label}，级别 {level}，{all} 段边界缺 {missing} 段）"),
            _ => format!("{name} ({label}, level {level}, {missing} of {all} ways missing)"),
        });
        names.collect::<Vec<_>>()
    };
    let more = city.incomplete.len().saturating_sub(NAMED);
    let [zh, en] = match more {
        0 => both("", ""),
        more => both(format!("等，另有 {more} 个"), format!(", and {more} more")),
    };
    (!city.incomplete.is_empty()).then(|| {
        both(
            format!("边界不完整而不用的区域：{}{zh}", named(0).join("、")),
            format!(
                "areas that are not whole and not used: {}{en}",
                named(1).join(", ")
            ),
        )
    })
}

fn origin_of_communities(of: Origin) -> Both {
    match of {
        Origin::Hexagons(_) => both(
            "镇（街道）内约 6000 人的六边形，不是行政区划",
            "hexagons of about 6,000 residents within the township, no administrative areas",
        ),
        other => origin(other),
    }
}

fn origin(origin: Origin) -> Both {
    match origin {
        Origin::Level(level) => both(
            format!("行政级别 {level} 的区域"),
            format!("areas of admin_level {level}"),
        ),
        Origin::File => both("取自边界文件", "those of the file of boundaries"),
        Origin::Relations => both(
            "按 --boundaries 指定的行政区域",
            "the administrative areas that were asked for by --boundaries",
        ),
        Origin::Places => both(
            "离哪个地名（城镇、片区、村、组团）近就归哪个，不是法定界线",
            "what is nearest to each named place (town, suburb, quarter, village, neighbourhood, hamlet): no legal borders",
        ),
        Origin::Hexagons(edge) => both(
            format!(
                "边长 {edge:.0} 米的六边形，不是行政区划：没有一级行政区域的完整边界占到土地的 {:.0} %",
                LEAST_COVERED * 100.0
            ),
            format!(
                "hexagons with edges of {edge:.0} m, no administrative areas: no level has whole areas with {:.0} % of the land",
                LEAST_COVERED * 100.0
            ),
        ),
        Origin::Whole => both("镇（街道）本身，不再划分", "the township itself, undivided"),
    }
}

fn people(city: &City) -> Vec<Both> {
    let (residents, points, grid) = (city.residents, city.points.len(), city.grid);
    let mut said = Vec::new();
    let Buildings {
        all,
        lived_in,
        unknown,
        with_storeys,
    } = city.buildings;
    let floor_m2 = city.floor_m2;
    match (city.request.population, city.request.residents) {
        (Some((file, _)), Some(_)) => said.push(both(
            format!("居民 {residents:.0} 人，按人口栅格 {file} 的分布分到 {points} 个需求点（{grid:.0} 米方格）"),
            format!("residents: {residents:.0}, put where the raster {file} has them; demand points: {points} (squares of {grid:.0} m)"),
        )),
        (Some((file, _)), None) => said.push(both(
            format!("居民 {residents:.0} 人，取自人口栅格 {file}，{points} 个需求点（{grid:.0} 米方格）"),
            format!("residents: {residents:.0} by the raster {file}; demand points: {points} (squares of {grid:.0} m)"),
        )),
        (None, _) => {
            said.push(both(
                format!("居民 {residents:.0} 人，按住宅建筑面积推算到 {points} 个需求点（{grid:.0} 米方格）：是推算，不是统计"),
                format!("residents: {residents:.0}, put into buildings by floor area; demand points: {points} (squares of {grid:.0} m): modelled, not counted"),
            ));
            said.push(both(
                format!("建筑 {all} 栋，计为住宅的 {lived_in} 栋（其中用途不明的 {unknown} 栋按一半计；有层数的 {with_storeys} 栋，其余按类别：公寓 4、居住 3、住宅和不明 2 层），镇（街道）内建筑面积 {floor_m2:.0} ㎡，人均 {:.1} ㎡", floor_m2 / residents),
                format!("buildings: {all}, as homes count {lived_in} (of these {unknown} of unknown use count by half; {with_storeys} say their storeys, others have those of their kind: apartments 4, residential 3, houses and unknown ones 2), floor in the townships {floor_m2:.0} m², {:.1} m² a resident", floor_m2 / residents),
            ));
        }
    }
    said.push(both(
        "年龄按评估任务文件的 people.age_shares 估计：默认为中国 2020 年的比例，别国请改",
        "ages are estimated by `people.age_shares` of the plan: by default China's of 2020, to be changed elsewhere",
    ));
    said
}

fn about_facilities(city: &City) -> Vec<Both> {
    let found = &city.found;
    let closed: u64 = found.closed_to_public.values().sum();
    let mut said = vec![both(
        format!(
            "设施 {} 条；未定 {} 处，见 undecided.csv；不计：停用 {} 处，不对公众开放 {closed} 处，镇（街道）范围 {:.0} 公里以外 {} 处；站台并入车站 {} 处",
            found.facilities.len(),
            found.undecided.len(),
            found.disused,
            BEYOND / 1000.0,
            city.beyond,
            found.platforms
        ),
        format!(
            "facilities: {}; undecided: {}, in undecided.csv; left out: out of use {}, not open to the public {closed}, more than {:.0} km beyond the townships {}; platforms that are one with their stop: {}",
            found.facilities.len(),
            found.undecided.len(),
            found.disused,
            BEYOND / 1000.0,
            city.beyond,
            found.platforms
        ),
    )];
    let with = found
        .facilities
        .iter()
        .filter(|each| each.capacity.is_some())
        .count();
    said.push(both(
        format!("有规模的 {with} 条：只用标签所写和场地、绿地的面积，不猜"),
        format!("with a capacity: {with}, from tags and from the area of grounds and parks alone; none is guessed"),
    ));
    said
}

/// Rules with what they found.
fn table(city: &City, catalogue: &[Service]) -> Vec<[String; 4]> {
    let lang = city.request.lang;
    let header = [
        ("服务", "service"),
        ("找到", "found"),
        ("可靠性", "confidence"),
        ("规则（OpenStreetMap 标签）", "rule (tags of OpenStreetMap)"),
    ];
    let mut rows = vec![header.map(|(zh, en)| lang.pick(zh, en).to_owned())];
    let by_rule = by_rule(city);
    for rule in &city.rules {
        let name = match &rule.finds {
            Finds::Service(id) => name_of(id, catalogue, lang),
            Finds::OneOf(_) => lang.pick("（未定）", "(undecided)").to_owned(),
        };
        let asks = match rule.asks.as_str() {
            "" => String::new(),
            asks => format!(" ({})", shortened(asks)),
        };
        let count = by_rule.get(&rule.line).copied().unwrap_or_default();
        let confidence = match rule.confidence.as_str() {
            "high" => lang.pick("高", "high"),
            "medium" => lang.pick("中", "medium"),
            "low" => lang.pick("低", "low"),
            _ => "",
        };
        rows.push([
            name,
            count.to_string(),
            confidence.to_owned(),
            rule.tags.clone() + &asks,
        ]);
    }
    rows
}

/// The first words of a list of names; the table of tags has all.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// By line of the table, what its rule found.
fn by_rule(city: &City) -> BTreeMap<usize, u64> {
    let mut counts = BTreeMap::new();
    let facilities = city.found.facilities.iter().map(|each| each.line);
    for line in facilities.chain(city.found.undecided.iter().map(|each| each.line)) {
        *counts.entry(line).or_default() += 1;
    }
    counts
}

fn name_of(id: &str, catalogue: &[Service], lang: Lang) -> String {
    let service = catalogue.iter().find(|service| service.id == id);
    service.map_or(id.to_owned(), |service| {
        lang.pick(&service.name.zh, &service.name.en).to_owned()
    })
}

/// A text between quotes in TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A text after `#`: on one line.
fn comment(text: &str) -> String {
    format!("# {}\n", super::extract::plain(text))
}

fn plan(city: &City, catalogue: &[Service], said: &[Both]) -> String {
    let lang = city.request.lang;
    let mut text = String::new();
    let mut tell = |line: &str| text += &comment(line);
    tell(lang.pick(
        "由开放数据生成的评估任务文件（fuwutu init --osm）。数值请核对后再用；下一步：fuwutu check plan.toml，fuwutu evaluate plan.toml --out 文件夹",
        "A plan from open data (fuwutu init --osm). Look at it before you rest on it; next: fuwutu check plan.toml, fuwutu evaluate plan.toml --out DIR",
    ));
    tell(lang.pick(
        "数据 © OpenStreetMap 贡献者，ODbL 1.0：由它得出的文件须注明来源，公开时按同样的许可（见 NOTICE.txt）",
        "Data © OpenStreetMap contributors, ODbL 1.0: what is made of it names them, and is shared alike where it is published (NOTICE.txt)",
    ));
    for line in pick_all(city, said) {
        tell(&line);
    }
    let _ = write!(
        text,
        "\n[round]\nname = {}\n{}base_year = {}\n{}horizon_years = 0\n",
        quoted(city.request.name),
        comment(lang.pick("人口和设施的年份：数据的年份，请改为人口的年份", "Year of residents and facilities: that of the extract; set it to that of the residents")),
        base_year(city),
        comment(lang.pick(
            "只评估基期年：不知道历史人口。有了（inputs.earlier）再改",
            "The base year alone: no earlier population is known. Raise it when there is one (`inputs.earlier`)",
        )),
    );
    let [zh, en] = day(city);
    let sources = [
        lang.pick(
            &format!("设施、边界、建筑：© OpenStreetMap 贡献者，ODbL 1.0，{zh}"),
            &format!(
                "facilities, boundaries, buildings: © OpenStreetMap contributors, ODbL 1.0, {en}"
            ),
        )
        .to_owned(),
        source_of_residents(city),
    ];
    let sources: Vec<String> = sources.iter().map(|source| quoted(source)).collect();
    let _ = write!(
        text,
        "\n[report]\n{}sources = [\n    {},\n]\n",
        comment(lang.pick("印在每份报告的页脚", "Printed at the foot of every report")),
        sources.join(",\n    ")
    );
    let _ = write!(
        text,
        "\n[inputs]\ncrs = \"EPSG:4326\"\ntownships = {{ path = \"townships.geojson\" }}\ncommunities = {{ path = \"communities.geojson\" }}\npopulation = {{ path = \"population.csv\" }}\nfacilities = [{{ path = \"facilities.csv\" }}]\n{}roads = {{ path = {} }}\n\n[travel]\nmode = \"streets\"\n",
        comment(lang.pick("没有复制，仍在原处", "Not copied: it stands where it was")),
        quoted(city.request.roads),
    );
    text + &services(city, catalogue)
}

fn source_of_residents(city: &City) -> String {
    let lang = city.request.lang;
    match (city.request.population, city.request.residents) {
        (Some((file, _)), Some(_)) => match lang {
            Lang::Zh => format!("常住人口：人口栅格 {file}，按给定总数调整"),
            Lang::En => format!("residents: raster {file}, scaled to the given total"),
        },
        (Some((file, _)), None) => match lang {
            Lang::Zh => format!("常住人口：人口栅格 {file}"),
            Lang::En => format!("residents: raster {file}"),
        },
        _ => lang
            .pick(
                "常住人口：给定总数按建筑面积推算，不是统计",
                "residents: a given total, put into buildings by floor area; modelled, not counted",
            )
            .to_owned(),
    }
}

/// Pupils of a class, for nominal capacities: GB 50099 and JGJ 39 have up to 30 in kindergartens, 45 in primary and 50 in middle schools.
const A_CLASS: [(&str, f64); 4] = [
    ("kindergarten", 30.0),
    ("primary_school", 45.0),
    ("junior_middle", 50.0),
    ("senior_high", 50.0),
];

/// What a facility of a service has at least by the catalogue, in the unit of its capacity.
fn nominal(service: &Service) -> Option<f64> {
    let minimum = service.minimum.as_ref()?;
    let class = A_CLASS.iter().find(|(id, _)| *id == service.id);
    match class {
        Some((_, pupils)) if minimum.unit == "classes" => Some(minimum.size * pupils),
        _ => (minimum.unit == service.capacity_unit).then_some(minimum.size),
    }
}

fn services(city: &City, catalogue: &[Service]) -> String {
    let lang = city.request.lang;
    let mut found: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for each in &city.found.facilities {
        let (count, with_capacity) = found.entry(&each.service).or_default();
        *count += 1;
        *with_capacity += u64::from(each.capacity.is_some());
    }
    let mut text = "\n[services]\n".to_owned();
    text += &comment(lang.pick(
        "只选了找到设施的服务",
        "The services of which something was found",
    ));
    text += "select = [\n";
    let (mut unknown, mut unjudged, mut capacities) = (Vec::new(), Vec::new(), Vec::new());
    for service in catalogue {
        let name = lang.pick(&service.name.zh, &service.name.en);
        let Some(&(count, with_capacity)) = found.get(service.id.as_str()) else {
            unknown.push(format!("{} {name}", service.id));
            continue;
        };
        // Without a time to reach them within, the catalogue gives nothing to judge them by.
        if service.urban.is_none() && service.rural.is_none() {
            unjudged.push(format!("{} {name}: {count}", service.id));
            continue;
        }
        let restricted = match service.id.as_str() {
            "police_station" => lang.pick("；公开版中略去", "; left out of the public edition"),
            _ => "",
        };
        let _ = writeln!(
            text,
            "    {}, # {name}: {count}{restricted}",
            quoted(&service.id)
        );
        if !service.capacity_unit.is_empty() && with_capacity < count {
            let unit = &service.capacity_unit;
            if let Some(nominal) = nominal(service) {
                capacities.push(format!(
                    "# {} = {nominal} # {unit}, {}/{count}",
                    service.id,
                    count - with_capacity
                ));
            }
        }
    }
    text += "]\n";
    if !unjudged.is_empty() {
        text += &comment(lang.pick(
            "以下服务有设施，但目录没有时间标准，按区县评价，不能选",
            "Of the following something was found, but the catalogue has no limit for them: they are judged by county and cannot be selected",
        ));
        unjudged
            .iter()
            .for_each(|line| text += &format!("#   {line}\n"));
    }
    text += &comment(lang.pick(
        "以下服务一无所知（不等于没有）：有了数据再加入 inputs.facilities 和 select；确实没有的写入 services.none_exist",
        "Nothing is known of the following (which is not none): add them to `inputs.facilities` and `select` when there are data, or to `services.none_exist` where there are none indeed",
    ));
    unknown
        .iter()
        .for_each(|line| text += &format!("#   {line}\n"));
    if !capacities.is_empty() {
        text += "\n[services.default_capacity]\n";
        text += &comment(lang.pick(
            "名义规模：多数设施没有规模，供给和缺口因此不可评。去掉行首的 # 即按目录的最小规模假定（不是实际规模）；其后为单位和没有规模的设施数",
            "Nominal capacities: most facilities have none, so that supply and shortfall cannot be judged. Without its `#` a line assumes the smallest size of the catalogue (nobody's real one); behind it the unit, and how many have no capacity",
        ));
        capacities
            .iter()
            .for_each(|line| text += &format!("{line}\n"));
    }
    text
}

fn townships(city: &City, codes: &[String]) -> String {
    let lang = city.request.lang;
    let mut layer = Layer::about(about(city));
    for (zone, code) in city.townships.iter().zip(codes) {
        layer.area(
            &city.projection,
            &zone.polygon,
            of_zone(zone, code, city.own_codes, lang),
        );
    }
    layer.text()
}

fn communities(city: &City, codes: &[String]) -> String {
    let lang = city.request.lang;
    let mut layer = Layer::about(about(city));
    for (zones, township) in city.communities.iter().zip(codes) {
        for (number, zone) in zones.iter().enumerate() {
            let code = community_code(township, number);
            let mut own = of_zone(zone, &code, false, lang);
            own.insert("township".to_owned(), json!(township));
            layer.area(&city.projection, &zone.polygon, own);
        }
    }
    layer.text()
}

fn about(city: &City) -> geojson::JsonObject {
    let [_, day] = day(city);
    properties([
        (
            "attribution",
            json!("© OpenStreetMap contributors, ODbL 1.0"),
        ),
        ("osm_date", json!(day)),
    ])
}

fn of_zone(zone: &Zone, code: &str, own_code: bool, lang: Lang) -> geojson::JsonObject {
    let name = match zone.name.as_str() {
        "" => code,
        name => name,
    };
    let note = match own_code {
        true => lang.pick("代码取自边界文件", "code of the file of boundaries"),
        false => lang.pick("代码是编的", "the code is invented"),
    };
    let mut all = properties([
        ("code", json!(code)),
        ("name", json!(name)),
        ("note", json!(note)),
    ]);
    if let Some(osm) = &zone.osm {
        all.insert("osm".to_owned(), json!(osm));
    }
    all
}

/// A longitude or latitude with seven decimals at most.
fn degrees(number: f64) -> String {
    let text = format!("{number:.7}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn lon_lat(city: &City, at: Coord) -> [String; 2] {
    let at = city.projection.to_degrees(at);
    [degrees(at.x), degrees(at.y)]
}

fn population(city: &City, codes: &[String]) -> String {
    let mut cells = Cells::plain(&["id", "community", "lon", "lat", "residents"]);
    let communities: Vec<String> = (city.communities.iter().zip(codes))
        .flat_map(|(zones, township)| {
            (0..zones.len()).map(move |number| community_code(township, number))
        })
        .collect();
    for (point, number) in city.points.iter().zip(1_usize..) {
        let [lon, lat] = lon_lat(city, point.at);
        let (whole, rest) = (point.thousandths / 1000, point.thousandths % 1000);
        let residents = match rest {
            0 => whole.to_string(),
            rest => format!("{whole}.{rest:03}")
                .trim_end_matches('0')
                .to_owned(),
        };
        cells.row(&[
            &format!("d{number:06}"),
            &communities[point.community],
            &lon,
            &lat,
            &residents,
        ]);
    }
    cells.text()
}

fn facilities(city: &City, catalogue: &[Service]) -> String {
    let mut cells = Cells::plain(&[
        "id",
        "name",
        "service",
        "lon",
        "lat",
        "capacity",
        "capacity_unit",
        "ownership",
        "entrances",
    ]);
    for each in &city.found.facilities {
        let [lon, lat] = lon_lat(city, each.at);
        let service = catalogue.iter().find(|service| service.id == each.service);
        let unit = service.map_or("", |service| &service.capacity_unit);
        let capacity = each
            .capacity
            .map_or(String::new(), |capacity| capacity.to_string());
        let unit = if capacity.is_empty() { "" } else { unit };
        let ownership = each
            .public
            .map_or("", |public| if public { "public" } else { "private" });
        let entrances = each.entrances.iter().map(|&at| lon_lat(city, at).join(" "));
        let entrances: Vec<String> = entrances.collect();
        cells.row(&[
            &each.id,
            &each.name,
            &each.service,
            &lon,
            &lat,
            &capacity,
            unit,
            ownership,
            &entrances.join("; "),
        ]);
    }
    cells.text()
}

fn undecided(city: &City) -> String {
    let lang = city.request.lang;
    let mut cells = Cells::plain(&["id", "name", "lon", "lat", "choices", "why", "tags"]);
    for each in &city.found.undecided {
        let [lon, lat] = lon_lat(city, each.at);
        let rule = city.rules.iter().find(|rule| rule.line == each.line);
        let why = rule.map_or("", |rule| lang.pick(&rule.note[0], &rule.note[1]));
        cells.row(&[
            &each.id,
            &each.name,
            &lon,
            &lat,
            &each.choices.join(" | "),
            why,
            &each.tags,
        ]);
    }
    cells.text()
}

fn notice(city: &City, said: &[Both]) -> String {
    let lang = city.request.lang;
    let [zh, en] = day(city);
    let head = match lang {
        Lang::Zh => format!(
            "本文件夹由 OpenStreetMap 数据生成（{}，{zh}）。\n\n\
             数据 © OpenStreetMap 贡献者，按开放数据库许可（ODbL 1.0）提供：https://www.openstreetmap.org/copyright\n\
             townships.geojson、communities.geojson、population.csv、facilities.csv、undecided.csv 及由它们得出的成果：公开时须注明上述来源；\n\
             公开这些文件本身时，按同一许可。边界不是法定界线；未经审图的地图不得公开。\n\n\
             undecided.csv：数据不能确定属于哪项服务的设施。确定后把该行的 id、name、lon、lat 加上 service 写入 facilities.csv。\n\
             osm_tags.csv：标签规则表，含各规则的说明和可靠性。\n\
             水面、绿地、铁路等地图底图没有写出。\n\n",
            city.request.file
        ),
        Lang::En => format!(
            "This folder is made from OpenStreetMap data ({}, {en}).\n\n\
             Data © OpenStreetMap contributors, available under the Open Database License (ODbL 1.0): https://www.openstreetmap.org/copyright\n\
             townships.geojson, communities.geojson, population.csv, facilities.csv, undecided.csv and what is made of them: name that source wherever\n\
             they are published; these files themselves are published under the same licence. Borders are no legal ones.\n\n\
             undecided.csv: facilities of which the data do not say which service they are. Once that is known, put id, name, lon, lat of the row and its service into facilities.csv.\n\
             osm_tags.csv: the table of rules, with notes and how well each finds what it should.\n\
             Water, green, railways and other context of maps are not written.\n\n",
            city.request.file
        ),
    };
    let lines: String = pick_all(city, said)
        .iter()
        .map(|line| format!("- {line}\n"))
        .collect();
    head + &lines
}

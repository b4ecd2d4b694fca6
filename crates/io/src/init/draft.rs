//! A plan of what was seen, with a comment for each entry, and the questions that it leaves.

use std::fmt::Write as _;

use fuwutu_core::service::Service;
use geo::Coord;
use serde_json::json;

use super::place;
use super::role::Role;
use super::seen::{Seen, Spot};
use crate::crs::CrsError;
use crate::finding::Lang;
use crate::manifest::Statement;
use crate::question::{Choice, Edit, Need, Own, OwnKind, Question};

/// A plan that may leave questions.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The plan: TOML with comments.
    pub text: String,
    /// What the files do not say. Without those that must be answered the plan can be read.
    pub questions: Vec<Question>,
}

impl Draft {
    /// Whether anything must be answered before the plan can be read.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.questions
            .iter()
            .any(|question| question.level == Need::Must)
    }
}

/// The plan of what was seen in a folder. `name` is that of the round; `beside` leads from the plan to the folder (empty where it stands
/// in it). O(seen²).
#[must_use]
pub fn draft(seen: &[Seen], name: &str, beside: &str, catalogue: &[Service], lang: Lang) -> Draft {
    let mut drafting = Drafting {
        seen,
        beside,
        lang,
        used: vec![false; seen.len()],
        inputs: String::new(),
        questions: Vec::new(),
    };
    let population = drafting.population();
    let communities = drafting.only(Role::Communities, "communities");
    let base_year = drafting.base_year(population.or(communities));
    drafting.only(Role::Townships, "townships");
    drafting.people(population, base_year.as_ref().ok().copied());
    drafting.facilities(catalogue);
    for (role, key) in [
        (Role::Housing, "housing"),
        (Role::Controls, "controls"),
        (Role::Crosswalk, "crosswalk"),
        (Role::LastUnits, "last_units"),
    ] {
        if drafting.any(role) {
            drafting.only(role, key);
        }
    }
    let streets = drafting.roads();
    drafting.finished(name, base_year, streets)
}

/// What is drafted so far.
struct Drafting<'a> {
    seen: &'a [Seen],
    beside: &'a str,
    lang: Lang,
    used: Vec<bool>,
    /// The lines of `[inputs]`.
    inputs: String,
    questions: Vec<Question>,
}

fn said(zh: impl Into<String>, en: impl Into<String>) -> Statement {
    Statement {
        zh: zh.into(),
        en: en.into(),
    }
}

/// A file, and its sheet where it has several.
fn label(seen: &Seen) -> String {
    match &seen.sheet {
        Some(sheet) => format!("{} / {sheet}", seen.path),
        None => seen.path.clone(),
    }
}

/// What stands in the plan where the answer to a question is: nothing that could be read.
const OPEN: &str = "?";

/// A text as TOML has it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

impl Drafting<'_> {
    fn of(&self, role: Role) -> Vec<usize> {
        let all = 0..self.seen.len();
        all.filter(|&at| self.seen[at].role == role).collect()
    }

    fn any(&self, role: Role) -> bool {
        self.seen.iter().any(|seen| seen.role == role)
    }

    fn pick<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.lang.pick(zh, en)
    }

    /// The path of a file as the plan names it.
    fn path(&self, seen: &Seen) -> String {
        match self.beside {
            "" => seen.path.clone(),
            beside => format!("{beside}/{}", seen.path),
        }
    }

    /// What the plan says of a file: `{ path = "…" }`.
    fn entry(&self, seen: &Seen, more: &str) -> String {
        let mut entry = format!("{{ path = {}", quoted(&self.path(seen)));
        if let Some(sheet) = &seen.sheet {
            let _ = write!(entry, ", sheet = {}", quoted(sheet));
        }
        entry += more;
        if let Some(crs) = self.crs(seen) {
            let _ = write!(entry, ", crs = {}", quoted(&crs));
        }
        let columns = renamed(seen);
        if !columns.is_empty() {
            let columns: Vec<String> = columns
                .iter()
                .map(|(name, header)| format!("{name} = {}", quoted(header)))
                .collect();
            let _ = write!(entry, ", columns = {{ {} }}", columns.join(", "));
        }
        entry + " }"
    }

    /// What the plan has to say of a file's system: one that neither the file names nor all files are in.
    fn crs(&self, seen: &Seen) -> Option<String> {
        let spot = seen.spot.as_ref()?;
        if spot.refused().is_some() {
            return Some(OPEN.to_owned());
        }
        if spot.named.is_some() {
            return None;
        }
        if spot.named.is_none() && provider(seen).is_some() {
            return Some(OPEN.to_owned());
        }
        match &spot.crs {
            Some(crs) if crs == "EPSG:4490" => None,
            Some(crs) => Some(crs.clone()),
            None => match self.zones(spot).as_slice() {
                [only] => Some(only.clone()),
                _ => Some(OPEN.to_owned()),
            },
        }
    }

    /// The systems in which a file in metres lies where the others do. Of those of a meridian the zone of 3° comes first, and is taken.
    fn zones(&self, spot: &Spot) -> Vec<String> {
        let known: Vec<[f64; 4]> = (self.seen.iter())
            .filter(|seen| seen.role != Role::Nothing)
            .filter_map(|seen| seen.spot.as_ref()?.degrees)
            .collect();
        let Some([west, south, east, north]) = known.into_iter().reduce(|a, b| {
            [
                a[0].min(b[0]),
                a[1].min(b[1]),
                a[2].max(b[2]),
                a[3].max(b[3]),
            ]
        }) else {
            return Vec::new();
        };
        // A city's files do not all cover the same of it.
        const BEYOND: f64 = 0.2;
        let low = Coord {
            x: west - BEYOND,
            y: south - BEYOND,
        };
        let high = Coord {
            x: east + BEYOND,
            y: north + BEYOND,
        };
        let [x, y] = spot.middle;
        let mut zones = place::zones(Coord { x, y }, (low, high));
        let of_three = zones
            .iter()
            .filter(|zone| zone.as_str() >= "EPSG:4534")
            .count();
        if of_three == 1 {
            zones.truncate(1);
        }
        zones
    }

    /// Adds an entry of `[inputs]`, with what it rests on.
    fn input(&mut self, key: &str, at: usize, more: &str) {
        let seen = &self.seen[at];
        let comment = self.comment(seen);
        let entry = self.entry(seen, more);
        let _ = writeln!(self.inputs, "{comment}{key} = {entry}");
        self.used[at] = true;
        self.ask_crs(at, &format!("inputs.{key}.crs"));
    }

    /// What an entry rests on.
    fn comment(&self, seen: &Seen) -> String {
        let mut parts = vec![format!(
            "{}: {}",
            quoted(&seen.path),
            self.pick(&seen.why.zh, &seen.why.en)
        )];
        if seen.rows > 0 {
            parts.push(match self.lang {
                Lang::Zh => format!("{} 行", seen.rows),
                Lang::En => format!("{} rows", seen.rows),
            });
        }
        if seen.left_out > 0 {
            parts.push(match self.lang {
                Lang::Zh => format!("合计、注释等 {} 行不计", seen.left_out),
                Lang::En => format!("{} rows of sums and notes left out", seen.left_out),
            });
        }
        if let Some(title) = seen.titles.first() {
            parts.push(format!(
                "{}“{}”",
                self.pick("表题", "title "),
                title.trim_matches([',', '"'])
            ));
        }
        if let Some(spot) = &seen.spot {
            let by_numbers = self.crs(seen).or_else(|| spot.crs.clone());
            let by_numbers = by_numbers.filter(|crs| crs != OPEN);
            match (&spot.named, by_numbers) {
                (Some(named), _) => {
                    parts.push(format!("{}{named}", self.pick("文件自带坐标系 ", "in ")));
                }
                (None, Some(crs)) => parts.push(match self.lang {
                    Lang::Zh => format!("按坐标数值为 {crs}"),
                    Lang::En => format!("{crs} by its numbers"),
                }),
                (None, None) => {}
            }
        }
        if seen.spot.as_ref().is_some_and(|spot| spot.swapped) {
            let swapped = self.pick(
                "两列坐标对调（数值如此）",
                "its two columns of places are exchanged, as their numbers say",
            );
            parts.push(swapped.to_owned());
        }
        let guessed: Vec<String> = (seen.columns.iter())
            .filter(|column| !column.own)
            .filter_map(|column| Some(format!("{} ← {}", column.means.as_deref()?, column.header)))
            .collect();
        if !guessed.is_empty() {
            parts.push(format!(
                "{}{}",
                self.pick("推测 ", "taken for "),
                guessed.join(", ")
            ));
        }
        format!(
            "# {}\n",
            parts.join(self.pick("；", "; ")).replace('\n', " ")
        )
    }

    /// Asks for the system of a file whose numbers do not tell.
    fn ask_crs(&mut self, at: usize, key: &str) {
        let seen = &self.seen[at];
        let Some(spot) = &seen.spot else {
            return;
        };
        if let Some(error) = spot.refused() {
            let named = spot.named.clone().unwrap_or_default();
            let evidence = match error {
                CrsError::NoTransformation(datum) => said(
                    format!("文件自带坐标系 {named}（{datum}），没有公开而足够精确的转换参数"),
                    format!(
                        "the file names {named} ({datum}), of which no exact transformation is public"
                    ),
                ),
                CrsError::Unknown => said(
                    format!("文件自带坐标系 {named}，不在可读之列"),
                    format!("the file names {named}, which is not read"),
                ),
            };
            self.questions.push(Question {
                id: format!("crs:{}", label(seen)),
                level: Need::Must,
                file: self.file(Some(at)),
                text: said(
                    "坐标系是什么？请转为 CGCS2000 重新导出，或写明",
                    "Which system is it in? Transform it to CGCS2000, or name it",
                ),
                evidence,
                choices: Vec::new(),
                own: Some(Own::new(key, OwnKind::Text)),
            });
            return;
        }
        if let Some((datum, evidence)) = provider(seen) {
            let converted = Choice {
                label: said("EPSG:4490（已转换）", "EPSG:4490 (it was converted)"),
                patch: vec![Edit::new(key, "EPSG:4490")],
                effect: said("坐标照原样使用", "its places are used as they are"),
            };
            let as_shown = Choice {
                label: said(
                    format!("{datum}（平台原始坐标）"),
                    format!("{datum} (as the provider gives it)"),
                ),
                patch: vec![Edit::new(key, datum)],
                effect: said(
                    "换算到 CGCS2000，移动约 300 至 1,000 米",
                    "its places are moved to CGCS2000, by some 300 to 1,000 m",
                ),
            };
            self.questions.push(Question {
                id: format!("crs:{}", label(seen)),
                level: Need::Must,
                file: self.file(Some(at)),
                text: said("坐标系是什么？", "Which coordinate system is it in?"),
                evidence,
                choices: vec![as_shown, converted],
                own: None,
            });
            return;
        }
        if spot.crs.is_some() || self.crs(seen).is_none_or(|crs| crs != OPEN) {
            return;
        }
        let [x, y] = spot.middle;
        let choices = self.zones(spot).into_iter().map(|zone| Choice {
            label: said(zone.clone(), zone.clone()),
            effect: said("按此坐标系换算", "the places are read in it"),
            patch: vec![Edit::new(key, zone)],
        });
        let choices: Vec<Choice> = choices.collect();
        self.questions.push(Question {
            id: format!("crs:{}", label(seen)),
            level: Need::Must,
            file: self.file(Some(at)),
            text: said("坐标系是什么？", "Which coordinate system is it in?"),
            evidence: said(
                format!("坐标像是米（中心 {x:.0}, {y:.0}），没有带号"),
                format!("its numbers look like metres (middle {x:.0}, {y:.0}) without a zone"),
            ),
            choices,
            own: Some(Own::new(key, OwnKind::Text)),
        });
    }

    /// The file of an entry, and its sheet, as questions name it.
    fn file(&self, at: Option<usize>) -> String {
        at.map_or(String::new(), |at| label(&self.seen[at]))
    }

    /// The one file of a role: the first; where there are more, which of them is a question; where there is none, it must be given.
    fn only(&mut self, role: Role, key: &str) -> Option<usize> {
        let all = self.of(role);
        let [zh, en] = role.name();
        let Some(&first) = all.first() else {
            let _ = writeln!(
                self.inputs,
                "{}",
                match self.lang {
                    Lang::Zh => format!("# 缺少：{key} = {{ path = \"…\" }}  {zh}"),
                    Lang::En => format!("# missing: {key} = {{ path = \"…\" }}  {en}"),
                }
            );
            self.questions.push(Question {
                id: format!("missing:{key}"),
                level: Need::Must,
                file: self.file(None),
                text: said(
                    format!("{zh}在哪个文件？"),
                    format!("Which file has the {en}?"),
                ),
                evidence: said(
                    "文件夹中没有这样的面图层",
                    "no layer of such areas is in the folder",
                ),
                choices: Vec::new(),
                own: Some(Own::new(format!("inputs.{key}.path"), OwnKind::Text)),
            });
            return None;
        };
        self.input(key, first, "");
        self.ask_which(&all, key, (zh, en), Need::Default);
        Some(first)
    }

    /// Asks which of several files it is; by default the first.
    fn ask_which(&mut self, all: &[usize], key: &str, (zh, en): (&str, &str), level: Need) {
        if all.len() < 2 {
            return;
        }
        let choices =
            all.iter().map(|&at| {
                let seen = &self.seen[at];
                let label = match &seen.sheet {
                    Some(sheet) => format!("{} / {sheet}", seen.path),
                    None => seen.path.clone(),
                };
                let mut patch = vec![Edit::new(format!("inputs.{key}.path"), self.path(seen))];
                let sheet = seen.sheet.as_ref();
                patch.extend(
                    sheet.map(|sheet| Edit::new(format!("inputs.{key}.sheet"), sheet.as_str())),
                );
                let columns = renamed(seen).into_iter();
                patch.extend(columns.map(|(name, header)| {
                    Edit::new(format!("inputs.{key}.columns.{name}"), header)
                }));
                Choice {
                    label: said(label.clone(), label),
                    patch,
                    effect: said(format!("{} 行", seen.rows), format!("{} rows", seen.rows)),
                }
            });
        let choices = choices.collect();
        self.questions.push(Question {
            id: format!("which:{key}"),
            level,
            file: self.file(Some(all[0])),
            text: said(
                format!("有几个文件像是{zh}，用哪一个？"),
                format!("Several files look like {en}: which is it?"),
            ),
            evidence: said(
                format!("{} 个", all.len()),
                format!("{} of them", all.len()),
            ),
            choices,
            own: None,
        });
    }

    /// Of the populations the one with places and the latest year.
    fn population(&self) -> Option<usize> {
        let all = self.of(Role::Population).into_iter();
        all.max_by_key(|&at| {
            (
                self.seen[at].placed,
                self.seen[at].year,
                std::cmp::Reverse(at),
            )
        })
    }

    /// The year of the people, as the file of the population or its titles name it; else a question.
    fn base_year(&mut self, of: Option<usize>) -> Result<i32, ()> {
        if let Some(year) = of.and_then(|at| self.seen[at].year) {
            return Ok(year);
        }
        let mut years: Vec<i32> = self.seen.iter().filter_map(|seen| seen.year).collect();
        years.sort_unstable_by_key(|year| std::cmp::Reverse(*year));
        years.dedup();
        let choices = years.iter().take(4).map(|&year| Choice {
            label: said(year.to_string(), year.to_string()),
            patch: vec![Edit::new("round.base_year", year)],
            effect: said(
                "人口按该年计，之后各年由此预测",
                "the people are of that year; later years are projected from it",
            ),
        });
        let choices = choices.collect();
        self.questions.push(Question {
            id: "base_year".to_owned(),
            level: Need::Must,
            file: self.file(of),
            text: said("人口是哪一年的？", "Of which year are the residents?"),
            evidence: said(
                "人口文件的名称、表题和列名都没有年份",
                "neither name, title nor headers of their file name a year",
            ),
            choices,
            own: Some(Own::new("round.base_year", OwnKind::Year)),
        });
        Err(())
    }

    /// The population, and other tables of residents as earlier ones.
    fn people(&mut self, population: Option<usize>, base_year: Option<i32>) {
        let all = self.of(Role::Population);
        let Some(population) = population else {
            return self.ask_population();
        };
        let same = |&at: &usize| {
            let [one, other] = [&self.seen[at], &self.seen[population]];
            (one.year, one.placed) == (other.year, other.placed)
        };
        let rivals: Vec<usize> = all.iter().copied().filter(same).collect();
        if rivals.len() > 1 {
            // Each may have a part of the city: none is taken by itself.
            let _ = writeln!(self.inputs, "population = {{ path = \"{OPEN}\" }}");
            let [zh, en] = Role::Population.name();
            rivals.iter().for_each(|&at| self.used[at] = true);
            self.ask_which(&rivals, "population", (zh, en), Need::Must);
        } else {
            self.input("population", population, "");
        }
        let others = all.into_iter().filter(|at| !rivals.contains(at));
        let others: Vec<usize> = others.collect();
        let before = |at: &&usize| {
            self.seen[**at]
                .year
                .zip(base_year)
                .is_some_and(|(year, base)| year < base)
        };
        let earlier = others
            .iter()
            .filter(before)
            .max_by_key(|at| self.seen[**at].year)
            .copied();
        if let Some((at, year)) = earlier.and_then(|at| Some((at, self.seen[at].year?))) {
            self.input("earlier", at, &format!(", year = {year}"));
        }
        for at in others.into_iter().filter(|&at| Some(at) != earlier) {
            let seen = &self.seen[at];
            let path = self.path(seen);
            let use_it = Choice {
                label: said("是本轮的人口", "it has the residents of this round"),
                patch: vec![Edit::new("inputs.population", json!({ "path": &path }))],
                effect: said("代替上面的人口文件", "it replaces the population above"),
            };
            let skip = Choice {
                label: said("不用", "leave it out"),
                patch: Vec::new(),
                effect: said("其中的人口不计", "its residents do not count"),
            };
            let year = Own {
                with: vec![Edit::new("inputs.earlier.path", path)],
                ..Own::new("inputs.earlier.year", OwnKind::Year)
            };
            self.questions.push(Question {
                id: format!("people:{}", label(seen)),
                level: Need::Default,
                file: self.file(Some(at)),
                text: said(
                    "这张人口表有什么用？",
                    "What is this table of residents for?",
                ),
                evidence: said(
                    "没有年份，或不早于基期年；如为历史人口，写明年份",
                    "it names no year before the base year; of an earlier one say its year",
                ),
                choices: vec![skip, use_it],
                own: Some(year),
            });
        }
    }

    /// Asks for the residents, where neither a table nor the layer of communities has them.
    fn ask_population(&mut self) {
        let has = |seen: &Seen| {
            seen.columns
                .iter()
                .any(|column| column.means.as_deref() == Some("residents"))
        };
        let layers = self.of(Role::Communities);
        if layers.is_empty() || layers.iter().any(|&at| has(&self.seen[at])) {
            return;
        }
        let _ = writeln!(
            self.inputs,
            "{}",
            self.pick(
                "# 缺少：population = { path = \"…\" }  人口",
                "# missing: population = { path = \"…\" }  residents"
            )
        );
        self.questions.push(Question {
            id: "missing:population".to_owned(),
            level: Need::Must,
            file: String::new(),
            text: said("常住人口在哪个文件？", "Which file has the residents?"),
            evidence: said(
                "没有表同时有社区（代码或名称）和常住人口两列，社区图层中也缺常住人口",
                "no table has both communities and residents, and neither has the layer of communities",
            ),
            choices: Vec::new(),
            own: Some(Own::new("inputs.population.path", OwnKind::Text)),
        });
    }

    fn facilities(&mut self, catalogue: &[Service]) {
        let mut lines = String::new();
        for (at, number) in self.of(Role::Facilities).into_iter().zip(0..) {
            let seen = &self.seen[at];
            let comment = self.comment(seen).replace('#', "    #");
            let entry = self.entry(seen, "");
            let _ = writeln!(lines, "{comment}    {entry},");
            self.used[at] = true;
            self.ask_crs(at, &format!("inputs.facilities[{number}].crs"));
            self.ask_service(at, number, catalogue);
        }
        let _ = writeln!(self.inputs, "facilities = [\n{lines}]");
        if lines.is_empty() {
            self.questions.push(Question {
                id: "missing:facilities".to_owned(),
                level: Need::Must,
                file: self.file(None),
                text: said("设施在哪个文件？", "Which file has the facilities?"),
                evidence: said("没有带名称和坐标的表", "no table has names and coordinates"),
                choices: Vec::new(),
                own: Some(Own::new(
                    "inputs.facilities[0].path".to_owned(),
                    OwnKind::Text,
                )),
            });
        }
    }

    /// Asks which service a file has that does not say so of each facility.
    fn ask_service(&mut self, at: usize, number: usize, catalogue: &[Service]) {
        let seen = &self.seen[at];
        if seen.columns.iter().any(|column| {
            ["service", "type_code", "type"]
                .iter()
                .any(|name| column.means.as_deref() == Some(name))
        }) {
            return;
        }
        let key = format!("inputs.facilities[{number}].service");
        let about = format!(
            "{} {} {}",
            seen.path,
            seen.sheet.as_deref().unwrap_or(""),
            seen.titles.join(" ")
        );
        let choices = named_in(&about, catalogue)
            .into_iter()
            .map(|service| Choice {
                label: said(service.name.zh.clone(), service.name.en.clone()),
                patch: vec![Edit::new(&*key, &*service.id)],
                effect: said("全部行按此服务要素计", "all its rows are of this service"),
            });
        let choices: Vec<Choice> = choices.collect();
        self.questions.push(Question {
            id: format!("service:{}", label(seen)),
            level: Need::Must,
            file: self.file(Some(at)),
            text: said(
                "这些设施是哪一项服务要素？",
                "Of which service are these facilities?",
            ),
            evidence: said(
                "没有“服务类别”一列",
                "no column says of which service they are",
            ),
            choices,
            own: Some(Own::new(key, OwnKind::Text)),
        });
    }

    /// Streets, where there are any; whether there are.
    fn roads(&mut self) -> bool {
        if let Some(&at) = self.of(Role::Roads).first() {
            self.input("roads", at, "");
            return true;
        }
        let (nodes, edges) = (self.of(Role::Nodes), self.of(Role::Edges));
        let (Some(&nodes), Some(&edges)) = (nodes.first(), edges.first()) else {
            return false;
        };
        let entry = format!(
            "roads = {{ nodes = {}, edges = {} }}",
            quoted(&self.path(&self.seen[nodes])),
            quoted(&self.path(&self.seen[edges]))
        );
        let _ = writeln!(self.inputs, "{}{entry}", self.comment(&self.seen[edges]));
        (self.used[nodes], self.used[edges]) = (true, true);
        true
    }

    fn finished(self, name: &str, base_year: Result<i32, ()>, streets: bool) -> Draft {
        let mut text = String::new();
        let _ = writeln!(text, "{}", self.pick(
            "# 由 fuwutu init 根据文件夹中的文件生成；每一项的注释说明依据。检查：fuwutu check plan.toml",
            "# Made by `fuwutu init` from the files of a folder; comments say what each entry rests on. To check it: fuwutu check plan.toml",
        ));
        let _ = writeln!(text, "\n[round]\nname = {}", quoted(name));
        match base_year {
            Ok(year) => {
                let _ = writeln!(
                    text,
                    "{}\nbase_year = {year}",
                    self.pick(
                        "# 人口数据的年份，见人口文件的名称或表题",
                        "# The year of the residents, by the name or the title of their file"
                    )
                );
            }
            Err(()) => {
                let _ = writeln!(
                    text,
                    "{}",
                    self.pick(
                        "# 人口数据的年份：待填，或由 --ask 写在下面",
                        "# The year of the residents: to be filled in, or written below by --ask"
                    )
                );
            }
        }
        let _ = writeln!(text, "horizon_years = 3");
        if streets {
            let _ = writeln!(text, "\n[travel]\nmode = \"streets\"");
        }
        let _ = writeln!(
            text,
            "\n[inputs]\n{}\ncrs = \"EPSG:4490\"\n{}",
            self.pick(
                "# 未注明坐标系的经纬度按 CGCS2000",
                "# Degrees without a system of their own are CGCS2000"
            ),
            self.inputs.trim_end()
        );
        let rest: Vec<&Seen> = (self.seen.iter().zip(&self.used))
            .filter(|(_, used)| !**used)
            .map(|(seen, _)| seen)
            .collect();
        if !rest.is_empty() {
            let _ = writeln!(
                text,
                "\n{}",
                self.pick("# 没有用到的文件：", "# Files that are not used:")
            );
            for seen in rest {
                let [zh, en] = seen.role.name();
                let role = match seen.role {
                    Role::Nothing => String::new(),
                    _ => format!("{} · ", self.pick(zh, en)),
                };
                let _ = writeln!(
                    text,
                    "#   {} ({role}{})",
                    quoted(&seen.path),
                    self.pick(&seen.why.zh, &seen.why.en)
                );
            }
        }
        Draft {
            text,
            questions: self.questions,
        }
    }
}

/// The datum of the maps of a provider whose file this seems to be, by the words of its name, titles and headers, and what speaks for
/// it. Places outside China are in none.
fn provider(seen: &Seen) -> Option<(&'static str, Statement)> {
    let spot = seen.spot.as_ref().filter(|spot| spot.named.is_none())?;
    let [west, south, east, north] = spot.degrees?;
    let in_china = west > 73.0 && east < 135.0 && south > 18.0 && north < 54.0;
    if !in_china || spot.crs.as_deref() != Some("EPSG:4490") {
        return None;
    }
    let headers = seen
        .columns
        .iter()
        .map(|column| column.header.to_lowercase());
    let words = std::iter::once(seen.path.to_lowercase()).chain(seen.titles.clone());
    let words: Vec<String> = words.chain(headers).collect();
    let found = |marks: &[&'static str]| {
        let mut marks = marks.iter();
        marks
            .find(|mark| words.iter().any(|word| word.contains(**mark)))
            .copied()
    };
    let gcj = ["gcj", "高德", "amap", "火星坐标", "腾讯", "typecode"];
    let baidu = ["bd09", "bd-09", "bd_l", "百度", "baidu"];
    let own = ["wgs84", "cgcs2000", "4490", "国家2000"];
    if found(&own).is_some() {
        return None;
    }
    let said_by = |mark: &str| {
        said(
            format!("文件名、表题或列名中有“{mark}”；同样的数值在两种坐标系中相差 300 至 1,000 米"),
            format!(
                "its name, title or headers have `{mark}`; the systems differ by 300 to 1,000 m"
            ),
        )
    };
    let baidu = found(&baidu).map(|mark| ("BD-09", said_by(mark)));
    baidu.or_else(|| found(&gcj).map(|mark| ("GCJ-02", said_by(mark))))
}

/// The columns whose headers the plan has to give, and those headers.
fn renamed(seen: &Seen) -> Vec<(String, String)> {
    let swapped = seen.spot.as_ref().is_some_and(|spot| spot.swapped) && seen.header.is_some();
    // Residents of communities have no ids of their own.
    let without_ids = seen.role == Role::Population && !seen.placed;
    let columns = seen.columns.iter().filter_map(|column| {
        let name = column.means.as_deref()?;
        if without_ids && name == "id" {
            return None;
        }
        let turned = match name {
            "lon" if swapped => "lat",
            "lat" if swapped => "lon",
            name => name,
        };
        (!column.own || turned != name).then(|| (turned.to_owned(), column.header.clone()))
    });
    columns.collect()
}

/// The services that a text names, those of the longest names first: at most three.
fn named_in<'c>(text: &str, catalogue: &'c [Service]) -> Vec<&'c Service> {
    let text = text.to_lowercase();
    let longest = |service: &Service| {
        let names = service
            .name
            .zh
            .split(['/', '／', '(', '（'])
            .chain(service.aliases.iter().map(String::as_str));
        let names = names.map(|name| name.trim_end_matches([')', '）']).to_lowercase());
        let named = names.filter(|name| name.chars().count() >= 2 && text.contains(&**name));
        named.map(|name| name.chars().count()).max()
    };
    let mut found: Vec<(usize, &Service)> = catalogue
        .iter()
        .filter_map(|service| Some((longest(service)?, service)))
        .collect();
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found
        .into_iter()
        .take(3)
        .map(|(_, service)| service)
        .collect()
}

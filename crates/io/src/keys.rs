//! Names in place of codes: how the name of a township or community, as an office writes it, leads to the one that is meant.
//!
//! A name is looked for as it is written, then normalised (`normalised`), then without the word for its kind (`stem`), then as the end
//! of a path (`武侯区浆洗街街道洗面桥社区`); the first of these by which any is found decides. What is only alike is proposed, never taken.

use std::collections::HashMap;

use crate::words::{Coded, Word};

/// Words for the kind of a community, which stand behind its name; the longest first.
const OF_COMMUNITY: &[&str] = &[
    "社区居民委员会",
    "社区居委会",
    "居民委员会",
    "村民委员会",
    "居委会",
    "村委会",
    "社区",
    "村",
];

/// Words for the kind of a township.
const OF_TOWNSHIP: &[&str] = &["街道办事处", "人民政府", "街道办", "街道", "镇", "乡"];

/// What stands at the end of the name of a county or of what is above it.
const ABOVE: &[char] = &['省', '市', '区', '县', '州', '旗', '盟'];

/// Letters of the longest name that is looked for at the end of a path: no place has so many, and a cell of a megabyte is not searched
/// letter by letter.
const MOST_LETTERS: usize = 64;

/// What ends in one of these and is no county.
const NOT_ABOVE: &[&str] = &["社区", "小区"];

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    County,
    Township,
    Community,
}

/// By what a code was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// The code with zeros before it, which a spreadsheet had dropped.
    Code,
    /// The name as it is written, which one has in the whole city.
    Name,
    /// The name as it is written, which one has in the township that stands beside or before it.
    InTownship,
    /// The name in another writing.
    Normalised,
    /// No input has a code: it was made.
    Invented,
}

impl Coded for By {
    const VALUES: &'static [Self] = &[
        Self::Code,
        Self::Name,
        Self::InTownship,
        Self::Normalised,
        Self::Invented,
    ];
    const WORDS: &'static [Word] = &[
        Word {
            code: "code",
            name: ["补零后的代码", "code with its zeros"],
        },
        Word {
            code: "name",
            name: ["名称", "name"],
        },
        Word {
            code: "name_in_township",
            name: ["镇（街道）内的名称", "name within the township"],
        },
        Word {
            code: "normalised_name",
            name: ["规范化后的名称", "normalised name"],
        },
        Word {
            code: "invented",
            name: ["自编代码", "made up"],
        },
    ];
}

/// A name as it is compared: full-width letters, digits and signs as plain ones, without white space, without brackets and what is in
/// them, in small letters.
///
/// `（原）洗面桥 社区１` is `洗面桥社区1`.
pub(crate) fn normalised(name: &str) -> String {
    let mut depth = 0_usize;
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        let letter = match letter {
            '\u{ff01}'..='\u{ff5e}' => {
                char::from_u32(letter as u32 - 0xfee0).expect("a sign of ASCII")
            }
            _ => letter,
        };
        match letter {
            '(' | '[' | '【' | '〔' | '〈' | '《' => depth += 1,
            ')' | ']' | '】' | '〕' | '〉' | '》' => depth = depth.saturating_sub(1),
            _ if depth > 0 || letter.is_whitespace() || letter.is_control() => {}
            '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{2060}' => {}
            _ => text.extend(letter.to_lowercase()),
        }
    }
    text
}

/// A normalised name without the word for its kind: `洗面桥社区居委会` is `洗面桥`. A name that is nothing else stays as it is.
pub(crate) fn stem(level: Level, normalised: &str) -> &str {
    let ends = match level {
        Level::Community => OF_COMMUNITY,
        Level::Township => OF_TOWNSHIP,
        Level::County => return without_sign(normalised),
    };
    let cut = ends.iter().find_map(|end| normalised.strip_suffix(end));
    // `洗面桥镇人民政府`: the kind stands before the government, too.
    let cut = cut.map(|cut| match level {
        Level::Township if normalised.ends_with("人民政府") => {
            cut.strip_suffix(['镇', '乡']).unwrap_or(cut)
        }
        _ => cut,
    });
    cut.filter(|cut| !cut.is_empty()).unwrap_or(normalised)
}

/// The name of a county without 区, 县 or 市.
fn without_sign(name: &str) -> &str {
    let cut = name.strip_suffix(ABOVE);
    cut.filter(|cut| cut.chars().count() > 1).unwrap_or(name)
}

/// Whether a text is the name of something above townships, or of several such.
fn is_above(text: &str) -> bool {
    text.ends_with(ABOVE) && !NOT_ABOVE.iter().any(|word| text.ends_with(word))
}

/// Names of one level, by their position in the list that they were made of.
#[derive(Debug)]
pub(crate) struct Names {
    level: Level,
    /// By the name as it is, normalised, and without the word for its kind.
    forms: [HashMap<String, Vec<u32>>; 3],
    /// Letters of the longest normalised name.
    longest: usize,
    stems: Vec<String>,
}

/// What was found by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    One(u32, By),
    /// Several that have the name, ascending.
    Several(Vec<u32>),
}

/// What stands before a name in one cell.
pub(crate) enum Before<'a> {
    /// Nothing at all.
    Nothing,
    /// A path, normalised.
    Path(&'a str),
}

impl Names {
    pub(crate) fn new<'a>(level: Level, names: impl Iterator<Item = &'a str>) -> Self {
        let mut forms: [HashMap<String, Vec<u32>>; 3] = Default::default();
        let (mut longest, mut stems) = (0, Vec::new());
        for (name, at) in names.zip(0..) {
            let plain = normalised(name);
            let own = stem(level, &plain).to_owned();
            longest = longest.max(plain.chars().take(MOST_LETTERS).count());
            stems.push(own.clone());
            for (form, text) in forms.iter_mut().zip([name.to_owned(), plain, own]) {
                if !text.is_empty() {
                    form.entry(text).or_default().push(at);
                }
            }
        }
        Self {
            level,
            forms,
            longest,
            stems,
        }
    }

    /// Those with a name. Only the `allowed` count: it is asked with a position, and with what stands before the name in the cell. A
    /// name that is `narrowed` by what stands beside it is found within that.
    ///
    /// O(letters of the text) look-ups.
    pub(crate) fn find(
        &self,
        text: &str,
        narrowed: bool,
        allowed: impl Fn(u32, Before) -> bool,
    ) -> Found {
        let plain = normalised(text);
        if plain.is_empty() {
            return Found::Nothing;
        }
        let whole = [text, &plain, stem(self.level, &plain)];
        for (form, key) in whole.into_iter().enumerate() {
            let by = match form {
                0 if narrowed => By::InTownship,
                0 => By::Name,
                _ => By::Normalised,
            };
            match self.among(form, key, &|at| allowed(at, Before::Nothing), by) {
                Found::Nothing => {}
                found => return found,
            }
        }
        let letters: Vec<usize> = plain.char_indices().map(|(at, _)| at).collect();
        // A name may be written with a longer word for its kind than it has here.
        let most = self.longest + OF_COMMUNITY[0].chars().count();
        let first = letters.len().saturating_sub(most).max(1);
        for form in [1, 2] {
            for &cut in letters.get(first..).unwrap_or(&[]) {
                let (path, name) = plain.split_at(cut);
                let key = if form == 2 {
                    stem(self.level, name)
                } else {
                    name
                };
                let by = if form == 2 {
                    By::Normalised
                } else {
                    By::InTownship
                };
                match self.among(form, key, &|at| allowed(at, Before::Path(path)), by) {
                    Found::Nothing => {}
                    found => return found,
                }
            }
        }
        Found::Nothing
    }

    fn among(&self, form: usize, key: &str, allowed: &dyn Fn(u32) -> bool, by: By) -> Found {
        let all = self.forms[form].get(key).into_iter().flatten().copied();
        let some: Vec<u32> = all.filter(|&at| allowed(at)).collect();
        match some[..] {
            [] => Found::Nothing,
            [one] => Found::One(one, by),
            _ => Found::Several(some),
        }
    }

    /// The first of which the name differs by one letter, without the words for kinds. O(names).
    pub(crate) fn near(&self, text: &str, allowed: impl Fn(u32) -> bool) -> Option<u32> {
        let plain = normalised(text);
        let own: Vec<char> = stem(self.level, &plain).chars().collect();
        let mut stems = self.stems.iter().zip(0..);
        // Of names of one letter any two differ by one.
        let found = stems.find(|(other, at)| {
            own.len() > 1 && allowed(*at) && one_apart(&own, &other.chars().collect::<Vec<_>>())
        });
        found.map(|(_, at)| at)
    }
}

/// Whether one letter replaced, added or left out makes one text of the other.
fn one_apart(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 || short == long {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    let skip = usize::from(short.len() == long.len());
    short[same + skip..] == long[same + 1..]
}

/// A community or township as it is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked<'a> {
    /// Its name, or a path that ends with it.
    pub name: &'a str,
    /// Code or name of its township; empty where it is not given.
    pub township: &'a str,
    /// Code or name of its county.
    pub county: &'a str,
}

/// A place with a code and a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coding {
    pub code: String,
    pub name: String,
    /// The position of its township; of a township nothing.
    pub township: u32,
}

/// All townships and communities by code and name, and the counties of which names are known.
#[derive(Debug)]
pub(crate) struct Gazetteer {
    pub townships: Vec<Coding>,
    pub communities: Vec<Coding>,
    /// Six digits and a normalised name.
    counties: Vec<(String, String)>,
    township_names: Names,
    community_names: Names,
    community_at: HashMap<String, u32>,
    township_at: HashMap<String, u32>,
}

impl Gazetteer {
    pub(crate) fn new(
        townships: Vec<Coding>,
        communities: Vec<Coding>,
        counties: &[(String, String)],
    ) -> Self {
        let names =
            |level, list: &[Coding]| Names::new(level, list.iter().map(|each| each.name.as_str()));
        let codes = |list: &[Coding]| list.iter().map(|each| each.code.clone()).zip(0..).collect();
        Self {
            township_names: names(Level::Township, &townships),
            community_names: names(Level::Community, &communities),
            township_at: codes(&townships),
            community_at: codes(&communities),
            counties: (counties.iter())
                .map(|(code, name)| (code.clone(), normalised(name)))
                .collect(),
            townships,
            communities,
        }
    }

    pub(crate) fn community_at(&self, code: &str) -> Option<u32> {
        self.community_at.get(code).copied()
    }

    pub(crate) fn township_at(&self, code: &str) -> Option<u32> {
        self.township_at.get(code).copied()
    }

    /// The code of a county by its name.
    pub(crate) fn county(&self, name: &str) -> Option<&str> {
        let name = normalised(name);
        let same = |full: bool| {
            let mut all = self.counties.iter().filter(|(_, own)| match full {
                true => *own == name,
                false => without_sign(own) == without_sign(&name),
            });
            let first = all.next();
            first.filter(|_| all.next().is_none())
        };
        same(true).or_else(|| same(false)).map(|(code, _)| &**code)
    }

    /// Whether a township can lie in what is said of its county: a code, a known name, or something that says nothing here.
    fn in_county(&self, township: u32, county: &str) -> bool {
        let digits = county.bytes().all(|byte| byte.is_ascii_digit());
        let code = match county {
            "" => return true,
            _ if digits && county.len() >= 6 => &county[..6],
            _ => match self.county(county) {
                Some(code) => code,
                None => return true,
            },
        };
        self.townships[township as usize].code.starts_with(code)
    }

    /// Whether a path leads to a township: it names its county or what is above, or nothing that is known.
    fn above(&self, township: u32, path: &str) -> bool {
        if !is_above(path) {
            return false;
        }
        let named = self
            .counties
            .iter()
            .filter(|(_, name)| path.ends_with(&**name));
        let mut named = named.peekable();
        let code = &self.townships[township as usize].code;
        named.peek().is_none() || named.any(|(county, _)| code.starts_with(&**county))
    }

    /// Whether a path ends with the name of a township and what stands before that leads to it; or leads to its county.
    fn leads_to(&self, township: u32, path: &str) -> bool {
        let name = normalised(&self.townships[township as usize].name);
        let plain = stem(Level::Township, path);
        let ends = [(path, &*name), (plain, stem(Level::Township, &name))];
        let rest = ends
            .into_iter()
            .find_map(|(path, name)| path.strip_suffix(name));
        match rest {
            Some("") => true,
            Some(rest) => self.above(township, rest),
            None => self.above(township, path),
        }
    }

    /// The townships that have a name, within a county; the one with a code.
    pub(crate) fn township(&self, asked: &str, county: &str) -> Found {
        let code = super::read::nine_digits(super::table::code(asked));
        if let Some(at) = self.township_at(code) {
            return Found::One(at, By::Code);
        }
        self.township_names
            .find(asked, !county.is_empty(), |at, before| {
                self.in_county(at, county)
                    && match before {
                        Before::Nothing => true,
                        Before::Path(path) => self.above(at, path),
                    }
            })
    }

    /// The community that is meant.
    pub(crate) fn community(&self, asked: Asked) -> Found {
        let Some(parents) = self.parents(asked) else {
            return Found::Nothing;
        };
        let within = |at: u32| {
            let township = self.communities[at as usize].township;
            parents.as_ref().is_none_or(|some| some.contains(&township))
                && self.in_county(township, asked.county)
        };
        self.community_names
            .find(asked.name, parents.is_some(), |at, before| {
                let township = self.communities[at as usize].township;
                within(at)
                    && match before {
                        Before::Nothing => true,
                        Before::Path(path) => self.leads_to(township, path),
                    }
            })
    }

    /// The townships that a cell beside the name allows: all (`Some(None)`), some, or none because it names no known one (`None`).
    fn parents(&self, asked: Asked) -> Option<Option<Vec<u32>>> {
        if asked.township.is_empty() {
            return Some(None);
        }
        match self.township(asked.township, asked.county) {
            Found::Nothing => None,
            Found::One(at, _) => Some(Some(vec![at])),
            Found::Several(some) => Some(Some(some)),
        }
    }

    /// A community whose name is one letter away from a name that is not known, with its township; never taken for it.
    pub(crate) fn near(&self, asked: Asked) -> Option<u32> {
        let parents = self.parents(asked).flatten();
        self.community_names.near(asked.name, |at| {
            let township = self.communities[at as usize].township;
            parents.as_ref().is_none_or(|some| some.contains(&township))
        })
    }

    /// A township whose name is one letter away from one that is not known; never taken for it.
    pub(crate) fn near_township(&self, name: &str) -> Option<&Coding> {
        let at = self.township_names.near(name, |_| true)?;
        self.townships.get(at as usize)
    }

    /// A community as findings name it: `510107001001 洗面桥社区（浆洗街街道）`.
    pub(crate) fn label(&self, at: u32) -> String {
        let Coding {
            code,
            name,
            township,
        } = &self.communities[at as usize];
        let parent = self.townships.get(*township as usize);
        let parent = parent.map_or("", |each| {
            if each.name.is_empty() {
                &each.code
            } else {
                &each.name
            }
        });
        format!("{code} {name}（{parent}）")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coding(code: &str, name: &str, township: u32) -> Coding {
        Coding {
            code: code.to_owned(),
            name: name.to_owned(),
            township,
        }
    }

    /// Two counties, three townships, of which two share the community 桃花.
    fn gazetteer() -> Gazetteer {
        Gazetteer::new(
            vec![
                coding("510107001", "浆洗街街道", 0),
                coding("510107002", "城关镇", 0),
                coding("510108001", "城关镇", 0),
            ],
            vec![
                coding("510107001001", "洗面桥社区", 0),
                coding("510107001002", "桃花社区", 0),
                coding("510107002201", "桃花村", 1),
                coding("510107002202", "双桥村", 1),
                coding("510108001201", "双桥村", 2),
                coding("510108001202", "东风社区（原红旗村）", 2),
            ],
            &[
                ("510107".to_owned(), "武侯区".to_owned()),
                ("510108".to_owned(), "成华区".to_owned()),
            ],
        )
    }

    fn found(name: &str, township: &str, county: &str) -> Found {
        gazetteer().community(Asked {
            name,
            township,
            county,
        })
    }

    #[test]
    fn names_are_normalised_and_lose_the_word_for_their_kind() {
        assert_eq!(normalised("（原）洗面桥 社区１Ａ"), "洗面桥社区1a");
        assert_eq!(normalised("a(b(c)d)e)f"), "aef");
        for (name, expected) in [
            ("洗面桥社区居民委员会", "洗面桥"),
            ("桃花村委会", "桃花"),
            ("村", "村"),
        ] {
            assert_eq!(stem(Level::Community, name), expected);
        }
        for (name, expected) in [
            ("浆洗街街道办事处", "浆洗街"),
            ("金花镇人民政府", "金花"),
            ("街道", "街道"),
        ] {
            assert_eq!(stem(Level::Township, name), expected);
        }
    }

    #[test]
    fn a_name_leads_to_its_community_by_the_first_form_that_fits() {
        for (name, township, county, at, by) in [
            ("洗面桥社区", "", "", 0, By::Name),
            ("洗面桥社区", "浆洗街街道", "", 0, By::InTownship),
            ("洗面桥社区", "510107001", "", 0, By::InTownship),
            ("洗面桥社区", "510107001000", "", 0, By::InTownship),
            ("洗面桥社区居委会", "", "", 0, By::Normalised),
            ("洗面桥 社区", "浆洗街", "", 0, By::Normalised),
            // Both have the stem 桃花; as it is written it is one of them.
            ("桃花社区", "", "", 1, By::Name),
            ("桃花", "城关镇", "", 2, By::Normalised),
            ("双桥村", "城关镇", "成华区", 4, By::InTownship),
            ("双桥村", "城关镇", "510107", 3, By::InTownship),
            ("东风社区", "", "", 5, By::Normalised),
            ("浆洗街街道洗面桥社区", "", "", 0, By::InTownship),
            (
                "武侯区浆洗街街道办事处洗面桥社区",
                "",
                "",
                0,
                By::InTownship,
            ),
            (
                "四川省成都市武侯区浆洗街洗面桥居委会",
                "",
                "",
                0,
                By::Normalised,
            ),
            ("成华区城关镇双桥村", "", "", 4, By::InTownship),
            ("成都市洗面桥社区", "", "", 0, By::InTownship),
        ] {
            assert_eq!(
                found(name, township, county),
                Found::One(at, by),
                "{name} {township} {county}"
            );
        }
    }

    #[test]
    fn what_is_not_the_name_of_one_is_not_taken() {
        assert_eq!(found("桃花", "", ""), Found::Several(vec![1, 2]));
        assert_eq!(found("双桥村", "城关镇", ""), Found::Several(vec![3, 4]));
        assert_eq!(found("城关镇双桥村", "", ""), Found::Several(vec![3, 4]));
        for (name, township) in [
            ("洗面侨社区", ""),
            ("洗面桥社区", "无此街道"),
            ("洗面桥社区", "城关镇"),
            ("阳光小区洗面桥社区", ""),
            ("成华区浆洗街街道洗面桥社区", ""),
            ("", ""),
            ("（）", ""),
        ] {
            assert_eq!(
                found(name, township, ""),
                Found::Nothing,
                "{name} {township}"
            );
        }
        let gazetteer = gazetteer();
        let near = |name, township| {
            gazetteer.near(Asked {
                name,
                township,
                county: "",
            })
        };
        assert_eq!(near("洗面侨社区", ""), Some(0));
        assert_eq!(near("洗面桥西社区", ""), Some(0));
        assert_eq!(near("洗面侨社区", "510107002"), None);
        assert_eq!(near("高桥村", ""), Some(3));
        assert_eq!(near("青龙场社区", ""), None);
    }

    #[test]
    fn one_letter_more_less_or_other_is_near() {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        for (a, b, near) in [
            ("ab", "ac", true),
            ("ab", "abc", true),
            ("bc", "abc", true),
            ("ab", "ab", false),
            ("ab", "cd", false),
            ("ab", "abcd", false),
            ("abc", "acb", false),
        ] {
            assert_eq!(one_apart(&letters(a), &letters(b)), near, "{a} {b}");
            assert_eq!(one_apart(&letters(b), &letters(a)), near, "{b} {a}");
        }
    }
}

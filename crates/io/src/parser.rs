//! What parsers of TOML, JSON and CSV report of a broken text, in Chinese: what is wrong, then the parser's own words.
//!
//! Parsers report in English only, and their errors have no kinds. So the kind is read from the words, most of which are serde's
//! and the same for all formats. A message that is not recognised is reported as a broken text with the place it names.

use fuwutu_core::service::Target;
use fuwutu_core::supply::access::DecayError;

/// What a parser's `message` says in Chinese, with the message itself after it. `key` is the key that it is about, where that
/// is known besides.
///
/// ```
/// let message = "missing field `files` at line 3 column 1";
/// assert_eq!(
///     fuwutu_io::parser::in_chinese(message, None),
///     "第 3 行第 1 列：缺少键 `files`（解析器原文：missing field `files` at line 3 column 1）"
/// );
/// ```
#[must_use]
pub fn in_chinese(message: &str, key: Option<&str>) -> String {
    let (words, place) = match place(message) {
        Some((words, place)) => (words, place),
        None => (message, String::new()),
    };
    let fault = fault(words).unwrap_or_else(|| "格式有误".to_owned());
    let name = key.map(|key| key.rsplit('.').next().unwrap_or(key));
    let named = name.is_none_or(|name| fault.contains(&format!("`{name}`")));
    let about = match key {
        // The section of a key that the fault names.
        Some(key) if named => key
            .rsplit_once('.')
            .map_or(String::new(), |(section, _)| format!("`{section}` 中")),
        Some(key) => format!("`{key}`："),
        None => String::new(),
    };
    format!("{place}{about}{fault}（解析器原文：{message}）")
}

/// The place in which a message of `serde_json` ends, taken off.
fn place(message: &str) -> Option<(&str, String)> {
    let (words, place) = message.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    let (line, column): (u64, u64) = (line.parse().ok()?, column.parse().ok()?);
    Some((words, format!("第 {line} 行第 {column} 列：")))
}

/// Why a limit of minutes is refused.
pub const NO_LIMIT: &str =
    "more than 0 and at most 1440 minutes: within 0 minutes nobody reaches anything";

/// What is wrong, in Chinese.
fn fault(words: &str) -> Option<String> {
    not_a_decay(words)
        .or_else(|| no_limit(words))
        .or_else(|| not_a_target(words))
        .or_else(|| unknown(words))
        .or_else(|| missing(words))
        .or_else(|| twice(words))
        .or_else(|| length(words))
        .or_else(|| type_or_value(words))
        .or_else(|| syntax(words).map(str::to_owned))
}

/// What stands between the backticks that are empty in `template`, an error of the core's that holds no value.
fn filled<'a>(words: &'a str, template: &str) -> Option<&'a str> {
    let (before, after) = template.split_once("``")?;
    let (value, _) = words.split_once(&format!("`{after}"))?;
    let start = value.rfind(&format!("{before}`"))? + before.len() + 1;
    Some(&value[start..])
}

fn not_a_decay(words: &str) -> Option<String> {
    let name = filled(words, &DecayError(String::new()).to_string())?;
    Some(format!(
        "`{name}` 不是衰减函数；可写 binary、gaussian、epanechnikov、step、step:10=1,20=0.68,30=0.22（分钟 = 权重；至多 8 段，\
         权重由 1 降至 0）、exponential:0.1（每分钟）、power:1,1（指数、最少分钟数）或 logistic:10,3（分钟：拐点、离散程度）"
    ))
}

fn no_limit(words: &str) -> Option<String> {
    let zh = "须大于 0 且不超过 1440 分钟：0 分钟内到不了任何地方";
    (words == NO_LIMIT).then(|| zh.to_owned())
}

fn not_a_target(words: &str) -> Option<String> {
    let template = Target::try_from(String::new()).err()?.to_string();
    let name = filled(words, &template)?;
    Some(format!(
        "不认识的服务对象 `{name}`；写 `all`，或以 0、3、6、12、15、18、60 岁为界的年龄段，如 `3-6`、`60+`"
    ))
}

/// The names in backticks.
fn names(words: &str) -> Vec<&str> {
    words.split('`').skip(1).step_by(2).collect()
}

/// A key or value that is none of those there are.
fn unknown(words: &str) -> Option<String> {
    let (kind, those, rest) = match (
        words.split_once("unknown field "),
        words.split_once("unknown variant "),
    ) {
        (Some((_, rest)), _) => ("有不认识的键", "可用的键", rest),
        (None, Some((_, rest))) => ("不认识的值", "可用的值", rest),
        (None, None) => return None,
    };
    let (given, expected) = rest.split_once(", expected ").unwrap_or((rest, ""));
    let given = given.trim_matches('`');
    let allowed: Vec<String> = names(expected)
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    Some(if allowed.is_empty() {
        format!("{kind} `{given}`")
    } else {
        format!("{kind} `{given}`；{those}：{}", allowed.join("、"))
    })
}

fn missing(words: &str) -> Option<String> {
    let (_, rest) = words.split_once("missing field ")?;
    Some(format!("缺少键 `{}`", names(rest).first()?))
}

fn twice(words: &str) -> Option<String> {
    if let Some((_, rest)) = words.split_once("duplicate field ") {
        return Some(format!("键 `{}` 重复", names(rest).first()?));
    }
    words.contains("duplicate key").then(|| "键重复".to_owned())
}

fn length(words: &str) -> Option<String> {
    let (_, rest) = words.split_once("invalid length ")?;
    let (given, expected) = rest.split_once(", expected ")?;
    Some(format!("个数不对：给出 {given} 个，应为{}", kind(expected)))
}

fn type_or_value(words: &str) -> Option<String> {
    if words.contains("wanted string or table") {
        return Some("类型不对：应为文字".to_owned());
    }
    let (fault, rest) = match (
        words.split_once("invalid type: "),
        words.split_once("invalid value: "),
    ) {
        (Some((_, rest)), _) => ("类型不对", rest),
        (None, Some((_, rest))) => ("值不对", rest),
        (None, None) => return None,
    };
    let (given, expected) = rest.rsplit_once(", expected ")?;
    // Of a text to choose from, the parser of TOML does not say what stood in its place.
    if expected == "string only" {
        return Some("类型不对：应为文字".to_owned());
    }
    if let Some(number) = given.strip_prefix("integer ").filter(|_| fault == "值不对") {
        return Some(format!("数值 {number} 超出范围，应为{}", kind(expected)));
    }
    Some(format!(
        "{fault}：给出{}，应为{}",
        given_value(given),
        kind(expected)
    ))
}

/// A value as serde describes it, such as "string \"x\"" or "integer `5`".
fn given_value(given: &str) -> String {
    let values = [
        ("string ", "文字"),
        ("character ", "文字"),
        ("integer ", "整数"),
        ("floating point ", "小数"),
        ("boolean ", "真假值"),
    ];
    let described = values.iter().find_map(|(described, zh)| {
        let value = given.strip_prefix(described)?;
        Some(format!("{zh} `{}`", value.trim_matches(['`', '"'])))
    });
    described.unwrap_or_else(|| {
        match given {
            "sequence" => "数组",
            "map" => "表",
            "null" | "unit value" => "空值",
            "datetime" => "日期时间",
            _ => "另一种值",
        }
        .to_owned()
    })
}

/// A type as serde and Rust name it.
fn kind(expected: &str) -> String {
    if let Some(rest) = expected
        .split_once("array of length ")
        .map(|(_, rest)| rest)
    {
        return format!(" {rest} 个值的数组");
    }
    let unsigned = ["u8", "u16", "u32", "u64", "usize"];
    let signed = ["i8", "i16", "i32", "i64", "isize"];
    let kind = match expected {
        "a string" | "string" | "path string" | "a character" => "文字",
        "a boolean" => " `true` 或 `false`",
        "a sequence" => "数组",
        "a map" => "表",
        "f32" | "f64" => "数",
        "unit" | "null" => "空值",
        _ if unsigned.contains(&expected) => "不小于 0 的整数",
        _ if signed.contains(&expected) => "整数",
        _ if expected.contains("struct ") => "表",
        _ if expected.contains("enum ") => "文字",
        _ if expected.contains("sequence") => "数组",
        _ => "另一种值",
    };
    kind.to_owned()
}

/// Syntax: a part of a message, and what it says.
const SYNTAX: [(&str, &str); 30] = [
    ("EOF while parsing", "内容不完整，到文件末尾仍未结束"),
    ("trailing comma", "末尾多了逗号"),
    ("trailing characters", "结束之后还有内容"),
    ("expected `:`", "缺少冒号"),
    ("expected `,` or `]`", "缺少逗号或 `]`"),
    ("expected `,` or `}`", "缺少逗号或 `}`"),
    ("key must be a string", "键没有加引号"),
    ("expected value", "缺少值，或值没有加引号"),
    ("control character", "引号内有控制字符"),
    ("invalid escape", "反斜杠转义有误"),
    ("invalid number", "数的写法有误"),
    ("number out of range", "数值过大"),
    ("overflowed", "数值过大"),
    ("invalid float literal", "数的写法有误"),
    ("invalid digit", "数的写法有误"),
    ("recursion", "嵌套过深"),
    ("key with no value", "键没有值，缺少 `=`"),
    ("missing assignment", "缺少 `=`"),
    ("extra `=`", "多了 `=`"),
    ("missing value", "`=` 之后缺少值"),
    ("string values must be quoted", "文字没有加引号"),
    ("missing opening quote", "缺少引号"),
    ("invalid basic string", "引号没有闭合，或转义有误"),
    ("invalid literal string", "引号没有闭合"),
    ("unclosed array", "方括号没有闭合"),
    ("unclosed inline table", "花括号没有闭合"),
    ("unclosed table", "表头的方括号没有闭合"),
    ("missing comma", "缺少逗号"),
    ("extra comma", "多了逗号"),
    ("unquoted key", "键的写法有误"),
];

fn syntax(words: &str) -> Option<&'static str> {
    let entry = SYNTAX.iter().find(|(part, _)| words.contains(part));
    entry.map(|(_, zh)| *zh)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str, key: Option<&str>, expected: &str) {
        let expected = format!("{expected}（解析器原文：{message}）");
        assert_eq!(in_chinese(message, key), expected);
    }

    #[test]
    fn each_kind_of_fault_is_said_in_chinese() {
        check(
            "unknown field `capp`, expected `cap` or `join_detached`",
            Some("units.capp"),
            "`units` 中有不认识的键 `capp`；可用的键：`cap`、`join_detached`",
        );
        check("missing field `inputs`", Some("inputs"), "缺少键 `inputs`");
        check("duplicate key", Some("cap"), "`cap`：键重复");
        check("duplicate field `files`", None, "键 `files` 重复");
        check(
            "invalid type: string \"5\", expected u64",
            Some("units.cap"),
            "`units.cap`：类型不对：给出文字 `5`，应为不小于 0 的整数",
        );
        check(
            "invalid value: integer `-1`, expected u64",
            None,
            "数值 `-1` 超出范围，应为不小于 0 的整数",
        );
        check(
            "invalid length 2, expected an array of length 7",
            None,
            "个数不对：给出 2 个，应为 7 个值的数组",
        );
        check(
            "unknown variant `car`, expected `straight` or `streets`",
            Some("travel.mode"),
            "`travel.mode`：不认识的值 `car`；可用的值：`straight`、`streets`",
        );
        check(
            "key with no value, expected `=`",
            None,
            "键没有值，缺少 `=`",
        );
        check("something else", None, "格式有误");
    }

    #[test]
    fn the_place_that_a_message_ends_in_comes_first() {
        let message = "EOF while parsing an object at line 7 column 12";
        let said = "第 7 行第 12 列：内容不完整，到文件末尾仍未结束";
        check(message, None, said);
    }

    #[test]
    fn what_the_core_refuses_is_recognised_by_its_own_words() {
        let decay = DecayError("linear".to_owned()).to_string();
        let said = in_chinese(&decay, Some("access.decay"));
        assert!(
            said.starts_with("`access.decay`：`linear` 不是衰减函数；可写 binary"),
            "{said}"
        );
        let target = Target::try_from("5-7".to_owned()).unwrap_err().to_string();
        let said = in_chinese(&target, None);
        assert!(
            said.starts_with("不认识的服务对象 `5-7`；写 `all`"),
            "{said}"
        );
    }
}

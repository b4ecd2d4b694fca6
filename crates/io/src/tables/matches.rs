//! `matches.csv`: what each name was taken for that stands in a file in place of a code.

use super::{Kind, table};
use crate::keys::By;
use crate::read::keyed;
use crate::words::Coded;

table! {
    Matched in "matches.csv", ["名称与代码的对应", "what names were taken for"] {
        file: String = Kind::Text, Office, ["文件", "file"], ["文件", "file"];
        column: String = Kind::Text, Office, ["列", "column"], ["列", "column"];
        written: String = Kind::Text, Office, ["原文", "as written"], ["原文；旁边写明的区县、镇（街道）在前", "as it is written, with the county and township beside it before it"];
        code: String = Kind::Id, Office, ["代码", "code"], ["对应到的代码", "the code that it was taken for"];
        name: String = Kind::Name, Office, ["名称", "name"], ["该代码的名称", "the name of the place with this code"];
        by: Option<By> = Kind::Code(By::WORDS), Office, ["依据", "by"], ["name 名称全市唯一，name_in_township 所写镇（街道）内唯一，normalised_name 规范化后相同，code 补零后的代码，invented 自编代码", "name: one in the city has it; name_in_township: one in the township that is given; normalised_name: the same when normalised; code: the code with its zeros; invented: the code was made up"];
        rows: u64 = Kind::Count, Office, ["行数", "rows"], ["有此写法的行数", "how many rows have it"];
    }
}

/// By file, in the order in which they were read.
#[must_use]
pub fn rows(matches: &[keyed::Match]) -> Vec<Matched> {
    let row = |each: &keyed::Match| Matched {
        file: each.file.clone(),
        column: each.column.clone(),
        written: each.written.clone(),
        code: each.code.clone(),
        name: each.name.clone(),
        by: Some(each.by),
        rows: each.rows,
    };
    matches.iter().map(row).collect()
}

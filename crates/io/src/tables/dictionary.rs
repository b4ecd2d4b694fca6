//! `data-dictionary.csv`: what every column of the tables beside it is, in Chinese and English.

use super::{Kind, Table, Text, table};

table! {
    Entry in "data-dictionary.csv", ["数据字典", "data dictionary"] {
        file: String = Kind::Text, Everybody, ["文件", "file"], ["文件", "file"];
        column: String = Kind::Text, Everybody, ["列", "column"], ["列", "column"];
        说明: String = Kind::Text, Everybody, ["说明", "meaning in Chinese"], ["说明", "meaning in Chinese"];
        meaning: String = Kind::Text, Everybody, ["英文说明", "meaning"], ["英文说明", "meaning"];
    }
}

/// The columns of a table as it was written.
#[must_use]
pub fn rows<R: Table>(text: &Text<R>) -> Vec<Entry> {
    text.headers
        .iter()
        .zip(text.abouts())
        .map(|(header, about)| Entry {
            file: R::FILE.to_owned(),
            column: header.clone(),
            说明: about.meaning[0].to_owned(),
            meaning: about.meaning[1].to_owned(),
        })
        .collect()
}

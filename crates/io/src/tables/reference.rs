//! `docs/outputs.md`: every table and column, made from the declarations.

use std::fmt::Write;

use super::{About, TableAbout, all};

/// The text of `docs/outputs.md`.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# Tables and columns 输出的表与列\n\n\
         Made from the declarations in `crates/io/src/tables` (`UPDATE_SNAPSHOTS=1 cargo test -p fuwutu-io reference`); not to be edited. \
         本页由程序中的列定义生成，请勿手工修改。\n\n\
         Files are CSV in UTF-8 with a byte-order mark and CR LF, so that Excel opens them. An empty cell is not known or does not apply; it \
         never means zero. 空格表示未知或不适用，从不表示零。`{year}` and `{service}` stand for a year and the id of a service. The last column \
         says what the public edition shows of a column. 最后一列说明公开版如何处理该列。\n",
    );
    for table in all() {
        put(&mut text, &table);
    }
    text
}

fn put(text: &mut String, table: &TableAbout) {
    let [zh, en] = table.about;
    let _ = writeln!(
        text,
        "\n## `{}`\n\n{en}. {zh}。\n\n| column | unit | meaning | 含义 | public edition |\n|---|---|---|---|---|",
        table.file
    );
    for About {
        name,
        meaning: [zh, en],
        kind,
        seen,
        ..
    } in &table.columns
    {
        let [[unit_zh, unit], [seen_zh, seen]] = [kind.name(), seen.name()];
        let _ = writeln!(
            text,
            "| `{name}` | {unit} {unit_zh} | {en} | {zh} | {seen} {seen_zh} |"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn the_reference_is_that_of_the_tables() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/outputs.md");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == reference(),
            "{path} is not what the tables say: UPDATE_SNAPSHOTS=1 writes it anew"
        );
    }
}

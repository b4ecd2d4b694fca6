//! `findings.csv`: what reading noticed and did.

use super::{Kind, table};
use crate::finding::{Finding, Kind as FindingKind, Lang, Level};
use crate::words::Coded;

table! {
    FindingRow in "findings.csv", ["数据质检问题", "findings"] {
        level: Option<Level> = Kind::Code(Level::WORDS), Office, ["级别", "level"], ["error 错误，decision 需确认，notice 说明", "error, decision or notice"];
        finding: String = Kind::Id, Office, ["问题代码", "finding"], ["问题代码", "code of the finding"];
        file: String = Kind::Text, Office, ["文件", "file"], ["文件", "file"];
        row: Option<u64> = Kind::Count, Office, ["行", "row"], ["表格中的行，第一行为表头", "row of a table, the header being 1"];
        feature: Option<u64> = Kind::Count, Office, ["要素", "feature"], ["图层中的第几个要素", "number of a feature in a layer, from 1"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["所涉服务的编号", "id of the service that it is about"];
        id: String = Kind::Text, Office, ["编号", "id"], ["编号", "id"];
        column: String = Kind::Text, Office, ["列", "column"], ["列", "column"];
        value: String = Kind::Text, Office, ["值", "value"], ["值", "value"];
        count: u32 = Kind::Count, Office, ["数量", "count"], ["此行代表的问题数；一般为 1，同类过多时最后一行为其余数量", "how many findings this line stands for: 1, or in a last line the rest of very many of a kind"];
        share: Option<f64> = Kind::Share(6), Office, ["涉及比例", "share concerned"], ["同一文件或服务的同类问题共涉及的比例（居民、该服务的设施或道路）；不超过 1 % 的需确认问题降为说明", "share of the residents, of the service's facilities or of the streets that all findings of the kind about the file or service concern; a decision that concerns 1 % or less is a notice"];
        what: String = Kind::Text, Office, ["问题（英文）", "problem"], ["问题（英文）", "problem"];
        done: String = Kind::Text, Office, ["处理（英文）", "what was done"], ["处理（英文）", "what was done"];
        说明: String = Kind::Text, Office, ["问题", "problem, in Chinese"], ["问题", "problem, in Chinese"];
        处理: String = Kind::Text, Office, ["处理", "what was done, in Chinese"], ["处理", "what was done, in Chinese"];
    }
}

/// As they were noticed.
#[must_use]
pub fn rows(findings: &[Finding]) -> Vec<FindingRow> {
    findings
        .iter()
        .map(|finding| {
            let kind = finding.kind;
            FindingRow {
                level: Some(finding.level()),
                finding: kind.code().to_owned(),
                file: finding.file.clone(),
                row: finding.row.filter(|_| !finding.feature),
                feature: finding.row.filter(|_| finding.feature),
                service: finding.service.clone(),
                id: finding.id.clone(),
                column: finding.column.clone(),
                value: finding.value.clone(),
                count: finding.count,
                share: finding.share.map(|share| f64::from(share) / 1e6),
                what: kind.what(Lang::En).to_owned(),
                done: kind.then(Lang::En).to_owned(),
                说明: kind.what(Lang::Zh).to_owned(),
                处理: kind.then(Lang::Zh).to_owned(),
            }
        })
        .collect()
}

impl FindingRow {
    /// As it was found; `None` where its code is that of no kind.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let kind = FindingKind::of_code(&self.finding)?;
        Some(Finding {
            row: self.row.or(self.feature),
            feature: self.feature.is_some(),
            service: self.service.clone(),
            id: self.id.clone(),
            column: self.column.clone(),
            value: self.value.clone(),
            count: self.count,
            share: self.share.map(|share| (share * 1e6).round() as u32),
            ..Finding::new(kind, &self.file)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_its_finding_again() {
        let finding = Finding::new(FindingKind::CapacityMissing, "f.csv")
            .row(3)
            .service("market")
            .id("M1")
            .column("capacity")
            .value("seats ≠ m2")
            .concerns(10_001, 1_000_000);
        let layer = Finding {
            row: Some(2),
            feature: true,
            count: 7,
            ..Finding::new(FindingKind::Parts, "c.geojson")
        };
        let findings = [finding, layer];
        let rows = rows(&findings);
        let again: Vec<Finding> = rows.iter().filter_map(FindingRow::finding).collect();
        assert_eq!(again, findings);
        assert_eq!(rows[0].level, Some(Level::Decision), "just above 1 %");
        assert_eq!((rows[1].row, rows[1].feature), (None, Some(2)));
    }
}

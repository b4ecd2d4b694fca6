//! `inputs.csv`: what became of the rows of each file.

use std::collections::BTreeMap;

use super::{Kind, table};
use crate::finding::account::{Account, Role};
use crate::finding::{Kind as FindingKind, Lang};
use crate::read::InputFile;
use crate::words::{Coded, Word};

table! {
    Input in "inputs.csv", ["输入文件的使用情况", "what became of the rows of each file"] {
        file: String = Kind::Text, Office, ["文件", "file"], ["评估任务文件中的文件名", "as the plan names it"];
        role: Option<Role> = Kind::Code(Role::WORDS), Office, ["用途", "read as"], ["用途", "what it is read as"];
        rows: Option<u64> = Kind::Count, Office, ["读取行数", "rows read"], ["读取的行或要素（不含表头，含空白行和合计行）；道路数据不填，见 fuwutu roads", "rows below the header, blank ones and sums among them, or features; not given for streets, of which `fuwutu roads` tells"];
        used: Option<u64> = Kind::Count, Office, ["采用", "used"], ["参与计算的行数", "those that go into the computation"];
        left_out: Option<u64> = Kind::Count, Office, ["未计入", "left out"], ["未计入的行数；读取 = 采用 + 未计入", "those that were left out: read = used + left out"];
        repaired: Option<u64> = Kind::Count, Office, ["有修正", "repaired"], ["采用但有所修正的次数", "repairs in the rows that are used"];
        left_out_codes: String = Kind::Text, Office, ["未计入原因代码", "reasons, by code"], ["每种原因的问题代码和行数", "code of the finding and rows, for each reason"];
        repaired_codes: String = Kind::Text, Office, ["修正内容代码", "repairs, by code"], ["每种修正的问题代码和次数", "code of the finding and how often, for each repair"];
        left_out_why: String = Kind::Text, Office, ["未计入原因（英文）", "why they were left out"], ["未计入原因（英文）", "why they were left out"];
        repaired_what: String = Kind::Text, Office, ["修正内容（英文）", "what was repaired"], ["修正内容（英文）", "what was repaired"];
        未计入原因: String = Kind::Text, Office, ["未计入原因", "why left out, in Chinese"], ["未计入原因", "why they were left out, in Chinese"];
        修正内容: String = Kind::Text, Office, ["修正内容", "repairs, in Chinese"], ["修正内容", "what was repaired, in Chinese"];
    }
}

/// In the order in which the files were read; those of streets last.
#[must_use]
pub fn rows(accounts: &[Account], files: &[InputFile]) -> Vec<Input> {
    let streets = files.iter().filter(|file| {
        let mut accounts = accounts.iter();
        accounts.all(|account| account.file != file.path)
    });
    let streets = streets.map(|file| Input {
        file: file.path.clone(),
        role: Some(Role::Roads),
        ..Input::default()
    });
    accounts.iter().map(row).chain(streets).collect()
}

fn row(account: &Account) -> Input {
    let Account {
        file,
        role,
        rows,
        used,
        repaired,
        left_out,
    } = account;
    Input {
        file: file.clone(),
        role: Some(*role),
        rows: Some(*rows),
        used: *used,
        left_out: Some(account.all_left_out()),
        repaired: Some(account.all_repaired()),
        left_out_codes: codes(left_out),
        repaired_codes: codes(repaired),
        left_out_why: words(left_out, Lang::En),
        repaired_what: words(repaired, Lang::En),
        未计入原因: words(left_out, Lang::Zh),
        修正内容: words(repaired, Lang::Zh),
    }
}

/// `rows_blank 3; rows_left_out 1`.
fn codes(counts: &BTreeMap<FindingKind, u64>) -> String {
    let parts = counts
        .iter()
        .map(|(kind, rows)| format!("{} {rows}", kind.code()));
    parts.collect::<Vec<_>>().join("; ")
}

/// The same in words.
#[must_use]
pub fn words(counts: &BTreeMap<FindingKind, u64>, lang: Lang) -> String {
    let parts = counts
        .iter()
        .map(|(kind, rows)| format!("{} {rows}", kind.what(lang)));
    parts.collect::<Vec<_>>().join(lang.pick("；", "; "))
}

impl Coded for Role {
    const VALUES: &'static [Self] = &[
        Self::Codes,
        Self::Crosswalk,
        Self::Townships,
        Self::Communities,
        Self::Population,
        Self::Housing,
        Self::Facilities,
        Self::Earlier,
        Self::Observed,
        Self::Controls,
        Self::LastUnits,
        Self::Roads,
    ];
    const WORDS: &'static [Word] = &[
        word("codes", "代码表", "codes"),
        word("crosswalk", "区划代码变更对照表", "crosswalk"),
        word("townships", "镇（街道）", "townships"),
        word("communities", "社区（村）", "communities"),
        word("population", "需求点", "demand points"),
        word("housing", "新建住房", "new dwellings"),
        word("facilities", "设施", "facilities"),
        word("earlier", "历史人口", "earlier residents"),
        word("observed", "检验年份人口", "residents to compare with"),
        word("controls", "区县人口控制数", "totals of counties"),
        word("last_units", "上一轮的单元", "units of the last round"),
        word("roads", "路网", "roads"),
    ];
}

const fn word(code: &'static str, zh: &'static str, en: &'static str) -> Word {
    Word {
        code,
        name: [zh, en],
    }
}

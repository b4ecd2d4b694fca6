//! `duplicates.csv`: facilities that may be one, by group.

use fuwutu_core::service::Service;

use super::{Kind, table};
use crate::read;
use crate::read::alike::Why;
use crate::words::{Coded, Word};

table! {
    Duplicate in "duplicates.csv", ["可能重复的设施", "facilities that may be one"] {
        group: u64 = Kind::Count, Office, ["组", "group"], ["组号", "number of the group"];
        service: String = Kind::Id, Office, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        id: String = Kind::Id, Office, ["编号", "id"], ["设施编号", "id of the facility"];
        name: String = Kind::Name, Office, ["名称", "name"], ["名称", "name"];
        file: String = Kind::Text, Office, ["输入文件", "input file"], ["输入文件", "input file"];
        row: u64 = Kind::Count, Office, ["所在行", "input row"], ["所在行", "its row"];
        apart_m: f64 = Kind::Meters, Office, ["距首处（米）", "metres from the first"], ["到本组第一处的直线距离（米）", "straight line to the first of the group, in metres"];
        why: Option<Why> = Kind::Code(Why::WORDS), Office, ["依据", "why"], ["same_name 去掉大门、停车场、分店等后名称相同，held_name 一个名称含另一个", "same_name: the names are the same without gates, car parks and branches; held_name: one name holds the other"];
    }
}

/// Group by group.
#[must_use]
pub fn rows(duplicates: &[read::Duplicate], catalogue: &[Service]) -> Vec<Duplicate> {
    let row = |each: &read::Duplicate| Duplicate {
        group: each.group as u64,
        service: catalogue[each.service].id.clone(),
        id: each.id.to_string(),
        name: each.name.to_string(),
        file: each.file.to_string(),
        row: each.row,
        apart_m: each.apart_m,
        why: Some(each.why),
    };
    duplicates.iter().map(row).collect()
}

impl Coded for Why {
    const VALUES: &'static [Self] = &[Self::SameName, Self::HeldName];
    const WORDS: &'static [Word] = &[
        Word {
            code: "same_name",
            name: ["名称相同", "same name"],
        },
        Word {
            code: "held_name",
            name: ["名称相含", "a name holds the other"],
        },
    ];
}

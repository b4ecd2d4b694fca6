//! `units.csv`: one line a unit; where the last round's units were to be kept, with what became of it.

use fuwutu_core::quantity::Residents;
use fuwutu_core::units::{Note, State};

use super::{Kind, Spread, Text, Width, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;
use crate::words::Coded;

table! {
    Unit in "units.csv", ["单元", "units"] {
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        township: String = Kind::Id, Everybody, ["镇（街道）代码", "township code"], ["镇（街道）代码", "code of the township"];
        township_name: String = Kind::Name, Everybody, ["镇（街道）", "township"], ["镇（街道）名称", "name of the township"];
        residents: u64 = Kind::Persons, Rounded, ["常住人口（人）", "residents (persons)"], ["常住人口（人）", "usual residents"];
        communities: u32 = Kind::Count, Everybody, ["社区（村）数", "communities"], ["所含社区（村）数", "number of its communities"];
        over_cap: bool = Kind::Truth, Everybody, ["超过上限", "over the cap"], ["是否超过人口上限", "whether it has more residents than the cap"];
        contiguous: bool = Kind::Truth, Everybody, ["空间连续", "contiguous"], ["空间上是否连续", "whether its land hangs together"];
        note: String = Kind::Codes(Note::WORDS), Everybody, ["说明", "note"], ["说明", "what is unusual"];
        over_cap_year: Option<i32> = Kind::Year, Everybody, ["首次超上限年份", "first year over the cap"], ["首个超过上限的预测年份", "first projected year in which it exceeds the cap"];
        since_last (Spread::IfAny): Option<State> = Kind::Code(State::WORDS), Everybody, ["与上一轮相比", "since the last round"], ["与上一轮相比：kept 保留，changed 变化，new 新设", "since the last round: kept, changed or new"];
        moved_residents (Spread::IfAny): Option<u64> = Kind::Persons, Rounded, ["划入人口（人）", "moved in (persons)"], ["划入的人口（人）", "residents who belonged to another unit in the last round"];
        residents_later[Spread::LaterYears, "residents_{year}"]: Vec<u64> = Kind::Persons, Rounded, ["预测人口（人）", "projected residents (persons)"], ["该年的预测人口（人）", "residents in this later year"];
    }
}

/// In the order of the round.
#[must_use]
pub fn rows(result: &Outcome) -> Vec<Unit> {
    let units = result.round.units.iter().enumerate();
    units
        .map(|(position, unit)| {
            let township = &result.city.townships()[unit.township];
            let later = result.round.residents[position].iter().skip(1);
            Unit {
                unit: unit.id.clone(),
                township: township.code.clone(),
                township_name: township.name.clone(),
                residents: persons_whole(unit.residents),
                communities: unit.communities.len() as u32,
                over_cap: unit.over_cap(),
                contiguous: unit.contiguous,
                note: notes(&unit.notes),
                over_cap_year: over_cap_year(result, position),
                since_last: unit.since.map(|since| since.state),
                moved_residents: unit.since.map(|since| persons_whole(since.moved)),
                residents_later: later.map(|&residents| persons_whole(residents)).collect(),
            }
        })
        .collect()
}

/// As text.
pub(crate) fn text(result: &Outcome) -> Text<Unit> {
    let width = Width {
        years: result.round.years.clone(),
        ..Width::default()
    };
    Text::of(&rows(result), &width)
}

/// The first year in which a unit has more residents than the cap.
#[must_use]
pub fn over_cap_year(result: &Outcome, unit: usize) -> Option<i32> {
    let cap = Residents::whole(result.plan.units.cap);
    let mut years = result.round.years.iter().zip(&result.round.residents[unit]);
    years
        .find(|(_, residents)| **residents > cap)
        .map(|(year, _)| *year)
}

/// The notes' codes, with spaces between.
#[must_use]
pub fn notes(notes: &[Note]) -> String {
    let codes: Vec<&str> = notes.iter().map(|note| note.word().code).collect();
    codes.join(" ")
}

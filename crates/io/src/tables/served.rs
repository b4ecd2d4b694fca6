//! `served.csv`: one line a unit, service and facility that people of the unit have within the limit.

use fuwutu_core::quantity::Millis;
use fuwutu_core::supply;

use super::{Kind, Spread, Text, Width, table};
use crate::csv_text::persons_whole;
use crate::outcome::Outcome;

table! {
    Served in "served.csv", ["谁由哪些设施服务", "which facilities serve which unit"] {
        unit: String = Kind::Id, Everybody, ["单元编号", "unit"], ["单元编号", "id of the unit"];
        service: String = Kind::Id, Everybody, ["服务编号", "service"], ["服务编号（见 round.json 中的标准）", "id of the service; its standard stands in round.json"];
        facility: String = Kind::Id, Everybody, ["设施编号", "facility"], ["设施编号", "id of the facility"];
        people_in_reach: Option<u64> = Kind::Persons, Rounded, ["时限内的人", "people in reach (persons)"], ["基期年服务人口中，该设施在时限内的人（开放与否不计）", "those of the target group in the base year who have it within the limit, whether it is open or not"];
        minutes_least: Option<f64> = Kind::Minutes(2), Rounded, ["最近（分钟）", "nearest (minutes)"], ["其中最近的人所需时间（分钟）", "minutes of the nearest of them"];
        minutes_mean: Option<f64> = Kind::Minutes(2), Rounded, ["平均（分钟）", "mean (minutes)"], ["其平均时间（分钟，按人口）", "their mean minutes, by people"];
        received[Spread::Years, "received_{year}"]: Vec<Option<f64>> = Kind::Capacity, Office, ["可达供给", "accessible supply"], ["单元该年从该设施分得的规模（2SFCA）；设施未开放为 0，没有规模的服务为空", "capacity that the unit receives from it in this year (2SFCA); 0 while it is closed, empty for services without a capacity"];
    }
}

/// Of one unit, service and facility.
fn row(result: &Outcome, served: &supply::Served) -> Served {
    let minutes = |time: Millis| Some(f64::from(time.0) / 60_000.0);
    Served {
        unit: result.round.units[served.unit].id.clone(),
        service: result.catalogue[served.service].id.clone(),
        facility: result.city.facilities()[served.facility].id.to_string(),
        people_in_reach: Some(persons_whole(served.people)),
        minutes_least: minutes(served.least),
        minutes_mean: minutes(served.mean),
        received: served
            .received
            .iter()
            .map(|&received| Some(received))
            .collect(),
    }
}

/// As text, some lines at a time: a large city has more than a million.
pub(crate) fn text(result: &Outcome) -> Text<Served> {
    let width = Width {
        years: result.round.years.clone(),
        ..Width::default()
    };
    let mut text = Text::new(&width, &[]);
    text.extend(&result.round.served, |text, served| {
        text.cells(&row(result, served))
    });
    text
}

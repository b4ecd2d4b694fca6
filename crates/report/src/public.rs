//! The edition for everybody: figures from which few people could be made out, restricted kinds and exact places are left out.
//!
//! That published statistics must not let a respondent be made out is the Statistics Law's, article 25; how it is done here is a
//! proposal, by the plan's `[public]`:
//!
//! - Of a unit, service and year, a count of 1 to `small` − 1 people is left out, and with it all that it could be worked out from:
//!   the other counts that add up to the same group, what is short by cause, and one more unit where the city's total would give it
//!   away. So are the covered where few are *not* covered.
//! - Residents of units and townships are rounded to multiples of `small`.
//! - Demand points are put together in squares of at least 500 m with at least 10 × `small` residents, and shares rounded to tens of
//!   per cent. Communities, findings, rows and paths of inputs are left out.
//! - Facilities of `restricted` services are left out; all places are rounded to `decimals` of degrees.

use std::collections::BTreeMap;

use geo::{Coord, MapCoords};
use serde_json::{Value, json};

use crate::book::{Book, Demand, Edition, Offer, Served, Spot, Standing};

/// The least side of the squares that demand points are put together in.
const SIDE_M: u32 = 500;
/// Metres of a degree of latitude, nearly.
const DEGREE_M: f64 = 111_320.0;

/// What the plan's `[public]` says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rules {
    small: u64,
    decimals: i32,
    restricted: Vec<String>,
}

impl Rules {
    fn of(book: &Book) -> Self {
        let all = &book.manifest.all["plan"]["public"];
        let restricted = all["restricted"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            small: all["small"].as_u64().unwrap_or(10),
            decimals: all["decimals"].as_i64().unwrap_or(4) as i32,
            restricted: restricted.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    fn few(&self, people: u64) -> bool {
        (1..self.small).contains(&people)
    }

    fn rounded(&self, people: u64) -> u64 {
        (people + self.small / 2) / self.small * self.small
    }

    fn place(&self, at: Coord) -> Coord {
        let scale = 10f64.powi(self.decimals);
        Coord { x: (at.x * scale).round() / scale, y: (at.y * scale).round() / scale }
    }
}

/// The same round for everybody. O(n) in the size of the book.
#[must_use]
pub fn edition(book: &Book) -> Book {
    let rules = Rules::of(book);
    let mut public = book.clone();
    public.edition = Edition::Public { small: rules.small as u32 };
    public.communities.clear();
    public.findings.clear();
    for unit in &mut public.units {
        unit.residents.iter_mut().for_each(|residents| *residents = rules.rounded(*residents));
        unit.outline = unit.outline.map_coords(|at| rules.place(at));
    }
    public.townships.iter_mut().for_each(|each| each.residents = rules.rounded(each.residents));
    let told = standings(&mut public, &rules);
    places(&mut public, &rules, &told.last);
    public.demand = demand(&book.demand, &rules);
    offers(&mut public, &rules, &told.always);
    manifest(&mut public.manifest.all, &rules);
    public
}

/// Of each unit and service, whether all is still told.
struct Told {
    /// In every year.
    always: Vec<bool>,
    /// In the last year.
    last: Vec<bool>,
}

/// Leaves out what few people could be made out from.
fn standings(book: &mut Book, rules: &Rules) -> Told {
    let (services, years) = (book.services.len(), book.manifest.years.len());
    let count = services * years;
    let targets: Vec<Option<u64>> = book.standings.iter().map(|each| each.target).collect();
    let mut hidden: Vec<Hidden> = book.standings.iter().map(|each| Hidden::of(each, rules)).collect();
    for column in 0..count {
        for kind in [Hidden::Reach, Hidden::All] {
            let of_units = || (column..targets.len()).step_by(count);
            let alone: Vec<usize> = of_units().filter(|&at| hidden[at] >= kind).collect();
            // One alone is what the others leave of the city's total.
            if alone.len() == 1 {
                let others = of_units().filter(|&at| hidden[at] < kind && targets[at].is_some_and(|target| target > 0));
                if let Some(other) = others.min_by_key(|&at| (targets[at], at)) {
                    hidden[other] = kind;
                }
            }
        }
    }
    book.standings.iter_mut().zip(&hidden).for_each(|(each, hidden)| hidden.apply(each));
    let pairs = || hidden.chunks(years);
    Told {
        always: pairs().map(|years| years.iter().all(|each| *each == Hidden::Nothing)).collect(),
        last: pairs().map(|years| years.last() == Some(&Hidden::Nothing)).collect(),
    }
}

/// How much of a standing is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hidden {
    Nothing,
    /// Who is covered, and what follows from it.
    Reach,
    /// All that counts people.
    All,
}

impl Hidden {
    fn of(each: &Standing, rules: &Rules) -> Self {
        let few = |people: Option<u64>| people.is_some_and(|people| rules.few(people));
        let lack = each.target.zip(each.covered).map(|(target, covered)| target.saturating_sub(covered));
        let counts = [each.covered, lack, each.unsnapped, each.roadless, each.too_far, each.covered_straight];
        let more = [each.covered_public, each.substitute];
        match () {
            () if few(each.target) => Self::All,
            () if counts.into_iter().chain(more).any(few) => Self::Reach,
            () => Self::Nothing,
        }
    }

    fn apply(self, each: &mut Standing) {
        if self >= Self::Reach {
            for count in [
                &mut each.covered,
                &mut each.unsnapped,
                &mut each.roadless,
                &mut each.too_far,
                &mut each.covered_straight,
                &mut each.covered_public,
                &mut each.substitute,
            ] {
                *count = None;
            }
            let figures = [&mut each.coverage, &mut each.seated, &mut each.short];
            let causes = [&mut each.short_far, &mut each.short_full, &mut each.short_none];
            figures.into_iter().chain(causes).for_each(|figure| *figure = None);
        }
        if self == Self::All {
            each.target = None;
            for figure in [&mut each.demand, &mut each.shortfall_inside, &mut each.shortfall_reach, &mut each.access] {
                *figure = None;
            }
        }
    }
}

/// Need is told to the hundredth where a part of it is left out: finer, it would give the part away.
fn places(book: &mut Book, rules: &Rules, told: &[bool]) {
    let hundredth = |figure: f64| (figure * 100.0).round() / 100.0;
    let services = book.services.len();
    for place in &mut book.places {
        let of_unit = &told[place.unit * services..(place.unit + 1) * services];
        place.unserved = place.unserved.filter(|&unserved| !rules.few(unserved));
        if of_unit.iter().all(|told| *told) {
            continue;
        }
        place.unserved = None;
        place.need = hundredth(place.need);
        place.inflow_part = hundredth(place.inflow_part);
        place.causes.retain(|cause| of_unit[cause.service]);
    }
}

/// Facilities of kinds that are not restricted, each with fewer decimals and without its row; who is served by the others is left
/// out with them, and so are those whom few people have in reach, and all of a unit whose covered are not told: of a single facility
/// they are those who have it in reach.
fn offers(book: &mut Book, rules: &Rules, told: &[bool]) {
    let mut kept: Vec<Option<usize>> = Vec::new();
    let mut offers: Vec<Offer> = Vec::new();
    for offer in std::mem::take(&mut book.offers) {
        let restricted = rules.restricted.contains(&offer.service_id);
        kept.push((!restricted).then_some(offers.len()));
        if !restricted {
            offers.push(Offer { at: rules.place(offer.at), file: String::new(), row: None, ..offer });
        }
    }
    book.offers_left_out = kept.len() - offers.len();
    book.offers = offers;
    let served = std::mem::take(&mut book.served).into_iter();
    let services = book.services.len();
    let told = served.filter(|each| told[each.unit * services + each.service] && !rules.few(each.people));
    book.served = told.filter_map(|each| Some(Served { offer: kept[each.offer]?, ..each })).collect();
}

/// People of a square while it is gathered.
#[derive(Default)]
struct Square {
    residents: u64,
    points: u32,
    /// Of each unit.
    units: BTreeMap<Option<usize>, u64>,
    /// By column: residents × per cent, and the residents of those of whom a share is known.
    shares: Vec<(u64, u64)>,
}

fn demand(all: &Demand, rules: &Rules) -> Demand {
    let side_m = all.side_m.max(SIDE_M);
    let middle = all.spots.iter().map(|spot| spot.at.y).sum::<f64>() / all.spots.len().max(1) as f64;
    let high = f64::from(side_m) / DEGREE_M;
    let wide = high / middle.to_radians().cos().max(0.1);
    let mut squares: BTreeMap<(i64, i64), Square> = BTreeMap::new();
    for spot in &all.spots {
        let square = squares.entry(((spot.at.y / high).floor() as i64, (spot.at.x / wide).floor() as i64)).or_default();
        square.residents += spot.residents;
        square.points += spot.points;
        *square.units.entry(spot.unit).or_default() += spot.residents;
        square.shares.resize(all.columns.len(), (0, 0));
        for (sum, share) in square.shares.iter_mut().zip(&spot.shares) {
            if let Some(share) = share {
                sum.0 += spot.residents * u64::from(*share);
                sum.1 += spot.residents;
            }
        }
    }
    let tens = |&(sum, of): &(u64, u64)| (of > 0).then(|| ((sum + of * 5) / (of * 10) * 10) as u8);
    let spot = |((y, x), square): ((i64, i64), Square)| Spot {
        id: String::new(),
        at: rules.place(Coord { x: (x as f64 + 0.5) * wide, y: (y as f64 + 0.5) * high }),
        unit: square
            .units
            .iter()
            .max_by_key(|(unit, people)| (**people, std::cmp::Reverse(**unit)))
            .and_then(|most| *most.0),
        residents: rules.rounded(square.residents),
        points: square.points,
        row: None,
        shares: square.shares.iter().map(tens).collect(),
        minutes: Vec::new(),
    };
    let told = squares.into_iter().filter(|(_, square)| square.residents >= 10 * rules.small);
    Demand { side_m, columns: all.columns.clone(), minutes: false, spots: told.map(spot).collect() }
}

/// Leaves out of `round.json` small counts of the city, and where files lie.
fn manifest(all: &mut Value, rules: &Rules) {
    const PARTS: [&str; 5] = ["covered", "not_covered", "unsnapped", "roadless", "too_far"];
    let few = |total: &Value, part: &str| total[part].as_f64().is_some_and(|people| rules.few(people.ceil() as u64));
    for total in all["totals"].as_array_mut().into_iter().flatten() {
        if ["target", "covered_straight"].iter().chain(&PARTS).any(|part| few(total, part)) {
            PARTS.iter().chain(&["covered_straight", "certain"]).for_each(|part| total[*part] = Value::Null);
        }
    }
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    for input in all["inputs"].as_array_mut().into_iter().flatten() {
        let path = name(input["path"].as_str().unwrap_or_default());
        input["path"] = path.into();
    }
    let crs = all["plan"]["inputs"]["crs"].clone();
    all["plan"]["inputs"] = json!({ "crs": crs });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn at(book: &Book, unit: usize) -> &Standing {
        book.standing(unit, 0, 0)
    }

    #[test]
    fn few_people_cannot_be_worked_out() {
        let mut book = testing::book();
        // Four children of a unit are not covered, those of all others are many.
        let years = book.manifest.years.len();
        let few = &mut book.standings[years * book.services.len()];
        (few.covered, few.too_far, few.target) = (Some(1596), Some(4), Some(1600));
        let public = edition(&book);
        let gone: Vec<usize> = (0..3).filter(|&unit| at(&public, unit).covered.is_none()).collect();
        assert_eq!(
            gone,
            [1, 2],
            "one more is left out, the least of the others: the city's total would give the first away"
        );
        assert!(gone.iter().all(|&unit| {
            let each = at(&public, unit);
            each.too_far.is_none() && each.coverage.is_none() && each.short_far.is_none() && each.target.is_some()
        }));
        assert_eq!(at(&public, 0).covered, at(&book, 0).covered);
        assert!(
            public.served.iter().all(|each| each.unit == 0),
            "who has the only facility in reach is who is covered"
        );
    }

    #[test]
    fn a_small_group_is_left_out_whole() {
        let mut book = testing::book();
        book.standings[0].target = Some(9);
        let public = edition(&book);
        assert!(at(&public, 0).target.is_none() && at(&public, 0).demand.is_none());
        book.standings[0].target = Some(10);
        book.standings[0].covered = Some(10);
        book.standings[0].too_far = Some(0);
        assert_eq!(at(&edition(&book), 0).target, Some(10), "ten are not few");
    }

    #[test]
    fn restricted_kinds_and_exact_places_are_left_out() {
        let mut book = testing::book();
        book.manifest.all["plan"]["public"]["restricted"] = json!(["kindergarten"]);
        book.offers[2].at = Coord { x: 104.123_456_7, y: 30.5 };
        let public = edition(&book);
        assert_eq!((public.offers.len(), public.offers_left_out), (1, 2));
        assert_eq!(public.offers[0].at, Coord { x: 104.1235, y: 30.5 });
        assert!(public.served.iter().all(|each| each.service == 1 && each.offer == 0));
        assert!(public.offers[0].file.is_empty() && public.findings.is_empty() && public.communities.is_empty());
    }

    #[test]
    fn where_people_live_is_told_in_squares() {
        let book = testing::book();
        let public = edition(&book);
        assert_eq!(public.demand.side_m, 500);
        assert_eq!(public.demand.spots.iter().map(|spot| spot.residents).sum::<u64>(), 3000);
        assert!(public.demand.spots.iter().all(|spot| spot.id.is_empty() && spot.row.is_none()));
        let mut book = book;
        book.demand.spots[0].residents = 99;
        assert_eq!(edition(&book).demand.spots.len(), 2, "a square of fewer than a hundred is left out");
    }
}

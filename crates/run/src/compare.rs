//! Two rounds beside each other: read in one plane, evaluated, compared, written.

use std::path::PathBuf;

use fuwutu_core::change::{self, Comparison, Side};
use fuwutu_core::city::City;
use fuwutu_core::position::ServiceAt;
use fuwutu_core::quantity::Frame;
use fuwutu_core::round;
use fuwutu_core::service::Service;
use fuwutu_core::watch::{Progress, Stage, Watch as Ask};
use fuwutu_io::finding::{Finding, Kind};
use fuwutu_io::plan;
use fuwutu_io::read::{Ground, Input, Land, Places, ReadError};
use fuwutu_io::write::{self, OutFolder};

use crate::error::Error;
use crate::job::{Evaluation, Extent, Job};
use crate::plan_file::PlanFile;
use crate::watch::{Watch, asked};

/// Two rounds that cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A round's folder without its inputs.
    #[error("`{}` holds a round without its inputs", .0.display())]
    NoInputs(PathBuf),
    /// A folder without a round.
    #[error("`{}` holds no round", .0.display())]
    NoRound(PathBuf),
    /// The old round is the later one.
    #[error("the old round's base year {old} is after the new one's {new}")]
    Swapped {
        /// Base year of the old round.
        old: i32,
        /// Of the new one.
        new: i32,
    },
}

/// Two rounds and what changed between them.
pub struct Compared {
    /// The old round's job. Both have the same ids at the same positions of their catalogues.
    pub old: Job,
    /// The new one's.
    pub new: Job,
    /// The old round and the new one, each up to its own horizon.
    pub evaluations: [Evaluation; 2],
    /// The services of both, of whose facilities something is known in both.
    pub selected: Vec<ServiceAt>,
    /// What changed, and because of what.
    pub comparison: Comparison,
    /// What comparing noticed, then what reading and evaluating did, with `old:` or `new:` before the files.
    pub findings: Vec<Finding>,
}

/// Evaluates two rounds anew, in one plane and on roads of one area, and compares them. Each input is opened once.
///
/// # Errors
/// Where the old round is the later one, a plan or its files make no sense (with `old:` or `new:` before the files), or `watch`
/// says stop.
pub fn compare(old: PlanFile, new: PlanFile, watch: &dyn Watch) -> Result<Compared, Error> {
    let [old, new] = jobs(old, new, watch)?;
    let evaluations = [
        old.evaluate(Extent::Round, watch)?,
        new.evaluate(Extent::Round, watch)?,
    ];
    let selected: Vec<ServiceAt> = old
        .selected
        .iter()
        .copied()
        .filter(|at| new.selected.contains(at))
        .filter(|&at| old.services().supplied(at) && new.services().supplied(at))
        .collect();
    let comparison = comparison([&old, &new], &evaluations, &selected, watch)?;
    let findings = findings([&old, &new], &evaluations, &comparison, &selected);
    Ok(Compared {
        old,
        new,
        evaluations,
        selected,
        comparison,
        findings,
    })
}

impl Compared {
    /// Everything that a folder of the comparison is written from.
    #[must_use]
    pub fn outcome(&self) -> fuwutu_io::outcome::Compared<'_> {
        let [old, new] = &self.evaluations;
        fuwutu_io::outcome::Compared {
            old: self.old.outcome(old, None),
            new: self.new.outcome(new, None),
            selected: &self.selected,
            comparison: &self.comparison,
            findings: &self.findings,
        }
    }

    /// Writes the comparison to a folder of [`OutFolder::prepare_comparison`].
    ///
    /// # Errors
    /// Where the file system refuses, parts do not add up, or `watch` says stop. A former comparison in the folder stays then.
    pub fn write(&self, folder: OutFolder, watch: &dyn Watch) -> Result<(), Error> {
        let ask = asked(watch);
        ask(Progress::Stage(Stage::Write))?;
        Ok(write::change::write(folder, &self.outcome(), &ask)?)
    }
}

/// Both rounds, by catalogues with the same positions.
fn jobs(mut old: PlanFile, mut new: PlanFile, watch: &dyn Watch) -> Result<[Job; 2], Error> {
    let (from, to) = (old.plan.round.base_year, new.plan.round.base_year);
    if from > to {
        return Err(CompareError::Swapped { old: from, new: to }.into());
    }
    let (old_rows, old_selected) = plan::catalogue(&mut old.plan, &old.path)?;
    let (new_rows, new_selected) = plan::catalogue(&mut new.plan, &new.path)?;
    let [old_standards, new_standards] = plan::with_same_positions(&old_rows, &new_rows);
    let old_selected = positions(&old_rows, &old_selected, &new_standards);
    let new_selected = positions(&new_rows, &new_selected, &new_standards);
    let sides = [
        Reading {
            name: OLD,
            plan: &old,
            standards: &old_standards,
        },
        Reading {
            name: NEW,
            plan: &new,
            standards: &new_standards,
        },
    ];
    let [old_input, new_input] = inputs(sides, watch)?;
    let job = |side, plan, services, input| {
        Job::of(plan, services, input, watch).map_err(|error| with_side(side, error))
    };
    Ok([
        job(OLD, old, (old_standards, old_selected), old_input)?,
        job(NEW, new, (new_standards, new_selected), new_input)?,
    ])
}

/// What stands before the files of the two rounds.
const OLD: &str = "old";
const NEW: &str = "new";

/// One of two rounds that are read.
struct Reading<'a> {
    name: &'static str,
    plan: &'a PlanFile,
    standards: &'a [Service],
}

impl<'a> Reading<'a> {
    fn land(&self, ask: Ask<'a>) -> Result<Land<'a>, Error> {
        Land::read(&self.plan.plan, &*self.plan.files, ask).map_err(|error| self.failed(error))
    }

    fn places(&self, land: Land<'a>, frame: Frame) -> Result<Places<'a>, Error> {
        land.places(self.standards, frame)
            .map_err(|error| self.failed(error))
    }

    fn input(&self, places: Places, ground: &Ground) -> Result<Input, Error> {
        let input = places.roads(ground).map_err(|error| self.failed(error))?;
        self.plan.unchanged(&input.files)?;
        Ok(input)
    }

    fn failed(&self, error: ReadError) -> Error {
        with_side(self.name, self.plan.blamed(error))
    }
}

/// Where the selected rows of one catalogue stand in another.
fn positions(rows: &[Service], selected: &[ServiceAt], other: &[Service]) -> Vec<ServiceAt> {
    let ids: Vec<&str> = selected.iter().map(|&at| rows[at].id.as_str()).collect();
    ServiceAt::enumerate(other)
        .filter(|(_, row)| ids.contains(&row.id.as_str()))
        .map(|(position, _)| position)
        .collect()
}

/// Both cities in the plane of the new one, with the roads of an area that holds both.
fn inputs([old, new]: [Reading; 2], watch: &dyn Watch) -> Result<[Input; 2], Error> {
    let ask = asked(watch);
    ask(Progress::Stage(Stage::Read))?;
    let (old_land, new_land) = (old.land(&ask)?, new.land(&ask)?);
    let frame = new_land.frame();
    let old_places = old.places(old_land, frame)?;
    let new_places = new.places(new_land, frame)?;
    let ground = old_places.ground(None).join(new_places.ground(None));
    Ok([
        old.input(old_places, &ground)?,
        new.input(new_places, &ground)?,
    ])
}

/// What ended the reading, with the side before the files' names.
fn with_side(side: &str, error: Error) -> Error {
    match error {
        Error::Input(failure) => ReadError::Input(failure)
            .map(|finding| named(side, &finding))
            .into(),
        other => other,
    }
}

/// With `old:` or `new:` before the file, so that it is plain whose it is.
fn named(side: &str, finding: &Finding) -> Finding {
    Finding {
        file: format!("{side}:{}", finding.file),
        ..finding.clone()
    }
}

fn comparison(
    [old, new]: [&Job; 2],
    [before, after]: &[Evaluation; 2],
    selected: &[ServiceAt],
    watch: &dyn Watch,
) -> Result<Comparison, Error> {
    let ask = asked(watch);
    ask(Progress::Stage(Stage::Compare))?;
    // The four rounds between are no stages of their own.
    let within = |progress| match progress {
        Progress::Stage(_) => ask(Progress::Working),
        other => ask(other),
    };
    let plans = [old.plan.core(), new.plan.core()];
    let later = |job: &Job, plan: &round::Plan| {
        round::last_year(&job.input.city, &job.input.outlook, plan, &within)
    };
    let cities = [later(old, &plans[0])?, later(new, &plans[1])?];
    let sides = [
        side(old, &cities[0], &plans[0], before),
        side(new, &cities[1], &plans[1], after),
    ];
    let crosswalk = &new.input.crosswalk;
    Ok(change::compare(
        &sides[0], &sides[1], crosswalk, selected, &within,
    )?)
}

fn side<'a>(
    job: &'a Job,
    later: &'a City,
    plan: &'a round::Plan,
    evaluation: &'a Evaluation,
) -> Side<'a> {
    Side {
        city: &job.input.city,
        later,
        standards: &job.catalogue,
        no_data: &job.input.no_data,
        plan,
        travels: job.ways.travels(),
        last: job.input.last_units.as_ref(),
        round: &evaluation.round,
    }
}

/// What comparing noticed, then what reading and evaluating the two rounds did.
fn findings(
    [old, new]: [&Job; 2],
    [before, after]: &[Evaluation; 2],
    comparison: &Comparison,
    selected: &[ServiceAt],
) -> Vec<Finding> {
    let of_new = new.plan.inputs.communities.path.display().to_string();
    let gone = comparison
        .codes
        .iter()
        .filter(|code| !code.township && code.new.is_empty())
        .map(|code| Finding::new(Kind::CommunityGone, &of_new).id(code.old.clone()));
    let units = selected
        .iter()
        .map(|&at| (&old.catalogue[at], &new.catalogue[at]))
        .filter(|(before, after)| before.capacity_unit != after.capacity_unit)
        .map(|(before, after)| {
            let value = format!("{} → {}", before.capacity_unit, after.capacity_unit);
            Finding::new(Kind::CapacityUnitChanged, "")
                .service(after.id.clone())
                .column("capacity_unit")
                .value(value)
        });
    let read = [(OLD, before), (NEW, after)]
        .into_iter()
        .flat_map(|(side, evaluation)| {
            evaluation
                .findings
                .iter()
                .map(move |finding| named(side, finding))
        });
    let others = (old.outcome(before, None).judged() != new.outcome(after, None).judged())
        .then(|| Finding::new(Kind::ServicesDiffer, "").column("services.select"));
    others
        .into_iter()
        .chain(gone)
        .chain(units)
        .chain(read)
        .collect()
}

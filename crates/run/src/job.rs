//! One round: read, evaluated, written.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use fuwutu_core::position::{CommunityAt, FacilityAt, ServiceAt};
use fuwutu_core::round::{self, OtherSpread, Round, Selection, Snapping, Spreads};
use fuwutu_core::service::{Limit, Service};
use fuwutu_core::units::last::LastUnits;
use fuwutu_core::units::{self, Units};
use fuwutu_core::watch::{Progress, Stage, Stopped};
use fuwutu_io::csv_text::persons_whole;
use fuwutu_io::datum;
use fuwutu_io::finding::{Finding, Kind};
use fuwutu_io::outcome::{Outcome, PointReach};
use fuwutu_io::plan::{self, Chosen, Plan};
use fuwutu_io::read::{self, Files, Input, MOST_POINTS_TOLD};
use fuwutu_io::ways::{self, Ways};
use fuwutu_io::write::{self, OutFolder};

use crate::error::Error;
use crate::plan_file::PlanFile;
use crate::watch::{Watch, asked};

/// A plan and all it names, read and checked. Nothing changes it afterwards.
pub struct Job {
    /// Filled in with the defaults.
    pub plan: Plan,
    /// All services that the plan knows.
    pub catalogue: Vec<Service>,
    /// Positions in it, ascending: those that the round is about.
    pub selected: Vec<ServiceAt>,
    /// Positions in it, ascending: those that the round leaves out, because the plan names no services and nothing of theirs was
    /// supplied.
    pub left_out: Vec<ServiceAt>,
    /// What the files say.
    pub input: Input,
    /// How people get around.
    pub ways: Ways,
    files: Box<dyn Files + Send + Sync>,
}

/// How much of a round is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Round,
    /// All services, in the base year alone.
    BaseYear,
    /// The units, in the base year and without any service.
    Units,
}

/// What was evaluated, and by what.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The job's plan, with a horizon of 0 where the extent is not the whole round.
    pub plan: Plan,
    /// The services that were evaluated: positions in the job's catalogue.
    pub selected: Vec<ServiceAt>,
    /// What it came to.
    pub round: Round,
    /// What reading noticed, then what evaluating did.
    pub findings: Vec<Finding>,
}

/// What is written with a round beyond its tables and layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteOptions {
    /// Every demand point in the layers of coverage.
    pub points: bool,
    /// A copy of the plan and all its files in `inputs/`, from which the round can be evaluated again.
    pub inputs: bool,
}

impl Job {
    /// Reads a plan's catalogue and files.
    ///
    /// # Errors
    /// Where the catalogue, a file or what they say makes no sense (with all findings), or `watch` says stop.
    pub fn read(plan: PlanFile, watch: &dyn Watch) -> Result<Self, Error> {
        Self::read_within(plan, None, watch)
    }

    /// As [`Job::read`], with roads for a trip within `longest`, too; the plan must travel on streets.
    ///
    /// # Errors
    /// As [`Job::read`], and where the plan travels in straight lines.
    pub fn read_streets(
        plan: PlanFile,
        longest: Option<Limit>,
        watch: &dyn Watch,
    ) -> Result<Self, Error> {
        plan.on_streets()?;
        Self::read_within(plan, longest, watch)
    }

    fn read_within(
        mut plan: PlanFile,
        longest: Option<Limit>,
        watch: &dyn Watch,
    ) -> Result<Self, Error> {
        let services = plan::catalogue(&mut plan.plan, &plan.path)?;
        let ask = asked(watch);
        ask(Progress::Stage(Stage::Read))?;
        let input = read::read_for(&plan.plan, &*plan.files, &services.0, longest, &ask)
            .map_err(|error| plan.blamed(error))?;
        plan.unchanged(&input.files)?;
        Self::of(plan, services, input, watch)
    }

    /// Of what was read by a catalogue and the services that may be selected of it.
    pub(crate) fn of(
        plan: PlanFile,
        (catalogue, from): (Vec<Service>, Vec<ServiceAt>),
        mut input: Input,
        watch: &dyn Watch,
    ) -> Result<Self, Error> {
        let PlanFile { plan, files, .. } = plan;
        let Chosen { selected, left_out } = plan::choose(&plan, from, &input.no_data);
        let unknown = |at: &&ServiceAt| input.no_data.binary_search(at).is_ok();
        let questions = not_supplied(
            &catalogue,
            [
                (Kind::ServicesNotSupplied, left_out.iter().collect()),
                (
                    Kind::ServicesNoData,
                    selected.iter().filter(unknown).collect(),
                ),
            ],
        );
        input.findings.extend(questions);
        let ask = asked(watch);
        let ways = Ways::new(&plan, input.roads.as_ref());
        if let Some(streets) = ways.streets() {
            ask(Progress::Stage(Stage::Streets))?;
            let services = Selection {
                catalogue: &catalogue,
                selected: &selected,
                no_data: &input.no_data,
            };
            let modes = round::modes(services, &plan.core());
            let joined = ways::joined(&input.city, streets, &modes, services, &plan.roads_name());
            match joined {
                Ok(findings) => input.findings.extend(findings),
                Err(failure) => return Err(ways::explained(failure, input.findings).into()),
            }
        }
        let doubts = datum::doubts(&input.city, &input.origins, &plan, ways.streets());
        input.findings.extend(doubts);
        Ok(Self {
            plan,
            catalogue,
            selected,
            left_out,
            input,
            ways,
            files,
        })
    }

    /// The services that the round is about.
    #[must_use]
    pub fn services(&self) -> Selection<'_> {
        Selection {
            catalogue: &self.catalogue,
            selected: &self.selected,
            no_data: &self.input.no_data,
        }
    }

    /// Evaluates the round, or a part of it. May be called any number of times, and gives the same each time.
    ///
    /// # Errors
    /// Where `watch` says stop.
    pub fn evaluate(&self, extent: Extent, watch: &dyn Watch) -> Result<Evaluation, Stopped> {
        let mut plan = self.plan.clone();
        if extent != Extent::Round {
            plan.round.horizon_years = 0;
        }
        let selected = match extent {
            Extent::Round | Extent::BaseYear => self.selected.clone(),
            Extent::Units => Vec::new(),
        };
        let ask = asked(watch);
        ask(Progress::Stage(Stage::Units))?;
        let services = Selection {
            catalogue: &self.catalogue,
            selected: &selected,
            no_data: &self.input.no_data,
        };
        let round = round::evaluate_in(
            Spreads {
                city: &self.input.city,
                other: self.other_spread().filter(|_| extent != Extent::Units),
            },
            self.units(),
            &self.input.outlook,
            services,
            &plan.core(),
            self.ways.travels(),
            &ask,
        )?;
        let mut findings = self.findings(&round.snapping);
        findings.extend(self.units_gone(&round));
        findings.extend(self.over_cap());
        findings.extend(self.blocks_apart(&round));
        if let Some(spread) = &self.input.spread {
            findings.extend(spread.findings(&round.totals, &self.catalogue, &plan));
        }
        findings.extend(self.files_unreached(&selected, &round));
        if extent == Extent::Round && self.input.by_density {
            findings.extend(self.by_class(&round, &plan, watch)?);
        }
        Ok(Evaluation {
            plan,
            selected,
            round,
            findings,
        })
    }

    /// How many of the first units of the ranking would not be among them if all communities were urban; where there are any. Evaluates
    /// the round again.
    fn by_class(
        &self,
        round: &Round,
        plan: &Plan,
        watch: &dyn Watch,
    ) -> Result<Option<Finding>, Stopped> {
        const FIRST: usize = 10;
        let mut plan = plan.core();
        plan.ranking.certainty.draws = 0;
        let other = round::evaluate_in(
            &self.input.city.all_urban(),
            self.units(),
            &self.input.outlook,
            self.services(),
            &plan,
            self.ways.travels(),
            &asked(watch),
        )?;
        let first = |round: &Round| -> BTreeSet<String> {
            let places = round.places.iter().take(FIRST);
            places
                .map(|place| round.units[place.unit].id.clone())
                .collect()
        };
        let (own, other) = (first(round), first(&other));
        let change = own.difference(&other).count();
        let value = format!("{change} / {}", own.len());
        let file = self.plan.inputs.communities.path.display().to_string();
        let finding = Finding::new(Kind::ClassMatters, &file).column("class");
        Ok((change > 0).then(|| finding.value(value)))
    }

    /// The city with people of whom only the community is known spread in another way.
    fn other_spread(&self) -> Option<OtherSpread<'_>> {
        let spread = self.input.spread.as_ref()?;
        Some(OtherSpread {
            city: &spread.city,
            spread: spread.other,
            communities: &spread.communities,
        })
    }

    /// The last round's units where they still hold, or new ones.
    fn units(&self) -> Units {
        units::kept_or_drawn(
            &self.input.city,
            &self.plan.units,
            self.input.last_units.as_ref(),
        )
    }

    /// Units of the last round that are there no more.
    fn units_gone(&self, round: &Round) -> Vec<Finding> {
        let here: BTreeSet<&str> = round.units.iter().map(|unit| unit.id.as_str()).collect();
        let last = self.input.last_units.iter().flat_map(LastUnits::ids);
        let file = self
            .plan
            .inputs
            .last_units
            .as_ref()
            .map_or(String::new(), |last| last.path.display().to_string());
        let gone = last.filter(|id| !here.contains(id.as_str()));
        gone.map(|id| Finding::new(Kind::UnitGone, &file).id(id.clone()))
            .collect()
    }

    /// Communities that alone have more residents than a unit may have.
    fn over_cap(&self) -> Vec<Finding> {
        let city = &self.input.city;
        let file = self.plan.inputs.communities.path.display().to_string();
        let residents = units::residents_of_communities(city);
        let over = CommunityAt::enumerate(residents).filter(|&(at, residents)| {
            let township = city.community(at).township;
            residents > self.plan.units.most() && !city.township(township).neighbour
        });
        over.map(|(at, residents)| {
            Finding::new(Kind::CommunityOverCap, &file)
                .id(city.community(at).code.clone())
                .value(persons_whole(residents).to_string())
        })
        .collect()
    }

    /// Communities drawn with gaps between them, where that leaves units in pieces or makes them more.
    fn blocks_apart(&self, round: &Round) -> Option<Finding> {
        let plan = &self.plan.units;
        if plan.join_detached && round.units.iter().all(|unit| unit.contiguous) {
            return None;
        }
        let gaps = units::gaps::gaps(&self.input.city, plan)?;
        let file = self.plan.inputs.communities.path.display().to_string();
        let value = format!(
            "{}/{}; {:.0} m; gap_tolerance_m = {}; {} → {}",
            gaps.alone,
            gaps.communities,
            gaps.smallest_m,
            gaps.tolerance_m,
            round.units.len(),
            gaps.units,
        );
        Some(Finding::new(Kind::BlocksApart, &file).value(value))
    }

    /// Services of a file of which nobody has any facility within a limit, though some are open in a year of the round.
    fn files_unreached(&self, selected: &[ServiceAt], round: &Round) -> Vec<Finding> {
        let facilities = self.input.city.facilities();
        let reached: BTreeSet<FacilityAt> =
            (round.served.iter().map(|served| served.facility)).collect();
        let mut counts: BTreeMap<(&str, ServiceAt), (u64, bool)> = BTreeMap::new();
        for (at, facility) in FacilityAt::enumerate(facilities) {
            if !round.years.iter().any(|&year| facility.open(year)) {
                continue;
            }
            let rows = self.input.origins.facilities.get(&facility.id);
            for row in rows.into_iter().flatten() {
                if selected.binary_search(&row.service).is_ok() {
                    let (count, any_reached) = counts.entry((&row.file, row.service)).or_default();
                    *count += 1;
                    *any_reached |= reached.contains(&at);
                }
            }
        }
        let unreached = counts.iter().filter(|(_, (_, any_reached))| !any_reached);
        unreached
            .map(|((file, service), (count, _))| {
                let id = &*self.catalogue[*service].id;
                Finding::new(Kind::FileUnreached, file)
                    .service(id)
                    .value(count.to_string())
            })
            .collect()
    }

    /// Residents of each unit who live on no street, by mode; empty without streets.
    ///
    /// # Errors
    /// Where `watch` says stop.
    pub fn snapping(&self, watch: &dyn Watch) -> Result<Vec<Snapping>, Stopped> {
        let ask = asked(watch);
        let (plan, city) = (self.plan.core(), &self.input.city);
        let modes = round::modes(self.services(), &plan);
        ask(Progress::Working)?;
        let trips = self.ways.usual().trips(city, &modes);
        ask(Progress::Working)?;
        let units = self.units();
        Ok(modes
            .iter()
            .filter_map(|&mode| round::snapping(city, &units, mode, &*trips))
            .flatten()
            .collect())
    }

    /// What reading noticed, then how many residents live on no street.
    #[must_use]
    pub fn findings(&self, snapping: &[Snapping]) -> Vec<Finding> {
        let unsnapped = ways::unsnapped(snapping, &self.plan);
        [&self.input.findings[..], &unsnapped].concat()
    }

    /// What each demand point has of each service within its limit in the base year. `None` where there are more than
    /// [`MOST_POINTS_TOLD`] of them, which files do not list one by one; unless `all` are wanted.
    ///
    /// # Errors
    /// Where `watch` says stop.
    pub fn nearest(&self, all: bool, watch: &dyn Watch) -> Result<Option<PointReach>, Stopped> {
        if !all && self.input.city.points().len() > MOST_POINTS_TOLD {
            return Ok(None);
        }
        let ask = asked(watch);
        let (plan, city) = (self.plan.core(), &self.input.city);
        let modes = round::modes(self.services(), &plan);
        ask(Progress::Working)?;
        let trips = self.ways.usual().trips(city, &modes);
        let mut nearest = PointReach::new();
        for &service in &self.selected {
            ask(Progress::Working)?;
            let about = &self.catalogue[service];
            nearest.push(round::nearest(city, about, service, &plan, &*trips));
        }
        Ok(Some(nearest))
    }

    /// Everything that a folder of results is written from.
    #[must_use]
    pub fn outcome<'a>(
        &'a self,
        evaluation: &'a Evaluation,
        nearest: Option<&'a PointReach>,
    ) -> Outcome<'a> {
        Outcome {
            plan: &evaluation.plan,
            city: &self.input.city,
            spread: self.input.spread.as_ref(),
            outlook: &self.input.outlook,
            catalogue: &self.catalogue,
            selected: &evaluation.selected,
            no_data: &self.input.no_data,
            left_out: &self.left_out,
            roads: self.input.roads.as_ref(),
            round: &evaluation.round,
            nearest,
            origins: &self.input.origins,
            findings: &evaluation.findings,
            files: &self.input.files,
            accounts: &self.input.accounts,
            matches: &self.input.matches,
            duplicates: &self.input.duplicates,
        }
    }

    /// Makes sure before the long run that the inputs can be kept ([`WriteOptions::inputs`]).
    ///
    /// # Errors
    /// With the files that cannot be read.
    pub fn can_keep_inputs(&self) -> Result<(), Error> {
        Ok(write::can_keep(&self.plan, &*self.files)?)
    }

    /// Writes a whole round.
    ///
    /// # Errors
    /// Where the file system refuses, sums that must agree do not, an input that is to be kept changed meanwhile, or `watch` says
    /// stop. A former round in the folder stays then.
    pub fn write(
        &self,
        folder: OutFolder,
        evaluation: &Evaluation,
        options: &WriteOptions,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        self.write_into(&folder, evaluation, options, watch)?;
        Ok(folder.finish()?)
    }

    /// As [`Job::write`], in a folder that has still to get its name.
    pub(crate) fn write_into(
        &self,
        folder: &OutFolder,
        evaluation: &Evaluation,
        options: &WriteOptions,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let ask = asked(watch);
        ask(Progress::Stage(Stage::Write))?;
        let nearest = self.nearest(options.points, watch)?;
        let outcome = self.outcome(evaluation, nearest.as_ref());
        let points = nearest.as_ref().filter(|_| options.points);
        let inputs: Option<&dyn Files> = if options.inputs {
            Some(&*self.files)
        } else {
            None
        };
        Ok(write::round_into(folder, &outcome, points, inputs, &ask)?)
    }

    /// Writes the units only.
    ///
    /// # Errors
    /// As [`Job::write`].
    pub fn write_units(
        &self,
        folder: OutFolder,
        evaluation: &Evaluation,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let ask = asked(watch);
        ask(Progress::Stage(Stage::Write))?;
        Ok(write::units(folder, &self.outcome(evaluation, None), &ask)?)
    }

    /// Writes the layers of coverage only, with all demand points where `points`.
    ///
    /// # Errors
    /// As [`Job::write`].
    pub fn write_coverage(
        &self,
        folder: OutFolder,
        evaluation: &Evaluation,
        points: bool,
        watch: &dyn Watch,
    ) -> Result<(), Error> {
        let ask = asked(watch);
        ask(Progress::Stage(Stage::Write))?;
        let points = if points {
            self.nearest(true, watch)?
        } else {
            None
        };
        let outcome = self.outcome(evaluation, None);
        Ok(write::coverage(folder, &outcome, points.as_ref(), &ask)?)
    }

    /// Writes a table of all trips within the limits, and says how many there are.
    ///
    /// # Errors
    /// Where `to` refuses, or `watch` says stop.
    pub fn matrix(&self, to: &mut dyn Write, watch: &dyn Watch) -> Result<u64, Error> {
        let ask = asked(watch);
        ask(Progress::Stage(Stage::Supply))?;
        let plan = self.plan.core();
        let services: Vec<_> = self
            .selected
            .iter()
            .map(|&position| {
                let service = &self.catalogue[position];
                (position, service, round::limits(service, &plan))
            })
            .collect();
        let modes = round::modes(self.services(), &plan);
        let trips = self.ways.usual().trips(&self.input.city, &modes);
        Ok(write::streets::matrix(
            to,
            &self.input.city,
            &services,
            &*trips,
            &ask,
        )?)
    }
}

/// A question for each kind of services of whose facilities nothing was supplied, where there are any.
fn not_supplied(catalogue: &[Service], kinds: [(Kind, Vec<&ServiceAt>); 2]) -> Vec<Finding> {
    let kinds = kinds
        .into_iter()
        .filter(|(_, services)| !services.is_empty());
    kinds
        .map(|(kind, services)| {
            let ids: Vec<&str> = (services.iter())
                .map(|&&at| catalogue[at].id.as_str())
                .collect();
            let value = format!("{}: {}", ids.len(), ids.join(", "));
            Finding::new(kind, "").column("services").value(value)
        })
        .collect()
}

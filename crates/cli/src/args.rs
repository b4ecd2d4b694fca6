//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use fuwutu_core::quantity::Millis;
use fuwutu_core::service::Mode;
use fuwutu_core::supply::access::Decay;
use fuwutu_io::finding::Lang;
use fuwutu_io::parser;

use crate::show;

/// Public-service maps (公共服务地图) of a whole city: units of at most 100,000 residents, 15-minute reach, supply and demand
/// over three years, and where need is greatest. Works offline.
#[derive(Debug, Parser)]
#[command(name = "fuwutu", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Language of messages; by default that of the environment (FUWUTU_LANG, LC_ALL, LANG)
    #[arg(long, global = true, value_enum)]
    lang: Option<LangArg>,
    /// Threads to use; by default all cores. Results do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = threads)]
    pub threads: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LangArg {
    Zh,
    En,
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|threads| (1..=1024).contains(threads))
        .ok_or_else(|| "from 1 to 1024".to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Evaluate the embedded synthetic city
    Demo(DemoArgs),
    /// Write a plan: for the files of a folder as they are, or with `--osm` for any city from open data
    Init(InitArgs),
    /// Read a plan's files and list the problems in them; exit 1 where something needs a decision
    Check(CheckArgs),
    /// Divide townships into units
    Units(PartArgs),
    /// Count the people within reach of each service
    Coverage(CoverageArgs),
    /// The whole round: units, reach, supply and demand, ranking
    Evaluate(EvaluateArgs),
    /// The streets of a plan: the length that can be used, what was left out, and the residents on no street
    Roads(RoadsArgs),
    /// The streets that are reached from a place within a time
    Isochrone(IsochroneArgs),
    /// A table of the times from demand points to facilities within the limit
    Matrix(MatrixArgs),
    /// Access (2SFCA and others) from a ready table of times, of this or any other router
    Access(Box<AccessArgs>),
    /// Print the ranking of a written round
    Rank(RankArgs),
    /// Make the reports of a written round: map page, workbook, unit sheets, pictures, layers, and the same for the public
    Report(ReportArgs),
    /// Make a synthetic city: input files and a plan
    Synth(SynthArgs),
    /// What changed between two rounds, and because of what
    Compare(CompareArgs),
    /// The catalogue of services: figures, what they rest on, and how well they are established
    Services(ServicesArgs),
    /// Print the JSON Schema of a plan, by which editors complete and check it
    Schema(SchemaArgs),
    /// Write empty tables for departments to fill in, as workbooks with lists to choose from and as CSV
    Template(TemplateArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Folder for the results; a former round of the demo in it is replaced
    #[arg(long, value_name = "DIR", default_value = "fuwutu-demo")]
    pub out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// The plan, a TOML file
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// File for the same as JSON: what became of the rows of each file, and all findings; `-` prints it in place of the table
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Replace the file
    #[arg(long, requires = "json")]
    pub overwrite: bool,
    /// Ask here what the findings leave open, and write the answers into the plan; its comments stay
    #[arg(long, conflicts_with = "json")]
    pub ask: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PartArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Folder for layers and tables; without it a table is printed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace a former round in the folder
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub part: PartArgs,
    /// Also write every demand point with the minutes to its nearest facility and how many it reaches
    #[arg(long, requires = "out")]
    pub points: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace a former round in the folder
    #[arg(long)]
    pub overwrite: bool,
    /// Also write every demand point with the minutes to its nearest facility and how many it reaches
    #[arg(long)]
    pub points: bool,
    /// Print how long each stage took
    #[arg(long)]
    pub timings: bool,
    /// Also keep a copy of the plan and all its files, so that the round can be compared later
    #[arg(long)]
    pub keep_inputs: bool,
    /// Make no reports: layers and tables alone; `fuwutu report DIR` makes them later
    #[arg(long)]
    pub no_report: bool,
    /// Write nothing and exit with 1 where a finding needs a decision
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// The old round: its plan, or its folder if it kept its inputs
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The new round
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace a former comparison in the folder
    #[arg(long)]
    pub overwrite: bool,
    /// Print how long each stage took
    #[arg(long)]
    pub timings: bool,
}

/// A file for results.
#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    /// File for the result; `-` prints it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModeArg {
    Walk,
    Ebike,
    CarBus,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Walk => Self::Walk,
            ModeArg::Ebike => Self::Ebike,
            ModeArg::CarBus => Self::CarBus,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct RoadsArgs {
    /// The plan, a TOML file
    #[arg(value_name = "PLAN", required_unless_present = "rules")]
    pub plan: Option<PathBuf>,
    /// Show the rules of who may go where, with what the plan changes in them, instead of the streets
    #[arg(long, conflicts_with_all = ["all", "mode"])]
    pub rules: bool,
    /// How the rules are written
    #[arg(long, value_enum, default_value = "table", requires = "rules")]
    pub format: RulesFormat,
    /// GeoJSON file for what was left out: closed streets, isolated parts, unsnapped points and facilities; `-` prints it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Also write the streets that are used
    #[arg(long, requires = "out")]
    pub all: bool,
    /// How people travel in the file
    #[arg(long, value_enum, default_value = "walk")]
    pub mode: ModeArg,
    /// Replace the file
    #[arg(long)]
    pub overwrite: bool,
}

/// How rules are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// A table for people
    Table,
    /// A line a rule
    Csv,
    /// A list of rules
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct IsochroneArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    /// Where from: longitude and latitude in degrees
    #[arg(long, value_name = "LON,LAT", value_parser = place, allow_hyphen_values = true)]
    pub from: (f64, f64),
    /// How long
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub minutes: u32,
    /// How
    #[arg(long, value_enum, default_value = "walk")]
    pub mode: ModeArg,
    /// How far the outline reaches beyond the streets, in metres
    #[arg(long, value_name = "M", default_value_t = 25.0, value_parser = tolerance)]
    pub tolerance: f64,
    #[command(flatten)]
    pub file: FileArgs,
}

fn place(text: &str) -> Result<(f64, f64), String> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let pair = text
        .split_once([',', '，'])
        .and_then(|(lon, lat)| Some((number(lon)?, number(lat)?)));
    pair.filter(|&(lon, lat)| (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat))
        .ok_or_else(|| "two numbers with a comma between: longitude, latitude".to_owned())
}

fn tolerance(text: &str) -> Result<f64, String> {
    let metres = text
        .parse()
        .ok()
        .filter(|metres| (1.0..=1000.0).contains(metres));
    metres.ok_or_else(|| "from 1 to 1000".to_owned())
}

#[derive(Debug, clap::Args)]
pub(crate) struct MatrixArgs {
    #[command(flatten)]
    pub plan: PlanArgs,
    #[command(flatten)]
    pub file: FileArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AccessArgs {
    /// Times of trips: from, to, and minutes or seconds; what `fuwutu matrix` writes
    #[arg(long, value_name = "FILE")]
    pub costs: PathBuf,
    /// Demand points: id, residents
    #[arg(long, value_name = "FILE")]
    pub demand: PathBuf,
    /// Facilities: id, capacity; `service` where the table has several services
    #[arg(long, value_name = "FILE")]
    pub supply: PathBuf,
    /// What to compute; E2SFCA is 2sfca with the decay `step`, KD2SFCA with `epanechnikov`
    #[arg(long, value_enum, default_value = "2sfca")]
    pub method: Measure,
    /// How weight falls with time [default: gaussian]: binary, gaussian, epanechnikov, step, step:10=1,20=0.68,30=0.22, exponential:0.1,
    /// power:1,1 or logistic:10,3
    #[arg(long, value_name = "DECAY")]
    pub decay: Option<Decay>,
    /// Longest trip in minutes, which still counts
    #[arg(long, value_name = "MINUTES", value_parser = limit)]
    pub limit: Millis,
    /// Only rows of the times, and of the supply where it has the column, with this in their column `service`
    #[arg(long, value_name = "ID")]
    pub service: Option<String>,
    /// Headers of the times where they are others: from=O,to=D,minutes=T
    #[arg(long, value_name = "NAME=HEADER", value_delimiter = ',', value_parser = header)]
    pub costs_columns: Vec<(String, String)>,
    /// Headers of the demand where they are others: id=..,residents=..
    #[arg(long, value_name = "NAME=HEADER", value_delimiter = ',', value_parser = header)]
    pub demand_columns: Vec<(String, String)>,
    /// Headers of the supply where they are others: id=..,capacity=..,service=..
    #[arg(long, value_name = "NAME=HEADER", value_delimiter = ',', value_parser = header)]
    pub supply_columns: Vec<(String, String)>,
    #[command(flatten)]
    pub file: FileArgs,
}

/// What is computed of a table of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Capacity per person, two-step floating catchment area
    #[value(name = "2sfca")]
    TwoStep,
    /// 2SFCA where people choose among the places in reach
    #[value(name = "3sfca")]
    ThreeStep,
    /// 2SFCA less what distance costs
    #[value(name = "m2sfca")]
    Modified,
    /// Balanced: everybody counted once, capacity not conserved
    #[value(name = "bfca")]
    Balanced,
    /// People per capacity, for each place
    #[value(name = "i2sfca")]
    Crowding,
    /// Spatial availability: the capacity that all people of a demand point can claim
    Availability,
    /// Weighted capacity in reach, without regard to the people who share it
    Gravity,
    /// Capacity and number of places within the limit
    Cumulative,
    /// Minutes to the nearest place
    Nearest,
}

impl Measure {
    /// As on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map_or(String::new(), |value| value.get_name().to_owned())
    }
}

/// Minutes to the millisecond. In no time nobody gets anywhere, and all figures would be 0.
fn limit(text: &str) -> Result<Millis, String> {
    let minutes = text
        .parse()
        .ok()
        .filter(|minutes| (0.0..=1440.0).contains(minutes));
    minutes
        .map(|minutes: f64| Millis((minutes * 60_000.0).round() as u32))
        .filter(|limit| limit.0 > 0)
        .ok_or_else(|| parser::NO_LIMIT.to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    let pair = text
        .split_once('=')
        .map(|(name, header)| (name.trim().to_owned(), header.trim().to_owned()));
    pair.ok_or_else(|| "a name of ours, `=`, the header in the file".to_owned())
}

#[derive(Debug, clap::Args)]
pub(crate) struct RankArgs {
    /// The folder of a written round
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Print only this many places
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// The folder of a written round
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The folder of a comparison with the last round, which the page then shows
    #[arg(long, value_name = "DIR")]
    pub change: Option<PathBuf>,
    /// Replace former reports
    #[arg(long)]
    pub overwrite: bool,
    /// Print how long each stage took
    #[arg(long)]
    pub timings: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SynthArgs {
    /// How many people; everything else is in proportion to Chengdu's 21,000,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1_000..=100_000_000), required_unless_present = "demo")]
    pub residents: Option<u64>,
    /// The city that is embedded as demo
    #[arg(long, conflicts_with_all = ["residents", "seed"])]
    pub demo: bool,
    /// The demo three years later: two townships and two communities merged, people moved in, facilities opened and closed
    #[arg(long, requires = "demo")]
    pub later: bool,
    /// With streets: a rough lattice of about so many crossings
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(100..=50_000_000), conflicts_with = "demo")]
    pub streets: Option<u32>,
    /// Another seed, another city
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder for the files; must be new or empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// The folder with the files of a city, as they are; with `--osm` the new folder for the plan and its files
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// The plan to write; by default `plan.toml` in the folder. Nothing is ever overwritten
    #[arg(long, value_name = "FILE", conflicts_with = "osm")]
    pub out: Option<PathBuf>,
    /// An OpenStreetMap extract (`.osm.pbf`): boundaries, places, buildings, facilities and streets come from it
    #[arg(long, value_name = "FILE")]
    pub osm: Option<PathBuf>,
    /// A raster of residents (GeoTIFF such as WorldPop or GHSL), by which residents are spread
    #[arg(long, value_name = "FILE", requires = "osm")]
    pub population: Option<PathBuf>,
    /// How many residents there are; without a raster they are put into buildings by floor area
    #[arg(long, value_name = "N", requires = "osm", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub residents: Option<u64>,
    /// Townships: polygons with `name` and, if known, `code` (GeoJSON), or relations of the extract (`r340783,r345131`)
    #[arg(long, value_name = "FILE", requires = "osm")]
    pub boundaries: Option<PathBuf>,
    /// Ask the questions here, one by one
    #[arg(long, conflicts_with = "osm")]
    pub ask: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServicesArgs {
    /// A plan whose catalogue is shown; without it the embedded one
    #[arg(value_name = "PLAN")]
    pub plan: Option<PathBuf>,
    /// Only these services, by id or by any of their names
    #[arg(long, value_name = "NAME")]
    pub service: Vec<String>,
    /// The scope whose figures count, such as `chengdu`; by default that of the plan, or `national`
    #[arg(long, value_name = "SCOPE")]
    pub scope: Option<String>,
    /// How they are written
    #[arg(long, value_enum, default_value = "table")]
    pub format: CatalogueFormat,
    /// File to write, as CSV where no other format is asked for; `-` is the screen
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub out: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub overwrite: bool,
}

/// How a catalogue is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CatalogueFormat {
    /// A table for people
    Table,
    /// A line for each thing that a figure rests on
    Csv,
    /// Whole rows
    Json,
    /// A catalogue for `services.catalogue`, to be changed
    Toml,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// Print the reference of all keys instead, in Markdown
    #[arg(long)]
    pub markdown: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TemplateArgs {
    /// Folder for the files; must be new or empty
    #[arg(value_name = "DIR")]
    pub out: PathBuf,
    /// A plan whose catalogue the services are chosen from; without it the embedded one
    #[arg(long, value_name = "PLAN")]
    pub plan: Option<PathBuf>,
}

impl Args {
    /// Reads the command line; ends the process for `--help`, `--version` and wrong usage (2), by `help` and `fault` where the
    /// language is Chinese.
    pub(crate) fn from_command_line(
        help: fn(clap::Command) -> clap::Command,
        fault: fn(&clap::Error) -> Option<String>,
    ) -> Self {
        let given: Vec<OsString> = std::env::args_os().collect();
        let lang = language_before_parsing(&given);
        let command = match lang {
            Lang::Zh => help(Self::command()),
            Lang::En => Self::command(),
        };
        let matches = command.try_get_matches_from(given);
        matches
            .and_then(|matches| Self::from_arg_matches(&matches))
            .unwrap_or_else(|error| match (lang, fault(&error)) {
                (Lang::Zh, Some(said)) => {
                    show::note(&said);
                    std::process::exit(error.exit_code())
                }
                _ => error.exit(),
            })
    }

    pub(crate) fn lang(&self) -> Lang {
        match self.lang {
            Some(LangArg::Zh) => Lang::Zh,
            Some(LangArg::En) => Lang::En,
            None => language_of_environment(),
        }
    }
}

/// Help is printed while arguments are read, so its language must be known before.
fn language_before_parsing(given: &[OsString]) -> Lang {
    let given: Vec<String> = given
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let asked = (0..given.len()).find_map(|position| {
        given[position].strip_prefix("--lang=").or_else(|| {
            if given[position] == "--lang" {
                given.get(position + 1).map(String::as_str)
            } else {
                None
            }
        })
    });
    match asked {
        Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        _ => language_of_environment(),
    }
}

fn language_of_environment() -> Lang {
    let language = ["FUWUTU_LANG", "LC_ALL", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    match language {
        Some(value) if value.starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

//! Progress on a terminal, and the time that each stage takes.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use fuwutu_core::round::Progress;
use fuwutu_io::finding::Lang;
use indicatif::{ProgressBar, ProgressStyle};

use crate::show;

/// Watches the work. Shows nothing where stderr is no terminal.
pub(crate) struct Watcher {
    lang: Lang,
    bar: ProgressBar,
    stages: Mutex<Vec<(&'static str, Instant)>>,
}

impl Watcher {
    pub(crate) fn new(lang: Lang) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self {
            lang,
            bar,
            stages: Mutex::new(Vec::new()),
        }
    }

    /// A stage begins.
    pub(crate) fn stage(&self, name: &'static str) {
        self.bar.set_message(stage_name(name, self.lang));
        if let Ok(mut stages) = self.stages.lock() {
            stages.push((name, Instant::now()));
        }
    }

    /// What the core reports.
    pub(crate) fn see(&self, progress: Progress) {
        match progress {
            Progress::Stage(name) => self.stage(name),
            Progress::Service { done, of } => {
                let stage = stage_name("reach and supply", self.lang);
                self.bar.set_message(format!("{stage} {done}/{of}"));
            }
        }
    }

    /// The work is done; `timings` prints the seconds of each stage, in the order of their first beginning.
    pub(crate) fn done(&self, timings: bool) {
        self.bar.finish_and_clear();
        let Ok(stages) = self.stages.lock() else {
            return;
        };
        if !timings {
            return;
        }
        let ends = stages
            .iter()
            .skip(1)
            .map(|(_, at)| *at)
            .chain([Instant::now()]);
        let mut sums: Vec<(&str, f64)> = Vec::new();
        for ((name, begin), end) in stages.iter().zip(ends) {
            let seconds = end.duration_since(*begin).as_secs_f64();
            match sums.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += seconds,
                None => sums.push((name, seconds)),
            }
        }
        for (name, seconds) in &sums {
            show::note(&format!("{seconds:8.2} s  {}", stage_name(name, self.lang)));
        }
        let total: f64 = sums.iter().map(|(_, seconds)| seconds).sum();
        show::note(&format!(
            "{total:8.2} s  {}",
            self.lang.pick("合计", "in all")
        ));
    }
}

fn stage_name(name: &str, lang: Lang) -> String {
    let zh = match name {
        "read" => "读取",
        "project" => "人口预测",
        "units" => "划分单元",
        "streets" => "路网",
        "reach and supply" => "可达与供需",
        "allocation" => "容量分配",
        "ranking" => "排序",
        "access" => "可达性",
        "write" => "写出",
        "compare" => "比较",
        "report" => "报告",
        other => other,
    };
    lang.pick(zh, name).to_owned()
}

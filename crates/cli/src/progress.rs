//! Progress on a terminal, and the time that each stage takes.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use fuwutu_io::finding::Lang;
use fuwutu_run::{Stage, Watch};
use indicatif::{ProgressBar, ProgressStyle};

use crate::show;

/// Watches the work. Shows nothing where stderr is no terminal.
pub(crate) struct Watcher {
    lang: Lang,
    bar: ProgressBar,
    stages: Mutex<Vec<(Stage, Instant)>>,
}

impl Watcher {
    pub(crate) fn new(lang: Lang) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        // It takes a thread of its own.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self {
            lang,
            bar,
            stages: Mutex::new(Vec::new()),
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
            .map(|(_, start)| *start)
            .chain([Instant::now()]);
        let mut sums: Vec<(Stage, f64)> = Vec::new();
        for ((stage, begin), end) in stages.iter().zip(ends) {
            let seconds = end.duration_since(*begin).as_secs_f64();
            match sums.iter_mut().find(|(other, _)| other == stage) {
                Some((_, sum)) => *sum += seconds,
                None => sums.push((*stage, seconds)),
            }
        }
        for (stage, seconds) in &sums {
            let stage = stage_name(*stage, self.lang);
            show::note(&format!("{seconds:8.2} s  {stage}"));
        }
        let total: f64 = sums.iter().map(|(_, seconds)| seconds).sum();
        show::note(&format!(
            "{total:8.2} s  {}",
            self.lang.pick("合计", "in all")
        ));
    }
}

impl Watch for Watcher {
    fn stage(&self, stage: Stage) {
        self.bar.set_message(stage_name(stage, self.lang));
        if let Ok(mut stages) = self.stages.lock() {
            stages.push((stage, Instant::now()));
        }
    }

    fn services(&self, done: usize, total: usize) {
        let stage = stage_name(Stage::Supply, self.lang);
        self.bar.set_message(format!("{stage} {done}/{total}"));
    }
}

fn stage_name(stage: Stage, lang: Lang) -> &'static str {
    let zh = match stage {
        Stage::Read => "读取",
        Stage::Project => "人口预测",
        Stage::Units => "划分单元",
        Stage::Streets => "路网",
        Stage::Supply => "可达与供需",
        Stage::Completeness => "生活圈完整度",
        Stage::Allocation => "供需分配",
        Stage::Ranking => "优先次序",
        Stage::Access => "可达性",
        Stage::Write => "写出",
        Stage::Compare => "比较",
        Stage::Report => "报告",
    };
    lang.pick(zh, stage.name())
}

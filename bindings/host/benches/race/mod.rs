//! Measuring ours beside its peers where other work shares the machine.
//!
//! The contenders of a group take turns, a slice of a few milliseconds each, and the least time of
//! each counts: what disturbs a run can only lengthen it, and a change of the machine's pace meets all.

#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The least length of a slice that is timed.
const SLICE: Duration = Duration::from_millis(2);
/// How long the contenders of a group run together, at the least.
const TOTAL: Duration = Duration::from_secs(4);
/// The least number of slices, where one run takes long.
const LEAST: usize = 12;

/// The name by which our side of a group goes.
pub(crate) const OURS: &str = "healthrecord";

struct Contender<'r> {
    name: String,
    run: Box<dyn FnMut() + 'r>,
    runs: u32,
    /// The time of one run in each slice, in nanoseconds.
    times: Vec<f64>,
}

impl Contender<'_> {
    /// One slice, after a run that brings the contender's memory near again.
    fn slice(&mut self) -> Duration {
        (self.run)();
        let begin = Instant::now();
        for _ in 0..self.runs {
            (self.run)();
        }
        begin.elapsed()
    }
}

/// The contenders of one group.
pub(crate) struct Race<'r> {
    group: String,
    contenders: Vec<Contender<'r>>,
}

impl<'r> Race<'r> {
    pub(crate) fn new(group: impl Into<String>) -> Self {
        Self { group: group.into(), contenders: vec![] }
    }

    pub(crate) fn add(&mut self, name: impl Into<String>, run: impl FnMut() + 'r) {
        let (name, run) = (name.into(), Box::new(run));
        self.contenders.push(Contender { name, run, runs: 1, times: vec![] });
    }

    /// Runs the group, prints each contender and our ratio to it, and gives the least time of each of
    /// ours in nanoseconds. A contender whose name begins with ours, as `healthrecord with AVX2` does,
    /// is another of ours, and beside the peers makes a group of its own.
    pub(crate) fn run(mut self) -> Vec<f64> {
        if !std::env::args().any(|argument| argument == "--bench") {
            // A test: one run each shows that they work.
            self.contenders.iter_mut().for_each(|contender| (contender.run)());
            return vec![];
        }
        for contender in &mut self.contenders {
            while contender.slice() < SLICE {
                contender.runs *= 2;
            }
        }
        let begin = Instant::now();
        let mut slices = 0;
        while slices < LEAST || begin.elapsed() < TOTAL {
            for contender in &mut self.contenders {
                let time = contender.slice().as_secs_f64() * 1e9 / f64::from(contender.runs);
                contender.times.push(time);
            }
            slices += 1;
        }
        for contender in &mut self.contenders {
            contender.times.sort_by(f64::total_cmp);
        }
        let (ours, peers): (Vec<_>, Vec<_>) =
            self.contenders.iter().partition(|contender| contender.name.starts_with(OURS));
        for mine in &ours {
            let group = format!("{}{}", self.group, &mine.name[OURS.len()..]);
            let time = mine.times[0];
            let disturbed = mine.times[slices / 2] / time - 1.0;
            println!("{group}: {:.2} µs, the median {:.0} % above", time / 1e3, 100.0 * disturbed);
            save(&group, OURS, &mine.times);
            for peer in &peers {
                println!(
                    "    {}: {:.2} µs, ratio {:.2}",
                    peer.name,
                    peer.times[0] / 1e3,
                    peer.times[0] / time
                );
                save(&group, &peer.name, &peer.times);
            }
        }
        ours.iter().map(|mine| mine.times[0]).collect()
    }
}

/// Leaves the result where criterion leaves its own, so that they are read together.
fn save(group: &str, name: &str, sorted: &[f64]) {
    let program = std::env::current_exe().unwrap();
    // The program is target/release/deps/name.
    let target = program.ancestors().nth(3).unwrap();
    let folder: PathBuf =
        [target.join("criterion"), group.into(), name.into(), "new".into()].iter().collect();
    fs::create_dir_all(&folder).unwrap();
    let estimate = |time: f64| serde_json::json!({ "point_estimate": time });
    let found = serde_json::json!({
        "minimum": estimate(sorted[0]),
        "median": estimate(sorted[sorted.len() / 2]),
    });
    fs::write(folder.join("estimates.json"), found.to_string()).unwrap();
}

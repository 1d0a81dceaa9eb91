//! The benchmarks, each beside its peer in the same run, and the ratios that the README reports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::run::{command, output, run};
use crate::{cache, external_vectors, root};

/// How often each benchmark runs; the median ratio is told.
const RUNS: usize = 3;

/// The name under which our side of each group is measured.
const OURS: &str = "healthrecord";

/// A package and its bench target, the features it is built with, and what they make of the peer.
const BENCHES: [(&str, &str, &[&str], &str); 6] = [
    ("healthrecord", "commit", &[], ""),
    ("healthrecord", "proof", &[], ""),
    ("healthrecord", "json", &[], ""),
    ("healthrecord-core", "anchor", &[], ""),
    // Ours with the tables that the host crate turns on; alloy as its crates are built by themselves, then
    // with what other crates may turn on for it.
    ("healthrecord-core", "sign", &["--features", "k256/precomputed-tables"], "alloy"),
    (
        "healthrecord-core",
        "sign",
        &["--features", "k256/precomputed-tables,alloy-k256/precomputed-tables"],
        "alloy with precomputed tables",
    ),
];

/// Runs every benchmark and prints the ratios.
pub(crate) fn bench() -> Result<()> {
    let target = cache::target(&root(), "rustc")?;
    let vectors = external_vectors()?.context("the benchmarks read the external vectors")?;
    let results = target.join("criterion");
    // Group and peer, with the times of each run in nanoseconds.
    let mut times: BTreeMap<(String, String), Vec<(f64, f64)>> = BTreeMap::new();
    for round in 0..RUNS {
        for (package, name, features, peer) in BENCHES {
            println!("round {} of {RUNS}: {name} {peer}", round + 1);
            if results.exists() {
                fs::remove_dir_all(&results)?;
            }
            let mut bench = command("cargo", &root());
            bench.args(["bench", "--locked", "--quiet", "-p", package, "--bench", name]);
            bench.args(features).env("CARGO_TARGET_DIR", &target).env("HEALTHRECORD_VECTORS", &vectors);
            run(bench.env("HEALTHRECORD_BENCH_PEER", peer).args([
                "--",
                "--noplot",
                "--warm-up-time",
                "1",
                "--measurement-time",
                "3",
            ]))?;
            for (group, peer, ours, theirs) in read(&results)? {
                times.entry((group, peer)).or_default().push((ours, theirs));
            }
        }
    }
    let cpu = output(
        std::process::Command::new("sh").args(["-c", "lscpu | grep -E 'Model name|^Model:|^CPU family'"]),
    );
    println!("\n{}\n", cpu.unwrap_or_else(|_| "CPU unknown".to_owned()));
    for ((group, peer), mut runs) in times {
        runs.sort_by(|(ours, theirs), (other, others)| (theirs / ours).total_cmp(&(others / other)));
        let (ours, theirs) = runs.get(runs.len() / 2).copied().context("no runs")?;
        let micro = |time: f64| time / 1000.0;
        println!(
            "{group}: {:.1} µs, {peer} {:.1} µs, ratio {:.2}",
            micro(ours),
            micro(theirs),
            theirs / ours
        );
    }
    Ok(())
}

/// Each group's own time beside each peer's, from what a benchmark left in a folder.
fn read(results: &Path) -> Result<Vec<(String, String, f64, f64)>> {
    let mut found = vec![];
    for group in folders(results)? {
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(ours) = time(&group.join(OURS)) else { continue };
        for peer in folders(&group)? {
            if name(&peer) != OURS
                && let Ok(theirs) = time(&peer)
            {
                found.push((name(&group), name(&peer), ours, theirs));
            }
        }
    }
    Ok(found)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![];
    for entry in fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    Ok(folders)
}

/// The time of one benchmark in nanoseconds: the least of those taken in turns, else criterion's median.
fn time(bench: &Path) -> Result<f64> {
    let estimates: Value = serde_json::from_slice(&fs::read(bench.join("new/estimates.json"))?)?;
    let found = ["/minimum/point_estimate", "/median/point_estimate"];
    found.iter().find_map(|place| estimates.pointer(place)?.as_f64()).context("no time")
}

//! Fuzzing with libFuzzer, which needs nightly's sanitizers.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::run::{command, output, run, succeeds};
use crate::{cache, root};

/// The version of cargo-fuzz that is installed where there is none.
const CARGO_FUZZ: &str = "0.13.1";

/// Fuzzes one target, or each, for some seconds, starting from its committed seeds.
pub(crate) fn fuzz(target: Option<&str>, seconds: u64) -> Result<()> {
    ensure!(
        succeeds("cargo", &["+nightly", "--version"]),
        "fuzzing needs Rust nightly; mend: rustup toolchain install nightly"
    );
    let tools = cache::folder()?.join(format!("cargo-fuzz-{CARGO_FUZZ}"));
    if !tools.join("bin/cargo-fuzz").exists() {
        let mut install = Command::new("cargo");
        run(install
            .args(["install", "--locked", "--version", CARGO_FUZZ, "cargo-fuzz", "--root"])
            .arg(&tools))?;
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", tools.join("bin").display());
    let folder = root().join("fuzz");
    let targets = targets()?;
    if let Some(target) = target {
        ensure!(
            targets.iter().any(|name| name == target),
            "no fuzz target {target}; there are: {}",
            targets.join(", ")
        );
    }
    for name in targets.iter().filter(|name| target.is_none_or(|target| target == *name)) {
        println!("fuzzing {name} for {seconds} s");
        // The corpus grows in a folder that git ignores; the seeds are committed and only read.
        let corpus = format!("corpus/{name}");
        std::fs::create_dir_all(folder.join(&corpus))?;
        run(command("cargo", &folder)
            .env("PATH", &path)
            .args(["+nightly", "fuzz", "run", name, &corpus, &format!("seeds/{name}"), "--"])
            .arg(format!("-max_total_time={seconds}")))?;
    }
    Ok(())
}

/// The names of the targets, from the workspace itself.
fn targets() -> Result<Vec<String>> {
    let manifest = root().join("fuzz/Cargo.toml");
    let text = std::fs::read_to_string(&manifest).with_context(|| format!("no {}", manifest.display()))?;
    let bins = text.split("[[bin]]").skip(1);
    Ok(bins
        .filter_map(|bin| bin.lines().find_map(|line| line.strip_prefix("name = ")))
        .map(|name| name.trim().trim_matches('"').to_owned())
        .collect())
}

/// Checks that the fuzz workspace still compiles, on stable and without instrumentation.
pub(crate) fn check() -> Result<()> {
    let target = cache::target(&root().join("fuzz"), "rustc")?;
    let version = output(Command::new("rustc").arg("--version"))?;
    println!("{} targets, {version}", targets()?.len());
    run(command("cargo", &root().join("fuzz"))
        .args(["check", "--locked", "--quiet"])
        .env("CARGO_TARGET_DIR", target))
}

//! The steps of the test command, in one table.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::run::{Count, command, run, run_tests};
use crate::vectors::TOOLS;
use crate::{cache, cross, external_vectors, fuzz, geth, root, vectors};

/// One step: its group (for `--only`), its name, and what it does.
struct Step {
    group: &'static str,
    name: &'static str,
    run: fn(&mut Count) -> Result<()>,
}

const fn step(group: &'static str, name: &'static str, run: fn(&mut Count) -> Result<()>) -> Step {
    Step { group, name, run }
}

/// What `cargo xtask test` runs, in order: what is quick and fails often comes first.
const TEST: &[Step] = &[
    step("rust", "formatting", |_| cargo(&["fmt", "--all", "--check"])),
    step("rust", "lints", |_| {
        cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
    }),
    step("contracts", "packages", |_| npm_ci(&root().join(CONTRACTS))),
    step("contracts", "lints", |_| npm_run(CONTRACTS, "lint")),
    step("contracts", "artifact compiled again, Forge tests", |count| npm_test(CONTRACTS, count)),
    step("contracts", "user stories by Truffle on Ganache", |count| npm_script(CONTRACTS, "truffle", count)),
    step("rust", "geth", |_| geth::install()),
    step("contracts", "user stories and deployment on Anvil and geth", |count| {
        npm_script(CONTRACTS, "story", count)
    }),
    step("rust", "tests", rust_tests),
    step("rust", "documentation", |_| cargo_doc()),
    step("js", "packages", |_| npm_ci(&root().join(TOOLS))),
    step("js", "vectors made again", |_| vectors::remake(false)),
    step("js", "vector tools", |count| npm_test(TOOLS, count)),
    step("js", "packages of the demo's validator", |_| npm_ci(&root().join(DEMO))),
    step("js", "demo bundle, by a validator that is not ours", |count| npm_test(DEMO, count)),
    step("python", "hr1 by a second implementation", python_hr1),
    step("cross", "embedded and wasm images", |_| cross::link()),
    step("fuzz", "fuzz targets compile", |_| fuzz::check()),
];

/// What `cargo xtask soak` runs.
const SOAK: &[Step] = &[
    step("contracts", "packages", |_| npm_ci(&root().join(CONTRACTS))),
    step("rust", "geth", |_| geth::install()),
    step("rust", "tests with large counts", rust_tests),
    step("contracts", "frame properties by halmos", |_| npm_run(CONTRACTS, "halmos")),
    step("python", "hr1 by a second implementation, every FHIR resource", python_hr1),
    step("fuzz", "10 s on each fuzz target", |_| fuzz::fuzz(None, 10)),
];

/// Where the contract is, from the repository's root.
const CONTRACTS: &str = "contracts";

/// Where the demo's FHIR Bundle is, from the repository's root.
const DEMO: &str = "bindings/cli/demo";

/// The nodes among the packages of the contract's tools, by the variables that name them to the tests.
const NODES: [(&str, &str); 2] = [
    ("HEALTHRECORD_ANVIL", "contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"),
    ("HEALTHRECORD_GANACHE", "contracts/node_modules/.bin/ganache"),
];

/// Our own crates, which are always built anew.
const OWN: [&str; 5] =
    ["healthrecord-core", "healthrecord-devchain", "healthrecord", "healthrecord-cli", "xtask"];

/// Runs the tests; true when all passed.
pub(crate) fn test(only: &[String], keep_going: bool) -> Result<bool> {
    run_steps(TEST, only, keep_going)
}

/// Runs what has large counts; true when all passed.
pub(crate) fn soak(only: &[String], keep_going: bool) -> Result<bool> {
    SOAKING.store(true, core::sync::atomic::Ordering::Relaxed);
    run_steps(SOAK, only, keep_going)
}

/// Installs a Node project's dependencies as its lock file names them, without their scripts.
pub(crate) fn npm_ci(folder: &Path) -> Result<()> {
    run(command("npm", folder)
        .args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"])
        .arg("--cache")
        .arg(cache::folder()?.join("npm")))
}

/// Set once, before the steps of `soak` run: the tests are then told to take their large counts.
static SOAKING: core::sync::atomic::AtomicBool = core::sync::atomic::AtomicBool::new(false);

fn run_steps(steps: &[Step], only: &[String], keep_going: bool) -> Result<bool> {
    let mut groups: Vec<&str> = vec![];
    for step in steps {
        if !groups.contains(&step.group) {
            groups.push(step.group);
        }
    }
    if let Some(unknown) = only.iter().find(|name| !groups.contains(&name.as_str())) {
        bail!("no group of steps is named {unknown}; there are: {}", groups.join(", "));
    }
    if external_vectors()?.is_none() {
        println!("the external vectors are absent: the tests that read them are skipped");
    }
    let _lock = cache::lock()?;
    let chosen: Vec<&Step> =
        steps.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.group)).collect();
    let begin = Instant::now();
    let mut count = Count::default();
    let mut done: Vec<(&Step, Duration, bool)> = vec![];
    for (index, step) in chosen.iter().enumerate() {
        println!("\n[{:2}/{}] {}: {}", index + 1, chosen.len(), step.group, step.name);
        let started = Instant::now();
        let result = (step.run)(&mut count);
        let seconds = started.elapsed().as_secs_f32();
        if let Err(error) = &result {
            println!("error: {error:#}");
        }
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        println!(
            "[{:2}/{}] {}: {} … {verdict}, {seconds:.1} s",
            index + 1,
            chosen.len(),
            step.group,
            step.name
        );
        done.push((step, started.elapsed(), result.is_ok()));
        if result.is_err() && !keep_going {
            break;
        }
    }
    println!();
    for (step, time, good) in &done {
        let verdict = if *good { "ok" } else { "FAILED" };
        println!("{:>8.1} s  {verdict:6}  {}: {}", time.as_secs_f32(), step.group, step.name);
    }
    println!("{:>8.1} s  in all", begin.elapsed().as_secs_f32());
    let good = done.len() == chosen.len() && done.iter().all(|(_, _, good)| *good);
    // A step that fails without a failed test, a lint say, counts as one failure.
    let steps_failed = done.iter().filter(|(_, _, good)| !good).count() as u64;
    let failed = count.failed.max(steps_failed);
    println!("{} passed, {failed} failed, {} skipped", count.passed, count.skipped);
    Ok(good)
}

/// A cargo command of the workspace, with its dependencies' artifacts in the cache.
fn cargo_command() -> Result<std::process::Command> {
    let root = root();
    let mut cargo = command("cargo", &root);
    cargo.env("CARGO_TARGET_DIR", cache::target(&root, "rustc")?);
    tell(&mut cargo)?;
    Ok(cargo)
}

/// Tells tests where the external vectors are, and whether to take their large counts.
fn tell(test: &mut std::process::Command) -> Result<()> {
    if let Some(folder) = external_vectors()? {
        test.env("HEALTHRECORD_VECTORS", folder);
    }
    if SOAKING.load(core::sync::atomic::Ordering::Relaxed) {
        test.env("HEALTHRECORD_SOAK", "1");
    }
    Ok(())
}

/// The second implementation of the record format, in Python without packages.
fn python_hr1(count: &mut Count) -> Result<()> {
    let mut test = command("python3", &root().join(TOOLS).join("hr1"));
    tell(&mut test)?;
    run_tests(test.args(["-B", "-u", "test_hr1.py"]), count)
}

fn cargo(args: &[&str]) -> Result<()> {
    run(cargo_command()?.args(args))
}

/// Where other makers' nodes are installed, the tests run on them too; else those tests say that they skip.
fn rust_tests(count: &mut Count) -> Result<()> {
    let mut clean = cargo_command()?;
    clean.args(["clean", "--quiet"]);
    run(clean.args(OWN.iter().flat_map(|own| ["-p", own])))?;
    let mut test = cargo_command()?;
    test.args(["test", "--locked", "--workspace", "--", "--show-output"]);
    name_nodes(&mut test)?;
    run_tests(&mut test, count)
}

/// Tells tests where other makers' nodes are, as far as they are installed.
fn name_nodes(test: &mut std::process::Command) -> Result<()> {
    for (variable, program) in NODES {
        let program = root().join(program);
        if program.exists() {
            test.env(variable, program);
        }
    }
    if let Some(geth) = geth::built()? {
        test.env("HEALTHRECORD_GETH", geth);
    }
    Ok(())
}

fn cargo_doc() -> Result<()> {
    let mut doc = cargo_command()?;
    doc.args(["doc", "--locked", "--workspace", "--no-deps", "--quiet"]);
    run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

/// Runs the tests of a Node project, whose dependencies are installed where they are not there yet.
fn npm_test(folder: &str, count: &mut Count) -> Result<()> {
    let folder = root().join(folder);
    if !folder.join("node_modules").is_dir() {
        npm_ci(&folder)?;
    }
    run_tests(command("npm", &folder).args(["test", "--silent"]), count)
}

/// Runs one script of a Node project that tests.
fn npm_script(folder: &str, script: &str, count: &mut Count) -> Result<()> {
    let mut npm = command("npm", &root().join(folder));
    name_nodes(&mut npm)?;
    run_tests(npm.args(["run", "--silent", script]), count)
}

/// Runs one script of a Node project.
fn npm_run(folder: &str, script: &str) -> Result<()> {
    run(command("npm", &root().join(folder)).args(["run", "--silent", script]))
}

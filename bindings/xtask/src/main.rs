//! `cargo xtask`: set up, build, test and package `HealthRecord` in every language.

mod bench;
mod cache;
mod cross;
mod doctor;
mod fuzz;
mod geth;
mod picture;
mod run;
mod steps;
mod vectors;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Set up, build, test and package `HealthRecord` in every language.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say what is missing on this machine, and the command that mends it.
    Doctor,
    /// Run every test in every language, installing what it needs.
    Test(TestArgs),
    /// Run what has large counts: every state, long fuzzing.
    Soak(TestArgs),
    /// Make the vectors again with their independent tools.
    Vectors(VectorsArgs),
    /// Run the benchmarks, each beside its peer.
    Bench,
    /// Draw the picture of the terminal in the README, from a run of the demo.
    Picture,
    /// Fuzz one target, or all, with libFuzzer.
    Fuzz(FuzzArgs),
}

#[derive(clap::Args)]
struct TestArgs {
    /// Run these groups of steps only.
    #[arg(long, value_delimiter = ',', value_name = "GROUP")]
    only: Vec<String>,

    /// Run the steps after a failed one too.
    #[arg(long)]
    keep_going: bool,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct VectorsArgs {
    /// Compare with the committed files.
    #[arg(long)]
    check: bool,

    /// Replace the committed files.
    #[arg(long)]
    write: bool,
}

#[derive(clap::Args)]
struct FuzzArgs {
    /// The target; without it all, one after the other.
    target: Option<String>,

    /// How long each target runs.
    #[arg(long, default_value_t = 1)]
    minutes: u64,
}

fn main() -> ExitCode {
    let result = match Args::parse().command {
        Command::Doctor => doctor::report(),
        Command::Test(args) => steps::test(&args.only, args.keep_going),
        Command::Soak(args) => steps::soak(&args.only, args.keep_going),
        Command::Vectors(args) => vectors::remake(args.write).map(|()| true),
        Command::Bench => bench::bench().map(|()| true),
        Command::Picture => picture::draw().map(|()| true),
        Command::Fuzz(args) => fuzz::fuzz(args.target.as_deref(), args.minutes * 60).map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Whether this is a continuous-integration run, where nothing may be skipped.
fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value != "false")
}

/// The folder of the external vectors, if it is there.
fn external_vectors() -> Result<Option<PathBuf>> {
    let folder = std::env::var_os("HEALTHRECORD_VECTORS")
        .map_or_else(|| root().join("../shared/vectors"), PathBuf::from);
    if folder.is_dir() {
        return Ok(Some(folder.canonicalize()?));
    }
    anyhow::ensure!(
        !is_ci(),
        "the external vectors are not at {}: set HEALTHRECORD_VECTORS to their folder",
        folder.display()
    );
    Ok(None)
}

//! The `healthrecord` command.
//!
//! Exit codes: 0 permit or valid, 1 deny or not valid, 2 error (nothing was proved).

mod args;
mod failure;
mod files;
mod proof;
mod report;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command, ProofCommand};
use failure::Failure;
use report::Report;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help and version come this way too; clap prints each to its own stream and knows its exit code.
        Err(error) => error.exit(),
    };
    let json = args.json;
    match run(args.command) {
        Ok(report) => {
            report.print(json);
            report.exit_code()
        }
        Err(failure) => {
            failure.print(json);
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<Report, Failure> {
    match command {
        Command::Proof { command: ProofCommand::Verify(args) } => proof::verify(&args),
    }
}

//! The `healthrecord` command.
//!
//! Exit codes: 0 permit or valid, 1 deny or not valid, 2 error (nothing was proved).

mod args;
mod explain;
mod failure;
mod files;
mod proof;
mod record;
mod report;

use std::io::Write;
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
            print(std::io::stdout(), &report.render(json));
            report.exit_code()
        }
        Err(failure) if json => {
            print(std::io::stdout(), &failure.render(json));
            ExitCode::from(2)
        }
        Err(failure) => {
            print(std::io::stderr(), &failure.render(json));
            ExitCode::from(2)
        }
    }
}

/// Prints to a stream; who closed it early, as `head` does, wants no more and no complaint.
fn print(mut stream: impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}

fn run(command: Command) -> Result<Report, Failure> {
    match command {
        Command::Commit(args) => record::commit(&args),
        Command::Disclose(args) => record::disclose(&args),
        Command::Check(args) => record::check(&args),
        Command::Explain { code } => explain::explain(&code),
        Command::Proof { command: ProofCommand::Verify(args) } => proof::verify(&args),
    }
}

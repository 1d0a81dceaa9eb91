//! The `healthrecord` command.
//!
//! Exit codes: 0 permit or valid, 1 deny or not valid, 2 error (nothing was proved).

mod access;
mod anchor;
mod args;
mod batch;
mod check;
mod consent;
mod demo;
mod diff;
mod event;
mod explain;
mod failure;
mod fetch;
mod files;
mod key;
mod progress;
mod proof;
mod prove;
mod record;
mod report;
mod rpc;
mod sign;
mod trust;
mod tx;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Args, Command, Demo, ProofCommand};
use failure::Failure;
use report::Report;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help and version come this way too.
        Err(error) if !error.use_stderr() => error.exit(),
        Err(error) => {
            // A stream that is closed wants no complaint.
            let _ = error.print();
            print(std::io::stderr(), &format!("[{}]\n", explain::USAGE));
            return ExitCode::from(2);
        }
    };
    let json = args.json;
    match run(args.command.unwrap_or_else(|| Command::Demo(Demo::default()))) {
        Ok(report) => {
            print(anstream::stdout(), &report.render(json));
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
        Command::Demo(args) => demo::run(&args),
        Command::Commit(args) => record::commit(&args),
        Command::Disclose(args) => record::disclose(&args),
        Command::Check(args) => check::check(&args),
        Command::Diff(args) => diff::diff(&args),
        Command::Batch(args) => batch::run(&args),
        Command::Verify(args) => access::verify(&args),
        Command::Decide(args) => access::decide(&args),
        Command::Prove(args) => prove::prove(&args),
        Command::ProveAnchor(args) => prove::prove_anchor(&args),
        Command::ProveEvent(args) => prove::prove_event(&args),
        Command::VerifyEvent(args) => event::verify(&args),
        Command::Anchor { command } => anchor::run(&command),
        Command::Key { command } => key::run(&command),
        Command::Message { command } => sign::message(&command),
        Command::TypedData { command } => sign::typed_data(&command),
        Command::Consent { command } => consent::run(&command),
        Command::Tx { command } => tx::run(&command),
        Command::Completions { shell } => Ok(Report::raw(completions(shell))),
        Command::Man => Ok(Report::raw(man_page())),
        Command::Explain { code } => explain::explain(&code),
        Command::Proof { command: ProofCommand::Verify(args) } => proof::verify(&args),
    }
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut text = vec![];
    clap_complete::generate(shell, &mut Args::command(), "healthrecord", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The command's man page and those of its subcommands, one after the other.
fn man_page() -> String {
    let mut text = vec![];
    let command = Args::command();
    // Writing to memory does not fail.
    let _ = clap_mangen::Man::new(command.clone()).render(&mut text);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("healthrecord-{}", sub.get_name());
        let _ = clap_mangen::Man::new(sub.clone().display_name(name)).render(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

//! What each step needs on a machine, and how it gets there.

use std::process::Command;

use anyhow::{Result, bail};

use crate::geth;
use crate::run::{output, run, succeeds};

/// A program that some steps need and that the test command does not install.
struct Tool {
    name: &'static str,
    /// Prints its version.
    probe: &'static [&'static str],
    needed_by: &'static str,
    mend: &'static str,
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "Rust 1.92 or newer, with rustfmt and clippy",
        probe: &["cargo", "clippy", "--version"],
        needed_by: "rust",
        mend: "install Rust by rustup, then: rustup component add rustfmt clippy",
    },
    Tool {
        name: "a C compiler and linker",
        probe: &["cc", "--version"],
        needed_by: "rust",
        mend: "apt-get install gcc libc6-dev",
    },
    Tool { name: "git", probe: &["git", "--version"], needed_by: "rust", mend: "apt-get install git" },
    Tool {
        name: "Node.js 20 or newer",
        probe: &["node", "--version"],
        needed_by: "js, contracts",
        mend: "install Node.js 20 or newer",
    },
    Tool {
        name: "npm",
        probe: &["npm", "--version"],
        needed_by: "js, contracts",
        mend: "apt-get install npm",
    },
    Tool {
        name: "Python 3.9 or newer, with venv (runs slither)",
        probe: &["python3", "-c", "import ensurepip, sys, venv; print(sys.version)"],
        needed_by: "contracts, python",
        mend: "apt-get install python3-venv",
    },
    Tool {
        name: "Go (builds geth, a node to test against)",
        probe: &["go", "version"],
        needed_by: "rust",
        mend: geth::MEND,
    },
    Tool {
        name: "Rust nightly (libFuzzer's sanitizers)",
        probe: &["cargo", "+nightly", "--version"],
        needed_by: "soak and fuzz only",
        mend: "rustup toolchain install nightly",
    },
];

/// Debian packages of the cross builds: a compiler with its own source, which builds the libraries
/// that the stable toolchain lacks for the embedded targets.
pub(crate) const CROSS_PACKAGES: &[&str] = &["rustc-web", "rust-web-src", "rust-web-llvm", "lld-22"];

/// Prints what is there and what is missing; true when nothing is.
pub(crate) fn report() -> Result<bool> {
    let mut complete = true;
    for tool in TOOLS {
        let (program, args) = tool.probe.split_first().unwrap_or((&"true", &[]));
        let version = succeeds(program, args).then(|| output(Command::new(program).args(args)));
        if let Some(version) = version {
            let version = version?;
            println!("ok       {}: {}", tool.name, version.lines().next().unwrap_or_default());
        } else {
            complete = false;
            println!("missing  {} (needed by {})\n         mend: {}", tool.name, tool.needed_by, tool.mend);
        }
    }
    let missing = missing_packages(CROSS_PACKAGES);
    if missing.is_empty() {
        println!("ok       packages of the cross builds: {}", CROSS_PACKAGES.join(" "));
    } else if is_root() {
        println!("later    packages of the cross builds: `cargo xtask test` installs {}", missing.join(" "));
    } else {
        complete = false;
        println!(
            "missing  packages of the cross builds (needed by cross)\n         mend: {}",
            install_command(&missing)
        );
    }
    match crate::external_vectors() {
        Ok(Some(folder)) => println!("ok       external vectors: {}", folder.display()),
        Ok(None) => println!(
            "absent   external vectors: tests that read them are skipped\n         \
             mend: set HEALTHRECORD_VECTORS to their folder"
        ),
        Err(error) => {
            complete = false;
            println!("missing  {error}");
        }
    }
    Ok(complete)
}

/// Installs Debian packages where they are missing, as root, or says how.
pub(crate) fn install(packages: &[&'static str]) -> Result<()> {
    let missing = missing_packages(packages);
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root() || !succeeds("apt-get", &["--version"]) {
        bail!("missing packages {}; mend: {}", missing.join(" "), install_command(&missing));
    }
    println!("installing {}", missing.join(" "));
    let apt = |args: &[&str]| {
        run(Command::new("apt-get")
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(std::io::stderr()))
    };
    apt(&["update", "-qq"])?;
    apt(&[&["install", "-y", "-qq", "--no-install-recommends"], missing.as_slice()].concat())
}

fn missing_packages(packages: &[&'static str]) -> Vec<&'static str> {
    let installed = |package: &str| {
        Command::new("dpkg-query")
            .args(["-W", "-f=${Status}", package])
            .output()
            .is_ok_and(|output| output.stdout.ends_with(b"ok installed"))
    };
    packages.iter().copied().filter(|package| !installed(package)).collect()
}

fn install_command(packages: &[&str]) -> String {
    format!("apt-get update && apt-get install --no-install-recommends {}", packages.join(" "))
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|user| user == "0")
}

//! geth, built from its source as the Go module proxy gives it, once for each version.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cache;
use crate::run::{command, run, succeeds};

/// The version that the tests run against; the answers of the external vectors are its own too.
const VERSION: &str = "1.17.8";

/// Where geth is, if it was built.
pub(crate) fn built() -> Result<Option<PathBuf>> {
    Ok(Some(folder()?.join("geth")).filter(|geth| geth.exists()))
}

/// Builds geth where it is not there yet (6 CPU minutes, no C compiler).
///
/// Go that is missing is said, and is an error in continuous integration: the tests that need geth skip
/// then.
pub(crate) fn install() -> Result<()> {
    if built()?.is_some() {
        return Ok(());
    }
    if !succeeds("go", &["version"]) {
        if crate::is_ci() {
            bail!("Go is missing, with which geth {VERSION} is built; mend: {MEND}");
        }
        println!("Go is missing: the tests on geth are skipped; mend: {MEND}");
        return Ok(());
    }
    println!("building geth {VERSION}, once");
    let package = format!("github.com/ethereum/go-ethereum/cmd/geth@v{VERSION}");
    run(command("go", &crate::root())
        .args(["install", "-trimpath", "-ldflags=-s -w", &package])
        .env("CGO_ENABLED", "0")
        .env("GOBIN", folder()?))
}

fn folder() -> Result<PathBuf> {
    Ok(cache::folder()?.join(format!("geth-{VERSION}")))
}

/// How Go gets onto a machine.
pub(crate) const MEND: &str = "install Go 1.24 or newer";

//! The vectors in `core/tests/vectors`, made again by the independent tools that made them.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::root;
use crate::run::{command, run};

/// Where the tools are, from the repository's root.
pub(crate) const TOOLS: &str = "core/tests/vectors/tools";

/// Makes every vector file again and compares it with the committed one, or replaces it.
pub(crate) fn remake(write: bool) -> Result<()> {
    let committed = root().join("core/tests/vectors");
    let made = std::env::temp_dir().join(format!("healthrecord-vectors-{}", std::process::id()));
    fs::create_dir_all(&made)?;
    let tools = root().join(TOOLS);
    if !tools.join("node_modules").is_dir() {
        crate::steps::npm_ci(&tools)?;
    }
    let result = run(command("node", &tools).arg("make.mjs").arg(&made))
        .and_then(|()| if write { replace(&made, &committed) } else { compare(&made, &committed) });
    fs::remove_dir_all(&made)?;
    result
}

fn replace(made: &Path, committed: &Path) -> Result<()> {
    for name in names(made)? {
        fs::copy(made.join(&name), committed.join(&name))?;
        println!("wrote {name}");
    }
    Ok(())
}

fn compare(made: &Path, committed: &Path) -> Result<()> {
    let files = names(made)?;
    if files.is_empty() {
        bail!("the tools made no vectors");
    }
    for name in names(committed)? {
        if name != "schema.json" && !files.contains(&name) {
            bail!("no tool makes core/tests/vectors/{name}");
        }
    }
    for name in files {
        let (ours, theirs) =
            (fs::read(committed.join(&name)).unwrap_or_default(), fs::read(made.join(&name))?);
        if ours != theirs {
            let line = ours.split(|byte| *byte == b'\n').zip(theirs.split(|byte| *byte == b'\n'));
            let line = line.take_while(|(ours, theirs)| ours == theirs).count() + 1;
            bail!(
                "core/tests/vectors/{name} differs from what its tool makes, first in line {line}; \
                 if the change is meant: cargo xtask vectors --write"
            );
        }
        println!("{name}: as its tool makes it");
    }
    Ok(())
}

/// The vector files of a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = vec![];
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "json") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

//! Cross builds of the core, for machines that the stable toolchain here has no library for.
//!
//! Debian ships a compiler together with its source. From that source `core` and `alloc` are built
//! once for each bare target, and `std` for WebAssembly, into a private sysroot in the cache; from
//! then on plain cargo builds with that compiler, in the stable language.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::doctor::{CROSS_PACKAGES, install};
use crate::run::{command, output, run};
use crate::{cache, root};

/// Debian's compiler.
const RUSTC: &str = "/usr/bin/rustc";
/// Targets without an operating system.
const BARE: [&str; 3] = ["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "riscv32imc-unknown-none-elf"];
/// The target of browsers and Node.js.
const WASM: &str = "wasm32-unknown-unknown";
/// Raised when the way the libraries are built changes, so that old ones are not used.
const RECIPE: &str = "3";

/// Builds the core and links its images for every target.
pub(crate) fn link() -> Result<()> {
    install(CROSS_PACKAGES)?;
    let sysroot = sysroot()?;
    let compiler = sysroot.join("bin/rustc");
    let folder = root().join("core/firmware");
    let version = output(Command::new(&compiler).arg("-vV"))?;
    let lock = fs::read(folder.join("Cargo.lock")).context("no core/firmware/Cargo.lock")?;
    let target = cache::tree("cross", &[&lock, version.as_bytes(), RECIPE.as_bytes()])?;
    for triple in BARE.into_iter().chain([WASM]) {
        let mut clean = command("cargo", &folder);
        clean.args(["clean", "--quiet", "--release", "--target", triple]);
        run(clean
            .args(["-p", "healthrecord-core", "-p", "healthrecord-firmware"])
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTC", &compiler))?;
        let mut build = command("cargo", &folder);
        run(build
            .args(["build", "--quiet", "--release", "--locked", "--target", triple])
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTC", &compiler))?;
        for image in images(&target.join(triple).join("release"))? {
            let name = image.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            println!("{triple}: {name} links, {}", size(&image)?);
        }
    }
    Ok(())
}

/// The images among a target's build output.
fn images(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut images = vec![];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let kind = path.extension().map(|extension| extension.to_string_lossy().into_owned());
        let executable = path.metadata()?.permissions().mode() & 0o111 != 0;
        if path.is_file() && (kind.as_deref() == Some("wasm") || (kind.is_none() && executable)) {
            images.push(path);
        }
    }
    ensure!(!images.is_empty(), "no image was linked in {}", folder.display());
    images.sort();
    Ok(images)
}

/// What an image takes: bytes of code and constants.
fn size(image: &Path) -> Result<String> {
    if image.extension().is_some_and(|extension| extension == "wasm") {
        return Ok(format!("{} bytes of wasm", fs::metadata(image)?.len()));
    }
    let table = output(Command::new("llvm-size-22").arg(image))?;
    let text = table.lines().nth(1).and_then(|line| line.split_whitespace().next()).unwrap_or("?");
    Ok(format!("{text} bytes of flash"))
}

/// The private sysroot, built where it is not in the cache yet.
fn sysroot() -> Result<PathBuf> {
    let version = output(Command::new(RUSTC).arg("-vV"))?;
    let sysroot = cache::tree("sysroot", &[version.as_bytes(), RECIPE.as_bytes()])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    let rustlib = sysroot.join("lib/rustlib");
    fs::create_dir_all(&rustlib)?;
    fs::create_dir_all(sysroot.join("bin"))?;
    let libraries = PathBuf::from(output(Command::new(RUSTC).args(["--print", "target-libdir"]))?);
    let link = rustlib.join(host);
    if !link.exists() {
        symlink(libraries.parent().context("no library folder")?, &link)?;
    }
    let wrapper = sysroot.join("bin/rustc");
    fs::write(&wrapper, format!("#!/bin/sh\nexec {RUSTC} --sysroot {} \"$@\"\n", sysroot.display()))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    // For size, as the images are: what copies and fills memory would else be a tenth of the smallest.
    build_library(&sysroot, &BARE, "core,alloc", Some("compiler-builtins-mem,optimize_for_size"), "z")?;
    build_library(&sysroot, &[WASM], "std,panic_abort", None, "3")?;
    Ok(sysroot)
}

/// Builds the standard library's `crates` for the targets that do not have them yet.
fn build_library(
    sysroot: &Path,
    targets: &[&str],
    crates: &str,
    features: Option<&str>,
    opt_level: &str,
) -> Result<()> {
    let place = |target: &str| sysroot.join("lib/rustlib").join(target);
    let missing: Vec<&str> =
        targets.iter().copied().filter(|target| !place(target).join("done").exists()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("building {crates} for {}", missing.join(", "));
    let work = sysroot.join("build");
    fs::create_dir_all(work.join("src"))?;
    fs::write(
        work.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    fs::write(work.join("src/lib.rs"), "#![no_std]\n")?;
    let mut build = command("cargo", &work);
    build.args(["build", "--quiet", "--release"]).arg(format!("-Zbuild-std={crates}"));
    build.args(features.map(|features| format!("-Zbuild-std-features={features}")));
    build.args(missing.iter().map(|target| format!("--target={target}")));
    // The library is built from the compiler's own source with its unstable features, as its makers
    // build it; nothing of the caller's settings may reach it.
    for inherited in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER"] {
        build.env_remove(inherited);
    }
    run(build
        .env("CARGO_TARGET_DIR", work.join("target"))
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level)
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"))?;
    for target in missing {
        let library = place(target).join("lib");
        fs::create_dir_all(&library)?;
        for entry in fs::read_dir(work.join("target").join(target).join("release/deps"))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.ends_with(".rlib") && !name.starts_with("libempty-") {
                fs::copy(&path, library.join(name))?;
            }
        }
        fs::write(place(target).join("done"), "")?;
    }
    fs::remove_dir_all(&work)?;
    Ok(())
}

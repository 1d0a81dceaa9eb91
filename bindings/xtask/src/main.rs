//! `cargo xtask`: set up, build, test and package `HealthRecord` in every language.

fn main() {}

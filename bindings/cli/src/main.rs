//! The `healthrecord` command.

fn main() {}

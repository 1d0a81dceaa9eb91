//! `healthrecord demo`: the whole story on an embedded chain, every line of it from the real calls.

mod records;
mod stage;
mod story;
mod world;

use crate::args::Demo;
use crate::failure::Failure;
use crate::files;
use crate::report::Report;

use self::records::{MAX_BUNDLE_LEN, Records};
use self::stage::Stage;

/// An invented patient's records.
const DEFAULT_BUNDLE: &str = include_str!("../../demo/bundle.json");

pub(crate) use self::records::CODES;
pub(crate) use self::world::CODES as CHAIN_CODES;

pub(crate) fn run(args: &Demo) -> Result<Report, Failure> {
    let own;
    let (text, source) = match &args.bundle {
        Some(path) => {
            own = files::read_text(path, MAX_BUNDLE_LEN)?;
            (own.as_str(), path.as_path())
        }
        None => (DEFAULT_BUNDLE, std::path::Path::new("the demo's own bundle")),
    };
    let records = Records::read(text).map_err(|failure| failure.in_file(source))?;
    let mut stage = Stage::new(args.out.as_deref())?;
    story::tell(&records, &mut stage).map_err(|failure| failure.in_file(source))?;
    Ok(stage.into_report())
}

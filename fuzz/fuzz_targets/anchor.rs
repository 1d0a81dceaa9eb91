//! Any bytes as a header, its extra data and the state of an anchor: refused, or read as they are written.
//! The hash that is trusted is the header's own, so that its validators are taken.
#![no_main]

use healthrecord::core::chain::header::Header;
use healthrecord::core::health::anchor::{
    Anchor, Bft, BftExtra, Clique, HashRule, PinnedHash, STATE_HEAD_LEN,
};
use healthrecord::core::matter::sink::Buffer;
use libfuzzer_sys::fuzz_target;

const VALIDATORS: usize = 16;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(anchor) = Bft::<VALIDATORS>::decode(bytes) {
        written_as(&anchor, Some(bytes));
    }
    for rule in HashRule::ALL {
        if let Ok(extra) = BftExtra::decode(rule, bytes) {
            assert!(extra.validators().count() * 21 + extra.seals().count() * 67 <= bytes.len());
        }
        let Ok(header) = Header::decode(bytes) else { continue };
        let Ok(hash) = rule.hash(&header) else { continue };
        let trusted = PinnedHash::new(hash, rule).trust(bytes).unwrap();
        let Ok(mut anchor) = Bft::<VALIDATORS>::start(&trusted, 1) else { continue };
        written_as(&anchor, None);
        assert_eq!(anchor.advance(bytes), Ok(trusted));
        // The block last taken is known by its hash, in as many copies as there are.
        assert!(anchor.trust_united(&[bytes, bytes]).is_ok());
    }
    let _ = Clique::new(&[]).recover(bytes).unwrap_err();
});

/// The state of an anchor is read as it was written, and has one form.
fn written_as(anchor: &Bft<VALIDATORS>, expected: Option<&[u8]>) {
    let mut memory = [0; STATE_HEAD_LEN + 20 * VALIDATORS];
    let mut buffer = Buffer::new(&mut memory);
    anchor.write(&mut buffer).unwrap();
    let written = buffer.into_written();
    assert_eq!(Bft::decode(written).as_ref(), Ok(anchor));
    assert!(expected.is_none_or(|expected| expected == written));
}

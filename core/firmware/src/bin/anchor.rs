//! Keeps an anchor: reads its state, takes a sealed header, writes the state anew.
//!
//! The curve's arithmetic has checks that the compiler cannot prove never to fail: unlike `verify`,
//! this image links with a panic handler of the usual kind.
#![no_std]
#![no_main]

use core::hint::black_box;

use healthrecord_core::B256;
use healthrecord_core::health::anchor::{Bft, STATE_HEAD_LEN};
use healthrecord_core::matter::sink::Buffer;

/// As many validators as there is memory for.
const VALIDATORS: usize = 16;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let mut kept = black_box([0; STATE_HEAD_LEN + 20 * VALIDATORS]);
    black_box(advance(black_box(&[]), &mut kept, black_box(0)));
    loop {
        core::hint::spin_loop();
    }
}

/// The state root of a header that the validators vouch for; the kept state moves on to it.
fn advance(header: &[u8], kept: &mut [u8], now: u64) -> Option<B256> {
    let mut anchor = Bft::<VALIDATORS>::decode(kept).ok()?;
    anchor.trusted_at(now).ok()?;
    let state_root = anchor.advance(header).ok()?.header().state_root();
    anchor.write(&mut Buffer::new(kept)).ok()?;
    Some(state_root)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

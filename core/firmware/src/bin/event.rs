//! Verifies the proof of an event. It links only if nothing in it can panic; it lends no memory.
#![no_std]
#![no_main]

use core::hint::black_box;

use healthrecord_core::access::{Deployment, verify_event};
use healthrecord_core::health::anchor::{HashRule, PinnedHash};
use healthrecord_core::{Address, B256};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    black_box(logged_at(black_box(&[]), &black_box(B256::ZERO)));
    loop {
        core::hint::spin_loop();
    }
}

/// When the contract logged the event that is proved.
fn logged_at(proof: &[u8], hash: &B256) -> Option<u64> {
    let contract = black_box(Address([2; 20]));
    let deployment = Deployment { chain_id: 1, contract, code_hashes: &[] };
    let anchor = PinnedHash::new(*hash, HashRule::Plain);
    let proved = black_box(verify_event(proof, &anchor, &deployment)).ok()?;
    Some(proved.block_time)
}

/// The handler calls what is nowhere defined: as long as the linker does not miss it, no panic is left.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        safe fn a_panic_is_reachable() -> !;
    }
    a_panic_is_reachable()
}

//! Verifies a proof bundle and decides a request. It links only if nothing in it can panic.
#![no_std]
#![no_main]

use core::hint::black_box;

use healthrecord_core::access::{Clock, Deployment, Policy, Request, verify};
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::{HashRule, PinnedHash};
use healthrecord_core::health::contract::{Operation, Purpose};
use healthrecord_core::{Address, B256};

/// As many nodes as the account and the slots of a plain request take on a large chain, and some.
const NODES: usize = 64;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    black_box(may_read(black_box(&[]), &black_box(B256::ZERO), &black_box(Address::ZERO), black_box(0)));
    loop {
        core::hint::spin_loop();
    }
}

/// Whether a bundle proves that an accessor may read a record for treatment now.
fn may_read(bundle: &[u8], hash: &B256, accessor: &Address, now: u64) -> Option<bool> {
    let code_hashes = [black_box(B256::ZERO)];
    let (patient, contract) = (black_box(Address([1; 20])), black_box(Address([2; 20])));
    let deployment = Deployment { chain_id: 1, contract, code_hashes: &code_hashes };
    let scopes = [black_box(B256([3; 32]))];
    let (operation, purpose) = (Operation::Read, Purpose::Treatment);
    let request = Request::about_scopes(patient, &scopes, *accessor, operation, purpose, now).ok()?;
    let anchor = PinnedHash::new(*hash, HashRule::Plain);
    let clock = Clock { now, error: 5, max_age: 3600, max_skew: 60 };
    let mut memory = [NodeRef::EMPTY; NODES];
    let policy = Policy::default();
    let verdict = verify(bundle, &anchor, &deployment, &request, &policy, &clock, &mut memory).ok()?;
    Some(verdict.decision.is_permit())
}

/// The handler calls what is nowhere defined: as long as the linker does not miss it, no panic is left.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        safe fn a_panic_is_reachable() -> !;
    }
    a_panic_is_reachable()
}

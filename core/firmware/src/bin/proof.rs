//! Proves a storage word under a trusted block: header, account and slot. It links only if nothing in
//! it can panic.
#![no_std]
#![no_main]

use core::hint::black_box;

use healthrecord_core::chain::trie::{NodeRef, NodeSet};
use healthrecord_core::health::anchor::{Anchor as _, HashRule, PinnedHash};
use healthrecord_core::{Address, B256, U256};

/// As many nodes as an account and a slot take on a large chain.
const NODES: usize = 20;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    black_box(word(black_box(&[]), black_box(&[]), &black_box(B256::ZERO), &black_box(Address::ZERO)));
    loop {
        core::hint::spin_loop();
    }
}

/// The word in slot 0 of a contract, under the block of a trusted hash.
fn word(header: &[u8], nodes: &[&[u8]], hash: &B256, contract: &Address) -> Option<U256> {
    let trusted = PinnedHash::new(*hash, HashRule::Plain).trust(header).ok()?;
    let mut memory = [NodeRef::EMPTY; NODES];
    let mut set = NodeSet::new(nodes.iter().copied(), &mut memory).ok()?;
    let account = set.account(trusted.header().state_root(), contract).ok()??;
    let word = set.storage(account.storage_root, &B256::ZERO).ok()?;
    set.finish().ok()?;
    Some(word)
}

/// The handler calls what is nowhere defined: as long as the linker does not miss it, no panic is left.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        safe fn a_panic_is_reachable() -> !;
    }
    a_panic_is_reachable()
}

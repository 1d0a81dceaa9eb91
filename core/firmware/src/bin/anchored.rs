//! Opens a disclosure as it was received, and checks by a proof bundle that its author anchored the record
//! and has not retracted it, without an allocator. It links only if nothing in it can panic.
#![no_std]
#![no_main]

use core::hint::black_box;

use healthrecord_core::access::{AnchorRequest, Deployment, verify_anchored};
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::{HashRule, PinnedHash};
use healthrecord_core::health::record::{
    BatchProof, DisclosedLeaf, DisclosureMemory, EncodedDisclosure, MAX_BATCH_DEPTH,
};
use healthrecord_core::{Address, B256};

/// As many leaves as one laboratory value takes, with whose it is and what changes its meaning.
const LEAVES: usize = 16;
/// As many nodes as the account and two slots take on a large chain.
const NODES: usize = 32;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let received = Received { disclosure: black_box(&[]), batch: black_box(&[]), bundle: black_box(&[]) };
    black_box(anchored_at(&received, &black_box(B256::ZERO), black_box(Address::ZERO)));
    loop {
        core::hint::spin_loop();
    }
}

/// What a patient shows.
struct Received<'a> {
    disclosure: &'a [u8],
    batch: &'a [u8],
    bundle: &'a [u8],
}

/// When the record of this author was anchored, if it was and stands.
fn anchored_at(received: &Received<'_>, trusted: &B256, author: Address) -> Option<u64> {
    let mut leaves = [DisclosedLeaf::EMPTY; LEAVES];
    let (mut proof, mut flags) = ([B256::ZERO; LEAVES * 2], [false; LEAVES * 3]);
    let (mut hashes, mut siblings) = ([B256::ZERO; LEAVES], [B256::ZERO; MAX_BATCH_DEPTH]);
    let encoded = EncodedDisclosure::decode(received.disclosure).ok()?;
    let memory = DisclosureMemory { leaves: &mut leaves, proof: &mut proof, flags: &mut flags };
    let opened = encoded.read(memory).ok()?.open(encoded.commitment(), &mut hashes).ok()?;
    let batch = BatchProof::decode(received.batch, &mut siblings).ok()?;
    let request = AnchorRequest::about(&opened, &batch).ok()?.by_author(author).ok()?;
    let code_hashes = [black_box(B256::ZERO)];
    let contract = black_box(Address([2; 20]));
    let deployment = Deployment { chain_id: 1, contract, code_hashes: &code_hashes };
    let anchor = PinnedHash::new(*trusted, HashRule::Plain);
    let mut nodes = [NodeRef::EMPTY; NODES];
    let record =
        verify_anchored(received.bundle, &anchor, &deployment, request, false, &mut nodes).ok()?;
    Some(record.anchored_at)
}

/// The handler calls what is nowhere defined: as long as the linker does not miss it, no panic is left.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        safe fn a_panic_is_reachable() -> !;
    }
    a_panic_is_reachable()
}

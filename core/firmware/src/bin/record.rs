//! Commits a record, discloses one element of it and opens the disclosure, without an allocator.
#![no_std]
#![no_main]

use core::hint::black_box;

use healthrecord_core::health::record::{
    DisclosedLeaf, Disclosure, Leaf, LeafView, Memory, Metadata, Name, Secret, Step, disclose,
};
use healthrecord_core::matter::sink::Buffer;
use healthrecord_core::{Address, B256};

/// A vital-signs Observation has some 40 leaves.
const LEAVES: usize = 64;

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let document: &[u8] = black_box(br#"{"resourceType":"Observation","status":"final"}"#);
    black_box(show(document, black_box(&[7; 32]), black_box("/status")));
    loop {
        core::hint::spin_loop();
    }
}

/// Whether an element that is disclosed opens again under the record's commitment.
fn show(document: &[u8], secret: &[u8; 32], pointer: &str) -> bool {
    let scopes = [B256([1; 32])];
    let metadata = Metadata {
        patient: Address([2; 20]),
        author: Address([3; 20]),
        kind: 1,
        issued: 0,
        scopes: &scopes,
        previous: None,
        attachments: &[],
    };
    let (mut leaves, mut names) = ([Leaf::EMPTY; LEAVES], [Name::EMPTY; LEAVES]);
    let memory = Memory { leaves: &mut leaves, names: &mut names };
    let (mut value, mut salt, mut written) = ([0; 256], B256::ZERO, 0);
    let (mut proof, mut flags) = ([B256::ZERO; 16], [false; 16]);
    let (mut hashes, mut steps) = (0, 0);
    let mut select = |leaf: &LeafView<'_>| {
        let mut path = [0; 64];
        let mut buffer = Buffer::new(&mut path);
        let is_it = leaf.path().write(&mut buffer).is_ok() && buffer.into_written() == pointer.as_bytes();
        if is_it {
            let mut buffer = Buffer::new(&mut value);
            let _ = leaf.write_value(&mut buffer);
            written = buffer.into_written().len();
            salt = leaf.salt();
        }
        is_it
    };
    let mut step = |step| {
        if let (Some(flag), Step::Join) = (flags.get_mut(steps), step) {
            *flag = true;
        }
        if let (Some(hash), Step::Sibling(sibling)) = (proof.get_mut(hashes), step) {
            *hash = sibling;
            hashes += 1;
        }
        steps += 1;
    };
    let secret = Secret::from_bytes(secret);
    let Ok(commitment) = disclose(document, &metadata, &secret, memory, &mut select, &mut step) else {
        return false;
    };
    let leaves = [DisclosedLeaf { path: pointer, value: value.get(..written).unwrap_or_default(), salt }];
    let disclosure = Disclosure {
        leaves: &leaves,
        proof: proof.get(..hashes).unwrap_or_default(),
        flags: flags.get(..steps).unwrap_or_default(),
    };
    disclosure.open(commitment, &mut [B256::ZERO]).is_ok()
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

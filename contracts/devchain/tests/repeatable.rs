//! The same calls give the same blocks, and those are blocks that another client executes alike.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{GENESIS_TIME, Traffic, funded};
use healthrecord_devchain::Devchain;

/// Hash of the last of 60 Prague blocks of random traffic.
///
/// Given the genesis accounts, the headers and the raw transactions, `runBlock` of `@ethereumjs/vm`
/// 10.1.3, which shares no code with this chain, came to the state root, receipts root, bloom and gas of
/// every header up to this one.
const LAST: &str = "0xe95068cc1fe7a2a7aa5d5d7403d702702781b77088205cae9343660a3318bd41";

#[test]
fn sixty_blocks_are_those_that_ethereumjs_executed() {
    let mut chain = Devchain::new(funded(5));
    let mut traffic = Traffic::new(6);
    for round in 0..60 {
        let mut sent = vec![];
        for _ in 0..if round == 0 { 1 } else { traffic.random.below(9) } {
            sent.push(chain.send_raw(&traffic.next()).unwrap());
        }
        chain.mine(GENESIS_TIME + 12 * (round + 1)).unwrap();
        for hash in sent {
            traffic.store = traffic.store.or(chain.receipt(&hash).unwrap().contract_address);
        }
    }
    assert_eq!(chain.head().hash.to_string(), LAST);
}

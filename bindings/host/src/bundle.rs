//! Proof bundles, built from the answers of nodes.
//!
//! The format is that of [`healthrecord_core::access`]: all that an offline verifier needs beside its
//! anchor and its pinned deployment.

use std::collections::HashSet;

use healthrecord_core::Address;
use healthrecord_core::access::BUNDLE_VERSION;
use healthrecord_core::health::anchor::HISTORY_WINDOW;
use rlp::RlpStream;

use crate::rpc::{BlockHeader, EthGetProof, ProofNodes};

/// One step from a block to an older one.
#[derive(Clone, Debug)]
pub struct Step {
    /// The older block.
    pub header: BlockHeader,
    /// What proves its hash under the newer block: the slot of EIP-2935's contract
    /// ([`Link`](healthrecord_core::health::anchor::Link)), or nothing where it is the parent.
    pub nodes: ProofNodes,
}

/// Builds the bundle of one block and one `eth_getProof` answer about the contract.
///
/// The answer must be for the block, and for the slots that the request requires, in their order
/// ([`Request::required_slots`](healthrecord_core::access::Request::required_slots)). Nothing is checked
/// here: whatever is wrong, the verifier finds.
#[must_use]
pub fn build(chain_id: u64, block: &BlockHeader, answer: &EthGetProof) -> Vec<u8> {
    write(chain_id, answer.address, block, &[], &answer.nodes())
}

/// As [`build`], from the trie nodes alone, wherever they are from.
#[must_use]
pub fn from_nodes(chain_id: u64, contract: Address, block: &BlockHeader, nodes: &ProofNodes) -> Vec<u8> {
    with_ancestry(chain_id, contract, block, &[], nodes)
}

/// As [`from_nodes`], about the block to which `steps` lead from `block`: `nodes` are under that one.
#[must_use]
pub fn with_ancestry(
    chain_id: u64,
    contract: Address,
    block: &BlockHeader,
    steps: &[Step],
    nodes: &ProofNodes,
) -> Vec<u8> {
    let nodes = distinct(steps.iter().map(|step| &step.nodes).chain([nodes]));
    write(chain_id, contract, block, steps, &nodes)
}

/// Every node of some answers once, in their order.
pub(crate) fn distinct<'a>(answers: impl IntoIterator<Item = &'a ProofNodes>) -> Vec<&'a [u8]> {
    let mut seen = HashSet::new();
    answers.into_iter().flat_map(ProofNodes::nodes).filter(|node| seen.insert(*node)).collect()
}

/// The numbers of the blocks to step on from block `newer` to block `older`, which is the last, by as few
/// steps as EIP-2935 allows; none where they are the same.
pub fn stepping_stones(newer: u64, older: u64) -> impl Iterator<Item = u64> {
    core::iter::successors(Some(newer), move |from| {
        (*from > older).then(|| from.saturating_sub(HISTORY_WINDOW).max(older))
    })
    .skip(1)
}

fn write(chain_id: u64, contract: Address, block: &BlockHeader, steps: &[Step], nodes: &[&[u8]]) -> Vec<u8> {
    let mut bundle = RlpStream::new_list(6);
    put_envelope(&mut bundle, chain_id, contract, block, steps);
    bundle.append_list::<&[u8], _>(nodes);
    bundle.out().to_vec()
}

/// Writes the fields that every proof begins with.
pub(crate) fn put_envelope(
    proof: &mut RlpStream,
    chain_id: u64,
    contract: Address,
    block: &BlockHeader,
    steps: &[Step],
) {
    proof.append(&BUNDLE_VERSION);
    proof.append(&chain_id);
    proof.append(&&contract.0[..]);
    proof.append(&block.rlp);
    proof.begin_list(steps.len());
    for step in steps {
        proof.append(&step.header.rlp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_as_long_as_they_may_be() {
        let stones = |newer, older| stepping_stones(newer, older).collect::<Vec<_>>();
        assert!(stones(9, 9).is_empty());
        assert!(stones(8, 9).is_empty());
        assert_eq!(stones(9, 8), [8]);
        assert_eq!(stones(9000, 809), [809]);
        assert_eq!(stones(9000, 808), [809, 808]);
        assert_eq!(stones(20_000, 0), [11_809, 3618, 0]);
    }
}

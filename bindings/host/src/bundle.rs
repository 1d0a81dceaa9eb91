//! Proof bundles, built from the answers of nodes.
//!
//! The format is that of [`healthrecord_core::access`]: all that an offline verifier needs beside its
//! anchor and its pinned deployment.

use healthrecord_core::Address;
use healthrecord_core::access::BUNDLE_VERSION;
use rlp::RlpStream;

use crate::rpc::{BlockHeader, EthGetProof, ProofNodes};

/// Builds the bundle of one block and one `eth_getProof` answer about the contract.
///
/// The answer must be for the block, and for the slots that the request requires, in their order
/// ([`Request::required_slots`](healthrecord_core::access::Request::required_slots)). Nothing is checked
/// here: whatever is wrong, the verifier finds.
#[must_use]
pub fn build(chain_id: u64, block: &BlockHeader, answer: &EthGetProof) -> Vec<u8> {
    write(chain_id, answer.address, block, &answer.nodes())
}

/// As [`build`], from the trie nodes alone, wherever they are from.
#[must_use]
pub fn from_nodes(chain_id: u64, contract: Address, block: &BlockHeader, nodes: &ProofNodes) -> Vec<u8> {
    write(chain_id, contract, block, &nodes.nodes())
}

fn write(chain_id: u64, contract: Address, block: &BlockHeader, nodes: &[&[u8]]) -> Vec<u8> {
    let mut bundle = RlpStream::new_list(6);
    bundle.append(&BUNDLE_VERSION);
    bundle.append(&chain_id);
    bundle.append(&&contract.0[..]);
    bundle.append(&block.rlp);
    bundle.begin_list(0);
    bundle.begin_list(nodes.len());
    for node in nodes {
        bundle.append(node);
    }
    bundle.out().to_vec()
}

//! `eth_getProof`: from a node's JSON to what it proves.

use core::fmt;

use healthrecord_core::chain::account::Account;
use healthrecord_core::chain::trie::{Key, Keys, NodeRef, NodeSet, TrieError};
use healthrecord_core::health::anchor::{Anchor, AnchorError};
use healthrecord_core::{Address, B256, U256};

use super::RpcError;
use super::answer::{ProofReader, result_of};
use super::nodes::{Nodes, Pool};
use crate::keccak::WideKeccak;

/// An `eth_getProof` answer (EIP-1186), read but not believed.
///
/// A node that stands in the proofs of many slots is kept once; a proof holds the places of its nodes, for
/// [`Self::node`]. What is no node of its own has no place: a lone `0x80` for an empty trie, and the nodes
/// below 32 bytes that some sources list though they stand in their parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EthGetProof {
    /// The account that was asked for.
    pub address: Address,
    /// What the node says of the account.
    pub account: Account,
    /// The nodes of the account's proof, from the root down.
    pub account_proof: Vec<usize>,
    /// One entry a storage slot, in the order of the question.
    pub storage_proof: Vec<StorageProof>,
    nodes: Nodes,
}

/// One slot of an `eth_getProof` answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageProof {
    /// The slot.
    pub key: B256,
    /// The word that the node says is there.
    pub value: U256,
    /// The nodes of the slot's proof, from the storage root down, by their places.
    pub proof: Vec<usize>,
}

impl EthGetProof {
    /// Reads the JSON of an answer.
    ///
    /// # Errors
    ///
    /// [`RpcError`] names the field and what was expected there.
    pub fn from_json(json: &str) -> Result<Self, RpcError> {
        let mut pool = Pool::default();
        let mut proofs = ProofReader::new(&mut pool);
        let answer = result_of(json, |reader| {
            proofs.answer(reader, |slot, proof| {
                Ok(StorageProof { key: slot.quantity("key")?.into(), value: slot.quantity("value")?, proof })
            })
        })?;
        let fields = answer.fields;
        Ok(Self {
            address: Address(fields.fixed("address")?),
            account: Account {
                nonce: fields.quantity64("nonce")?,
                balance: fields.quantity("balance")?,
                storage_root: B256(fields.fixed("storageHash")?),
                code_hash: B256(fields.fixed("codeHash")?),
            },
            account_proof: answer.account_proof,
            storage_proof: answer.slots,
            nodes: pool.into_nodes(),
        })
    }

    /// The trie node at a place.
    #[must_use]
    pub fn node(&self, place: usize) -> Option<&[u8]> {
        self.nodes.get(place)
    }

    /// Every distinct trie node once, in walk order: the account's path, then each slot's.
    #[must_use]
    pub fn nodes(&self) -> Vec<&[u8]> {
        let paths = self.storage_proof.iter().map(|slot| &slot.proof);
        self.nodes.walk(core::iter::once(&self.account_proof).chain(paths))
    }
}

/// The trie nodes of `eth_getProof` answers about one account, and nothing else of them: all that a proof
/// bundle is made from.
#[derive(Clone, Debug, Default)]
pub struct ProofNodes {
    pool: Pool,
    paths: Vec<Vec<usize>>,
}

impl ProofNodes {
    /// Reads the JSON of an answer.
    ///
    /// # Errors
    ///
    /// As [`Self::add`].
    pub fn from_json(json: &str) -> Result<Self, RpcError> {
        let mut nodes = Self::default();
        nodes.add(json)?;
        Ok(nodes)
    }

    /// Adds the nodes of an answer: to one question, or to one of several about parts of the keys.
    ///
    /// # Errors
    ///
    /// [`RpcError`] names the field and what was expected there.
    pub fn add(&mut self, json: &str) -> Result<(), RpcError> {
        let mut proofs = ProofReader::new(&mut self.pool);
        let answer = result_of(json, |reader| proofs.answer(reader, |_, proof| Ok(proof)))?;
        self.paths.push(answer.account_proof);
        self.paths.extend(answer.slots);
        Ok(())
    }

    /// Every distinct trie node once, in walk order, as [`EthGetProof::nodes`] gives them.
    #[must_use]
    pub fn nodes(&self) -> Vec<&[u8]> {
        self.pool.nodes().walk(&self.paths)
    }
}

/// An account and some of its storage, proved under a trusted block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedAccount {
    /// Number of the trusted block.
    pub block_number: u64,
    /// Time of the trusted block, in Unix seconds.
    pub block_time: u64,
    /// The address that was asked for.
    pub address: Address,
    /// The account, or `None` where its absence is proved.
    pub account: Option<Account>,
    /// The slots, in the order of the answer, with the words proved (0: never written or cleared).
    pub slots: Vec<(B256, U256)>,
}

/// Verifies an `eth_getProof` answer against a header that an anchor vouches for.
///
/// Only the answer's address, slots and trie nodes are used; what the node *says* the values are is
/// compared with what was proved once that is known.
///
/// # Errors
///
/// [`ProofError`]: nothing was proved.
pub fn verify_proof(
    answer: &EthGetProof,
    header_rlp: &[u8],
    anchor: &impl Anchor,
) -> Result<ProvedAccount, ProofError> {
    let trusted = anchor.trust(header_rlp).map_err(ProofError::Anchor)?;
    let header = trusted.header();
    let nodes = answer.nodes();
    let mut memory = vec![NodeRef::EMPTY; nodes.len()];
    let mut address = [Key::new(answer.address)];
    let mut keys: Vec<_> = answer.storage_proof.iter().map(|slot| Key::new(slot.key)).collect();
    let lent = Keys { accounts: &mut address, slots: &mut keys };
    let mut set = NodeSet::batched(nodes, lent, &mut memory, &WideKeccak).map_err(ProofError::Trie)?;
    let [address] = &address;
    let account = set.account(header.state_root(), address).map_err(ProofError::Trie)?;
    let slots = keys
        .iter()
        .map(|key| {
            let word = match account {
                Some(account) => set.storage(account.storage_root, key)?,
                None => U256::ZERO,
            };
            Ok((*key.name(), word))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(ProofError::Trie)?;
    set.finish().map_err(ProofError::Trie)?;
    hold_claims(answer, account.as_ref(), &slots)?;
    Ok(ProvedAccount {
        block_number: header.number(),
        block_time: header.timestamp(),
        address: answer.address,
        account,
        slots,
    })
}

/// Compares what the node said with what was proved.
fn hold_claims(
    answer: &EthGetProof,
    account: Option<&Account>,
    slots: &[(B256, U256)],
) -> Result<(), ProofError> {
    let differ = |field: &dyn Fn() -> String, claimed: U256, proved: U256| {
        if claimed == proved { Ok(()) } else { Err(ProofError::Claim { field: field(), claimed, proved }) }
    };
    if let Some(account) = account {
        let said = answer.account;
        differ(&|| "nonce".into(), said.nonce.into(), account.nonce.into())?;
        differ(&|| "balance".into(), said.balance, account.balance)?;
        differ(&|| "storageHash".into(), said.storage_root.into(), account.storage_root.into())?;
        differ(&|| "codeHash".into(), said.code_hash.into(), account.code_hash.into())?;
    }
    for (index, (said, (_, word))) in answer.storage_proof.iter().zip(slots).enumerate() {
        differ(&|| format!("storageProof[{index}].value"), said.value, *word)?;
    }
    Ok(())
}

/// Why an `eth_getProof` answer proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The header is not the trusted block's.
    Anchor(AnchorError),
    /// The trie nodes prove nothing.
    Trie(TrieError),
    /// The node says something else than its own nodes prove.
    Claim {
        /// The field of the answer.
        field: String,
        /// What the node says.
        claimed: U256,
        /// What its nodes prove.
        proved: U256,
    },
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anchor(error) => error.fmt(f),
            Self::Trie(error) => error.fmt(f),
            Self::Claim { field, claimed, proved } => {
                write!(f, "the answer's {field} says {claimed}: its proof proves {proved}")
            }
        }
    }
}

impl core::error::Error for ProofError {}

//! Transactions that own their memory: of every type, read from and written as the JSON of nodes.

mod json;
mod rlp;

use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::signature::Signature;
use healthrecord_core::chain::tx::{
    AccessListItem as LentItem, Eip1559, Eip2930, Eip4844, Eip7702, Legacy, List, Signed,
    SignedAuthorization, Transaction as Lent, TxError, Unsigned,
};
use healthrecord_core::matter::sink::{Full, Sink};
use healthrecord_core::{Address, B256, U256, keccak256};

/// An unsigned transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The chain that it is for; `None` for a legacy transaction without EIP-155 only.
    pub chain_id: Option<u64>,
    /// Transactions that the sender sent before.
    pub nonce: u64,
    /// Most gas that it may use.
    pub gas_limit: u64,
    /// Whom it calls; `None` creates a contract, which types 3 and 4 do not.
    pub to: Option<Address>,
    /// Wei that go with it.
    pub value: U256,
    /// Calldata, or the new contract's creation code.
    pub data: Vec<u8>,
    /// What its type has of its own.
    pub kind: Kind,
}

/// The types of transactions (EIP-2718), each with its own fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Type 0.
    Legacy {
        /// What is paid, in wei for each gas.
        gas_price: U256,
    },
    /// Type 1 (EIP-2930).
    Eip2930 {
        /// What is paid, in wei for each gas.
        gas_price: U256,
        /// Storage that it announces.
        access_list: Vec<AccessListItem>,
    },
    /// Type 2 (EIP-1559).
    Eip1559 {
        /// What is paid.
        fees: Fees,
        /// Storage that it announces.
        access_list: Vec<AccessListItem>,
    },
    /// Type 3 (EIP-4844), without the blobs' sidecar.
    Eip4844 {
        /// What is paid.
        fees: Fees,
        /// Storage that it announces.
        access_list: Vec<AccessListItem>,
        /// Most that is paid for blobs, in wei for each blob gas.
        max_fee_per_blob_gas: U256,
        /// The hashes of the blobs' commitments.
        blob_versioned_hashes: Vec<B256>,
    },
    /// Type 4 (EIP-7702).
    Eip7702 {
        /// What is paid.
        fees: Fees,
        /// Storage that it announces.
        access_list: Vec<AccessListItem>,
        /// Who takes which code on.
        authorization_list: Vec<SignedAuthorization>,
    },
}

/// What a transaction pays (EIP-1559), in wei for each gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Most that the proposer gets.
    pub max_priority_fee_per_gas: U256,
    /// Most that is paid in all.
    pub max_fee_per_gas: U256,
}

/// An account and the slots of it that a transaction announces (EIP-2930).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessListItem {
    /// The account.
    pub address: Address,
    /// The slots' keys.
    pub storage_keys: Vec<B256>,
}

/// A transaction with its signature and its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// What was signed.
    pub transaction: Transaction,
    /// The signature.
    pub signature: Signature,
    /// Who signed.
    pub sender: Address,
    /// The bytes that `eth_sendRawTransaction` takes.
    pub raw: Vec<u8>,
    /// The hash by which it is known.
    pub hash: B256,
}

impl Transaction {
    /// Its type (EIP-2718).
    #[must_use]
    pub const fn transaction_type(&self) -> u8 {
        match self.kind {
            Kind::Legacy { .. } => 0,
            Kind::Eip2930 { .. } => 1,
            Kind::Eip1559 { .. } => 2,
            Kind::Eip4844 { .. } => 3,
            Kind::Eip7702 { .. } => 4,
        }
    }

    /// What the sender signs.
    ///
    /// # Errors
    ///
    /// [`TxError`]: a rule between the fields, so that no signature is asked for that
    /// [`into_signed`](Self::into_signed) would refuse.
    pub fn signing_hash(&self) -> Result<B256, TxError> {
        struct Hash;
        impl Visit for Hash {
            type Output = B256;
            fn visit<'a, T: Unsigned<'a>>(self, transaction: T) -> Result<B256, TxError> {
                transaction.checked_signing_hash()
            }
        }
        self.lend(Hash)
    }

    /// Signs it.
    ///
    /// # Errors
    ///
    /// [`TxError`]: a rule between the fields.
    pub fn sign(self, key: &SecretKey) -> Result<SignedTransaction, TxError> {
        struct Sign<'k>(&'k SecretKey);
        impl Visit for Sign<'_> {
            type Output = Parts;
            fn visit<'a, T: Unsigned<'a>>(self, transaction: T) -> Result<Parts, TxError> {
                transaction.sign(self.0).map(Parts::of)
            }
        }
        let parts = self.lend(Sign(key))?;
        Ok(parts.join(self))
    }

    /// Joins it with a signature that a device made of its [`signing_hash`](Self::signing_hash).
    ///
    /// # Errors
    ///
    /// [`TxError`]: a rule between the fields, the signature's own rules, or another sender than `sender`.
    pub fn into_signed(
        self,
        signature: Signature,
        sender: Option<&Address>,
    ) -> Result<SignedTransaction, TxError> {
        struct Join<'s> {
            signature: Signature,
            sender: Option<&'s Address>,
        }
        impl Visit for Join<'_> {
            type Output = Parts;
            fn visit<'a, T: Unsigned<'a>>(self, transaction: T) -> Result<Parts, TxError> {
                transaction.into_signed(self.signature, self.sender).map(Parts::of)
            }
        }
        let parts = self.lend(Join { signature, sender })?;
        Ok(parts.join(self))
    }

    /// Shows it as the core's transaction of its type.
    fn lend<V: Visit>(&self, visit: V) -> Result<V::Output, TxError> {
        let Self { nonce, gas_limit, to, value, ref data, ref kind, .. } = *self;
        let chain_id = self.chain_id.unwrap_or_default();
        let named = || to.ok_or(TxError::NoRecipient);
        match kind {
            Kind::Legacy { gas_price } => visit.visit(Legacy {
                chain_id: self.chain_id,
                nonce,
                gas_price: *gas_price,
                gas_limit,
                to,
                value,
                data,
            }),
            Kind::Eip2930 { gas_price, access_list } => {
                let items = lend_items(access_list);
                let access_list = List::new(&items);
                let gas_price = *gas_price;
                visit.visit(Eip2930 { chain_id, nonce, gas_price, gas_limit, to, value, data, access_list })
            }
            Kind::Eip1559 { fees, access_list } => {
                let Fees { max_priority_fee_per_gas, max_fee_per_gas } = *fees;
                visit.visit(Eip1559 {
                    chain_id,
                    nonce,
                    max_priority_fee_per_gas,
                    max_fee_per_gas,
                    gas_limit,
                    to,
                    value,
                    data,
                    access_list: List::new(&lend_items(access_list)),
                })
            }
            Kind::Eip4844 { fees, access_list, max_fee_per_blob_gas, blob_versioned_hashes } => {
                let Fees { max_priority_fee_per_gas, max_fee_per_gas } = *fees;
                visit.visit(Eip4844 {
                    chain_id,
                    nonce,
                    max_priority_fee_per_gas,
                    max_fee_per_gas,
                    gas_limit,
                    to: named()?,
                    value,
                    data,
                    access_list: List::new(&lend_items(access_list)),
                    max_fee_per_blob_gas: *max_fee_per_blob_gas,
                    blob_versioned_hashes: List::new(blob_versioned_hashes),
                })
            }
            Kind::Eip7702 { fees, access_list, authorization_list } => {
                let Fees { max_priority_fee_per_gas, max_fee_per_gas } = *fees;
                visit.visit(Eip7702 {
                    chain_id,
                    nonce,
                    max_priority_fee_per_gas,
                    max_fee_per_gas,
                    gas_limit,
                    to: named()?,
                    value,
                    data,
                    access_list: List::new(&lend_items(access_list)),
                    authorization_list: List::new(authorization_list),
                })
            }
        }
    }
}

impl SignedTransaction {
    /// Reads the bytes that `eth_sendRawTransaction` takes, and recovers the sender.
    ///
    /// # Errors
    ///
    /// [`TxError`] names the field and the rule that it breaks.
    pub fn decode(raw: &[u8]) -> Result<Self, TxError> {
        let lent = Lent::decode(raw)?;
        let (transaction, signature, sender) = match &lent {
            Lent::Legacy(signed) => own(signed, own_legacy),
            Lent::Eip2930(signed) => own(signed, own_2930),
            Lent::Eip1559(signed) => own(signed, own_1559),
            Lent::Eip4844(signed) => own(signed, own_4844),
            Lent::Eip7702(signed) => own(signed, own_7702),
        };
        Ok(Self { transaction, signature, sender, raw: raw.to_vec(), hash: lent.hash() })
    }
}

/// What is done with a transaction of whatever type.
trait Visit {
    type Output;
    fn visit<'a, T: Unsigned<'a>>(self, transaction: T) -> Result<Self::Output, TxError>;
}

/// What of a signed transaction is not lent.
struct Parts {
    signature: Signature,
    sender: Address,
    raw: Vec<u8>,
    hash: B256,
}

impl Parts {
    fn of<'a, T: Unsigned<'a>>(signed: Signed<T>) -> Self {
        let mut raw = Growing(vec![]);
        // Growing memory is never full.
        signed.write(&mut raw).unwrap_or_default();
        Self { signature: signed.signature(), sender: signed.sender(), hash: keccak256(&raw.0), raw: raw.0 }
    }

    fn join(self, transaction: Transaction) -> SignedTransaction {
        let Self { signature, sender, raw, hash } = self;
        SignedTransaction { transaction, signature, sender, raw, hash }
    }
}

/// Memory that grows.
struct Growing(Vec<u8>);

impl Sink for Growing {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn lend_items(items: &[AccessListItem]) -> Vec<LentItem<'_>> {
    items
        .iter()
        .map(|AccessListItem { address, storage_keys }| LentItem {
            address: *address,
            storage_keys: List::new(storage_keys),
        })
        .collect()
}

fn own_items(list: List<'_, LentItem<'_>>) -> Vec<AccessListItem> {
    let own = |item: LentItem<'_>| AccessListItem {
        address: item.address,
        storage_keys: item.storage_keys.iter().collect(),
    };
    list.iter().map(own).collect()
}

fn own<T>(signed: &Signed<T>, own: impl Fn(&T) -> Transaction) -> (Transaction, Signature, Address) {
    (own(signed.transaction()), signed.signature(), signed.sender())
}

fn own_legacy(lent: &Legacy<'_>) -> Transaction {
    let Legacy { chain_id, nonce, gas_price, gas_limit, to, value, data } = *lent;
    let kind = Kind::Legacy { gas_price };
    Transaction { chain_id, nonce, gas_limit, to, value, data: data.to_vec(), kind }
}

fn own_2930(lent: &Eip2930<'_>) -> Transaction {
    let Eip2930 { chain_id, nonce, gas_price, gas_limit, to, value, data, access_list } = *lent;
    let kind = Kind::Eip2930 { gas_price, access_list: own_items(access_list) };
    Transaction { chain_id: Some(chain_id), nonce, gas_limit, to, value, data: data.to_vec(), kind }
}

fn own_1559(lent: &Eip1559<'_>) -> Transaction {
    let Eip1559 { chain_id, nonce, gas_limit, to, value, data, access_list, .. } = *lent;
    let fees = Fees {
        max_priority_fee_per_gas: lent.max_priority_fee_per_gas,
        max_fee_per_gas: lent.max_fee_per_gas,
    };
    let kind = Kind::Eip1559 { fees, access_list: own_items(access_list) };
    Transaction { chain_id: Some(chain_id), nonce, gas_limit, to, value, data: data.to_vec(), kind }
}

fn own_4844(lent: &Eip4844<'_>) -> Transaction {
    let Eip4844 { chain_id, nonce, gas_limit, to, value, data, access_list, .. } = *lent;
    let fees = Fees {
        max_priority_fee_per_gas: lent.max_priority_fee_per_gas,
        max_fee_per_gas: lent.max_fee_per_gas,
    };
    let kind = Kind::Eip4844 {
        fees,
        access_list: own_items(access_list),
        max_fee_per_blob_gas: lent.max_fee_per_blob_gas,
        blob_versioned_hashes: lent.blob_versioned_hashes.iter().collect(),
    };
    Transaction { chain_id: Some(chain_id), nonce, gas_limit, to: Some(to), value, data: data.to_vec(), kind }
}

fn own_7702(lent: &Eip7702<'_>) -> Transaction {
    let Eip7702 { chain_id, nonce, gas_limit, to, value, data, access_list, .. } = *lent;
    let fees = Fees {
        max_priority_fee_per_gas: lent.max_priority_fee_per_gas,
        max_fee_per_gas: lent.max_fee_per_gas,
    };
    let kind = Kind::Eip7702 {
        fees,
        access_list: own_items(access_list),
        authorization_list: lent.authorization_list.iter().collect(),
    };
    Transaction { chain_id: Some(chain_id), nonce, gas_limit, to: Some(to), value, data: data.to_vec(), kind }
}

//! Transactions: built, hashed, signed, encoded, decoded.
//!
//! One file for each type of EIP-2718. Lists and calldata are borrowed, from whoever builds a
//! transaction or from the bytes that one is decoded from. Only the canonical encoding is taken, so
//! that what is decoded is encoded again to the same bytes.

mod access_list;
mod authorization;
mod eip1559;
mod eip2930;
mod eip4844;
mod eip7702;
mod error;
mod field;
mod legacy;
mod list;
mod typed;

pub use self::access_list::AccessListItem;
pub use self::authorization::{Authorization, AuthorizationError, SignedAuthorization};
pub use self::eip1559::Eip1559;
pub use self::eip2930::Eip2930;
pub use self::eip4844::Eip4844;
pub use self::eip7702::Eip7702;
pub use self::error::{Field, TxError};
pub use self::legacy::Legacy;
pub use self::list::{Iter, List, ListItem};
pub use self::typed::{Signed, Unsigned};

use crate::matter::bytes::{Address, B256};
use crate::matter::sink::{Full, Sink};

/// Most bytes that a transaction is read from: what nodes pass on (128 KiB), and as much again for
/// transactions that reach a block by other ways.
pub const MAX_LEN: usize = 256 * 1024;

/// A signed transaction of any type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction<'a> {
    /// Type 0.
    Legacy(Signed<Legacy<'a>>),
    /// Type 1.
    Eip2930(Signed<Eip2930<'a>>),
    /// Type 2.
    Eip1559(Signed<Eip1559<'a>>),
    /// Type 3.
    Eip4844(Signed<Eip4844<'a>>),
    /// Type 4.
    Eip7702(Signed<Eip7702<'a>>),
}

/// Does the same with a transaction of whatever type.
macro_rules! each {
    ($transaction:expr, $signed:ident => $value:expr) => {
        match $transaction {
            Transaction::Legacy($signed) => $value,
            Transaction::Eip2930($signed) => $value,
            Transaction::Eip1559($signed) => $value,
            Transaction::Eip4844($signed) => $value,
            Transaction::Eip7702($signed) => $value,
        }
    };
}

impl<'a> Transaction<'a> {
    /// Reads a signed transaction as `eth_sendRawTransaction` takes it, and recovers its sender.
    ///
    /// # Errors
    ///
    /// [`TxError`] names the field and the rule that it breaks.
    pub fn decode(raw: &'a [u8]) -> Result<Self, TxError> {
        match raw.first().ok_or(TxError::Empty)? {
            // A legacy transaction is a list, whose first byte is above every type (EIP-2718).
            0xc0.. => Signed::decode(raw).map(Self::Legacy),
            1 => Signed::decode(raw).map(Self::Eip2930),
            2 => Signed::decode(raw).map(Self::Eip1559),
            3 => Signed::decode(raw).map(Self::Eip4844),
            4 => Signed::decode(raw).map(Self::Eip7702),
            found => Err(TxError::UnknownType { found: *found }),
        }
    }

    /// As [`Self::decode`], for one chain.
    ///
    /// # Errors
    ///
    /// As there, and [`TxError::OtherChain`]: a legacy transaction without EIP-155, which holds on every
    /// chain, is refused too.
    pub fn decode_for(raw: &'a [u8], chain_id: u64) -> Result<Self, TxError> {
        let transaction = Self::decode(raw)?;
        let found = transaction.chain_id();
        if found == Some(chain_id) {
            Ok(transaction)
        } else {
            Err(TxError::OtherChain { expected: chain_id, found })
        }
    }

    /// Its type (EIP-2718).
    #[must_use]
    pub fn transaction_type(&self) -> u8 {
        each!(self, signed => signed.transaction_type())
    }

    /// The chain that it is for; `None` where it names none.
    #[must_use]
    pub fn chain_id(&self) -> Option<u64> {
        each!(self, signed => signed.transaction().chain_id())
    }

    /// Who signed it.
    #[must_use]
    pub fn sender(&self) -> Address {
        each!(self, signed => signed.sender())
    }

    /// The hash by which it is known.
    #[must_use]
    pub fn hash(&self) -> B256 {
        each!(self, signed => signed.hash())
    }

    /// Writes it as `eth_sendRawTransaction` takes it.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        each!(self, signed => signed.write(sink))
    }
}

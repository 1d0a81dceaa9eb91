//! Access lists (EIP-2930).

use super::list::{List, ListItem};
use crate::grammar::rlp::{self, Item, RlpError};
use crate::matter::bytes::{Address, B256};
use crate::matter::sink::{Full, Sink};

/// An account and the slots of it that a transaction announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessListItem<'a> {
    /// The account.
    pub address: Address,
    /// The slots' keys.
    pub storage_keys: List<'a, B256>,
}

impl<'a> ListItem<'a> for AccessListItem<'a> {
    fn put(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        rlp::put_list(&mut sink, |mut sink| {
            rlp::put_string(&mut sink, &self.address.0)?;
            self.storage_keys.put(sink)
        })
    }

    fn read(item: Item<'a>) -> Result<Self, RlpError> {
        let mut fields = item.list()?;
        let address = Address(fields.item()?.array()?);
        let storage_keys = List::read(fields.item()?)?;
        fields.finish()?;
        Ok(Self { address, storage_keys })
    }
}

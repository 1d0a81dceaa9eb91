//! Transactions as the JSON of nodes (Ethereum JSON-RPC, `eth_getTransactionByHash` and `eth_signTransaction`).

use healthrecord_core::chain::signature::Signature;
use healthrecord_core::chain::tx::{Authorization, SignedAuthorization};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, B256, U256};
use serde_json::{Map, Value, json};

use super::{AccessListItem, Fees, Kind, SignedTransaction, Transaction};
use crate::form::{self, FormError, Object};

/// Most bytes of JSON that a transaction is read from.
const LIMIT: usize = 1024 * 1024;

impl Transaction {
    /// Reads an unsigned transaction from JSON: quantities in hex, `input` or `data`, and `type`, or else
    /// the type that has the fields given. Fields of answers (`hash`, `from`, …) are not read.
    ///
    /// # Errors
    ///
    /// [`FormError`] names the field.
    pub fn from_json(text: &str) -> Result<Self, FormError> {
        let value = form::parse(text, LIMIT)?;
        read(&Object::outermost(&value)?)
    }

    /// Writes it as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(write(self))
    }
}

impl SignedTransaction {
    /// Writes it as nodes answer, with `hash`, `from`, `v`, `yParity`, `r` and `s`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut fields = write(&self.transaction);
        let parity = u128::from(self.signature.y_parity);
        let v = match (self.transaction.transaction_type(), self.transaction.chain_id) {
            (0, Some(chain_id)) => {
                u128::from(chain_id).saturating_mul(2).saturating_add(35).saturating_add(parity)
            }
            (0, None) => parity.saturating_add(27),
            _ => parity,
        };
        put(&mut fields, "hash", &self.hash);
        put(&mut fields, "from", &self.sender);
        put(&mut fields, "v", &U256::from(v));
        if self.transaction.transaction_type() > 0 {
            put(&mut fields, "yParity", &U256::from(parity));
        }
        put(&mut fields, "r", &U256::from(self.signature.r));
        put(&mut fields, "s", &U256::from(self.signature.s));
        Value::Object(fields)
    }
}

fn put(fields: &mut Map<String, Value>, name: &str, value: &impl ToString) {
    fields.insert(name.to_owned(), value.to_string().into());
}

fn write(transaction: &Transaction) -> Map<String, Value> {
    let mut fields = Map::new();
    put(&mut fields, "type", &U256::from(u64::from(transaction.transaction_type())));
    if let Some(chain_id) = transaction.chain_id {
        put(&mut fields, "chainId", &U256::from(chain_id));
    }
    put(&mut fields, "nonce", &U256::from(transaction.nonce));
    put(&mut fields, "gas", &U256::from(transaction.gas_limit));
    fields.insert("to".to_owned(), transaction.to.map(|to| to.to_string()).into());
    put(&mut fields, "value", &transaction.value);
    put(&mut fields, "input", &Hex::new(&transaction.data));
    match &transaction.kind {
        Kind::Legacy { gas_price } => put(&mut fields, "gasPrice", gas_price),
        Kind::Eip2930 { gas_price, access_list } => {
            put(&mut fields, "gasPrice", gas_price);
            put_access_list(&mut fields, access_list);
        }
        Kind::Eip1559 { fees, access_list } => put_fees(&mut fields, fees, access_list),
        Kind::Eip4844 { fees, access_list, max_fee_per_blob_gas, blob_versioned_hashes } => {
            put_fees(&mut fields, fees, access_list);
            put(&mut fields, "maxFeePerBlobGas", max_fee_per_blob_gas);
            let hashes = blob_versioned_hashes.iter().map(ToString::to_string).collect::<Vec<_>>();
            fields.insert("blobVersionedHashes".to_owned(), hashes.into());
        }
        Kind::Eip7702 { fees, access_list, authorization_list } => {
            put_fees(&mut fields, fees, access_list);
            let list = authorization_list.iter().map(write_authorization).collect::<Vec<_>>();
            fields.insert("authorizationList".to_owned(), list.into());
        }
    }
    fields
}

fn put_fees(fields: &mut Map<String, Value>, fees: &Fees, access_list: &[AccessListItem]) {
    put(fields, "maxPriorityFeePerGas", &fees.max_priority_fee_per_gas);
    put(fields, "maxFeePerGas", &fees.max_fee_per_gas);
    put_access_list(fields, access_list);
}

fn put_access_list(fields: &mut Map<String, Value>, list: &[AccessListItem]) {
    let write = |item: &AccessListItem| {
        let keys = item.storage_keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        json!({ "address": item.address.to_string(), "storageKeys": keys })
    };
    fields.insert("accessList".to_owned(), list.iter().map(write).collect::<Vec<_>>().into());
}

fn write_authorization(signed: &SignedAuthorization) -> Value {
    let SignedAuthorization { authorization, signature } = signed;
    json!({
        "chainId": U256::from(authorization.chain_id).to_string(),
        "address": authorization.address.to_string(),
        "nonce": U256::from(authorization.nonce).to_string(),
        "yParity": U256::from(u64::from(signature.y_parity)).to_string(),
        "r": U256::from(signature.r).to_string(),
        "s": U256::from(signature.s).to_string(),
    })
}

fn read(fields: &Object<'_>) -> Result<Transaction, FormError> {
    let to = match fields.find("to") {
        Some(_) => Some(Address(fields.fixed("to")?)),
        None => None,
    };
    let chain_id = match fields.find("chainId") {
        Some(_) => Some(fields.quantity64("chainId")?),
        None => None,
    };
    let kind = read_kind(fields)?;
    if chain_id.is_none() && !matches!(kind, Kind::Legacy { .. }) {
        return Err(FormError::Missing { field: fields.path("chainId") });
    }
    let value = if fields.find("value").is_some() { fields.quantity("value")? } else { U256::ZERO };
    let gas = if fields.find("gas").is_some() { "gas" } else { "gasLimit" };
    Ok(Transaction {
        chain_id,
        nonce: fields.quantity64("nonce")?,
        gas_limit: fields.quantity64(gas)?,
        to,
        value,
        data: read_data(fields)?,
        kind,
    })
}

/// Wallets say `data` and nodes `input`; where both are there they are the same.
fn read_data(fields: &Object<'_>) -> Result<Vec<u8>, FormError> {
    match (fields.find("input"), fields.find("data")) {
        (None, None) => Ok(vec![]),
        (None, Some(_)) => fields.bytes("data"),
        (Some(_), None) => fields.bytes("input"),
        (Some(_), Some(_)) => {
            let input = fields.bytes("input")?;
            if fields.bytes("data")? == input {
                Ok(input)
            } else {
                Err(fields.type_error("data", "the same as input"))
            }
        }
    }
}

fn read_kind(fields: &Object<'_>) -> Result<Kind, FormError> {
    let has = |field: &str| fields.find(field).is_some();
    let number = if has("type") {
        fields.quantity64("type")?
    } else if has("authorizationList") {
        4
    } else if has("blobVersionedHashes") {
        3
    } else if has("maxFeePerGas") {
        2
    } else {
        u64::from(has("accessList"))
    };
    match number {
        0 => Ok(Kind::Legacy { gas_price: fields.quantity("gasPrice")? }),
        1 => Ok(Kind::Eip2930 {
            gas_price: fields.quantity("gasPrice")?,
            access_list: read_access_list(fields)?,
        }),
        2 => Ok(Kind::Eip1559 { fees: read_fees(fields)?, access_list: read_access_list(fields)? }),
        3 => Ok(Kind::Eip4844 {
            fees: read_fees(fields)?,
            access_list: read_access_list(fields)?,
            max_fee_per_blob_gas: fields.quantity("maxFeePerBlobGas")?,
            blob_versioned_hashes: fields
                .strings("blobVersionedHashes", |path, text| form::fixed(path, text).map(B256))?,
        }),
        4 => Ok(Kind::Eip7702 {
            fees: read_fees(fields)?,
            access_list: read_access_list(fields)?,
            authorization_list: fields
                .objects("authorizationList")?
                .iter()
                .map(read_authorization)
                .collect::<Result<_, _>>()?,
        }),
        _ => Err(fields.type_error("type", "a transaction type from 0x0 to 0x4")),
    }
}

fn read_fees(fields: &Object<'_>) -> Result<Fees, FormError> {
    Ok(Fees {
        max_priority_fee_per_gas: fields.quantity("maxPriorityFeePerGas")?,
        max_fee_per_gas: fields.quantity("maxFeePerGas")?,
    })
}

fn read_access_list(fields: &Object<'_>) -> Result<Vec<AccessListItem>, FormError> {
    if fields.find("accessList").is_none() {
        return Ok(vec![]);
    }
    let read = |item: &Object<'_>| {
        Ok(AccessListItem {
            address: Address(item.fixed("address")?),
            storage_keys: item.strings("storageKeys", |path, text| form::fixed(path, text).map(B256))?,
        })
    };
    fields.objects("accessList")?.iter().map(read).collect()
}

fn read_authorization(item: &Object<'_>) -> Result<SignedAuthorization, FormError> {
    let authorization = Authorization {
        chain_id: item.quantity64("chainId")?,
        address: Address(item.fixed("address")?),
        nonce: item.quantity64("nonce")?,
    };
    let y_parity = match item.quantity64("yParity")? {
        0 => false,
        1 => true,
        _ => return Err(item.type_error("yParity", "0x0 or 0x1")),
    };
    let signature =
        Signature { r: B256::from(item.quantity("r")?), s: B256::from(item.quantity("s")?), y_parity };
    Ok(authorization.into_signed(signature))
}

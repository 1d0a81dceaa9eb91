//! Signed transactions for the `rlp` crate, so that they stand in other people's RLP.

use ::rlp::{Decodable, DecoderError, Encodable, Rlp, RlpStream};

use super::SignedTransaction;

/// As in a block's body: a legacy transaction as its list, any other as a string (EIP-2718).
impl Encodable for SignedTransaction {
    fn rlp_append(&self, stream: &mut RlpStream) {
        if self.transaction.transaction_type() == 0 {
            stream.append_raw(&self.raw, 1);
        } else {
            stream.append(&self.raw);
        }
    }
}

impl Decodable for SignedTransaction {
    fn decode(rlp: &Rlp<'_>) -> Result<Self, DecoderError> {
        let raw = if rlp.is_list() { rlp.as_raw() } else { rlp.data()? };
        // The list may be followed by other items of the list it stands in.
        let raw = if rlp.is_list() { raw.get(..rlp.payload_info()?.total()).unwrap_or(raw) } else { raw };
        Self::decode(raw).map_err(|_| DecoderError::Custom("not a canonical signed transaction"))
    }
}

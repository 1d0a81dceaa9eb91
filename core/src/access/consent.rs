//! Consents that were signed and never relayed: they cost no gas, and a revoke on the chain still ends them.

use core::fmt;

use crate::chain::signature::{Signature, SignatureError};
use crate::grammar::rlp::{self, Reader, RlpError, RlpRule};
use crate::health::contract::message::{Grant, MAX_REVISION, domain};
use crate::health::contract::{Operation, Purpose, Terms};
use crate::matter::bytes::{Address, B256, U256};
use crate::matter::sink::{Full, Sink};

/// The version of the format that is read and written.
pub const CONSENT_VERSION: u64 = 1;

/// Most bytes of a consent. Ordinary ones have 134, and 32 more for each of scope and document that is not
/// 0: a QR code of version 10 holds them at error correction M, one of version 11 holds any.
pub const MAX_CONSENT_LEN: usize = 216;

/// A patient's signed grant that travels beside a proof bundle: taken apart and not believed.
///
/// RLP `[1, patient, grantee, scope, notBefore, notAfter, purposes, operations, requiredRoles, document,
/// epoch, revision, deadline, signature]`: addresses as 20 bytes; scope and document as 32, or empty for
/// 0; numbers within the widths that the contract gives them; the signature as the 65 bytes r ‖ s ‖ v. It
/// names neither chain nor contract: its signature is for one alone, which the verifier pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// What the patient signed.
    pub grant: Grant,
    /// By what.
    pub signature: Signature,
}

impl Consent {
    /// Reads a consent.
    ///
    /// # Errors
    ///
    /// [`ConsentError`] names the field at fault.
    pub fn decode(bytes: &[u8]) -> Result<Self, ConsentError> {
        let fields = rlp::list(bytes).map_err(|error| ConsentError::Rlp { field: "consent", error })?;
        let mut fields = Fields(fields);
        let version = fields.number("version", 64)?;
        if version != CONSENT_VERSION {
            return Err(ConsentError::Version { found: version });
        }
        let (patient, grantee) = (fields.address("patient")?, fields.address("grantee")?);
        let scope = fields.word("scope")?;
        let terms = Terms {
            not_before: fields.number("notBefore", 40)?,
            not_after: fields.number("notAfter", 40)?,
            purposes: fields.narrow("purposes", 32)?,
            operations: fields.narrow("operations", 16)?,
            required_roles: fields.narrow("requiredRoles", 16)?,
        };
        let document = fields.word("document")?;
        let (epoch, revision) = (fields.narrow("epoch", 32)?, fields.narrow("revision", 24)?);
        let deadline = fields.number("deadline", 40)?;
        let signature = fields.array("signature")?;
        fields.0.finish().map_err(|error| ConsentError::Rlp { field: "consent", error })?;
        let grant = Grant { patient, grantee, scope, terms, document, epoch, revision, deadline };
        let signature = Signature::from_bytes(&signature).map_err(ConsentError::Signature)?;
        Ok(Self { grant, signature })
    }

    /// Writes the consent, in at most [`MAX_CONSENT_LEN`] bytes.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write(&self, sink: &mut impl Sink) -> Result<(), Full> {
        let Grant { patient, grantee, scope, terms, document, epoch, revision, deadline } = &self.grant;
        rlp::put_list(sink, |mut sink| {
            let sink = &mut sink;
            let number = |sink: &mut &mut dyn Sink, number: u64| rlp::put_uint(sink, U256::from(number));
            number(sink, CONSENT_VERSION)?;
            rlp::put_string(sink, &patient.0)?;
            rlp::put_string(sink, &grantee.0)?;
            put_word(sink, scope)?;
            number(sink, terms.not_before)?;
            number(sink, terms.not_after)?;
            number(sink, terms.purposes.into())?;
            number(sink, terms.operations.into())?;
            number(sink, terms.required_roles.into())?;
            put_word(sink, document)?;
            number(sink, (*epoch).into())?;
            number(sink, (*revision).into())?;
            number(sink, *deadline)?;
            rlp::put_string(sink, &self.signature.to_bytes())
        })
    }

    /// Finds out whether the patient signed it for the contract at this address on this chain.
    ///
    /// One recovery of a public key, the only one of a decision: without consents a verifier needs no
    /// curve.
    #[must_use]
    pub fn check(&self, chain_id: u64, contract: Address) -> CheckedConsent {
        let signer = self.signature.recover(&self.grant.signing_hash(&domain(chain_id, contract)));
        let is_signed = signer == Ok(self.grant.patient);
        CheckedConsent { grant: self.grant, chain_id, contract, is_signed }
    }
}

/// A consent of which is known whether the patient signed it; only [`Consent::check`] makes one.
///
/// One that the patient did not sign is still one: whoever shows it is told why it permits nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckedConsent {
    grant: Grant,
    chain_id: u64,
    contract: Address,
    is_signed: bool,
}

impl CheckedConsent {
    /// What the patient signed, if [`Self::is_signed`].
    #[must_use]
    pub const fn grant(&self) -> &Grant {
        &self.grant
    }

    /// Whether the patient signed it, for the contract that it was checked for.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.is_signed
    }

    /// The same consent before a contract: signed only if it was checked for this one.
    pub(super) fn before(self, chain_id: u64, contract: Address) -> Self {
        let is_same = self.chain_id == chain_id && self.contract == contract;
        Self { is_signed: self.is_signed && is_same, ..self }
    }

    /// Whether the contract would take its terms in a grant.
    pub(super) const fn has_sound_terms(&self) -> bool {
        let Terms { not_before, not_after, purposes, operations, .. } = self.grant.terms;
        not_before < not_after
            && operations != 0
            && operations <= Operation::ALL
            && purposes != 0
            && purposes & Purpose::BreakGlass.bit() == 0
    }

    /// Whether it is for this revision of its word.
    ///
    /// A word of the greatest revision takes no grant, and a revoke leaves it there: a consent for it
    /// could not be taken back.
    pub(super) const fn is_for_revision(&self, revision: u32) -> bool {
        self.grant.revision == revision && revision < MAX_REVISION
    }
}

/// 0 is the empty string.
fn put_word(sink: &mut impl Sink, word: &B256) -> Result<(), Full> {
    rlp::put_string(sink, if word.is_zero() { &[] } else { &word.0 })
}

/// Takes fields from the front, each under its name.
struct Fields<'a>(Reader<'a>);

impl<'a> Fields<'a> {
    fn read<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(rlp::Item<'a>) -> Result<T, RlpError>,
    ) -> Result<T, ConsentError> {
        self.0.item().and_then(read).map_err(|error| ConsentError::Rlp { field, error })
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], ConsentError> {
        self.read(field, |item| item.array())
    }

    fn address(&mut self, field: &'static str) -> Result<Address, ConsentError> {
        self.array(field).map(Address)
    }

    /// 32 bytes, or none for 0, which has no other form.
    fn word(&mut self, field: &'static str) -> Result<B256, ConsentError> {
        self.read(field, |item| match item.string()? {
            [] => Ok(B256::ZERO),
            _ => match B256(item.array()?) {
                B256::ZERO => Err(item.breaks(RlpRule::LeadingZero)),
                word => Ok(word),
            },
        })
    }

    /// A number of at most so many bits.
    fn number(&mut self, field: &'static str, bits: u32) -> Result<u64, ConsentError> {
        self.read(field, |item| match item.uint64()? {
            number if number.checked_shr(bits).unwrap_or_default() == 0 => Ok(number),
            _ => Err(item.breaks(RlpRule::IntegerTooLarge)),
        })
    }

    fn narrow<T: TryFrom<u64> + Default>(
        &mut self,
        field: &'static str,
        bits: u32,
    ) -> Result<T, ConsentError> {
        // The bits are those of the type, or fewer.
        self.number(field, bits).map(|number| T::try_from(number).unwrap_or_default())
    }
}

/// Why bytes are no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentError {
    /// A field is not the canonical RLP that it should be, or wider than the contract has it.
    Rlp {
        /// The field.
        field: &'static str,
        /// The broken rule, with the offset into the consent.
        error: RlpError,
    },
    /// A version that is not known here.
    Version {
        /// The version found.
        found: u64,
    },
    /// The 65 bytes of the signature are none.
    Signature(SignatureError),
}

impl fmt::Display for ConsentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rlp { field, error } => write!(f, "the consent's {field}: {error}"),
            Self::Version { found } => write!(f, "a consent of version {found}: expected {CONSENT_VERSION}"),
            Self::Signature(error) => write!(f, "the consent: {error}"),
        }
    }
}

impl core::error::Error for ConsentError {}

//! How the contract is called: calldata.

use super::word::Terms;
use crate::grammar::abi::{self, Word};
use crate::matter::bytes::{Address, B256, U256};
use crate::matter::sink::{Full, Sink};

/// An argument of one or several static words.
trait Argument {
    fn put(&self, sink: &mut dyn Sink) -> Result<(), Full>;
}

impl<T: Word> Argument for T {
    fn put(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
        abi::put(&mut sink, self)
    }
}

impl Argument for Terms {
    fn put(&self, sink: &mut dyn Sink) -> Result<(), Full> {
        self.not_before.put(sink)?;
        self.not_after.put(sink)?;
        self.purposes.put(sink)?;
        self.operations.put(sink)?;
        self.required_roles.put(sink)
    }
}

/// Writes the functions, their selectors and their encoding from one table.
macro_rules! calls {
    ($($(#[$doc:meta])* $selector:literal $name:ident $({ $($field:ident: $kind:ty),+ })?;)+) => {
        /// A call of one of the contract's functions whose arguments are static.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "arguments are named as the interface names them")]
        pub enum Call {
            $($(#[$doc])* $name $({ $($field: $kind),+ })?,)+
        }

        impl Call {
            /// Every function by its name and selector, in the order of the interface.
            pub const SELECTORS: &[(&str, u32)] = &[$((stringify!($name), $selector)),+];

            /// Writes the calldata: the selector, then the arguments.
            ///
            /// # Errors
            ///
            /// [`Full`] when it does not fit.
            pub fn write(&self, mut sink: &mut dyn Sink) -> Result<(), Full> {
                match self {
                    $(Self::$name $({ $($field),+ })? => {
                        sink.put(&u32::to_be_bytes($selector))?;
                        $($($field.put(&mut sink)?;)+)?
                    })+
                }
                Ok(())
            }
        }
    };
}

calls! {
    /// Anchors a Merkle root under the caller's own key.
    0x6855_7e6b Anchor { root: B256, count: u32, kind: u16 };
    /// Retracts one commitment of the caller, once and for good.
    0x304c_4d38 Retract { commitment: B256, reason: u16 };
    /// Permits a grantee what the terms say, over whatever stood there before.
    0xaa37_e022 Grant { grantee: Address, scope: B256, terms: Terms, document: B256 };
    /// Denies a grantee everything at a scope, at once, until a new grant or revoke.
    0xad8d_ef73 Deny { grantee: Address, scope: B256, document: B256 };
    /// Ends what stands for a grantee at a scope.
    0x88e6_2721 Revoke { grantee: Address, scope: B256 };
    /// Ends every permit, delegation, emergency and unrelayed consent of the caller; denies stand.
    0xa340_fff4 RevokeAll;
    /// Sets the caller's flags and the lowest valid revision of its encryption cards.
    0x7e66_69eb SetPolicy { flags: u8, cards: u32 };
    /// Writes an account's credential.
    0x4600_b665 Accredit { account: Address, roles: u16, not_before: u64, not_after: u64 };
    /// Withdraws an account's credential.
    0x502f_83f7 Discredit { account: Address };
    /// Proposes a successor of the registrar.
    0x9be2_baec TransferRegistrar { pending: Address };
    /// Makes the caller, the proposed successor, the registrar.
    0x3aa6_c108 AcceptRegistrar;
    /// The grant word of a grantee at a scope.
    0x5049_0e2f GrantOf { patient: Address, grantee: Address, scope: B256 };
    /// The delegation word by which a delegator shares with a grantee at a scope.
    0xe606_902f DelegationOf { patient: Address, delegator: Address, grantee: Address, scope: B256 };
    /// The emergency word of a clinician.
    0x5eec_eb1e EmergencyOf { patient: Address, clinician: Address };
    /// The account word.
    0x8086_b8ba AccountOf { account: Address };
    /// The credential word.
    0xb381_60fa CredentialOf { account: Address };
    /// The anchor word.
    0xecbe_7ca5 AnchorOf { author: Address, root: B256 };
    /// The retraction word.
    0xeaf2_c0e1 RetractionOf { author: Address, commitment: B256 };
    /// Who accredits and appoints issuers.
    0x2b20_e397 Registrar;
    /// The registrar's proposed successor.
    0x1b25_355d PendingRegistrar;
}

/// A call of `decide`, the one function with an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecideCall<'a> {
    /// Whose records.
    pub patient: Address,
    /// Who asks.
    pub accessor: Address,
    /// Salt of the pair's blinded address, or 0.
    pub salt: B256,
    /// At most 6, most specific first.
    pub scopes: &'a [B256],
    /// One operation's bit.
    pub operation: u16,
    /// Index of the purpose.
    pub purpose: u8,
    /// Who shared with the accessor, or 0.
    pub delegator: Address,
    /// The time asked about, in Unix seconds.
    pub at: u64,
}

impl DecideCall<'_> {
    /// Its selector.
    pub const SELECTOR: u32 = 0x5032_bbd5;

    /// Words before the array: the struct's eight members.
    const HEAD: u64 = 8 * 32;

    /// Writes the calldata.
    ///
    /// # Errors
    ///
    /// [`Full`] when it does not fit.
    pub fn write(&self, sink: &mut dyn Sink) -> Result<(), Full> {
        sink.put(&Self::SELECTOR.to_be_bytes())?;
        // The struct is dynamic: it stands behind its offset, and the array behind its own.
        U256::from(32_u64).put(sink)?;
        self.patient.put(sink)?;
        self.accessor.put(sink)?;
        self.salt.put(sink)?;
        Self::HEAD.put(sink)?;
        self.operation.put(sink)?;
        self.purpose.put(sink)?;
        self.delegator.put(sink)?;
        self.at.put(sink)?;
        (self.scopes.len() as u64).put(sink)?;
        self.scopes.iter().try_for_each(|scope| scope.put(sink))
    }
}

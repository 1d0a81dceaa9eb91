//! Why the contract refuses: its custom errors, decoded from revert data.

use crate::grammar::abi::Reader;
use crate::matter::bytes::{Address, B256, U256};

/// Writes the errors, their selectors and their reading from one table.
macro_rules! reverts {
    ($($(#[$doc:meta])* $selector:literal $name:ident $({ $($field:ident: $kind:ty),+ })?;)+) => {
        /// A custom error of the contract, with its arguments.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "arguments are named as the interface names them")]
        pub enum Revert {
            $($(#[$doc])* $name $({ $($field: $kind),+ })?,)+
        }

        impl Revert {
            /// Every error by its name and selector, in the order of the interface.
            pub const SELECTORS: &[(&str, u32)] = &[$((stringify!($name), $selector)),+];

            /// Reads revert data; `None` where it is no error of this contract.
            #[must_use]
            pub fn decode(data: &[u8]) -> Option<Self> {
                let (selector, arguments) = data.split_first_chunk::<4>()?;
                let mut arguments = Reader::new(arguments).ok()?;
                let revert = match u32::from_be_bytes(*selector) {
                    $($selector => Self::$name $({ $($field: arguments.read().ok()?),+ })?,)+
                    _ => return None,
                };
                arguments.finish().ok()?;
                Some(revert)
            }
        }
    };
}

reverts! {
    /// A registrar must be named at deployment.
    0x79a6_3149 ZeroRegistrar;
    /// A root cannot be 0.
    0xb263_ae73 ZeroRoot;
    /// An anchor covers at least one record.
    0x047b_9cec ZeroCount;
    /// An anchor has a kind.
    0xd784_8a6f ZeroKind;
    /// The author has anchored this root before.
    0x01bd_a8d1 AlreadyAnchored { author: Address, root: B256 };
    /// A commitment cannot be 0.
    0x51bd_a03d ZeroCommitment;
    /// The author has retracted this commitment before.
    0xafeb_4aff AlreadyRetracted { author: Address, commitment: B256 };
    /// A grantee, or a clinician, cannot be the zero address.
    0xf662_6358 ZeroGrantee;
    /// A delegator cannot be the zero address.
    0x1fff_64c8 ZeroDelegator;
    /// A patient needs no consent of its own.
    0x9ff1_6068 SelfGrant { patient: Address };
    /// A window begins before it ends.
    0xad1f_4e91 EmptyWindow { not_before: u64, not_after: u64 };
    /// A permit allows at least one operation.
    0x90b2_8828 NoOperations;
    /// Operations are a mask of 1 to 15.
    0xc81e_9f46 UnknownOperations { operations: u16 };
    /// A permit has at least one purpose.
    0xce26_db2d NoPurposes;
    /// Break-glass is not granted.
    0x1c98_3d9f EmergencyPurpose { purposes: u32 };
    /// The word has the greatest revision and takes nothing but a revoke or a deny.
    0xaf94_8754 RevisionExhausted { word: U256 };
    /// A batch has at least one target.
    0xc2e5_347d EmptyBatch;
    /// A signature has no effect after its deadline.
    0x4e10_25f6 SignatureExpired { deadline: u64 };
    /// The signature is for another epoch of the patient.
    0x1b11_f1ff StaleEpoch { current: u32, signed: u32 };
    /// The signature is for another revision of the word.
    0xf194_e4cf StaleRevision { current: u32, signed: u32 };
    /// The signature is for another revision of the delegator's own grant.
    0xd77a_0d54 StaleParent { current: u32, signed: u32 };
    /// The signature is not the signer's.
    0xd855_c4f4 InvalidSignature { signer: Address };
    /// The caller may not act for the patient at this scope.
    0x1231_83a0 NotManager { patient: Address, caller: Address, scope: B256 };
    /// A manager grants nothing to itself.
    0x7375_1e34 ManagerIsGrantee { manager: Address };
    /// A manager's grants end no later than its own.
    0xcf69_7dc0 BeyondManagerWindow { not_after: u64, manager_not_after: u64 };
    /// A manager grants no operations but its own READ and WRITE.
    0x4ec9_8ee7 BeyondManagerOperations { operations: u16, manager_operations: u16 };
    /// A manager grants no purposes but its own.
    0xd888_1dc2 BeyondManagerPurposes { purposes: u32, manager_purposes: u32 };
    /// The patient wrote this word, and nobody else may replace it so.
    0xf42b_2c17 PatientWord { word: U256 };
    /// A manager ends no other grantee's word that has MANAGE.
    0xaba9_827a ManageWord { grantee: Address };
    /// The delegator may not share at this scope.
    0x5ef0_cbeb NotSharer { patient: Address, delegator: Address, scope: B256 };
    /// Nothing but READ and WRITE is delegated.
    0x2a9a_4b0a NotDelegable { operations: u16 };
    /// There is no deny of this delegation to lift.
    0x6e47_21e8 NotDenied { word: U256 };
    /// The caller has no current credential with EMERGENCY.
    0x2dd9_b2b9 NotEmergencyClinician { caller: Address };
    /// The patient forbids break-glass.
    0xf6c5_478d BreakGlassForbidden { patient: Address };
    /// The clinician's emergency access is open.
    0x902f_aefe EmergencyStillOpen { not_after: u64 };
    /// The patient closed the clinician's emergency access less than 24 hours ago.
    0x6ff9_1d69 EmergencyLocked { until: u64 };
    /// The clinician has no emergency access to close.
    0x26f9_f81b EmergencyNotOpen { patient: Address, clinician: Address };
    /// Emergency access is closed by the patient or the clinician.
    0xb891_7069 NotEmergencyParty { caller: Address };
    /// The patient's epoch is the greatest.
    0xac3a_42d7 EpochExhausted { patient: Address };
    /// Flags above 1 have no meaning.
    0x1179_9bae UnknownFlags { flags: u8 };
    /// The lowest valid card never falls.
    0xa837_0564 CardsFell { current: u32, proposed: u32 };
    /// The caller is not the registrar.
    0x53ac_4f07 NotRegistrar { caller: Address };
    /// The caller is not the registrar's proposed successor.
    0xb7aa_a7ea NotPendingRegistrar { caller: Address };
    /// The caller is neither the registrar nor an issuer with a current credential.
    0x3fd2_6f9e NotIssuer { caller: Address };
    /// An account to accredit cannot be the zero address.
    0xbfcf_3c0b ZeroAccount;
    /// A credential has at least one role.
    0xbc3c_25ef NoRoles;
    /// The role of issuer is given by the registrar alone.
    0x79a4_5c1f IssuerRole { roles: u16 };
    /// An issuer's credentials end no later than its own.
    0xa566_2cf8 BeyondIssuer { not_after: u64, issuer_not_after: u64 };
    /// The credential is another issuer's.
    0x4117_9d05 NotOwnCredential { account: Address, issuer: Address };
    /// There is no credential to withdraw.
    0x22b9_a430 NotAccredited { account: Address };
    /// A request names a patient.
    0xfd4a_c536 ZeroPatient;
    /// A request names an accessor.
    0x7069_24d6 ZeroAccessor;
    /// A request has at most 6 scopes.
    0x82de_6191 TooManyScopes { count: U256 };
    /// Scope 0 stands last or nowhere.
    0x1d70_e2de ZeroScope { index: U256 };
    /// A request has exactly one operation of 1, 2, 4, 8.
    0xa1ab_6185 NotOneOperation { operation: u16 };
    /// A patient does not delegate; it grants.
    0xeac9_d99b DelegatorIsPatient { delegator: Address };
    /// Nobody delegates to itself.
    0x0bce_c121 DelegatorIsAccessor { delegator: Address };
}

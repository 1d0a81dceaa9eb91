//! What is signed for the contract: its EIP-712 structs, and the calls that relay them.

mod text;

pub use self::text::{MAX_TEXT_LEN, Text};

use super::call::{Argument, Call};
use super::word::Terms;
use crate::chain::message::{Domain, typed_data_hash};
use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::Keccak;
use crate::matter::sink::{Count, Full, Sink};

/// How far above a word's revision a revoke, a deny or a close is signed: a relayed older consent does not
/// outrun it, and after a reorganisation of the chain it can be sent again.
pub const REVISIONS_AHEAD: u32 = 16;

/// The greatest revision of a word: it takes nothing but a revoke or a deny.
pub const MAX_REVISION: u32 = (1 << 24) - 1;

/// The domain in which the contract's structs are signed (EIP-712).
#[must_use]
pub const fn domain(chain_id: u64, contract: Address) -> Domain<'static> {
    Domain { name: "HealthRecord", version: "1", chain_id, verifying_contract: contract }
}

/// Writes the structs, their types and their members from one table: a doc, selector and name of the
/// function that takes it, the halves of its type hash, its type, its name, who signs, its members.
macro_rules! messages {
    ($(
        $(#[$doc:meta])*
        $selector:literal $function:ident ($high:literal, $low:literal) $type:literal
        $name:ident by $signer:ident { $($field:ident: $kind:ty),+ $(,)? };
    )+) => {
        $(
            $(#[$doc])*
            ///
            /// `deadline` is the last second, in Unix time, at which the signature has any effect.
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            #[allow(missing_docs, reason = "members are named as the interface names them")]
            pub struct $name {
                $(pub $field: $kind,)+
            }

            impl $name {
                /// How its type is written (EIP-712).
                pub const TYPE: &'static str = $type;

                /// `keccak256` of [`Self::TYPE`].
                pub const TYPE_HASH: B256 = joined($high, $low);

                /// Its struct hash (EIP-712).
                #[must_use]
                pub fn struct_hash(&self) -> B256 {
                    let mut hash = Keccak::new().chain(&Self::TYPE_HASH.0);
                    // A hash is never full.
                    self.put_members(&mut hash).unwrap_or_default();
                    hash.finish()
                }

                /// What is signed: see [`domain`].
                #[must_use]
                pub fn signing_hash(&self, domain: &Domain<'_>) -> B256 {
                    typed_data_hash(&domain.separator(), &self.struct_hash())
                }

                /// The call by which anybody relays it; the signature is 65 bytes (r, s, v) of the signer's
                /// key, or whatever the signer's own code takes (ERC-1271).
                #[must_use]
                pub const fn into_call(self, signature: &[u8]) -> Call<'_> {
                    Call::BySig { message: Message::$name(self), signature }
                }

                fn put_members(&self, sink: &mut dyn Sink) -> Result<(), Full> {
                    $(self.$field.put_head(sink, 0)?;)+
                    Ok(())
                }
            }

            impl From<$name> for Message {
                fn from(message: $name) -> Self {
                    Self::$name(message)
                }
            }
        )+

        /// Any of the contract's structs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is documented as a struct")]
        pub enum Message {
            $($name($name),)+
        }

        impl Message {
            /// Every function that takes one by its name and selector, in the order of the interface.
            pub const SELECTORS: &[(&str, u32)] = &[$((stringify!($function), $selector)),+];

            /// Every type and its hash, in the same order.
            pub const TYPES: &[(&str, B256)] = &[$(($name::TYPE, $name::TYPE_HASH)),+];

            /// Its struct hash (EIP-712).
            #[must_use]
            pub fn struct_hash(&self) -> B256 {
                match self {
                    $(Self::$name(message) => message.struct_hash(),)+
                }
            }

            /// What is signed: see [`domain`].
            #[must_use]
            pub fn signing_hash(&self, domain: &Domain<'_>) -> B256 {
                typed_data_hash(&domain.separator(), &self.struct_hash())
            }

            /// Whose signature it needs.
            #[must_use]
            pub const fn signer(&self) -> Address {
                match self {
                    $(Self::$name(message) => message.$signer,)+
                }
            }

            /// The last second at which the signature has any effect, in Unix time.
            #[must_use]
            pub const fn deadline(&self) -> u64 {
                match self {
                    $(Self::$name(message) => message.deadline,)+
                }
            }

            pub(super) const fn selector(&self) -> u32 {
                match self {
                    $(Self::$name(_) => $selector,)+
                }
            }
        }

        /// The arguments of the function that takes it are its members, in their order.
        impl Argument for Message {
            fn head_len(&self) -> usize {
                let mut count = Count::default();
                // A count is never full.
                self.put_head(&mut count, 0).unwrap_or_default();
                count.0
            }

            fn put_head(&self, sink: &mut dyn Sink, _tail_at: usize) -> Result<(), Full> {
                match self {
                    $(Self::$name(message) => message.put_members(sink),)+
                }
            }
        }
    };
}

messages! {
    /// An author anchors a Merkle root under its own key.
    0x5e42_8483 AnchorBySig
    (0xd1748329_fe11ca6f_e467baa7_a8a47ca0, 0x667f888b_c40f6cb5_787a6f08_5eb02ea1)
    "Anchor(address author,bytes32 root,uint32 count,uint16 kind,uint40 deadline)"
    Anchor by author { author: Address, root: B256, count: u32, kind: u16, deadline: u64 };
    /// An author retracts one of its commitments, once and for good.
    0x6d37_d27d RetractBySig
    (0xb9431f75_fdb75998_9685bc3a_11aa0495, 0x83b36c59_44a49c2c_d57571ed_051117c8)
    "Retract(address author,bytes32 commitment,uint16 reason,uint40 deadline)"
    Retract by author { author: Address, commitment: B256, reason: u16, deadline: u64 };
    /// A patient permits a grantee what the terms say. Unrelayed it is a consent, which an offline verifier
    /// takes.
    0xe05e_ce49 GrantBySig
    (0x5adc3ac9_14b89389_c68290e9_ec91eebc, 0xe2e0820f_c98f95b5_2d390327_9a9e8ae6)
    "Grant(address patient,address grantee,bytes32 scope,uint40 notBefore,uint40 notAfter,uint32 purposes,\
     uint16 operations,uint16 requiredRoles,bytes32 document,uint32 epoch,uint24 revision,uint40 deadline)"
    Grant by patient {
        patient: Address, grantee: Address, scope: B256, terms: Terms, document: B256, epoch: u32,
        revision: u32, deadline: u64,
    };
    /// A patient denies a grantee everything at a scope.
    0xb11a_72e5 DenyBySig
    (0x99436dc2_dec3bccd_782a06bc_a581eb8f, 0xb022d4e4_b4ec67d0_2ec37046_53be6997)
    "Deny(address patient,address grantee,bytes32 scope,bytes32 document,uint24 revision,uint40 deadline)"
    Deny by patient {
        patient: Address, grantee: Address, scope: B256, document: B256, revision: u32, deadline: u64,
    };
    /// A patient ends what stands for a grantee at a scope, permit or deny.
    0x49fb_9ec4 RevokeBySig
    (0xd1b25486_e3ec6bd8_7e1b4b4f_026be8a5, 0xe9c12793_4f8236ab_60546513_997b502c)
    "Revoke(address patient,address grantee,bytes32 scope,uint24 revision,uint40 deadline)"
    Revoke by patient { patient: Address, grantee: Address, scope: B256, revision: u32, deadline: u64 };
    /// A patient ends every permit, delegation, emergency and unrelayed consent; denies stand.
    0x5bdf_40aa RevokeAllBySig
    (0xc38b9189_b53963e9_d1ad62c0_501729e4, 0xb9ffd1f2_c46fb3f3_fb515b8b_5303c3d9)
    "RevokeAll(address patient,uint32 epoch,uint40 deadline)"
    RevokeAll by patient { patient: Address, epoch: u32, deadline: u64 };
    /// An account sets its flags and the lowest valid revision of its encryption cards.
    0x891b_d2fb SetPolicyBySig
    (0x005bdd52_001dc5d0_078ac403_1430e640, 0x69d0eda3_8aafa72f_2c7518af_ffbde0d4)
    "SetPolicy(address account,uint8 flags,uint24 cards,uint24 revision,uint40 deadline)"
    SetPolicy by account { account: Address, flags: u8, cards: u32, revision: u32, deadline: u64 };
    /// A grantee with SHARE passes on what it may do.
    0x324d_608b DelegateBySig
    (0xbe361bf3_efb85eca_d488f71a_9d16b7cd, 0x62951f96_b113d9e8_3b7cfd00_35ad447b)
    "Delegate(address patient,address delegator,address grantee,bytes32 scope,uint40 notBefore,\
     uint40 notAfter,uint32 purposes,uint16 operations,uint16 requiredRoles,uint24 parentRevision,\
     bool parentIsAll,uint32 epoch,uint24 revision,uint40 deadline)"
    Delegate by delegator {
        patient: Address, delegator: Address, grantee: Address, scope: B256, terms: Terms,
        parent_revision: u32, parent_is_all: bool, epoch: u32, revision: u32, deadline: u64,
    };
    /// A delegator ends its delegation.
    0x093d_75ef RevokeDelegationBySig
    (0x293bd265_f2993ec1_21daaf55_8c9cf8d1, 0x15f5c45a_7d45771d_f86e7fd2_eb64a301)
    "RevokeDelegation(address patient,address delegator,address grantee,bytes32 scope,uint24 revision,\
     uint40 deadline)"
    RevokeDelegation by delegator {
        patient: Address, delegator: Address, grantee: Address, scope: B256, revision: u32, deadline: u64,
    };
    /// A patient ends a delegation and bars it.
    0x80c6_3c9b DenyDelegationBySig
    (0x03ce9f65_3bd4039f_2bf69239_305544cc, 0x523457d8_6088a339_25079998_f817eba3)
    "DenyDelegation(address patient,address delegator,address grantee,bytes32 scope,uint24 revision,\
     uint40 deadline)"
    DenyDelegation by patient {
        patient: Address, delegator: Address, grantee: Address, scope: B256, revision: u32, deadline: u64,
    };
    /// A patient lifts its deny of a delegation.
    0x70c9_464f LiftDelegationBySig
    (0x84d627b5_181ce2ec_94a9d661_58fd853f, 0x344c4728_24b90bbd_c4069c73_057fe0f3)
    "LiftDelegation(address patient,address delegator,address grantee,bytes32 scope,uint32 epoch,\
     uint24 revision,uint40 deadline)"
    LiftDelegation by patient {
        patient: Address, delegator: Address, grantee: Address, scope: B256, epoch: u32, revision: u32,
        deadline: u64,
    };
    /// A patient closes emergency access, for 24 hours too.
    0xe215_1cf1 CloseEmergencyBySig
    (0x337ea3ef_bcc0fb8e_4701c5c9_243b3b03, 0x524431ba_b0e47859_6f643a08_a4d722ad)
    "CloseEmergency(address patient,address clinician,uint24 revision,uint40 deadline)"
    CloseEmergency by patient { patient: Address, clinician: Address, revision: u32, deadline: u64 };
}

const fn joined(high: u128, low: u128) -> B256 {
    let mut bytes = [0; 32];
    let (front, back) = bytes.split_at_mut(16);
    front.copy_from_slice(&high.to_be_bytes());
    back.copy_from_slice(&low.to_be_bytes());
    B256(bytes)
}

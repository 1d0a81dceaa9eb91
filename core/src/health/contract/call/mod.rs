//! How the contract is called: calldata.

mod argument;

pub(super) use self::argument::Argument;
pub use self::argument::{Question, Target};

use super::message::Message;
use super::word::Terms;
use crate::matter::bytes::{Address, B256};
use crate::matter::sink::{Full, Sink};

/// Writes the functions, their selectors and their encoding from one table.
macro_rules! calls {
    ($($(#[$doc:meta])* $selector:literal $name:ident $({ $($field:ident: $kind:ty),+ $(,)? })?;)+) => {
        /// A call of one of the contract's functions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "arguments are named as the interface names them")]
        pub enum Call<'a> {
            $($(#[$doc])* $name $({ $($field: $kind),+ })?,)+
            /// A function's form `…BySig`: what was signed, relayed by anybody.
            BySig { message: Message, signature: &'a [u8] },
        }

        impl Call<'_> {
            /// Every function by its name and selector, in the order of the interface, but for those of
            /// [`Message::SELECTORS`].
            pub const SELECTORS: &'static [(&'static str, u32)] =
                &[$((stringify!($name), $selector)),+];

            /// Writes the calldata: the selector, then the arguments.
            ///
            /// A number that is wider than the function's argument makes a call that the contract refuses.
            ///
            /// # Errors
            ///
            /// [`Full`] when it does not fit.
            pub fn write(&self, sink: &mut dyn Sink) -> Result<(), Full> {
                match self {
                    $(Self::$name $({ $($field),+ })? => put(sink, $selector, &[$($($field),+)?]),)+
                    Self::BySig { message, signature } => {
                        put(sink, message.selector(), &[message, signature])
                    }
                }
            }
        }
    };
}

calls! {
    /// Anchors a Merkle root under the caller's own key; nobody can occupy another's.
    0x6855_7e6b Anchor { root: B256, count: u32, kind: u16 };
    /// Retracts one commitment of the caller, once and for good.
    0x304c_4d38 Retract { commitment: B256, reason: u16 };
    /// Permits `grantee` what `terms` say, over whatever stood there before.
    0xaa37_e022 Grant { grantee: Address, scope: B256, terms: Terms, document: B256 };
    /// [`Grant`](Self::Grant), to many at once: all or none.
    0x6ad8_0a3b GrantMany { targets: &'a [Target], terms: Terms, document: B256 };
    /// [`Grant`](Self::Grant) by a manager of `patient`, where nothing was written or a manager wrote last.
    0x97bc_3758 GrantFor { patient: Address, grantee: Address, scope: B256, terms: Terms, document: B256 };
    /// Denies `grantee` everything at `scope`, at once, until a new grant or revoke.
    0xad8d_ef73 Deny { grantee: Address, scope: B256, document: B256 };
    /// [`Deny`](Self::Deny) by a manager of `patient`.
    0x67bd_3232 DenyFor { patient: Address, grantee: Address, scope: B256, document: B256 };
    /// Ends what stands for `grantee` at `scope`, permit or deny, and every consent not yet relayed.
    0x88e6_2721 Revoke { grantee: Address, scope: B256 };
    /// [`Revoke`](Self::Revoke) by a manager of `patient`.
    0xcef5_3289 RevokeFor { patient: Address, grantee: Address, scope: B256 };
    /// Ends every permit, delegation, emergency and unrelayed consent of the caller; denies stand.
    0xa340_fff4 RevokeAll;
    /// Sets the caller's flags and the lowest valid revision of its encryption cards.
    0x7e66_69eb SetPolicy { flags: u8, cards: u32 };
    /// Passes on to `grantee` what the caller may do with the records of `patient`: one step, READ and WRITE.
    0x1c46_7e3b Delegate { patient: Address, grantee: Address, scope: B256, terms: Terms };
    /// Ends a delegation of the caller's.
    0xf2b5_c0b1 RevokeDelegation { patient: Address, grantee: Address, scope: B256 };
    /// Ends a delegation about the caller, the patient, and bars it until the patient lifts this.
    0x1092_b9da DenyDelegation { delegator: Address, grantee: Address, scope: B256 };
    /// Lifts the caller's deny of a delegation, which stays ended: the delegator may delegate anew.
    0x3813_cb28 LiftDelegation { delegator: Address, grantee: Address, scope: B256 };
    /// Opens the records of `patient` to the caller, a clinician with a current credential of role EMERGENCY,
    /// to READ for BTG, for 4 hours or until its credential ends.
    0xf124_2da7 BreakGlass { patient: Address, reason: u16 };
    /// Closes emergency access: by the clinician, what is open; by the patient, whatever stands there, and
    /// for 24 hours from now.
    0x91c4_93d1 CloseEmergency { patient: Address, clinician: Address };
    /// Asks `patient` for a grant to the caller. Emits `AccessRequested` and changes nothing.
    0x6140_d94a RequestAccess {
        patient: Address, scope: B256, operations: u16, purposes: u32, not_after: u64,
    };
    /// Says that the caller used records of `patient`. Emits `AccessLogged` and changes nothing.
    0x86cc_8c0d LogAccess { patient: Address, scope: B256, purpose: u8, commitment: B256 };
    /// Writes an account's credential.
    0x4600_b665 Accredit { account: Address, roles: u16, not_before: u64, not_after: u64 };
    /// Withdraws an account's credential: its roles become 0 and its issuer the caller; the window stays.
    0x502f_83f7 Discredit { account: Address };
    /// Proposes a successor, in place of any proposed before; 0 proposes nobody.
    0x9be2_baec TransferRegistrar { pending: Address };
    /// Makes the caller, the proposed successor, the registrar.
    0x3aa6_c108 AcceptRegistrar;
    /// The grant of `grantee` at `scope`; all fields 0 if never written.
    0x5049_0e2f GrantOf { patient: Address, grantee: Address, scope: B256 };
    /// The delegation by which `delegator` shares with `grantee` at `scope`; all fields 0 if never written.
    0xe606_902f DelegationOf { patient: Address, delegator: Address, grantee: Address, scope: B256 };
    /// The emergency access of `clinician`; all fields 0 if never written.
    0x5eec_eb1e EmergencyOf { patient: Address, clinician: Address };
    /// The account's epoch, flags, revision and cards; all 0 if never written.
    0x8086_b8ba AccountOf { account: Address };
    /// The credential of `account`; all fields 0 if never written.
    0xb381_60fa CredentialOf { account: Address };
    /// The anchor of `root` by `author`; all fields 0 if never written.
    0xecbe_7ca5 AnchorOf { author: Address, root: B256 };
    /// The retraction of `commitment` by `author`; all fields 0 if never written.
    0xeaf2_c0e1 RetractionOf { author: Address, commitment: B256 };
    /// The word in storage at `slot`, as verifiers read it from a proof: so that a later contract can read
    /// this one.
    0x1e2e_aeaf Extsload { slot: B256 };
    /// The domain of this contract's signatures (ERC-5267).
    0x84b0_196e Eip712Domain;
    /// Who accredits and appoints issuers.
    0x2b20_e397 Registrar;
    /// The registrar's proposed successor; 0 if there is none.
    0x1b25_355d PendingRegistrar;
    /// Answers a request from the words in storage.
    0x5032_bbd5 Decide { question: Question<'a> };
}

/// Writes a selector and the arguments: their heads, then the tails of those whose length varies.
fn put(sink: &mut dyn Sink, selector: u32, arguments: &[&dyn Argument]) -> Result<(), Full> {
    sink.put(&selector.to_be_bytes())?;
    let heads = arguments.iter().map(|argument| argument.head_len());
    let mut tail_at = heads.fold(0, usize::saturating_add);
    for argument in arguments {
        argument.put_head(sink, tail_at)?;
        tail_at = tail_at.saturating_add(argument.tail_len());
    }
    arguments.iter().try_for_each(|argument| argument.put_tail(sink))
}

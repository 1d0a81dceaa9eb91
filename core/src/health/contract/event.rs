//! What the contract emits: its events, decoded from logs.

use core::fmt;

use crate::grammar::abi::{AbiError, Reader, WORD, Word};
use crate::matter::bytes::{Address, B256, U256};

/// Why a log of the contract is not one of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventError {
    /// The first topic is that of no event.
    UnknownTopic {
        /// It, or `None` where there is none.
        topic: Option<B256>,
    },
    /// The topics after the first are not the event's indexed arguments.
    Topics(AbiError),
    /// The data is not the event's other arguments.
    Data(AbiError),
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownTopic { topic: Some(topic) } => write!(f, "no event has the topic {topic}"),
            Self::UnknownTopic { topic: None } => f.write_str("a log without topics"),
            Self::Topics(error) => write!(f, "the event's topics: {error}"),
            Self::Data(error) => write!(f, "the event's data: {error}"),
        }
    }
}

impl core::error::Error for EventError {}

/// Writes the events, their topics and their reading from one table: indexed arguments, then data.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        ($high:literal, $low:literal)
        $name:ident { $($field:ident: $kind:ty),+ $(,)? } { $($other:ident: $type:ty),* };
    )+) => {
        /// An event of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "arguments are named as the interface names them")]
        pub enum Event {
            $($(#[$doc])* $name { $($field: $kind,)+ $($other: $type),* },)+
        }

        impl Event {
            /// Every event by its name and the halves of its topic, in the order of the interface.
            pub const TOPICS: &[(&str, u128, u128)] = &[$((stringify!($name), $high, $low)),+];

            /// Reads a log of the contract.
            ///
            /// # Errors
            ///
            /// [`EventError`] says which part is none of an event.
            pub fn decode(topics: &[B256], data: &[u8]) -> Result<Self, EventError> {
                let unknown = EventError::UnknownTopic { topic: topics.first().copied() };
                let (topic, indexed) = topics.split_first().ok_or(unknown)?;
                let (halves, _) = topic.0.as_chunks::<16>();
                let [high, low] = halves else { return Err(unknown) };
                let mut indexed = Indexed { topics: indexed, read: 0 };
                let mut data = Reader::new(data).map_err(EventError::Data)?;
                let event = match (u128::from_be_bytes(*high), u128::from_be_bytes(*low)) {
                    $(($high, $low) => Self::$name {
                        $($field: indexed.read_topic()?,)+
                        $($other: data.read().map_err(EventError::Data)?,)*
                    },)+
                    _ => return Err(unknown),
                };
                indexed.finish()?;
                data.finish().map_err(EventError::Data)?;
                Ok(event)
            }
        }
    };
}

events! {
    /// An author anchored a root.
    (0x1d132733_5aacd876_89a1ef32_9445a912, 0xce77b21a_52483865_e0b20678_e2c0a624)
    Anchored { author: Address, root: B256 } { word: U256 };
    /// An author retracted a commitment.
    (0xcfe6fcd1_82ac80e6_bccbe19f_294e760d, 0x6d18be45_4945e8dc_3a4d548b_1765258c)
    Retracted { author: Address, commitment: B256 } { word: U256 };
    /// A permit was written.
    (0xbb32228a_24aeac13_d2c58fbb_03c0ab0f, 0x75ac64a8_04d8bb39_c4b78d5f_69b7efa6)
    Granted { patient: Address, grantee: Address, scope: B256 } { word: U256, by: Address, document: B256 };
    /// A deny was written.
    (0x771462ce_dbf10c9b_89eca62c_f329b32c, 0x2982b6be_a70ea725_c72f8206_7dd3bd20)
    Denied { patient: Address, grantee: Address, scope: B256 } { word: U256, by: Address, document: B256 };
    /// A tombstone was written.
    (0x71634b87_b18084b5_6c418483_7b8950d8, 0x846e1e2e_3801ca3b_0432f027_c34105dc)
    Revoked { patient: Address, grantee: Address, scope: B256 } { word: U256, by: Address };
    /// A patient ended every permit at once.
    (0xa850a6e6_979243cf_48131937_422b2b5c, 0x9f470cd3_ab797739_e7f040b1_c78b2a91)
    RevokedAll { patient: Address } { word: U256 };
    /// An account set its flags and its lowest card.
    (0x13a62a2e_6966ae61_096006f0_39b708d2, 0xe2233bb8_187f33c9_08fff5bc_1b7bcaaf)
    PolicySet { account: Address } { word: U256 };
    /// A grantee with SHARE passed on what it may do.
    (0x6887c4ba_e6856de1_e3f0105f_123cf252, 0xe1bc6416_e376746a_21a5e9ae_fcc72de3)
    Delegated { patient: Address, delegator: Address, grantee: Address } { scope: B256, word: U256 };
    /// A delegation ended, by its delegator, or its deny was lifted, by the patient.
    (0xd43ae6a6_6e0150a0_a3a44000_1c46cbd3, 0xca6fb0fa_fff25a1e_b2f85971_000d403f)
    DelegationRevoked {
        patient: Address, delegator: Address, grantee: Address,
    } { scope: B256, word: U256, by: Address };
    /// The patient denied a delegation.
    (0x1179d3dc_6b1246e7_32e45975_fc78fde5, 0x526d1abc_2206c858_a378ee0b_0199f0a8)
    DelegationDenied { patient: Address, delegator: Address, grantee: Address } { scope: B256, word: U256 };
    /// A clinician broke the glass.
    (0x9ec161aa_11a9194c_649287e8_af7fef83, 0xc4921b62_2c1586fd_d036cf10_67f3a602)
    EmergencyOpened { patient: Address, clinician: Address } { word: U256, reason: u16 };
    /// Emergency access ended before its time.
    (0x1d5bb3b8_08d4e861_1cb44fba_cb378999, 0xb8db4ea1_6de48e34_dd38e09a_dd316666)
    EmergencyClosed { patient: Address, clinician: Address } { word: U256, by: Address };
    /// Somebody asks a patient for a grant. Changes nothing.
    (0x16c90b2a_d6cd92ad_29f3e84a_305ba38a, 0xd269b18e_f9212601_2e037b67_6ef44f5b)
    AccessRequested {
        patient: Address, accessor: Address, scope: B256,
    } { operations: u16, purposes: u32, not_after: u64 };
    /// Somebody says that it used a patient's records, for the accounting of disclosures. Changes nothing.
    (0x8e9e3b67_5db89ec8_f7475679_ef7d8bdb, 0x2788c3fb_a1069719_0766014e_54f975e1)
    AccessLogged { patient: Address, accessor: Address, scope: B256 } { purpose: u8, commitment: B256 };
    /// A credential was written; its issuer is who acted.
    (0x33ae6a38_14ee1d63_f3a31b7b_4d714ac7, 0x40df2f8d_db9caa2c_4312386d_12ba14af)
    Accredited { account: Address, issuer: Address } { word: U256 };
    /// A credential was withdrawn.
    (0xd1a42607_1deb850d_ce8edd66_d74fd95e, 0xe680cb5b_e6d42b8c_d3673b4c_c72630b7)
    Discredited { account: Address, by: Address } { word: U256 };
    /// The registrar named its successor, or nobody (0).
    (0x5a5a7f19_4f3c0f9a_bfd20eec_fda50278, 0x5afb6ece_632574d6_3a6a991c_fae91996)
    RegistrarProposed { registrar: Address, pending: Address } {};
    /// The registrar changed; the first is set at deployment and follows nobody (0).
    (0x9bf4a5b3_0267728d_f68663e1_4adb47e5, 0x59863967_c419dc60_30638883_408bed2e)
    RegistrarChanged { previous: Address, registrar: Address } {};
}

/// Reads the indexed arguments, each a topic.
struct Indexed<'a> {
    topics: &'a [B256],
    read: usize,
}

impl Indexed<'_> {
    fn read_topic<T: Word>(&mut self) -> Result<T, EventError> {
        let topic = self.topics.get(self.read).ok_or(self.wrong_length())?;
        let value = T::from_word(topic).ok_or(EventError::Topics(AbiError::Range { word: self.read }))?;
        self.read = self.read.saturating_add(1);
        Ok(value)
    }

    const fn finish(&self) -> Result<(), EventError> {
        if self.read == self.topics.len() { Ok(()) } else { Err(self.wrong_length()) }
    }

    const fn wrong_length(&self) -> EventError {
        EventError::Topics(AbiError::Length { found: self.topics.len().saturating_mul(WORD) })
    }
}

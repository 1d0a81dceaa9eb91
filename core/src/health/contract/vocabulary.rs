//! Operations, purposes of use, roles, and the addresses of blinded grantees.

use crate::matter::bytes::{Address, B256};
use crate::matter::keccak::Keccak;

/// `keccak256("healthrecord/hr1/blind")`
pub const TAG_BLIND: B256 = B256([
    0x86, 0x3e, 0x61, 0x69, 0x09, 0x80, 0xc8, 0xdd, 0x62, 0x9d, 0x9e, 0x0f, 0x26, 0x61, 0x5a, 0x11, 0xa3,
    0x87, 0xc2, 0x97, 0x02, 0x19, 0x76, 0x70, 0xe3, 0x7a, 0x39, 0x2b, 0xbb, 0x5e, 0x01, 0x1a,
]);

/// The address under which a patient grants to somebody whom the chain shall not name.
///
/// The last 20 bytes of `keccak256(TAG_BLIND ‖ patient ‖ grantee ‖ salt)`: nobody holds its key. The
/// salt is the patient's, one for each grantee; 0 stands for no blinding and is not to be used.
#[must_use]
pub fn blind(patient: &Address, grantee: &Address, salt: &B256) -> Address {
    let hash = Keccak::new().chain(&TAG_BLIND.0).chain(&patient.0).chain(&grantee.0).chain(&salt.0).finish();
    Address(hash.0.last_chunk().copied().unwrap_or_default())
}

/// What an accessor wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Read records.
    Read,
    /// Write records.
    Write,
    /// Delegate reading and writing, one step.
    Share,
    /// Act for the patient.
    Manage,
}

impl Operation {
    /// Every operation there is.
    pub const ALL: u16 = 15;

    /// Its bit in a word.
    #[must_use]
    pub const fn bit(self) -> u16 {
        match self {
            Self::Read => 1,
            Self::Write => 2,
            Self::Share => 4,
            Self::Manage => 8,
        }
    }
}

/// What an accessor wants it for: HL7 v3 `ActReason`, value set `PurposeOfUse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// TREAT: treatment.
    Treatment = 0,
    /// ETREAT: emergency treatment.
    EmergencyTreatment = 1,
    /// BTG: break the glass.
    BreakGlass = 2,
    /// CAREMGT: care management.
    CareManagement = 3,
    /// PATRQT: the patient's request.
    PatientRequest = 4,
    /// FAMRQT: the family's request.
    FamilyRequest = 5,
    /// PWATRNY: power of attorney.
    PowerOfAttorney = 6,
    /// HPAYMT: payment.
    Payment = 7,
    /// CLMATTCH: claim attachment.
    ClaimAttachment = 8,
    /// COVERAGE: coverage of care.
    Coverage = 9,
    /// HOPERAT: operations of a provider.
    Operations = 10,
    /// HRESCH: research.
    Research = 11,
    /// DSRCH: disease-specific research.
    DiseaseResearch = 12,
    /// PUBHLTH: public health.
    PublicHealth = 13,
    /// PATSFTY: patient safety.
    PatientSafety = 14,
    /// HMARKT: marketing.
    Marketing = 15,
    /// HTEST: test data.
    Test = 16,
}

impl Purpose {
    /// Every purpose, in the order of its bits.
    pub const ALL: [Self; 17] = [
        Self::Treatment,
        Self::EmergencyTreatment,
        Self::BreakGlass,
        Self::CareManagement,
        Self::PatientRequest,
        Self::FamilyRequest,
        Self::PowerOfAttorney,
        Self::Payment,
        Self::ClaimAttachment,
        Self::Coverage,
        Self::Operations,
        Self::Research,
        Self::DiseaseResearch,
        Self::PublicHealth,
        Self::PatientSafety,
        Self::Marketing,
        Self::Test,
    ];

    /// Its place among the bits of a word, from 0.
    #[must_use]
    pub const fn index(self) -> u8 {
        self as u8
    }

    /// Its bit in a word.
    #[must_use]
    pub const fn bit(self) -> u32 {
        1 << self.index()
    }

    /// Its HL7 v3 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Treatment => "TREAT",
            Self::EmergencyTreatment => "ETREAT",
            Self::BreakGlass => "BTG",
            Self::CareManagement => "CAREMGT",
            Self::PatientRequest => "PATRQT",
            Self::FamilyRequest => "FAMRQT",
            Self::PowerOfAttorney => "PWATRNY",
            Self::Payment => "HPAYMT",
            Self::ClaimAttachment => "CLMATTCH",
            Self::Coverage => "COVERAGE",
            Self::Operations => "HOPERAT",
            Self::Research => "HRESCH",
            Self::DiseaseResearch => "DSRCH",
            Self::PublicHealth => "PUBHLTH",
            Self::PatientSafety => "PATSFTY",
            Self::Marketing => "HMARKT",
            Self::Test => "HTEST",
        }
    }

    /// The purpose of an HL7 v3 code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// What a professional is accredited as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Accredits others.
    Issuer,
    /// Treats patients.
    Practitioner,
    /// May break the glass.
    Emergency,
    /// Pays for care.
    Insurer,
    /// Makes medicines or devices.
    Manufacturer,
    /// Does research.
    Researcher,
    /// Runs a laboratory.
    Laboratory,
    /// Runs a pharmacy.
    Pharmacy,
}

impl Role {
    /// The bits that have a name.
    pub const NAMED: u16 = 0xff;

    /// Its bit in a word.
    #[must_use]
    pub const fn bit(self) -> u16 {
        match self {
            Self::Issuer => 1,
            Self::Practitioner => 2,
            Self::Emergency => 4,
            Self::Insurer => 8,
            Self::Manufacturer => 16,
            Self::Researcher => 32,
            Self::Laboratory => 64,
            Self::Pharmacy => 128,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matter::keccak::keccak256;

    #[test]
    fn the_tag_is_what_it_says() {
        assert_eq!(TAG_BLIND, keccak256(b"healthrecord/hr1/blind"));
    }

    #[test]
    fn purposes_stand_in_the_order_of_their_bits() {
        for (index, purpose) in Purpose::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(purpose.index()), index);
            assert_eq!(Purpose::from_code(purpose.code()), Some(purpose));
        }
        assert_eq!(Purpose::from_code("NONE"), None);
    }
}

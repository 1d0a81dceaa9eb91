//! Any bytes as what comes from outside about the contract: a consent, a log, a refusal, an answer. Each is
//! refused or read, and what is read has one form.
#![no_main]

use healthrecord::consent;
use healthrecord::core::B256;
use healthrecord::core::access::{Consent, Decision, MAX_CONSENT_LEN};
use healthrecord::core::health::contract::{
    AccountWord, AnchorWord, CredentialWord, DelegationWord, Event, GrantWord, RetractionWord, Revert,
    address_from_answer, domain_from_answer,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(read) = Consent::decode(data) {
        assert!(data.len() <= MAX_CONSENT_LEN);
        assert_eq!(consent::to_bytes(&read), data);
        assert_eq!(consent::from_json(&consent::to_json(&read)), Ok(read));
        // Whoever signed it, it can be checked and shown.
        let grant = *read.check(1, read.grant.grantee).grant();
        assert_eq!(grant, read.grant);
    }

    // A log: its first byte says how many topics there are, the rest of it is data.
    let (count, rest) = data.split_first().map_or((0, data), |(count, rest)| (usize::from(count % 5), rest));
    let (topics, _) = rest.as_chunks::<32>();
    let topics: Vec<B256> = topics.iter().take(count).map(|topic| B256(*topic)).collect();
    let _ = Event::decode(&topics, rest.get(32 * count..).unwrap_or_default());
    let _ = Revert::decode(data);

    if let Ok(word) = GrantWord::from_answer(data) {
        assert_eq!(GrantWord::decode(word.encode()), Ok(word));
    }
    if let Ok(word) = DelegationWord::from_answer(data) {
        assert_eq!(DelegationWord::decode(word.encode()), Ok(word));
    }
    if let Ok(word) = AccountWord::from_answer(data) {
        assert_eq!(AccountWord::decode(word.encode()), Ok(word));
    }
    if let Ok(word) = CredentialWord::from_answer(data) {
        assert_eq!(CredentialWord::decode(word.encode()), word);
    }
    if let Ok(word) = AnchorWord::from_answer(data) {
        assert_eq!(AnchorWord::decode(word.encode()), Ok(word));
    }
    if let Ok(word) = RetractionWord::from_answer(data) {
        assert_eq!(RetractionWord::decode(word.encode()), Ok(word));
    }
    let _ = (Decision::from_answer(data), address_from_answer(data), domain_from_answer(data));
});

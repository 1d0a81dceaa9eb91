//! Any bytes as a proof bundle: refused, or decided alike with both ways of hashing. The hash that is
//! trusted is the header's own, and the state is the bundle's, so that the reading goes past both.
#![no_main]

use healthrecord::core::access::{Bundle, Deployment, Policy, Request, verify_as_of, verify_as_of_with};
use healthrecord::core::chain::trie::NodeRef;
use healthrecord::core::health::anchor::{HashRule, PinnedHash};
use healthrecord::core::health::contract::{Operation, Purpose};
use healthrecord::core::{Address, keccak256};
use healthrecord::keccak::WideKeccak;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(bundle) = Bundle::decode(bytes) else { return };
    let anchor = PinnedHash::new(keccak256(bundle.header()), HashRule::Plain);
    let code_hashes = [keccak256(&[])];
    let deployment =
        Deployment { chain_id: bundle.chain_id(), contract: bundle.contract(), code_hashes: &code_hashes };
    let (patient, accessor) = (Address([1; 20]), Address([2; 20]));
    let (operation, purpose) = (Operation::Read, Purpose::Treatment);
    let request = Request::about_scopes(patient, &[], accessor, operation, purpose, 7).unwrap();
    let mut memory = vec![NodeRef::EMPTY; bundle.nodes().count()];
    let policy = Policy::default();
    let one = verify_as_of(bytes, &anchor, &deployment, &request, &policy, &mut memory);
    let wide = verify_as_of_with(bytes, &anchor, &deployment, &request, &policy, &mut memory, &WideKeccak);
    assert_eq!(one, wide);
});

//! The committed contract, deployed and used by signed transactions: its words, its events, its refusals,
//! its proofs, and the same on Anvil.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::anvil::{Anvil, hold_receipt};
use common::{CHAIN, ETHER, GENESIS_TIME};
use healthrecord::bundle;
use healthrecord::rpc::{BlockHeader, EthGetProof};
use healthrecord_core::access::{
    Basis, Clock, Decision, Deployment, Policy, Reason, Request, Verdict, VerifyError, verify,
};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::{AnchorError, HashRule, PinnedHash};
use healthrecord_core::health::contract::{
    AccountWord, AnchorWord, Call, CredentialWord, Event, GrantWord, Operation, Purpose, RetractionWord,
    Revert, Role, Slot, State, Terms, Writer, blind,
};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::{CallError, Devchain, Genesis, GenesisAccount, Receipt, contract};
use serde_json::json;

const DAY: u64 = 86_400;
const RECORD: B256 = B256([0x77; 32]);
const ROOT: B256 = B256([0x88; 32]);

fn key(number: u8) -> SecretKey {
    SecretKey::from_bytes(&[number; 32]).unwrap()
}

/// The parties, a chain with the contract on it, and perhaps an Anvil that is sent the same.
struct Story {
    chain: Devchain,
    anvil: Option<Anvil>,
    contract: Address,
    registrar: SecretKey,
    hospital: SecretKey,
    patient: SecretKey,
    doctor: Address,
    psychiatrist: Address,
    time: u64,
}

impl Story {
    fn begin(anvil: Option<&std::ffi::OsStr>) -> Self {
        let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
        for number in 1..=3 {
            let account = GenesisAccount::funded(U256::from(10 * ETHER));
            genesis.accounts.insert(key(number).address(), account);
        }
        let chain = Devchain::new(genesis.clone());
        let anvil = anvil.map(|program| Anvil::start(program, &genesis, chain.next_base_fee()));
        let mut story = Self {
            chain,
            anvil,
            contract: Address::ZERO,
            registrar: key(1),
            hospital: key(2),
            patient: key(3),
            doctor: Address([0xd0; 20]),
            psychiatrist: Address([0xe0; 20]),
            time: GENESIS_TIME,
        };
        let raw = story.chain.sign(&key(1), None, &contract::creation_code(key(1).address()));
        let receipt = story.mine(&raw);
        assert!(receipt.success);
        story.contract = receipt.contract_address.unwrap();
        assert_eq!(story.chain.code(story.contract), contract::runtime_code());
        story
    }

    /// Mines one transaction, on both chains.
    fn mine(&mut self, raw: &[u8]) -> Receipt {
        let hash = self.chain.send_raw(raw).unwrap();
        self.time += 12;
        self.chain.mine(self.time).unwrap();
        let receipt = self.chain.receipt(&hash).unwrap().clone();
        if let Some(anvil) = &self.anvil {
            anvil.ask("eth_sendRawTransaction", &json!([Hex::new(raw).to_string()]));
            anvil.ask("evm_mine", &json!([format!("{:#x}", self.time)]));
            hold_receipt(&receipt, &anvil.ask("eth_getTransactionReceipt", &json!([hash.to_string()])));
        }
        receipt
    }

    /// What a party's call did: its one event, or the contract's reason to refuse.
    fn act(&mut self, by: u8, call: &Call<'_>) -> Result<Event, Revert> {
        let data = contract::calldata(call);
        // A failed transaction says nothing; a call of the same data in the same state gives the reason.
        let refusal = match self.chain.call_from(key(by).address(), self.contract, U256::ZERO, &data) {
            Err(CallError::Reverted { data, .. }) => Some(Revert::decode(&data).unwrap()),
            _ => None,
        };
        let raw = self.chain.sign(&key(by), Some(self.contract), &data);
        let receipt = self.mine(&raw);
        assert_eq!(receipt.success, refusal.is_none(), "{call:?}");
        match refusal {
            Some(refusal) => Err(refusal),
            None => {
                assert_eq!(receipt.logs.len(), 1, "every state change emits exactly one event: {call:?}");
                Ok(Event::decode(&receipt.logs[0].topics, &receipt.logs[0].data).unwrap())
            }
        }
    }

    /// A word by its slot, which a view and Anvil's storage agree with.
    fn word(&self, slot: Slot, view: &Call<'_>) -> U256 {
        let word = self.chain.storage(self.contract, slot.key());
        let answer = self.chain.call(self.contract, &contract::calldata(view)).unwrap();
        assert_eq!(answer.data, word.to_be_bytes(), "{view:?}");
        if let Some(anvil) = &self.anvil {
            let params = json!([self.contract.to_string(), slot.key().to_string(), "latest"]);
            assert_eq!(anvil.ask("eth_getStorageAt", &params), B256::from(word).to_string());
        }
        word
    }

    fn grant_word(&self, grantee: Address, scope: B256) -> GrantWord {
        let patient = self.patient.address();
        let view = Call::GrantOf { patient, grantee, scope };
        GrantWord::decode(self.word(Slot::Grant { patient, grantee, scope }, &view)).unwrap()
    }

    fn request(&self, accessor: Address, purpose: Purpose) -> Request {
        let (patient, operation) = (self.patient.address(), Operation::Read);
        Request::about_scopes(patient, &[RECORD], accessor, operation, purpose, self.time).unwrap()
    }

    fn bundle(&self, request: &Request) -> Vec<u8> {
        let proof = self.chain.proof(self.contract, &request.required_slots()).to_json().to_string();
        let block = self.chain.block_json(self.chain.head().number).unwrap().to_string();
        let (answer, block) =
            (EthGetProof::from_json(&proof).unwrap(), BlockHeader::from_json(&block).unwrap());
        bundle::build(CHAIN, &block, &answer)
    }

    fn verify(&self, bundle: &[u8], request: &Request) -> Result<Verdict, VerifyError> {
        let hashes = [contract::code_hash()];
        let deployment = Deployment { chain_id: CHAIN, contract: self.contract, code_hashes: &hashes };
        self.verify_by(bundle, request, self.chain.head().hash, &deployment, self.time)
    }

    fn verify_by(
        &self,
        bundle: &[u8],
        request: &Request,
        hash: B256,
        deployment: &Deployment<'_>,
        now: u64,
    ) -> Result<Verdict, VerifyError> {
        let clock = Clock { now, max_age: 3600, max_skew: 30 };
        let anchor = PinnedHash::new(hash, HashRule::Plain);
        verify(bundle, &anchor, deployment, request, &Policy::default(), &clock, &mut [NodeRef::EMPTY; 128])
    }

    fn decide(&self, request: &Request) -> Decision {
        self.verify(&self.bundle(request), request).unwrap().decision
    }
}

fn terms(not_before: u64, days: u64) -> Terms {
    Terms {
        not_before,
        not_after: not_before + days * DAY,
        purposes: Purpose::Treatment.bit(),
        operations: Operation::Read.bit(),
        required_roles: 0,
    }
}

fn run(anvil: Option<&std::ffi::OsStr>) {
    let mut story = Story::begin(anvil);
    let (patient, doctor) = (story.patient.address(), story.doctor);
    let deny = |reason| Decision::Deny { reason, scope: RECORD };
    assert_eq!(story.registrar.address(), key(1).address());

    let anchor = Call::Anchor { root: ROOT, count: 3, kind: 1 };
    let author = story.hospital.address();
    let written = AnchorWord { anchored_at: story.time + 12, count: 3, kind: 1 };
    assert_eq!(story.act(2, &anchor), Ok(Event::Anchored { author, root: ROOT, word: written.encode() }));
    assert_eq!(story.act(2, &anchor), Err(Revert::AlreadyAnchored { author, root: ROOT }));
    let word = story.word(Slot::Anchor { author, root: ROOT }, &Call::AnchorOf { author, root: ROOT });
    assert_eq!(AnchorWord::decode(word), Ok(written));

    let treatment = |story: &Story| story.request(doctor, Purpose::Treatment);
    let never = Decision::Deny { reason: Reason::NeverGranted, scope: B256::ZERO };
    assert_eq!(story.decide(&treatment(&story)), never);

    let granted = terms(story.time, 30);
    let grant = Call::Grant { grantee: doctor, scope: RECORD, terms: granted, document: B256::ZERO };
    let event = story.act(3, &grant).unwrap();
    let expected = GrantWord {
        terms: granted,
        epoch: 0,
        revision: 1,
        state: State::Permit,
        written_at: story.time,
        by: Writer::Patient,
    };
    assert_eq!(story.grant_word(doctor, RECORD), expected);
    let word = expected.encode();
    let by = patient;
    assert_eq!(
        event,
        Event::Granted { patient, grantee: doctor, scope: RECORD, word, by, document: B256::ZERO }
    );
    let permit = Decision::Permit { basis: Basis::Grant, scope: RECORD, until: granted.not_after };
    assert_eq!(story.decide(&treatment(&story)), permit);
    assert_eq!(story.decide(&story.request(doctor, Purpose::Research)), deny(Reason::Purpose));
    assert_eq!(story.decide(&story.request(patient, Purpose::Research)).code(), Basis::Own as u8);

    let salt = B256([0x5a; 32]);
    let hidden = blind(&patient, &story.psychiatrist, &salt);
    let all = Call::Grant { grantee: hidden, scope: B256::ZERO, terms: granted, document: B256::ZERO };
    story.act(3, &all).unwrap();
    let request = story.request(story.psychiatrist, Purpose::Treatment);
    assert_eq!(story.decide(&request), never, "whoever does not know the salt learns nothing");
    let broad = Decision::Permit { basis: Basis::Grant, scope: B256::ZERO, until: granted.not_after };
    assert_eq!(story.decide(&request.blinded(salt).unwrap()), broad);

    story.act(3, &Call::Revoke { grantee: doctor, scope: RECORD }).unwrap();
    assert_eq!(story.decide(&treatment(&story)), deny(Reason::Revoked));
    assert_eq!(story.grant_word(doctor, RECORD).revision, 2);
    let everything = Call::Grant { grantee: doctor, scope: B256::ZERO, terms: granted, document: ROOT };
    story.act(3, &everything).unwrap();
    assert_eq!(story.decide(&treatment(&story)), broad);
    story.act(3, &Call::Deny { grantee: doctor, scope: RECORD, document: B256::ZERO }).unwrap();
    assert_eq!(story.decide(&treatment(&story)), deny(Reason::Explicit), "all but this record");

    // Roles: the grant requires one, the registrar gives it, and takes it away.
    let required = Terms { required_roles: Role::Practitioner.bit(), ..granted };
    let again = Call::Grant { grantee: doctor, scope: RECORD, terms: required, document: B256::ZERO };
    story.act(3, &again).unwrap();
    story.act(3, &Call::Revoke { grantee: doctor, scope: B256::ZERO }).unwrap();
    assert_eq!(story.decide(&treatment(&story)).code(), Reason::Revoked as u8);
    let credential = CredentialWord {
        not_before: story.time,
        not_after: story.time + DAY,
        roles: Role::Practitioner.bit() | Role::Emergency.bit(),
        issuer: story.registrar.address(),
    };
    let CredentialWord { not_before, not_after, roles, .. } = credential;
    let accredit = Call::Accredit { account: doctor, roles, not_before, not_after };
    assert_eq!(
        story.act(3, &accredit),
        Err(Revert::NotIssuer { caller: patient }),
        "a self-appointed doctor"
    );
    story.act(1, &accredit).unwrap();
    let word = story.word(Slot::Credential(doctor), &Call::CredentialOf { account: doctor });
    assert_eq!(CredentialWord::decode(word), credential);
    let permit = Decision::Permit { basis: Basis::Grant, scope: RECORD, until: not_after };
    assert_eq!(story.decide(&treatment(&story)), permit, "until the credential ends");
    story.act(1, &Call::Discredit { account: doctor }).unwrap();
    assert_eq!(story.decide(&treatment(&story)).code(), Reason::Revoked as u8);

    story.act(3, &Call::SetPolicy { flags: 1, cards: 4 }).unwrap();
    let fell = Revert::CardsFell { current: 4, proposed: 3 };
    assert_eq!(story.act(3, &Call::SetPolicy { flags: 0, cards: 3 }), Err(fell));
    story.act(3, &Call::RevokeAll).unwrap();
    let word = story.word(Slot::Account(patient), &Call::AccountOf { account: patient });
    let account = AccountWord { epoch: 1, no_break_glass: true, revision: 2, cards: 4 };
    assert_eq!(AccountWord::decode(word), Ok(account));
    let psychiatrist = story.request(story.psychiatrist, Purpose::Treatment).blinded(salt).unwrap();
    assert_eq!(story.decide(&psychiatrist).code(), Reason::RevokedAll as u8);
    let emergency = story.request(doctor, Purpose::BreakGlass);
    assert_eq!(story.decide(&emergency).code(), Reason::EmergencyForbidden as u8);

    story.act(2, &Call::Retract { commitment: ROOT, reason: 7 }).unwrap();
    let slot = Slot::Retraction { author, commitment: ROOT };
    let word = story.word(slot, &Call::RetractionOf { author, commitment: ROOT });
    assert_eq!(RetractionWord::decode(word), Ok(RetractionWord { retracted_at: story.time, reason: 7 }));

    story.act(1, &Call::TransferRegistrar { pending: author }).unwrap();
    assert_eq!(story.act(3, &Call::AcceptRegistrar), Err(Revert::NotPendingRegistrar { caller: patient }));
    story.act(2, &Call::AcceptRegistrar).unwrap();
    let word = story.word(Slot::Registrar, &Call::Registrar);
    assert_eq!(word, U256::from_be_slice(&author.0).unwrap());
    assert!(story.word(Slot::PendingRegistrar, &Call::PendingRegistrar).is_zero());
}

#[test]
fn the_contract_is_used_from_deployment_to_handover() {
    run(None);
}

#[test]
fn anvil_runs_the_same_story_to_the_same_words_for_the_same_gas() {
    match std::env::var_os("HEALTHRECORD_ANVIL") {
        Some(program) => run(Some(&program)),
        None => println!("SKIPPED 1"),
    }
}

#[test]
fn what_proves_nothing_is_an_error_of_its_own_and_never_a_decision() {
    let mut story = Story::begin(None);
    let doctor = story.doctor;
    let grant =
        Call::Grant { grantee: doctor, scope: RECORD, terms: terms(story.time, 30), document: B256::ZERO };
    story.act(3, &grant).unwrap();
    let request = story.request(doctor, Purpose::Treatment);
    let bundle = story.bundle(&request);
    assert!(story.verify(&bundle, &request).unwrap().decision.is_permit());

    let hashes = [contract::code_hash()];
    let pinned = Deployment { chain_id: CHAIN, contract: story.contract, code_hashes: &hashes };
    let hash = story.chain.head().hash;
    let by = |deployment: &Deployment<'_>| story.verify_by(&bundle, &request, hash, deployment, story.time);
    let other = [B256([1; 32])];
    assert_eq!(
        by(&Deployment { code_hashes: &other, ..pinned }),
        Err(VerifyError::CodeHash { found: contract::code_hash() })
    );
    assert_eq!(
        by(&Deployment { code_hashes: &[], ..pinned }),
        Err(VerifyError::CodeHash { found: hashes[0] })
    );
    assert_eq!(
        by(&Deployment { chain_id: 1, ..pinned }),
        Err(VerifyError::Chain { expected: 1, found: CHAIN })
    );
    let elsewhere = Address([0xcc; 20]);
    let contract = Err(VerifyError::Contract { expected: elsewhere, found: story.contract });
    assert_eq!(by(&Deployment { contract: elsewhere, ..pinned }), contract);

    let before = story.chain.block_hash(story.chain.head().number - 1).unwrap();
    let mismatch = VerifyError::Anchor(AnchorError::HashMismatch { expected: before, found: hash });
    assert_eq!(story.verify_by(&bundle, &request, before, &pinned, story.time), Err(mismatch));

    let late = story.time + 3601;
    let stale = VerifyError::Stale { block_time: story.time, now: late, max_age: 3600 };
    assert_eq!(story.verify_by(&bundle, &request, hash, &pinned, late), Err(stale));
    let early = story.time - 31;
    let future = VerifyError::Future { block_time: story.time, now: early, max_skew: 30 };
    assert_eq!(story.verify_by(&bundle, &request, hash, &pinned, early), Err(future));

    let another = story.request(story.psychiatrist, Purpose::Treatment);
    assert!(matches!(story.verify(&bundle, &another), Err(VerifyError::Trie(_))));
    for len in 0..bundle.len() {
        assert!(story.verify(&bundle[..len], &request).is_err(), "cut to {len} bytes");
    }
    let mut flipped = bundle.clone();
    for bit in 0..bundle.len() * 8 {
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(story.verify(&flipped, &request).is_err(), "bit {bit}");
        flipped[bit / 8] ^= 1 << (bit % 8);
    }

    // A word with bits that mean nothing: proved, and still no decision.
    let slot = Slot::Account(story.patient.address()).key();
    let mut word = [0; 32];
    word[0] = 1;
    story.chain.hazmat_set_storage(story.contract, slot, U256::from_be_bytes(word)).unwrap();
    story.chain.mine(story.time + 1).unwrap();
    assert!(matches!(story.verify(&story.bundle(&request), &request), Err(VerifyError::Word(_))));
}

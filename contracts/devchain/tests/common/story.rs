//! A chain with the contract on it and parties who use it, and perhaps an Anvil that is sent the same.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::sync::LazyLock;

use healthrecord::bundle;
use healthrecord::rpc::{BlockHeader, EthGetProof};
use healthrecord_core::access::{Decision, Deployment, Policy, Request, decide, verify_as_of};
use healthrecord_core::chain::key::SecretKey;
use healthrecord_core::chain::trie::NodeRef;
use healthrecord_core::health::anchor::{HashRule, PinnedHash};
use healthrecord_core::health::contract::message::domain;
use healthrecord_core::health::contract::{Call, Event, Message, Revert, Slot};
use healthrecord_core::matter::hex::Hex;
use healthrecord_core::{Address, B256, U256};
use healthrecord_devchain::{CallError, Devchain, Genesis, GenesisAccount, Receipt, contract};
use serde_json::json;

use super::anvil::{Anvil, hold_receipt};
use super::{CHAIN, ETHER, GENESIS_TIME};

/// Parties are numbered from 1.
static KEYS: LazyLock<Vec<SecretKey>> =
    LazyLock::new(|| (1..=128).map(|number| SecretKey::from_bytes(&[number; 32]).unwrap()).collect());

/// The secret key of a party.
pub(crate) fn key(number: u8) -> &'static SecretKey {
    &KEYS[usize::from(number) - 1]
}

/// The address of a party.
pub(crate) fn party(number: u8) -> Address {
    key(number).address()
}

/// A signature as the contract takes it.
pub(crate) fn sign(number: u8, contract: Address, message: &Message) -> Vec<u8> {
    key(number).sign_hash(&message.signing_hash(&domain(CHAIN, contract))).to_bytes().to_vec()
}

pub(crate) struct Story {
    pub(crate) chain: Devchain,
    anvil: Option<Anvil>,
    pub(crate) contract: Address,
    pub(crate) time: u64,
    /// Selectors of what was called, and the names of the events and errors that were decoded.
    pub(crate) called: BTreeSet<u32>,
    pub(crate) events: BTreeSet<String>,
    pub(crate) errors: BTreeSet<String>,
}

/// The name of a variant, from its `Debug` text.
fn variant(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(' ').next().unwrap_or_default().to_owned()
}

impl Story {
    /// The parties of keys 1 to `parties` have ether, and the first is the registrar.
    pub(crate) fn begin(anvil: Option<&OsStr>, parties: u8) -> Self {
        let mut genesis = Genesis::new(CHAIN, GENESIS_TIME);
        for number in 1..=parties {
            genesis.accounts.insert(party(number), GenesisAccount::funded(U256::from(10 * ETHER)));
        }
        let chain = Devchain::new(genesis.clone());
        let anvil = anvil.map(|program| Anvil::start(program, &genesis, chain.next_base_fee()));
        let mut story = Self {
            chain,
            anvil,
            contract: Address::ZERO,
            time: GENESIS_TIME,
            called: BTreeSet::new(),
            events: BTreeSet::new(),
            errors: BTreeSet::new(),
        };
        let raw = story.chain.sign(key(1), None, &contract::creation_code(party(1)));
        let receipt = story.mine(&raw);
        assert!(receipt.success);
        story.contract = receipt.contract_address.unwrap();
        assert_eq!(story.chain.code(story.contract), contract::runtime_code());
        let [event] = &story.decode(&receipt)[..] else { panic!("a deployment emits one event") };
        assert_eq!(*event, Event::RegistrarChanged { previous: Address::ZERO, registrar: party(1) });
        story
    }

    /// Mines one transaction, on both chains.
    pub(crate) fn mine(&mut self, raw: &[u8]) -> Receipt {
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

    /// Lets time pass, in a block without transactions.
    pub(crate) fn wait(&mut self, seconds: u64) {
        self.time += seconds;
        self.chain.mine(self.time).unwrap();
        if let Some(anvil) = &self.anvil {
            anvil.ask("evm_mine", &json!([format!("{:#x}", self.time)]));
        }
    }

    /// Writes a word that no story of real transactions is long enough to reach.
    pub(crate) fn set_word(&mut self, slot: Slot, word: U256) {
        self.chain.hazmat_set_storage(self.contract, slot.key(), word).unwrap();
        if let Some(anvil) = &self.anvil {
            let params = [self.contract.to_string(), slot.key().to_string(), B256::from(word).to_string()];
            anvil.ask("anvil_setStorageAt", &json!(params));
        }
    }

    pub(crate) fn decode(&mut self, receipt: &Receipt) -> Vec<Event> {
        let logs = receipt.logs.iter();
        let events: Vec<Event> = logs.map(|log| Event::decode(&log.topics, &log.data).unwrap()).collect();
        for event in &events {
            self.events.insert(variant(event));
            if let Some((slot, word)) = place(event) {
                assert_eq!(self.chain.storage(self.contract, slot.key()), word, "{event:?}");
            }
        }
        events
    }

    fn note(&mut self, call: &Call<'_>) -> Vec<u8> {
        let data = contract::calldata(call);
        self.called.insert(u32::from_be_bytes(*data.first_chunk().unwrap()));
        data
    }

    /// A party's call, with the reason for which the state before its block refuses it.
    pub(crate) fn attempt(&mut self, by: u8, call: &Call<'_>) -> (Receipt, Option<Revert>) {
        let data = self.note(call);
        let raw = self.chain.sign(key(by), Some(self.contract), &data);
        // A failed transaction says nothing; a call of the same data in the same state gives the reason.
        let refusal = match self.chain.call_from(party(by), self.contract, U256::ZERO, &data) {
            Err(CallError::Reverted { data, .. }) => Some(Revert::decode(&data).unwrap()),
            _ => None,
        };
        (self.mine(&raw), refusal)
    }

    /// What a party's call did: its events, or the contract's reason to refuse.
    pub(crate) fn send(&mut self, by: u8, call: &Call<'_>) -> Result<Vec<Event>, Revert> {
        let (receipt, refusal) = self.attempt(by, call);
        assert_eq!(receipt.success, refusal.is_none(), "{call:?}");
        match refusal {
            Some(refusal) => {
                self.errors.insert(variant(&refusal));
                Err(refusal)
            }
            None => Ok(self.decode(&receipt)),
        }
    }

    /// What a party's call did: its one event.
    pub(crate) fn act(&mut self, by: u8, call: &Call<'_>) -> Result<Event, Revert> {
        let events = self.send(by, call)?;
        let [event] = events[..] else {
            panic!("every state change emits exactly one event: {call:?}, {events:?}")
        };
        Ok(event)
    }

    /// What became of a message that one party signs and another relays.
    pub(crate) fn relay(&mut self, signer: u8, message: impl Into<Message>) -> Result<Event, Revert> {
        let message = message.into();
        assert_eq!(message.signer(), party(signer), "{message:?}");
        let signature = sign(signer, self.contract, &message);
        self.act(8, &Call::BySig { message, signature: &signature })
    }

    /// Relays again what is applied already: it succeeds and nothing happens.
    pub(crate) fn relay_again(&mut self, signer: u8, message: impl Into<Message>) {
        let message = message.into();
        let signature = sign(signer, self.contract, &message);
        assert_eq!(self.send(8, &Call::BySig { message, signature: &signature }), Ok(vec![]));
    }

    /// What a view answers, here and on Anvil.
    pub(crate) fn view(&mut self, view: &Call<'_>) -> Result<Vec<u8>, Revert> {
        let data = self.note(view);
        match self.chain.call(self.contract, &data) {
            Ok(answer) => {
                if let Some(anvil) = &self.anvil {
                    let call = json!({"to": self.contract.to_string(), "data": Hex::new(&data).to_string()});
                    let theirs = anvil.ask("eth_call", &json!([call, "latest"]));
                    assert_eq!(theirs, Hex::new(&answer.data).to_string(), "{view:?}");
                }
                Ok(answer.data)
            }
            Err(CallError::Reverted { data, .. }) => {
                let refusal = Revert::decode(&data).unwrap();
                self.errors.insert(variant(&refusal));
                Err(refusal)
            }
            Err(error) => panic!("{view:?}: {error}"),
        }
    }

    /// A word by its slot, with which `extsload` and Anvil's storage agree.
    pub(crate) fn word(&mut self, slot: Slot) -> U256 {
        let word = self.chain.storage(self.contract, slot.key());
        let answer = self.view(&Call::Extsload { slot: slot.key() }).unwrap();
        assert_eq!(answer, word.to_be_bytes(), "{slot:?}");
        if let Some(anvil) = &self.anvil {
            let params = json!([self.contract.to_string(), slot.key().to_string(), "latest"]);
            assert_eq!(anvil.ask("eth_getStorageAt", &params), B256::from(word).to_string());
        }
        word
    }

    pub(crate) fn bundle(&self, request: &Request) -> Vec<u8> {
        let proof = self.chain.proof(self.contract, &request.required_slots()).to_json().to_string();
        let block = self.chain.block_json(self.chain.head().number).unwrap().to_string();
        let (answer, block) = (
            EthGetProof::from_json(&proof).unwrap(),
            BlockHeader::from_json(&block, HashRule::Plain).unwrap(),
        );
        bundle::build(CHAIN, &block, &answer)
    }

    /// What the core answers from the words and what the contract answers are one.
    pub(crate) fn decide_unproved(&mut self, request: &Request) -> Decision {
        let slots = request.required_slots();
        let words: Vec<U256> = slots.iter().map(|slot| self.chain.storage(self.contract, *slot)).collect();
        let ours = decide(request, &words).unwrap();
        let theirs = self.view(&Call::Decide { question: request.as_question() }).unwrap();
        assert_eq!(Decision::from_answer(&theirs), Ok(ours), "{request:?}");
        ours
    }

    /// And so is what the core answers from their proof, now or about the future.
    pub(crate) fn decide(&mut self, request: &Request) -> Decision {
        assert!(request.time() >= self.time, "a proof answers as of its block or later");
        let hashes = [contract::code_hash()];
        let deployment = Deployment { chain_id: CHAIN, contract: self.contract, code_hashes: &hashes };
        let anchor = PinnedHash::new(self.chain.head().hash, HashRule::Plain);
        let (bundle, policy) = (self.bundle(request), Policy::default());
        let mut memory = [NodeRef::EMPTY; 256];
        let verdict = verify_as_of(&bundle, &anchor, &deployment, request, &policy, &mut memory).unwrap();
        assert_eq!(verdict.decision, self.decide_unproved(request), "{request:?}");
        verdict.decision
    }
}

/// The slot of the word that an event tells, and the word.
fn place(event: &Event) -> Option<(Slot, U256)> {
    Some(match *event {
        Event::Anchored { author, root, word } => (Slot::Anchor { author, root }, word),
        Event::Retracted { author, commitment, word } => (Slot::Retraction { author, commitment }, word),
        Event::Granted { patient, grantee, scope, word, .. }
        | Event::Denied { patient, grantee, scope, word, .. }
        | Event::Revoked { patient, grantee, scope, word, .. } => {
            (Slot::Grant { patient, grantee, scope }, word)
        }
        Event::RevokedAll { patient: account, word } | Event::PolicySet { account, word } => {
            (Slot::Account(account), word)
        }
        Event::Delegated { patient, delegator, grantee, scope, word }
        | Event::DelegationRevoked { patient, delegator, grantee, scope, word, .. }
        | Event::DelegationDenied { patient, delegator, grantee, scope, word } => {
            (Slot::Delegation { patient, delegator, grantee, scope }, word)
        }
        Event::EmergencyOpened { patient, clinician, word, .. }
        | Event::EmergencyClosed { patient, clinician, word, .. } => {
            (Slot::Emergency { patient, clinician }, word)
        }
        Event::Accredited { account, word, .. } | Event::Discredited { account, word, .. } => {
            (Slot::Credential(account), word)
        }
        Event::RegistrarProposed { pending: address, .. } => {
            (Slot::PendingRegistrar, U256::from_be_slice(&address.0)?)
        }
        Event::RegistrarChanged { registrar: address, .. } => {
            (Slot::Registrar, U256::from_be_slice(&address.0)?)
        }
        Event::AccessRequested { .. } | Event::AccessLogged { .. } => return None,
    })
}

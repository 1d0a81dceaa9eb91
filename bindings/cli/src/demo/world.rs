//! The parties and the chain that they meet on.

use std::time::Instant;

use healthrecord::access::{Deployment, Operation, Purpose, Request};
use healthrecord::bundle;
use healthrecord::code::{Code as _, Entry};
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::health::anchor::HashRule;
use healthrecord::core::health::contract::Call;
use healthrecord::core::{Address, B256, U256};
use healthrecord::record::BoundRecord;
use healthrecord::rpc::{BlockHeader, EthGetProof};
use healthrecord_devchain::{Devchain, Genesis, GenesisAccount, Receipt, contract};

use crate::access::unix_now;
use crate::failure::Failure;
use crate::record::random;

/// The codes that only the embedded chain gives, for the table of all codes.
pub(crate) const CODES: &[Entry] = &[Entry {
    code: CHAIN,
    meaning: "The embedded chain refused a transaction of the demo.",
    cause: "More records than one block has room for.",
    remedy: "Give a Bundle with fewer resources.",
}];

const CHAIN: &str = "demo.chain";

/// Seconds between two blocks.
const BLOCK_TIME: u64 = 12;
/// Blocks that the story takes at most, beside those of the anchors.
const STORY_BLOCKS: u64 = 20;
/// The chain id of the embedded chain.
const CHAIN_ID: u64 = 31_337;
/// 1,000 ether in wei.
const FUNDS: u128 = 1_000_000_000_000_000_000_000;
/// Transactions that one block takes with certainty.
const PER_BLOCK: usize = 25;

/// The embedded chain with the contract on it, and the keys of those who write.
pub(crate) struct World {
    chain: Devchain,
    contract: Address,
    pub(crate) hospital: SecretKey,
    pub(crate) patient: SecretKey,
    pub(crate) cardiologist: Address,
    pub(crate) psychiatrist: Address,
    pub(crate) pharmacist: Address,
    pub(crate) stranger: Address,
    time: u64,
}

impl World {
    /// Deploys the contract, for a story about so many records.
    ///
    /// Its blocks lie in the past, the last of them about now by this machine's clock, so that a bundle
    /// can be verified right after.
    pub(crate) fn begin(records: usize) -> Result<Self, Failure> {
        let (hospital, patient) = (new_key()?, new_key()?);
        let time = unix_now();
        let blocks = u64::try_from(records / PER_BLOCK).unwrap_or_default().saturating_add(STORY_BLOCKS);
        let mut genesis = Genesis::new(CHAIN_ID, time.saturating_sub(BLOCK_TIME.saturating_mul(blocks)));
        for key in [&hospital, &patient] {
            genesis.accounts.insert(key.address(), GenesisAccount::funded(U256::from(FUNDS)));
        }
        let mut world = Self {
            time: genesis.timestamp,
            chain: Devchain::new(genesis),
            contract: Address::ZERO,
            hospital,
            patient,
            cardiologist: new_key()?.address(),
            psychiatrist: new_key()?.address(),
            pharmacist: new_key()?.address(),
            stranger: new_key()?.address(),
        };
        let code = contract::creation_code(world.hospital.address());
        let hash = world.chain.send(&world.hospital, None, &code).map_err(refused)?;
        world.mine()?;
        let receipt = world.receipt(&hash)?;
        world.contract = receipt.contract_address.ok_or_else(|| refused("no contract was created"))?;
        Ok(world)
    }

    /// The time of the newest block, in Unix seconds.
    pub(crate) const fn time(&self) -> u64 {
        self.time
    }

    pub(crate) const fn contract(&self) -> Address {
        self.contract
    }

    pub(crate) fn head(&self) -> (u64, B256) {
        let head = self.chain.head();
        (head.number, head.hash)
    }

    pub(crate) fn deployment(&self) -> Deployment {
        let code_hashes = vec![contract::code_hash()];
        Deployment { chain_id: CHAIN_ID, contract: self.contract, code_hashes }
    }

    /// Anchors many commitments of the hospital's and gives the gas of all.
    pub(crate) fn anchor(&mut self, commitments: &[B256]) -> Result<u64, Failure> {
        let mut gas = 0;
        for block in commitments.chunks(PER_BLOCK) {
            let mut sent = vec![];
            for root in block {
                let call = Call::Anchor { root: *root, count: 1, kind: 1 };
                sent.push(self.chain.send_call(&self.hospital, self.contract, &call).map_err(refused)?);
            }
            self.mine()?;
            for hash in &sent {
                gas += self.receipt(hash)?.gas_used;
            }
        }
        Ok(gas)
    }

    /// Sends a call of the patient's and gives its gas.
    pub(crate) fn act(&mut self, call: &Call<'_>) -> Result<u64, Failure> {
        let hash = self.chain.send_call(&self.patient, self.contract, call).map_err(refused)?;
        self.mine()?;
        Ok(self.receipt(&hash)?.gas_used)
    }

    pub(crate) fn request(
        &self,
        record: &BoundRecord,
        accessor: Address,
        purpose: Purpose,
    ) -> Result<Request, Failure> {
        Request::about_record(record, accessor, Operation::Read, purpose, self.time)
            .map_err(|error| Failure::new(error.code(), error))
    }

    /// What an untrusted node hands over for a request: the proof bundle at the newest block.
    pub(crate) fn bundle(&self, request: &Request) -> Result<Vec<u8>, Failure> {
        let answer = self.answer(&request.required_slots())?;
        Ok(bundle::build(CHAIN_ID, &self.block()?, &answer))
    }

    /// The node's answer to `eth_getProof`, through its JSON.
    pub(crate) fn answer(&self, slots: &[B256]) -> Result<EthGetProof, Failure> {
        let json = self.chain.proof(self.contract, slots).to_json().to_string();
        EthGetProof::from_json(&json).map_err(|error| Failure::new(error.code(), error))
    }

    /// The newest block's header, through the node's JSON.
    pub(crate) fn block(&self) -> Result<BlockHeader, Failure> {
        let block = self.chain.block_json(self.chain.head().number).unwrap_or_default();
        BlockHeader::from_json(&block.to_string(), HashRule::Plain)
            .map_err(|error| Failure::new(error.code(), error))
    }

    fn mine(&mut self) -> Result<(), Failure> {
        self.time = self.time.saturating_add(BLOCK_TIME);
        self.chain.mine(self.time).map(|_| ()).map_err(refused)
    }

    fn receipt(&self, hash: &B256) -> Result<Receipt, Failure> {
        let receipt = self.chain.receipt(hash).filter(|receipt| receipt.success);
        receipt.cloned().ok_or_else(|| refused(format!("the transaction {hash} failed")))
    }
}

/// What a piece of work gives, and its microseconds.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let begin = Instant::now();
    let result = work();
    (result, u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX))
}

fn new_key() -> Result<SecretKey, Failure> {
    SecretKey::from_bytes(&*random()?).map_err(|error| Failure::new(error.code(), error))
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::new(CHAIN, error)
}

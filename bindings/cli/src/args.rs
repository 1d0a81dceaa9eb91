//! The command line: what can be asked, and the help that teaches it.

#![expect(clippy::doc_markdown, reason = "these comments are the help that the terminal shows")]
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use healthrecord::access::{DEFAULT_MAX_AGE, DEFAULT_MAX_SKEW};
use healthrecord::core::health::anchor::HashRule;
use healthrecord::core::{Address, B256};

/// Commit health records and verify offline who may access what.
#[derive(Parser)]
#[command(name = "healthrecord", version, propagate_version = true)]
#[command(after_help = "Exit codes: 0 permit or valid, 1 deny or not valid, 2 error (nothing was proved).\n\
    FILE may be - for standard input.")]
pub(crate) struct Args {
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Without one, the demo runs.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Walk the whole story on an embedded chain: commit, anchor, grant, verify offline, revoke.
    ///
    /// A hospital commits and anchors a patient's records, the patient grants and takes back, and a
    /// verifier who has nothing but a proof bundle and a block hash answers. Nothing is fetched, and
    /// nothing is kept but what --out names.
    #[command(after_help = "Examples:\n  \
        healthrecord demo\n  \
        healthrecord demo my-bundle.json --out story      keeps every file that passes between the parties")]
    Demo(Demo),

    /// Commit a record: make the hash that hides it, and the key that opens it.
    ///
    /// The record is a JSON document (a FHIR resource, say) of at most 16 MiB. Its commitment may be
    /// shown to anybody and be anchored on a chain; it says nothing about the record. The key file
    /// holds the secret with which single elements can be disclosed later: keep it as you keep the
    /// record.
    #[command(after_help = "Examples:\n  \
        healthrecord commit observation.json --patient 0xADDRESS --author 0xADDRESS --key-out key.json\n  \
        healthrecord commit observation.json --key key.json      the same commitment again\n  \
        healthrecord commit observation.json --patient 0xADDRESS --author 0xADDRESS --key-out key.json \\\n      \
        --master master.txt                                    one secret to back up for all records")]
    Commit(Commit),

    /// Disclose single elements of a record, with the proof that they belong to its commitment.
    ///
    /// Elements are named by JSON Pointers (RFC 6901): /valueQuantity/value, /component/0, or "" for
    /// the whole document; or by patterns, which go through arrays as FHIRPath does: Observation.value*,
    /// Patient.name.given, `name[0].family`. An array or object comes with all that is in it. What stands around an
    /// element is shown by name only, but for the elements that FHIR calls modifiers (status,
    /// doNotPerform, comparator, modifierExtension, …), which change its meaning.
    #[command(after_help = "Example:\n  \
        healthrecord disclose observation.json /code Observation.value* --key key.json --out disclosure.json")]
    Disclose(Disclose),

    /// Check a disclosure, or a whole record with its key, against a commitment that you trust.
    ///
    /// With --anchored, check that the record's author anchored it and has not retracted it, offline: the
    /// commitment need not be known. What the record says is worth as much as its author.
    ///
    /// Exit code 0: it belongs to the commitment. 1: it does not, or was altered. 2: it could not be
    /// read.
    #[command(after_help = "Examples:\n  \
        healthrecord check disclosure.json --commitment 0xHASH\n  \
        healthrecord check disclosure.json --anchored bundle.rlp --trusted-hash 0xHASH --deployment deployment.json\n  \
        healthrecord check observation.json --key key.json --commitment 0xHASH")]
    Check(Check),

    /// Tell what one version of a record changed of the one before.
    ///
    /// Both must be the documents that were committed, and the newer one must name the older as the version
    /// before. Elements of arrays are compared by their indexes. Exit code 0, whatever changed.
    #[command(after_help = "Example:\n  \
        healthrecord diff old.json new.json --old-key old-key.json --new-key new-key.json")]
    Diff(Diff),

    /// Commit many records, to anchor them all with one transaction.
    ///
    /// The records are the lines of a file (newline-delimited JSON, as FHIR's bulk data export gives it),
    /// or the .json files of a folder, by name. Three files are written into the folder DIR: keys.ndjson,
    /// which opens the records and is for their holder's eyes only; manifest.ndjson, with the proof by
    /// which each record belongs to the batch; anchor.json, with the root to anchor. A line of each of the
    /// first two is the key file and the batch proof of one record.
    ///
    /// The same command goes on where one was cut short. A batch is anchored as one kind of record.
    #[command(after_help = "Examples:\n  \
        healthrecord batch observations.ndjson --author 0xADDRESS --patients patients.json --out batch\n  \
        zcat export.ndjson.gz | healthrecord batch - --author 0xADDRESS --patient 0xADDRESS --out batch")]
    Batch(Batch),

    /// Verify what Ethereum nodes prove.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Proof {
        #[command(subcommand)]
        command: ProofCommand,
    },

    /// Verify a proof bundle offline: may this accessor do that?
    ///
    /// Nobody is asked and nobody is trusted but you, for the block and the deployment: account,
    /// code and every word that decides are proved by the bundle. A deny is a proved answer; an error
    /// means that nothing was proved.
    ///
    /// What is trusted is a block hash, or the validators of a chain whose blocks they seal (`anchor`). A
    /// bundle about an older block than the trusted one answers only with --as-of-block.
    #[command(after_help = "Examples:\n  \
        healthrecord verify bundle.rlp --trusted-hash 0xHASH --deployment deployment.json --request request.json\n  \
        healthrecord verify bundle.rlp --anchor anchor.bin --deployment deployment.json --request request.json")]
    Verify(Verify),

    /// Ask a node for the proof bundle of a request, to be verified anywhere offline.
    ///
    /// The node is asked for a block's header and for the proof of every word that decides the request;
    /// its answers are verified before the bundle is written. The block hash that is printed is the
    /// node's word: whoever verifies the bundle needs it from a source that they trust.
    #[command(after_help = "Examples:\n  \
        healthrecord prove --rpc http://localhost:8545 --deployment deployment.json --request request.json \\\n      \
        --out bundle.rlp\n  \
        healthrecord prove --rpc http://localhost:8545 --deployment deployment.json --request request.json \\\n      \
        --as-of 1234567 --out past.rlp      how it was at that block, under the newest")]
    Prove(Prove),

    /// Ask a node for the proof that a disclosed record is anchored and not retracted.
    ///
    /// The bundle is for `check --anchored`, anywhere offline. The block hash that is printed is the node's
    /// word: whoever checks needs it from a source that they trust.
    #[command(after_help = "Example:\n  \
        healthrecord prove-anchor disclosure.json --rpc http://localhost:8545 --deployment deployment.json \\\n      \
        --out bundle.rlp")]
    ProveAnchor(ProveAnchor),

    /// Keep an anchor: what a device remembers of a chain, so that it needs no trusted hash for each block.
    ///
    /// The validators of QBFT and IBFT chains seal their blocks: whoever knows them knows a block by its
    /// seals. The state file holds who they are, and the highest block that was seen; it never goes back.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Anchor {
        #[command(subcommand)]
        command: AnchorCommand,
    },

    /// Ask a node for the proof of an event: that the contract logged a grant, a revocation, an anchor, …
    ///
    /// The receipts of the transaction's whole block are fetched, since nodes prove none of them, and
    /// their trie is made again.
    #[command(after_help = "Example:\n  \
        healthrecord prove-event 0xTRANSACTION --rpc http://localhost:8545 --deployment deployment.json \\\n      \
        --out event.rlp")]
    ProveEvent(ProveEvent),

    /// Verify the proof of an event offline: what the contract logged, and when.
    ///
    /// Nobody is asked and nobody is trusted but you, for the block hash and the contract's address.
    #[command(after_help = "Example:\n  \
        healthrecord verify-event event.rlp --trusted-hash 0xHASH --deployment deployment.json")]
    VerifyEvent(VerifyEvent),

    /// Decide a request from the answers of a node that you do not trust.
    ///
    /// Without answers, prints the eth_getProof call to send. With them, builds the proof bundle and
    /// verifies it as `verify` does.
    #[command(after_help = "Examples:\n  \
        healthrecord decide --deployment deployment.json --request request.json      what to ask a node\n  \
        healthrecord decide --deployment deployment.json --request request.json \\\n      \
        --proof proof.json --block block.json --trusted-hash 0xHASH --bundle-out bundle.rlp")]
    Decide(Decide),

    /// Make a secret key, or tell whose it is.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },

    /// Sign a message as wallets do (EIP-191), or check who signed one.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Message {
        #[command(subcommand)]
        command: MessageCommand,
    },

    /// Hash or sign typed data (EIP-712), from the JSON that wallets take.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    TypedData {
        #[command(subcommand)]
        command: TypedDataCommand,
    },

    /// Turn FHIR consents into grants and denies, and back.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Consent {
        #[command(subcommand)]
        command: ConsentCommand,
    },

    /// Sign, decode or send transactions of every type.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Tx {
        #[command(subcommand)]
        command: TxCommand,
    },

    /// Print the completions of a shell, for its completion folder.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },

    /// Print the man page, in roff.
    Man,

    /// Explain an error code: what it means, its likely cause, and what to do.
    #[command(after_help = "Example:\n  healthrecord explain proof.missing_node")]
    Explain {
        /// The code at the end of an error, or the beginning of several; without it, all are listed.
        #[arg(value_name = "CODE", default_value = "", hide_default_value = true)]
        code: String,
    },
}

#[derive(clap::Args, Default)]
pub(crate) struct Demo {
    /// A FHIR Bundle, one of its entries an Observation with a valueQuantity; without it, an invented
    /// patient's.
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: Option<PathBuf>,

    /// A folder for every file that passes between the parties, new or empty.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Commit {
    /// The document, JSON in UTF-8.
    #[arg(value_name = "FILE")]
    pub(crate) document: PathBuf,

    /// Use this key file again instead of making one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["patient", "author", "kind", "issued", "scope", "previous", "attachment", "key_out", "id", "record_version"])]
    pub(crate) key: Option<PathBuf>,

    /// Derive the record's secret from this master secret, of `key master`, instead of drawing one: the key
    /// file then holds no secret, and the record cannot be erased by itself.
    #[arg(long, value_name = "FILE")]
    pub(crate) master: Option<PathBuf>,

    /// Version of the record, where its secret is derived.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "master", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) record_version: u32,

    /// The record's own id, as in the version before; without it, a new random one.
    #[arg(long, value_name = "HASH")]
    pub(crate) id: Option<B256>,

    /// Whose record it is: an Ethereum address.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "key")]
    pub(crate) patient: Option<Address>,

    /// Who vouches for it and will anchor it.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "key")]
    pub(crate) author: Option<Address>,

    /// Kind: 1 clinical record, 2 audit log, 3 adverse event, 4 medication supply, 5 claim, 6 profile;
    /// without it, that of its FHIR type, or 1.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) kind: Option<u16>,

    /// When it was issued, in Unix seconds; without it, now.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) issued: Option<u64>,

    /// A group that the record belongs to, besides its own random id; at most four.
    #[arg(long, value_name = "HASH")]
    pub(crate) scope: Vec<B256>,

    /// The commitment of the version before.
    #[arg(long, value_name = "HASH")]
    pub(crate) previous: Option<B256>,

    /// A file that belongs to the record (PDF, DICOM, …), committed under its file name.
    #[arg(long, value_name = "FILE")]
    pub(crate) attachment: Vec<PathBuf>,

    /// Where to write the key; an existing file is not overwritten.
    #[arg(long, value_name = "FILE", required_unless_present = "key")]
    pub(crate) key_out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Batch {
    /// A file of one JSON document a line, or a folder of .json files.
    #[arg(value_name = "RECORDS")]
    pub(crate) input: PathBuf,

    /// Whose records they are, where all are one patient's: an Ethereum address.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "patients")]
    pub(crate) patient: Option<Address>,

    /// Whose records they are, by the patients that they refer to: JSON of references and addresses, such
    /// as {"Patient/123": "0x…"}.
    #[arg(long, value_name = "FILE", conflicts_with = "patient")]
    pub(crate) patients: Option<PathBuf>,

    /// Who vouches for them and will anchor them.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) author: Address,

    /// Kind: 1 clinical record, 2 audit log, 3 adverse event, 4 medication supply, 5 claim, 6 profile;
    /// without it, that of the first record's FHIR type, which the others must have as well.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) kind: Option<u16>,

    /// When they were issued, in Unix seconds; without it, now.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) issued: Option<u64>,

    /// A group that the records belong to, besides the random id of each; at most four.
    #[arg(long, value_name = "HASH")]
    pub(crate) scope: Vec<B256>,

    /// The folder for keys, manifest and anchor.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,

    /// How many threads commit; without it, one for each core.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) threads: Option<std::num::NonZeroU16>,
}

#[derive(clap::Args)]
pub(crate) struct Disclose {
    /// The document, as it was committed.
    #[arg(value_name = "FILE")]
    pub(crate) document: PathBuf,

    /// What to disclose: JSON Pointers, names of reserved leaves (#issued), or patterns.
    #[arg(value_name = "ELEMENT", required = true)]
    pub(crate) elements: Vec<String>,

    /// The record's key file.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,

    /// The master secret, where the record's is derived from it.
    #[arg(long, value_name = "FILE")]
    pub(crate) master: Option<PathBuf>,

    /// Disclose what is named and nothing more: no content of arrays and objects, no modifier
    /// elements, not whose record it is.
    #[arg(long)]
    pub(crate) exactly: bool,

    /// Write the compact binary form instead of JSON; every command reads both.
    #[arg(long, requires = "out")]
    pub(crate) binary: bool,

    /// Where to write the disclosure; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// A disclosure; or a document, together with --key.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// The commitment, from a source that you trust; with --anchored, the chain may be that source.
    #[arg(long, value_name = "HASH", required_unless_present = "anchored")]
    pub(crate) commitment: Option<B256>,

    /// The record's key file: FILE is then the whole document.
    #[arg(long, value_name = "FILE", requires = "commitment", conflicts_with = "anchored")]
    pub(crate) key: Option<PathBuf>,

    /// The master secret, where the record's is derived from it.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) master: Option<PathBuf>,

    /// Where to write the document as far as it is disclosed: holes are null in it, and listed.
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    pub(crate) document: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) anchor: CheckAnchor,
}

#[derive(clap::Args)]
pub(crate) struct Diff {
    /// The document of the older version.
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// The document of the newer version.
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// The key file of the older version.
    #[arg(long, value_name = "FILE")]
    pub(crate) old_key: PathBuf,

    /// The key file of the newer version.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_key: PathBuf,

    /// The master secret, where the records' secrets are derived from it.
    #[arg(long, value_name = "FILE")]
    pub(crate) master: Option<PathBuf>,
}

/// What makes a disclosure count as anchored.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("vouching").args(["trusted_hash", "anchor"]))]
pub(crate) struct CheckAnchor {
    /// The proof bundle of prove-anchor: the author anchored the record by its block, and has not
    /// retracted it.
    #[arg(long, value_name = "BUNDLE", requires_all = ["vouching", "deployment"])]
    pub(crate) anchored: Option<PathBuf>,

    /// The hash of a block that you trust, from a source that you trust.
    #[arg(long, value_name = "HASH", requires = "anchored")]
    pub(crate) trusted_hash: Option<B256>,

    /// The state of an anchor, of `anchor init`, as `verify` takes it.
    #[arg(long, value_name = "FILE", requires = "anchored", conflicts_with = "hash_rule")]
    pub(crate) anchor: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) rule: Rule,

    /// The pinned contract: JSON of chainId, contract and codeHashes, from a source that you trust.
    #[arg(long, value_name = "FILE", requires = "anchored")]
    pub(crate) deployment: Option<PathBuf>,

    /// The record's proof, where it was anchored in a batch.
    #[arg(long, value_name = "FILE", requires = "anchored")]
    pub(crate) batch_proof: Option<PathBuf>,

    /// Whose record it must be; without it, see for yourself whose it says it is.
    #[arg(long, value_name = "ADDRESS", requires = "anchored")]
    pub(crate) patient: Option<Address>,

    /// Who must have anchored it; without it, see for yourself who did: anybody can anchor anything.
    #[arg(long, value_name = "ADDRESS", requires = "anchored")]
    pub(crate) author: Option<Address>,

    /// How old the block may be, in seconds: how long ago the author may have retracted unseen.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_MAX_AGE, requires = "anchored")]
    pub(crate) max_age: u64,

    /// How far ahead of the clock the block may be, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_MAX_SKEW, requires = "anchored")]
    pub(crate) max_skew: u64,

    /// By how many seconds the clock may be wrong, either way: it counts against the block.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) clock_error: u64,

    /// The time, in Unix seconds; without it, this machine's clock.
    #[arg(long, value_name = "SECONDS", requires = "anchored", conflicts_with = "as_of_block")]
    pub(crate) now: Option<u64>,

    /// Answer as of the block, however old it is.
    #[arg(long, requires = "anchored")]
    pub(crate) as_of_block: bool,

    /// Take a storage leaf of value zero for an absence: for Anvil, and only there.
    #[arg(long, requires = "anchored")]
    pub(crate) accept_zero_leaves: bool,
}

#[derive(clap::Args)]
pub(crate) struct ProveAnchor {
    /// A disclosure that shows #patient, #author, #kind and #scope.
    #[arg(value_name = "DISCLOSURE")]
    pub(crate) disclosure: PathBuf,

    #[command(flatten)]
    pub(crate) node: NodeArgs,

    /// The pinned contract: JSON of chainId, contract and codeHashes, from a source that you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) deployment: PathBuf,

    /// The record's proof, where it was anchored in a batch.
    #[arg(long, value_name = "FILE")]
    pub(crate) batch_proof: Option<PathBuf>,

    /// Take a storage leaf of value zero for an absence: for Anvil, and only there.
    #[arg(long)]
    pub(crate) accept_zero_leaves: bool,

    /// The block whose state answers: its number, or latest, safe or finalized.
    #[arg(long, value_name = "BLOCK", default_value = "latest", value_parser = block)]
    pub(crate) block: String,

    #[command(flatten)]
    pub(crate) rule: Rule,

    /// Where to write the proof bundle.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// The question, and the pinned contract.
#[derive(clap::Args)]
pub(crate) struct Question {
    /// The pinned contract: JSON of chainId, contract and codeHashes, from a source that you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) deployment: PathBuf,

    /// The question: JSON of patient, scopes, accessor, operation, purpose and at, and where there are
    /// any salt and delegator.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,

    /// A disclosure that shows #patient, #author and #scope: the question is then about its record,
    /// whose patient and scopes are its own.
    #[arg(long, value_name = "FILE", requires = "commitment")]
    pub(crate) disclosure: Option<PathBuf>,

    /// The commitment of that record, from a source that you trust.
    #[arg(long, value_name = "HASH", requires = "disclosure")]
    pub(crate) commitment: Option<B256>,

    /// A consent that the patient signed and nobody relayed, in its binary form or as JSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) consent: Option<PathBuf>,
}

/// What verify and decide have in common: the question, the clock, the policy.
#[derive(clap::Args)]
pub(crate) struct Ask {
    #[command(flatten)]
    pub(crate) question: Question,

    /// How old the block may be, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_MAX_AGE, conflicts_with = "policy")]
    pub(crate) max_age: u64,

    /// How far ahead of the clock the block may be, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_MAX_SKEW, conflicts_with = "policy")]
    pub(crate) max_skew: u64,

    /// By how many seconds the clock may be wrong, either way: it counts against the block.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, conflicts_with = "policy")]
    pub(crate) clock_error: u64,

    /// The time, in Unix seconds; without it, this machine's clock.
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["as_of_block", "floor"])]
    pub(crate) now: Option<u64>,

    /// It is this time or later, in Unix seconds: for devices that know no more. Blocks that are surely too
    /// old are refused; whether one is fresh is unknown, and said so.
    #[arg(long, value_name = "SECONDS", conflicts_with = "as_of_block")]
    pub(crate) floor: Option<u64>,

    /// Answer as of the block, however old it is: for devices without a clock, and for the past.
    #[arg(long)]
    pub(crate) as_of_block: bool,

    #[command(flatten)]
    pub(crate) policy: Policy,
}

/// What a verifier puts up with.
#[derive(clap::Args)]
pub(crate) struct Policy {
    /// Take a storage leaf of value zero for an absence: for Anvil, and only there.
    #[arg(long, conflicts_with = "policy")]
    pub(crate) accept_zero_leaves: bool,

    /// Count the credentials that this issuer wrote as none; may be given several times.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "policy")]
    pub(crate) distrust: Vec<Address>,

    /// All of these from a file: JSON of maxAge, maxSkew, clockError, acceptZeroLeaves and
    /// distrustedIssuers, each of which may be absent.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
}

/// The node that is asked.
#[derive(clap::Args)]
pub(crate) struct NodeArgs {
    /// The node's JSON-RPC, over http or https.
    #[arg(long, value_name = "URL")]
    pub(crate) rpc: String,

    #[command(flatten)]
    pub(crate) patience: Patience,
}

/// How long a node is waited for.
#[derive(clap::Args)]
pub(crate) struct Patience {
    /// How long each answer may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl Patience {
    pub(crate) const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

#[derive(clap::Args)]
pub(crate) struct Prove {
    #[command(flatten)]
    pub(crate) node: NodeArgs,

    #[command(flatten)]
    pub(crate) question: Question,

    #[command(flatten)]
    pub(crate) policy: Policy,

    /// The block whose hash is to be trusted: its number, or latest, safe or finalized. Its state answers,
    /// unless --as-of is given.
    #[arg(long, value_name = "BLOCK", default_value = "latest", value_parser = block)]
    pub(crate) block: String,

    /// The number of an older block, whose state answers; the bundle proves its hash under the trusted
    /// block, by EIP-2935 (8191 blocks a step), or by at most 64 headers where the chain lacks it.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) as_of: Option<u64>,

    #[command(flatten)]
    pub(crate) rule: Rule,

    /// Where to write the proof bundle.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct ProveEvent {
    /// The transaction's hash.
    #[arg(value_name = "TRANSACTION")]
    pub(crate) transaction: B256,

    #[command(flatten)]
    pub(crate) node: NodeArgs,

    /// The pinned contract: JSON of chainId, contract and codeHashes, from a source that you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) deployment: PathBuf,

    /// The log's position in the transaction's receipt, from 0; without it, the contract's only log.
    #[arg(long, value_name = "POSITION")]
    pub(crate) log: Option<u64>,

    /// The block whose hash is to be trusted, if it is not the event's own but a newer one: its number, or
    /// latest, safe or finalized.
    #[arg(long, value_name = "BLOCK", value_parser = block)]
    pub(crate) block: Option<String>,

    #[command(flatten)]
    pub(crate) rule: Rule,

    /// Where to write the event proof.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct VerifyEvent {
    /// The event proof.
    #[arg(value_name = "PROOF")]
    pub(crate) proof: PathBuf,

    #[command(flatten)]
    pub(crate) trust: Trust,

    /// The pinned contract: JSON of chainId, contract and codeHashes, from a source that you trust.
    #[arg(long, value_name = "FILE")]
    pub(crate) deployment: PathBuf,
}

/// How the chain hashes its headers.
#[derive(clap::Args)]
pub(crate) struct Rule {
    /// How the chain hashes its headers: plain, qbft, ibft2, ibft1 or clique.
    #[arg(long, value_name = "RULE", default_value = "plain", value_parser = hash_rule)]
    pub(crate) hash_rule: HashRule,
}

/// What makes a block trusted.
#[derive(clap::Args)]
pub(crate) struct Trust {
    /// The hash of a block that you trust, from a source that you trust.
    #[arg(long, value_name = "HASH", required_unless_present = "anchor", conflicts_with = "anchor")]
    pub(crate) trusted_hash: Option<B256>,

    /// The state of an anchor, of `anchor init`: a block is trusted by the seals of its validators, and none
    /// that is older than the newest one seen. It is advanced to the block that was trusted.
    #[arg(long, value_name = "FILE", conflicts_with = "hash_rule")]
    pub(crate) anchor: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) rule: Rule,
}

fn hash_rule(text: &str) -> Result<HashRule, &'static str> {
    HashRule::from_name(text).ok_or("plain, qbft, ibft2, ibft1 or clique")
}

/// A block as nodes are asked for it: a tag, or a number in hex.
fn block(text: &str) -> Result<String, &'static str> {
    if matches!(text, "latest" | "safe" | "finalized") {
        return Ok(text.to_owned());
    }
    let number: Option<u64> = text.parse().ok();
    number.map(|number| format!("{number:#x}")).ok_or("a block's number, or latest, safe or finalized")
}

#[derive(clap::Args)]
pub(crate) struct Verify {
    /// The proof bundle.
    #[arg(value_name = "BUNDLE")]
    pub(crate) bundle: PathBuf,

    #[command(flatten)]
    pub(crate) trust: Trust,

    #[command(flatten)]
    pub(crate) ask: Ask,
}

#[derive(clap::Args)]
pub(crate) struct Decide {
    #[command(flatten)]
    pub(crate) ask: Ask,

    /// The JSON of the node's eth_getProof answer.
    #[arg(long, value_name = "FILE", requires_all = ["block", "trusted_hash"])]
    pub(crate) proof: Option<PathBuf>,

    /// The JSON of the node's eth_getBlockByNumber or …ByHash answer, or of debug_getRawHeader.
    #[arg(long, value_name = "FILE", requires = "proof")]
    pub(crate) block: Option<PathBuf>,

    /// The hash of that block, from a source that you trust.
    #[arg(long, value_name = "HASH", requires = "proof")]
    pub(crate) trusted_hash: Option<B256>,

    #[command(flatten)]
    pub(crate) rule: Rule,

    /// Where to write the proof bundle.
    #[arg(long, value_name = "FILE", requires = "proof")]
    pub(crate) bundle_out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a secret key from the system's random numbers, in a file that only you may read.
    New {
        /// Where to write it; an existing file is not overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Make a master secret, from which `commit --master` derives the secrets of records, in a file that
    /// only you may read.
    ///
    /// Whoever has it opens every record that was derived from it; it is all that must be backed up beside
    /// the documents and key files. A record that may have to be erased by itself is better committed
    /// without: its key file then holds a secret of its own.
    #[command(after_help = "Example:\n  healthrecord key master --out master.txt")]
    Master {
        /// Where to write it; an existing file is not overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Derive a secret key from a phrase (BIP-39, BIP-32), into a file that only you may read.
    ///
    /// Without --path, the key is the account's at m/44'/60'/ACCOUNT'/0/0: accounts derived so cannot
    /// be linked to each other.
    #[command(after_help = "Example:\n  healthrecord key derive phrase.txt --account 1 --out key.txt")]
    Derive {
        /// The file of the phrase: 12 to 24 English words.
        #[arg(value_name = "FILE")]
        phrase: PathBuf,
        /// A file whose first line is the phrase's passphrase, plain ASCII; without it, there is none.
        #[arg(long, value_name = "FILE")]
        passphrase: Option<PathBuf>,
        /// Number of the account.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        account: u32,
        /// Another derivation path.
        #[arg(long, value_name = "PATH", conflicts_with = "account")]
        path: Option<String>,
        /// Where to write the key; an existing file is not overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Encrypt a secret key under a passphrase: a keystore of version 3, which every wallet reads.
    #[command(after_help = "Example:\n  \
        healthrecord key import key.txt --passphrase passphrase.txt --out keystore.json")]
    Import {
        /// The key file: 32 bytes of hex.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A file whose first line is the new passphrase, plain ASCII.
        #[arg(long, value_name = "FILE")]
        passphrase: PathBuf,
        /// Where to write the keystore; an existing file is not overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Decrypt a keystore's secret key, into a file that only you may read.
    #[command(after_help = "Example:\n  \
        healthrecord key export keystore.json --passphrase passphrase.txt --out key.txt")]
    Export {
        /// The keystore, of version 3.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A file whose first line is the passphrase.
        #[arg(long, value_name = "FILE")]
        passphrase: PathBuf,
        /// Where to write the key; an existing file is not overwritten.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print the Ethereum address of a secret key.
    Address {
        /// The key file.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The key file is a keystore, and the first line of this file its passphrase.
        #[arg(long, value_name = "FILE")]
        passphrase: Option<PathBuf>,
    },
}

/// The secret key that signs.
#[derive(clap::Args)]
pub(crate) struct KeyArgs {
    /// The key file, of `key new` or `key derive`; or a keystore, with --passphrase.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,

    /// The key file is a keystore, and the first line of this file its passphrase.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct MessageInput {
    /// The message, a text in UTF-8; a line end at its end is part of it.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// The message is bytes, which need not be a text.
    #[arg(long)]
    pub(crate) bytes: bool,
}

#[derive(Subcommand)]
pub(crate) enum MessageCommand {
    /// Sign a message with a secret key.
    Sign {
        #[command(flatten)]
        input: MessageInput,
        #[command(flatten)]
        key: KeyArgs,
    },
    /// Check that an account signed a message. Exit code 0: it did. 1: it did not.
    Verify {
        #[command(flatten)]
        input: MessageInput,
        /// The signature: 65 bytes of hex.
        #[arg(long, value_name = "HEX")]
        signature: String,
        /// The account.
        #[arg(long, value_name = "ADDRESS")]
        address: Address,
    },
}

#[derive(Subcommand)]
pub(crate) enum TypedDataCommand {
    /// Print the hashes of typed data.
    Hash {
        /// The typed data: JSON of types, primaryType, domain and message.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Sign typed data with a secret key.
    Sign {
        /// The typed data: JSON of types, primaryType, domain and message.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        key: KeyArgs,
    },
}

#[derive(Subcommand)]
pub(crate) enum ConsentCommand {
    /// Print the grants and denies that a FHIR Consent (R4, R5) comes to, and all that it says beside them.
    ///
    /// The map says what the consent's references, codes and policies mean on the chain. What the contract
    /// does not know is reported with its place, and never permitted: the terms are then short of it. Exit
    /// code 0: the terms say all of the consent, or the report was accepted. 1: they do not. Of terms that
    /// may be written, the patient's calldata is printed; with --deployment, the typed data to sign as well.
    #[command(after_help = "The map is JSON; all but patient may be absent:\n  \
        {\"patient\": {\"reference\": \"Patient/1\", \"address\": \"0x…\"},\n  \
        \"parties\": [{\"reference\": \"Practitioner/2\", \"address\": \"0x…\"}],\n  \
        \"community\": [\"0x…\"],                    who is meant where nobody is named\n  \
        \"records\": [{\"reference\": \"Observation/3\", \"meaning\": \"instance\", \"scope\": \"0x…\"}],\n  \
        \"policies\": [\"https://…\"],               that say nothing beyond the consents\n  \
        \"roles\": [{\"code\": \"system|code\", \"roles\": [\"PRACTITIONER\"]}],\n  \
        \"actions\": [{\"code\": \"system|code\", \"operations\": [\"WRITE\"]}],\n  \
        \"defaults\": {\"purposes\": [\"TREAT\"], \"operations\": [\"READ\"], \"notBefore\": 0, \"notAfter\": 1,\n              \
        \"zone\": \"+01:00\", \"widenDenies\": false},      where the consent is silent\n  \
        \"about\": {\"organization\": \"Organization/4\", \"source\": \"DocumentReference/5\", \"policy\": \"https://…\"}}\n\n\
        Examples:\n  \
        healthrecord consent import consent.json --map map.json\n  \
        healthrecord --json consent import consent.json --map map.json --document 0xHASH \\\n      \
        --deployment deployment.json --epoch 0 --deadline 1798761600")]
    Import(ConsentImport),
    /// Write grants and denies as a FHIR Consent, from what import prints as JSON.
    #[command(after_help = "Example:\n  \
        healthrecord consent export terms.json --map map.json --release r5 --out consent.json")]
    Export(ConsentExport),
}

#[derive(clap::Args)]
pub(crate) struct ConsentImport {
    /// The FHIR Consent, JSON.
    #[arg(value_name = "FILE")]
    pub(crate) consent: PathBuf,

    /// What its references, codes and policies mean.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: PathBuf,

    /// Take the terms, though the consent says more than they do.
    #[arg(long)]
    pub(crate) accept_report: bool,

    /// The commitment of the consent's document.
    #[arg(long, value_name = "HASH", default_value_t = B256::ZERO, hide_default_value = true)]
    pub(crate) document: B256,

    /// The contract that signatures are for: JSON of chainId, contract and codeHashes.
    #[arg(long, value_name = "FILE", requires_all = ["epoch", "deadline"])]
    pub(crate) deployment: Option<PathBuf>,

    /// The patient's epoch now.
    #[arg(long, value_name = "NUMBER", requires = "deployment")]
    pub(crate) epoch: Option<u32>,

    /// The revision of the words now, where they have been written.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "deployment", value_parser = clap::value_parser!(u32).range(..1 << 24))]
    pub(crate) revision: u32,

    /// The last second, in Unix time, at which the signatures have any effect.
    #[arg(long, value_name = "SECONDS", requires = "deployment", value_parser = clap::value_parser!(u64).range(..1 << 40))]
    pub(crate) deadline: Option<u64>,
}

#[derive(clap::Args)]
pub(crate) struct ConsentExport {
    /// The terms, for one grantee: JSON of terms, as import prints them.
    #[arg(value_name = "FILE")]
    pub(crate) terms: PathBuf,

    /// How their addresses and scopes are referred to.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: PathBuf,

    /// The release of FHIR.
    #[arg(long, value_enum, value_name = "RELEASE", default_value_t = FhirRelease::R4)]
    pub(crate) release: FhirRelease,

    /// When it was agreed to, in Unix seconds; without it, now.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) date: Option<u64>,

    /// Where to write it; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// A release of FHIR.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum FhirRelease {
    /// R4 and R4B.
    R4,
    /// R5.
    R5,
}

#[derive(Subcommand)]
pub(crate) enum TxCommand {
    /// Sign a transaction: prints what is signed, its hash, and the raw bytes to send.
    ///
    /// Nobody is asked: nonce, gas and fees are those of the file. Where it names a sender (from), the
    /// key must be that account's.
    #[command(after_help = "Examples:\n  \
        healthrecord tx sign tx.json --key key.txt --chain-id 1 --out raw.txt\n  \
        healthrecord tx sign tx.json --key keystore.json --passphrase passphrase.txt")]
    Sign(TxSign),
    /// Print a signed transaction as nodes do, with its sender, which its signature proves.
    #[command(after_help = "Examples:\n  \
        healthrecord tx decode raw.txt --chain-id 1\n  \
        healthrecord tx decode 0xHEX")]
    Decode {
        /// The raw bytes in hex, which begins with 0x; or a file of them.
        #[arg(value_name = "RAW")]
        raw: String,
        /// The chain that it must be for.
        #[arg(long, value_name = "NUMBER")]
        chain_id: Option<u64>,
    },
    /// Send a signed transaction to a node of its chain, and wait until it is in a block.
    ///
    /// What the node answers is its word: prove-event proves what the contract logged. Exit code 0: it
    /// was executed. 1: it reverted. 2: it was not sent, or is in no block yet.
    #[command(after_help = "Example:\n  healthrecord tx send raw.txt --rpc http://localhost:8545")]
    Send {
        /// The raw bytes in hex, which begins with 0x; or a file of them.
        #[arg(value_name = "RAW")]
        raw: String,
        #[command(flatten)]
        node: NodeArgs,
        /// How long to wait for a block, in seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86400))]
        wait: u64,
    },
}

#[derive(clap::Args)]
pub(crate) struct TxSign {
    /// The unsigned transaction, JSON as nodes take it: type, chainId, nonce, gas, to, value, input, fees.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) key: KeyArgs,

    /// The chain that it must be for.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) chain_id: Option<u64>,

    /// Where to write the raw bytes in hex, too; an existing file is not overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum ProofCommand {
    /// Verify an eth_getProof answer against a block that you trust.
    ///
    /// The node that answered is not believed: the account and each storage word are derived from
    /// the proof's trie nodes alone, under the state root of the block whose hash you give. A slot
    /// that was never written is proved as such.
    #[command(after_help = "Example:\n  \
        cast rpc eth_getProof 0xADDRESS '[\"0xSLOT\"]' 0xNUMBER > proof.json\n  \
        cast rpc eth_getBlockByNumber 0xNUMBER false > block.json\n  \
        healthrecord proof verify proof.json block.json --trusted-hash 0xHASH")]
    Verify(ProofVerify),
}

#[derive(clap::Args)]
pub(crate) struct ProofVerify {
    /// The JSON of an eth_getProof answer, bare or in its JSON-RPC envelope.
    #[arg(value_name = "PROOF")]
    pub(crate) proof: PathBuf,

    /// The JSON of an eth_getBlockByNumber or …ByHash answer, or of debug_getRawHeader.
    #[arg(value_name = "BLOCK")]
    pub(crate) block: PathBuf,

    /// The hash of a block that you trust, from a source that you trust.
    #[arg(long, value_name = "HASH")]
    pub(crate) trusted_hash: B256,

    #[command(flatten)]
    pub(crate) rule: Rule,
}

#[derive(Subcommand)]
pub(crate) enum AnchorCommand {
    /// Begin: at a block whose hash you trust, or at one that validators whom you trust have sealed.
    #[command(after_help = "Examples:\n  \
        healthrecord anchor init --hash-rule qbft --trusted-hash 0xHASH --header genesis.json --out anchor.bin\n  \
        healthrecord anchor init --hash-rule qbft --validator 0xADDRESS --validator 0xADDRESS … \\\n      \
        --rpc http://localhost:8545 --out anchor.bin")]
    Init(AnchorInit),
    /// Follow the chain to a newer block, by as few headers as prove the way.
    ///
    /// Nodes are asked for the newest header, and for others where the validators have changed by more than
    /// one since; or the headers are those of files. What they prove is kept, also where it ends early. Where a
    /// validator has left, one node may lack a seal that others have: give several.
    #[command(after_help = "Examples:\n  \
        healthrecord anchor advance anchor.bin --rpc http://localhost:8545\n  \
        healthrecord anchor advance anchor.bin header.json")]
    Advance(AnchorAdvance),
    /// Show the validators and the highest block seen.
    Show {
        /// The state file.
        #[arg(value_name = "FILE")]
        state: PathBuf,
    },
}

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("first").required(true))]
#[command(group = clap::ArgGroup::new("vouched").required(true))]
pub(crate) struct AnchorInit {
    #[command(flatten)]
    pub(crate) rule: Rule,

    /// The hash of the block to begin at, from a source that you trust: the genesis block's, say.
    #[arg(long, value_name = "HASH", group = "vouched")]
    pub(crate) trusted_hash: Option<B256>,

    /// A validator whom you trust; give each of them, by as many options. The block to begin at must list
    /// these and nobody else, and be sealed by two thirds of them.
    #[arg(long, value_name = "ADDRESS", group = "vouched")]
    pub(crate) validator: Vec<Address>,

    /// The header of the block to begin at: JSON of eth_getBlockByNumber or …ByHash, or of
    /// debug_getRawHeader.
    #[arg(long, value_name = "FILE", group = "first")]
    pub(crate) header: Option<PathBuf>,

    /// Ask this node for the header of the block to begin at: that of the trusted hash, else the newest.
    #[arg(long, value_name = "URL", group = "first")]
    pub(crate) rpc: Option<String>,

    #[command(flatten)]
    pub(crate) patience: Patience,

    /// How long the validators are trusted after the last block of theirs that was seen, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_TRUSTING_PERIOD, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) trusting_period: u64,

    /// Where to write the state; an existing file is not overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("source").required(true).multiple(true))]
pub(crate) struct AnchorAdvance {
    /// The state file, which is replaced.
    #[arg(value_name = "STATE")]
    pub(crate) state: PathBuf,

    /// Headers, in any order: JSON of eth_getBlockByNumber or …ByHash, or of debug_getRawHeader. Several of
    /// one block are copies with other seals.
    #[arg(value_name = "HEADER", group = "source", conflicts_with = "rpc")]
    pub(crate) headers: Vec<PathBuf>,

    /// A node's JSON-RPC, over http or https; several nodes, by as many options, are asked for further seals.
    #[arg(long, value_name = "URL", group = "source")]
    pub(crate) rpc: Vec<String>,

    /// The block to advance to: its number, or latest, safe or finalized.
    #[arg(long, value_name = "BLOCK", default_value = "latest", value_parser = block, conflicts_with = "headers")]
    pub(crate) block: String,

    #[command(flatten)]
    pub(crate) patience: Patience,
}

/// How long validators are trusted where nothing else is said: 30 days, in seconds.
const DEFAULT_TRUSTING_PERIOD: u64 = 30 * 86_400;

//! The command line: what can be asked, and the help that teaches it.

#![expect(clippy::doc_markdown, reason = "these comments are the help that the terminal shows")]
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use healthrecord::core::{Address, B256};

/// Commit health records and verify offline who may access what.
#[derive(Parser)]
#[command(name = "healthrecord", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 permit or valid, 1 deny or not valid, 2 error (nothing was proved).\n\
    FILE may be - for standard input.")]
pub(crate) struct Args {
    /// Print one JSON object instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Commit a record: make the hash that hides it, and the key that opens it.
    ///
    /// The record is a JSON document (a FHIR resource, say) of at most 16 MiB. Its commitment may be
    /// shown to anybody and be anchored on a chain; it says nothing about the record. The key file
    /// holds the secret with which single elements can be disclosed later: keep it as you keep the
    /// record.
    #[command(after_help = "Examples:\n  \
        healthrecord commit observation.json --patient 0xADDRESS --author 0xADDRESS --key-out key.json\n  \
        healthrecord commit observation.json --key key.json      the same commitment again")]
    Commit(Commit),

    /// Disclose single elements of a record, with the proof that they belong to its commitment.
    ///
    /// Elements are named by JSON Pointers (RFC 6901): /valueQuantity/value, /component/0, or "" for
    /// the whole document. An array or object comes with all that is in it. What stands around an
    /// element is shown by name only, but for the elements that FHIR calls modifiers (status,
    /// doNotPerform, comparator, modifierExtension, …), which change its meaning.
    #[command(after_help = "Example:\n  \
        healthrecord disclose observation.json /code /valueQuantity --key key.json --out disclosure.json")]
    Disclose(Disclose),

    /// Check a disclosure, or a whole record with its key, against a commitment that you trust.
    ///
    /// Exit code 0: it belongs to the commitment. 1: it does not, or was altered. 2: it could not be
    /// read.
    #[command(after_help = "Examples:\n  \
        healthrecord check disclosure.json --commitment 0xHASH\n  \
        healthrecord check observation.json --key key.json --commitment 0xHASH")]
    Check(Check),

    /// Verify what Ethereum nodes prove.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Proof {
        #[command(subcommand)]
        command: ProofCommand,
    },

    /// Explain an error code: what it means, its likely cause, and what to do.
    #[command(after_help = "Example:\n  healthrecord explain proof.missing_node")]
    Explain {
        /// The code at the end of an error, or the beginning of several; without it, all are listed.
        #[arg(value_name = "CODE", default_value = "", hide_default_value = true)]
        code: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Commit {
    /// The document, JSON in UTF-8.
    #[arg(value_name = "FILE")]
    pub(crate) document: PathBuf,

    /// Use this key file again instead of making one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["patient", "author", "kind", "issued", "scope", "previous", "attachment", "key_out"])]
    pub(crate) key: Option<PathBuf>,

    /// Whose record it is: an Ethereum address.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "key")]
    pub(crate) patient: Option<Address>,

    /// Who vouches for it and will anchor it.
    #[arg(long, value_name = "ADDRESS", required_unless_present = "key")]
    pub(crate) author: Option<Address>,

    /// Kind: 1 clinical record, 2 audit log, 3 adverse event, 4 medication supply, 5 claim, 6 profile.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) kind: u16,

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
pub(crate) struct Disclose {
    /// The document, as it was committed.
    #[arg(value_name = "FILE")]
    pub(crate) document: PathBuf,

    /// What to disclose: JSON Pointers.
    #[arg(value_name = "POINTER", required = true)]
    pub(crate) pointers: Vec<String>,

    /// The record's key file.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,

    /// Disclose what is named and nothing more: no content of arrays and objects, no modifier
    /// elements, not whose record it is.
    #[arg(long)]
    pub(crate) exactly: bool,

    /// Where to write the disclosure; without it, to standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// A disclosure; or a document, together with --key.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// The commitment, from a source that you trust.
    #[arg(long, value_name = "HASH")]
    pub(crate) commitment: B256,

    /// The record's key file: FILE is then the whole document.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
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
}

//! The command line: what can be asked, and the help that teaches it.

#![expect(clippy::doc_markdown, reason = "these comments are the help that the terminal shows")]
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use healthrecord::core::B256;

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
    /// Verify what Ethereum nodes prove.
    #[command(subcommand_required = true, arg_required_else_help = true)]
    Proof {
        #[command(subcommand)]
        command: ProofCommand,
    },
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

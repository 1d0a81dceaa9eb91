//! Codes of records and their disclosures.

use healthrecord_core::grammar::json::{JsonError, JsonRule};
use healthrecord_core::grammar::merkle::MultiproofError;
use healthrecord_core::health::record::{
    BatchError, DisclosureError, EncodingError, MetadataError, RecordError, UnboundError,
};

use super::{Code, Entry, codes};
use crate::record::{DiffError, DiscloseError, PartialError, PatternError, RecordFileError};

codes!(JSON, JsonError, |error| error.rule, {
    JsonRule::TooLarge => "json.too_large",
        "The JSON document is larger than 16 MiB.",
        "Files inside the document as base64, or a bulk export instead of one record.",
        "Commit large files as attachments, and each resource as a record of its own.";
    JsonRule::Utf8 => "json.utf8",
        "The document is not UTF-8.",
        "A file in another encoding, or bytes that are no text.",
        "Convert the file to UTF-8.";
    JsonRule::ByteOrderMark => "json.bom",
        "A byte order mark stands before the JSON.",
        "An editor that marks its UTF-8 files.",
        "Save the file without the mark.";
    JsonRule::UnexpectedEnd => "json.unexpected_end",
        "The JSON ends inside a value, or before one.",
        "The file was cut off, or is empty.",
        "Fetch the file again, whole.";
    JsonRule::UnexpectedByte => "json.unexpected_byte",
        "A byte stands where the grammar of JSON does not allow it.",
        "A comma too many, a missing quote, or a file that is not JSON.",
        "Mend the text at the byte that the message names.";
    JsonRule::ControlCharacter => "json.control_character",
        "A string holds a control character that is not escaped.",
        "A line break inside a string.",
        "Write it as an escape: \\n for a line break.";
    JsonRule::Escape => "json.escape",
        "A string holds an escape that JSON does not have.",
        "A backslash that stands for itself.",
        "Write a backslash as \\\\.";
    JsonRule::LoneSurrogate => "json.lone_surrogate",
        "A string holds half of a surrogate pair, which stands for no character.",
        "Text that was cut in the middle of a character.",
        "Write the whole character.";
    JsonRule::Number => "json.number",
        "A number breaks the grammar of JSON.",
        "A leading zero, a plus sign, or a decimal point without digits.",
        "Write the number as RFC 8259 has it.";
    JsonRule::TrailingBytes => "json.trailing_bytes",
        "Something follows the JSON value.",
        "Several documents in one file (NDJSON).",
        "Commit each document by itself.";
    JsonRule::TooDeep => "json.too_deep",
        "More than 64 arrays and objects stand inside each other.",
        "An attack, or data that is no record.",
        "Split the document.";
    JsonRule::DuplicateMember => "json.duplicate_member",
        "An object has two members of one name, so that it means different things to different readers.",
        "A faulty export, or tampering.",
        "Remove one of the two.";
});

codes!(RECORD, RecordError, |error| error, {
    RecordError::TooManyLeaves { .. } => "record.too_many_leaves",
        "The record has more leaves than there is memory for.",
        "A document larger than the device expects.",
        "Lend more memory: `measure` says how much.";
    RecordError::TooManyNames { .. } => "record.too_many_names",
        "The record has more member names or attachments than there is memory for.",
        "A document larger than the device expects.",
        "Lend more memory: `measure` says how much.";
} delegating {
    RecordError::Json(error) => error;
    RecordError::Metadata(error) => error;
});

codes!(METADATA, MetadataError, |error| error, {
    MetadataError::ZeroPatient => "record.patient",
        "The patient is the zero address.",
        "A field that was not filled in.",
        "Give the patient's address.";
    MetadataError::ZeroAuthor => "record.author",
        "The author is the zero address.",
        "A field that was not filled in.",
        "Give the address of whoever vouches for the record.";
    MetadataError::ZeroKind => "record.kind",
        "The kind of record is 0.",
        "A field that was not filled in.",
        "Give a kind: 1 is a clinical record.";
    MetadataError::ScopeCount { .. } => "record.scope_count",
        "A record has 1 to 5 scopes.",
        "None was given, or too many groups.",
        "Give the record's own random id first, then at most four groups.";
    MetadataError::ZeroScope { .. } => "record.scope_zero",
        "A scope of the record is 0.",
        "Scope 0 stands for all records; it is implied and never listed.",
        "Leave it out.";
    MetadataError::RepeatedScope { .. } => "record.scope_repeated",
        "A scope of the record is listed twice.",
        "The same group was added twice.",
        "List each scope once.";
    MetadataError::AttachmentName { .. } => "record.attachment_name",
        "An attachment's name is empty or longer than 255 bytes.",
        "A path instead of a name.",
        "Give a short name.";
    MetadataError::RepeatedAttachment { .. } => "record.attachment_repeated",
        "Two attachments have one name.",
        "Files of the same name from different folders.",
        "Give each attachment a name of its own.";
});

codes!(DISCLOSURE, DisclosureError, |error| error, {
    DisclosureError::TooManyLeaves { .. } => "disclosure.too_many_leaves",
        "The disclosure has more leaves than there is memory for.",
        "A disclosure larger than the device expects.",
        "Lend more memory, or disclose less.";
    DisclosureError::Path { .. } => "disclosure.path",
        "A disclosed path is neither a JSON Pointer nor that of a reserved leaf.",
        "A file that was edited by hand, or tampering.",
        "Ask for the disclosure again.";
    DisclosureError::RepeatedPath { .. } => "disclosure.repeated_path",
        "A path is disclosed twice.",
        "Tampering, or an author who committed two values at one path.",
        "Keep the file: two openings of one path are proof of fraud.";
    DisclosureError::Value { .. } => "disclosure.value",
        "A disclosed value is none that its path can have.",
        "A file that was edited by hand, or tampering.",
        "Ask for the disclosure again.";
    DisclosureError::MissingContainer { .. } => "disclosure.missing_container",
        "The array or object around a disclosed element is not disclosed.",
        "An element was taken out of its context, which could change its meaning.",
        "Ask for a disclosure with the containers on the way.";
    DisclosureError::Contradiction { .. } => "disclosure.contradiction",
        "The array or object around a disclosed element does not hold it.",
        "An author who committed a document that no JSON is.",
        "Keep the file: it proves that the author did not commit a document.";
    DisclosureError::Root { .. } => "disclosure.root",
        "The disclosed elements do not belong to the commitment.",
        "An element was altered, or the disclosure is of another record or version.",
        "Check which commitment is the right one; ask for the disclosure again.";
} delegating {
    DisclosureError::Proof(error) => error;
});

codes!(MULTIPROOF, MultiproofError, |error| error, {
    MultiproofError::Length { .. } => "disclosure.proof_length",
        "The numbers of leaves, proof hashes and flags do not fit together.",
        "A disclosure that was cut off, or of which something was removed.",
        "Ask for the disclosure again.";
    MultiproofError::Unused => "disclosure.proof_unused",
        "The flags do not use every leaf and hash of the proof exactly once.",
        "Tampering.",
        "Ask for the disclosure again.";
});

codes!(DISCLOSE, DiscloseError, |error| error, {
    DiscloseError::NoSuchPath { .. } => "disclosure.no_such_path",
        "The record has no element at a path that is to be disclosed.",
        "A typing mistake in the JSON Pointer: steps begin with / and array indexes count from 0.",
        "Look the element up in the record.";
    DiscloseError::Nothing => "disclosure.nothing",
        "Nothing is to be disclosed.",
        "A disclosure was asked for without any path.",
        "Name one element at least.";
} delegating {
    DiscloseError::Record(error) => error;
});

codes!(PATTERN, PatternError, |error| error, {
    PatternError::TooLong { .. } => "pattern.too_long",
        "A pattern of elements has more than 1024 bytes.",
        "Something else than a pattern.",
        "Name fewer steps.";
    PatternError::Syntax { .. } => "pattern.syntax",
        "The text is no pattern of elements.",
        "A function or filter of FHIRPath, which is not understood here, or a JSON Pointer without its /.",
        "Write names with dots between them, as in Patient.name.given, or a JSON Pointer.";
    PatternError::OtherType { .. } => "pattern.type",
        "The pattern is for another type of resource than the document's.",
        "Another record than the one meant.",
        "Check the document, or leave the type out.";
    PatternError::NoMatch { .. } => "pattern.no_match",
        "The document has nothing that the pattern means.",
        "A typing mistake, or an element that is not there.",
        "Look the element up in the record.";
} delegating {
    PatternError::Json(error) => error;
});

codes!(PARTIAL, PartialError, |error| error, {
    PartialError::TooLarge => "disclosure.partial_too_large",
        "The partial document, with the list of its holes, has more than 64 MiB.",
        "An array that says it is very long, of which little is disclosed.",
        "Read the disclosed elements one by one instead.";
    PartialError::TooDeep => "disclosure.partial_too_deep",
        "More than 64 disclosed arrays and objects stand inside each other.",
        "An author who committed a document that no JSON here is.",
        "Keep the file; do not trust the author's software.";
});

codes!(DIFF, DiffError, |error| error, {
    DiffError::Previous { .. } => "diff.previous",
        "The newer version does not name the older as the one before.",
        "The versions were given the wrong way round, or one between them is missing.",
        "Compare each version with the one that it follows.";
    DiffError::Commitment { .. } => "diff.commitment",
        "A version's document is not the one that was committed.",
        "The document was altered, or a key of another version was given.",
        "Find the document as it was committed, and its own key.";
} delegating {
    DiffError::Record { error, .. } => error;
});

codes!(UNBOUND, UnboundError, |error| error, {
    UnboundError { .. } => "record.unbound",
        "A disclosure does not show whose record it is.",
        "The leaves #patient, #author and #scope were not disclosed.",
        "Ask for a disclosure with these leaves.";
});

codes!(ENCODING, EncodingError, |error| error, {
    EncodingError::Rlp { .. } => "disclosure.rlp",
        "A field of the binary disclosure is not the canonical RLP that it should be.",
        "The disclosure was cut off or altered, or is something else.",
        "Ask for the disclosure again.";
    EncodingError::Version { .. } => "disclosure.version",
        "The disclosure has a version that is not known here.",
        "It was made by newer software.",
        "Update the verifier, or ask for a disclosure of version 1.";
    EncodingError::Utf8 { .. } => "disclosure.utf8",
        "A disclosed path is not UTF-8.",
        "The disclosure was altered.",
        "Ask for the disclosure again.";
    EncodingError::Flags { .. } => "disclosure.flags",
        "The flags of the proof are not as many as its leaves and hashes ask for.",
        "A disclosure that was cut off, or of which something was removed.",
        "Ask for the disclosure again.";
    EncodingError::Memory { .. } => "disclosure.memory",
        "There is not enough memory for the disclosure.",
        "A disclosure larger than the device expects.",
        "Lend more memory, or disclose less.";
});

codes!(BATCH, BatchError, |error| error, {
    BatchError::Empty => "batch.empty",
        "A batch has no records.",
        "An empty folder or file, or a proof that was altered.",
        "Give at least one record.";
    BatchError::TooMany { .. } => "batch.too_many",
        "A batch has more records than there is memory for, or than 2^32 − 1.",
        "More records than one anchor covers.",
        "Lend more memory, or anchor several batches.";
    BatchError::Index { .. } => "batch.index",
        "A record's index is not below the number of the batch's records.",
        "Tampering, or the proof of a larger batch.",
        "Ask for the batch proof again.";
    BatchError::TooDeep { .. } => "batch.too_deep",
        "A batch proof has more hashes than there is memory for.",
        "Tampering, or memory for fewer than 32 hashes.",
        "Lend memory for 32 hashes, which is enough for every batch.";
    BatchError::ProofLength { .. } => "batch.proof_length",
        "A batch proof has a number of hashes that no record of a batch of that size has.",
        "A proof that was cut off, or the proof of another batch.",
        "Ask for the batch proof again.";
    BatchError::Count { .. } => "batch.count",
        "A batch proof is from a batch of another size than the one that was anchored.",
        "The proof of another batch.",
        "Ask for the proof of the batch that was anchored.";
    BatchError::Root { .. } => "batch.root",
        "The record is not the one at that place of the batch.",
        "The proof of another record or batch, or tampering.",
        "Ask for the batch proof again.";
    BatchError::Rlp { .. } => "batch.rlp",
        "A field of the batch proof is not the canonical RLP that it should be.",
        "The proof was cut off or altered, or is something else.",
        "Ask for the batch proof again.";
    BatchError::Version { .. } => "batch.version",
        "The batch proof has a version that is not known here.",
        "It was made by newer software.",
        "Update the verifier, or ask for a proof of version 1.";
});

impl Code for RecordFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Disclosure(error) => error.code(),
            Self::Batch(error) => error.code(),
        }
    }
}

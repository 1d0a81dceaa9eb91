//! `healthrecord batch`: every record is proved, and what was cut short goes on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use healthrecord::core::B256;
use healthrecord::record::{Batch, OwnedBatchProof, RecordKey, commit};
use serde_json::Value;

const PATIENT: &str = "0x1111111111111111111111111111111111111111";
const AUTHOR: &str = "0x2222222222222222222222222222222222222222";

/// A folder of its own for each test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("healthrecord-batch-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn batch(input: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
    command.args(["batch", "--json", "--author", AUTHOR]);
    if !more.contains(&"--patients") {
        command.args(["--patient", PATIENT]);
    }
    command.args(more).arg(input).arg("--out").arg(out).output().unwrap()
}

/// The report of a run that went well.
fn done(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Code and message of a run that failed.
fn failed(output: &Output) -> (String, String) {
    assert_eq!(output.status.code(), Some(2));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |name: &str| report["error"][name].as_str().unwrap().to_owned();
    (text("code"), text("message"))
}

fn observations(count: usize) -> Vec<String> {
    (0..count).map(|number| format!(r#"{{"resourceType":"Observation","valueInteger":{number}}}"#)).collect()
}

fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// Holds everything in the folder against the documents: keys, proofs, root.
fn hold(out: &Path, documents: &[String]) {
    let (keys, proofs) = (lines(&out.join("keys.ndjson")), lines(&out.join("manifest.ndjson")));
    let anchor: Value = serde_json::from_slice(&std::fs::read(out.join("anchor.json")).unwrap()).unwrap();
    let root: B256 = anchor["root"].as_str().unwrap().parse().unwrap();
    let count = u32::try_from(documents.len()).unwrap();
    assert_eq!(anchor["count"], count);
    assert_eq!((keys.len(), proofs.len()), (documents.len(), documents.len()));
    let mut commitments = vec![];
    for ((key, proof), document) in keys.iter().zip(&proofs).zip(documents) {
        let key = RecordKey::from_json(key).unwrap();
        assert_eq!(commit(document.as_bytes(), &key.metadata, &key.secret), Ok(key.commitment));
        let line: Value = serde_json::from_str(proof).unwrap();
        assert_eq!(line["commitment"], key.commitment.to_string());
        let proof = OwnedBatchProof::from_json(proof).unwrap();
        proof.borrowed().verify(&key.commitment, root, count).unwrap();
        commitments.push(key.commitment);
    }
    assert_eq!(Batch::new(commitments).unwrap().root(), root);
}

#[test]
fn every_record_of_a_file_is_proved() {
    let folder = Folder::new("file");
    // More than are committed at a time.
    let documents = observations(9_000);
    let (input, out) = (folder.0.join("records.ndjson"), folder.0.join("out"));
    // Line ends of either kind, an empty line, none at the end.
    let (front, back) = documents.split_at(10);
    std::fs::write(&input, format!("{}\r\n\n{}", front.join("\r\n"), back.join("\n"))).unwrap();
    let report = done(&batch(&input, &out, &["--threads", "2"]));
    assert_eq!(report["count"], 9_000);
    hold(&out, &documents);
    let manifest = lines(&out.join("manifest.ndjson"));
    let source = |line: usize| serde_json::from_str::<Value>(&manifest[line]).unwrap()["source"].clone();
    assert_eq!((source(0), source(10)), ("records.ndjson:1".into(), "records.ndjson:12".into()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(out.join("keys.ndjson")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!std::fs::read_to_string(out.join("manifest.ndjson")).unwrap().contains("secret"));
    }
    assert_eq!(failed(&batch(&input, &out, &[])).0, "bulk.complete");
}

#[test]
fn what_was_cut_short_goes_on() {
    let folder = Folder::new("cut");
    let documents = observations(5_000);
    let (input, out) = (folder.0.join("records.ndjson"), folder.0.join("out"));
    std::fs::write(&input, documents.join("\n")).unwrap();
    done(&batch(&input, &out, &[]));
    let keys = out.join("keys.ndjson");
    let whole = std::fs::read_to_string(&keys).unwrap();
    for cut in [0, 1, whole.len() / 3, whole.len() - 1, whole.len()] {
        for file in ["manifest.ndjson", "anchor.json"] {
            std::fs::remove_file(out.join(file)).unwrap();
        }
        std::fs::write(&keys, &whole[..cut]).unwrap();
        done(&batch(&input, &out, &[]));
        hold(&out, &documents);
        // What was whole is kept.
        let kept = whole[..cut].rfind('\n').map_or(0, |end| end + 1);
        assert_eq!(std::fs::read_to_string(&keys).unwrap()[..kept], whole[..kept]);
    }
    std::fs::remove_file(out.join("anchor.json")).unwrap();
    let other = folder.0.join("other.ndjson");
    std::fs::write(&other, observations(4_999).join("\n")).unwrap();
    assert_eq!(failed(&batch(&other, &out, &[])).0, "bulk.changed");
    let mut changed = documents;
    changed[4_999] = "{}".to_owned();
    std::fs::write(&other, changed.join("\n")).unwrap();
    assert_eq!(failed(&batch(&other, &out, &[])).0, "bulk.changed");
    assert_eq!(failed(&batch(&input, &out, &["--kind", "3"])).0, "bulk.changed");
    std::fs::write(&keys, "{}\n").unwrap();
    assert_eq!(failed(&batch(&input, &out, &[])).0, "bulk.keys");
}

#[test]
fn a_record_that_is_none_stops_the_batch_until_it_is_mended() {
    let folder = Folder::new("bad");
    let mut documents = observations(4_500);
    let (input, out) = (folder.0.join("records.ndjson"), folder.0.join("out"));
    let good = std::mem::replace(&mut documents[4_200], r#"{"a":1,"a":2}"#.to_owned());
    std::fs::write(&input, documents.join("\n")).unwrap();
    let (code, message) = failed(&batch(&input, &out, &[]));
    assert_eq!(code, "json.duplicate_member");
    assert!(
        message.starts_with("records.ndjson:4201: ") && message.contains("4200 records are done"),
        "{message}"
    );
    assert!(!out.join("anchor.json").exists() && !out.join("manifest.ndjson").exists());
    documents[4_200] = good;
    std::fs::write(&input, documents.join("\n")).unwrap();
    done(&batch(&input, &out, &[]));
    hold(&out, &documents);
}

#[test]
fn a_folder_goes_by_name_and_one_record_is_its_own_root() {
    let folder = Folder::new("folder");
    let (input, out) = (folder.0.join("records"), folder.0.join("out"));
    std::fs::create_dir(&input).unwrap();
    assert_eq!(failed(&batch(&input, &out, &[])).0, "bulk.empty");
    std::fs::write(input.join("b.json"), "2").unwrap();
    std::fs::write(input.join("notes.txt"), "no record").unwrap();
    let one = folder.0.join("one");
    let report = done(&batch(&input, &one, &[]));
    let key = RecordKey::from_json(&lines(&one.join("keys.ndjson"))[0]).unwrap();
    assert_eq!(report["root"], key.commitment.to_string());
    hold(&one, &["2".to_owned()]);
    std::fs::write(input.join("a.json"), "1").unwrap();
    done(&batch(&input, &out, &[]));
    hold(&out, &["1".to_owned(), "2".to_owned()]);
}

#[test]
fn records_of_many_patients_are_told_apart_by_what_they_refer_to() {
    let folder = Folder::new("patients");
    let (input, out) = (folder.0.join("claims.ndjson"), folder.0.join("out"));
    let patients = folder.0.join("patients.json");
    let address = |number: u8| format!("0x{}", format!("{number:02x}").repeat(20));
    let claim = |patient: &str| format!(r#"{{"resourceType":"Claim","patient":{patient}}}"#);
    let documents = [
        claim(r#"{"reference":"Patient/a"}"#),
        claim(r#"{"reference":"https://example.org/fhir/Patient/b","type":"Patient"}"#),
        claim(r#"{"identifier":{"system":"urn:oid:1.2","value":"c"}}"#),
        claim(r#"{"reference":"urn:uuid:5","type":"Patient"}"#),
    ];
    let names = ["Patient/a", "https://example.org/fhir/Patient/b", "urn:oid:1.2|c", "urn:uuid:5"];
    let known: serde_json::Map<_, _> =
        (1..).zip(names).map(|(number, name)| (name.to_owned(), address(number).into())).collect();
    std::fs::write(&patients, Value::Object(known).to_string()).unwrap();
    std::fs::write(&input, documents.join("\n")).unwrap();
    let options = ["--patients", patients.to_str().unwrap()];
    // The kind is that of claims.
    assert_eq!(done(&batch(&input, &out, &options))["kind"], 5);
    hold(&out, &documents);
    for (number, line) in (1..).zip(lines(&out.join("keys.ndjson"))) {
        assert_eq!(RecordKey::from_json(&line).unwrap().metadata.patient.to_string(), address(number));
    }
    for (code, document) in [
        ("bulk.patient", claim(r#"{"reference":"Patient/other"}"#)),
        ("bulk.patient", claim("null")),
        ("bulk.kind", r#"{"resourceType":"Observation","subject":{"reference":"Patient/a"}}"#.to_owned()),
    ] {
        let other = folder.0.join("other.ndjson");
        std::fs::write(&other, format!("{}\n{document}", documents[0])).unwrap();
        let out = folder.0.join("other");
        let (found, message) = failed(&batch(&other, &out, &options));
        assert_eq!(found, code, "{message}");
        assert!(
            message.starts_with("other.ndjson:2: ") && message.contains("; 1 records are done"),
            "{message}"
        );
        std::fs::remove_dir_all(out).unwrap();
    }
    std::fs::write(&patients, r#"{"Patient/a":"0x12"}"#).unwrap();
    assert_eq!(failed(&batch(&input, &folder.0.join("none"), &options)).0, "bulk.patient");
}

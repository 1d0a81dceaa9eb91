//! The demo, and the files that it keeps, verified again by the command that anybody would run.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

fn healthrecord(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_healthrecord")).args(args).output().unwrap()
}

/// Exit code, and what is printed as JSON.
fn answer(args: &[&str]) -> (i32, Value) {
    let output = healthrecord(&[&["--json"], args].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|_| json!({"usage": text}));
    (output.status.code().unwrap(), value)
}

/// The kept files of one run, removed at the end.
struct Kept(PathBuf);

impl Kept {
    fn run(name: &str) -> (Self, Value) {
        let folder = std::env::temp_dir().join(format!("healthrecord-demo-{name}-{}", std::process::id()));
        let (code, told) = answer(&["demo", "--out", folder.to_str().unwrap()]);
        assert_eq!(code, 0, "{told}");
        (Self(folder), told)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap().trim().to_owned()
    }

    /// `healthrecord verify` on the files of one folder.
    fn verify(&self, folder: &str) -> (i32, Value) {
        self.verify_with(folder, &["--as-of-block"])
    }

    fn verify_with(&self, folder: &str, more: &[&str]) -> (i32, Value) {
        let hash = self.read(&format!("{folder}/trusted-hash.txt"));
        let (bundle, request) =
            (self.path(&format!("{folder}/bundle.rlp")), self.path(&format!("{folder}/request.json")));
        let deployment = self.path("deployment.json");
        let args =
            ["verify", &bundle, "--request", &request, "--deployment", &deployment, "--trusted-hash", &hash];
        let consent = self.path(&format!("{folder}/consent.rlp"));
        let shown = if Path::new(&consent).exists() { &["--consent", &consent][..] } else { &[] };
        answer(&[&args[..], shown, more].concat())
    }

    /// Runs with one text in one file replaced, and puts the file back.
    fn with_altered<T>(&self, name: &str, from: &str, to: &str, run: impl FnOnce() -> T) -> T {
        let path = self.0.join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let altered = text.replacen(from, to, 1);
        assert_ne!(text, altered, "{name} has no {from}");
        std::fs::write(&path, altered).unwrap();
        let result = run();
        std::fs::write(&path, text).unwrap();
        result
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn answers(told: &Value) -> Vec<Value> {
    let scenes = told["scenes"].as_array().unwrap();
    scenes.iter().flat_map(|scene| scene["answers"].as_array().cloned().unwrap_or_default()).collect()
}

/// An answer in a word: its basis, reason or error.
fn word(answer: &Value) -> String {
    let decision = &answer["decision"];
    let said = [&decision["basis"], &decision["reason"], &answer["error"]];
    said.into_iter().find_map(Value::as_str).unwrap().to_owned()
}

#[test]
fn the_story_ends_as_it_should_and_its_files_say_the_same() {
    let (kept, told) = Kept::run("story");
    let answers = answers(&told);
    let words: Vec<String> = answers.iter().map(word).collect();
    assert_eq!(
        words,
        [
            "grant",
            "purpose",
            "never-granted",
            "never-granted",
            "grant",
            "consent",
            "revoked",
            "revoked",
            "grant",
            "explicit",
            "proof.missing_node"
        ]
    );
    for answer in &answers {
        let (code, again) = kept.verify(answer["folder"].as_str().unwrap());
        if let Some(decision) = answer.get("decision") {
            assert_eq!(code, i32::from(decision["permit"] == false), "{again}");
            for field in ["permit", "basis", "reason", "scope", "until"] {
                assert_eq!(again[field], decision[field], "{field}");
            }
        } else {
            assert_eq!((code, &again["error"]["code"]), (2, &answer["error"]));
        }
    }
    let scenes = told["scenes"].as_array().unwrap();
    let altered = scenes.iter().find(|scene| scene["scene"] == "Somebody alters the record").unwrap();
    assert_ne!(altered["found"], altered["expected"]);
    let shown = scenes.last().unwrap();
    assert!(
        shown["disclosed"]
            .as_array()
            .unwrap()
            .iter()
            .any(|line| { line.as_str().unwrap().starts_with("/valueQuantity/value = ") })
    );
    assert!(scenes[0]["records"].as_u64().unwrap() >= 30);

    let script = Command::new("sh")
        .arg(kept.path("verify.sh"))
        .env("HEALTHRECORD", env!("CARGO_BIN_EXE_healthrecord"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(script.stdout).unwrap().matches("decision").count(), 10);

    let (code, refused) = answer(&["demo", "--out", kept.0.to_str().unwrap()]);
    assert_eq!((code, &refused["error"]["code"]), (2, &json!("file.unwritable")), "nothing is overwritten");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = std::fs::read_dir(kept.0.join("records")).unwrap().map(|file| file.unwrap());
        let key = key.filter(|file| file.file_name().to_string_lossy().ends_with(".key.json"));
        for file in key {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        }
    }
    let (code, _) = kept.verify_with("grant", &[]);
    assert_eq!(code, 0, "right after the demo the bundle is fresh by the clock too");
    let (code, stale) = kept.verify_with("grant", &["--now", "9999999999"]);
    assert_eq!((code, &stale["error"]["code"]), (2, &json!("verify.stale")));
    let (code, future) = kept.verify_with("grant", &["--now", "1"]);
    assert_eq!((code, &future["error"]["code"]), (2, &json!("verify.future")));
}

/// One changed byte of any file is the error that the README says.
#[test]
fn every_altered_file_is_an_error() {
    let (kept, _) = Kept::run("altered");
    let error = |folder: &str| {
        let (code, answer) = kept.verify(folder);
        assert_eq!(code, 2, "{answer}");
        answer["error"]["code"].as_str().unwrap_or("usage").to_owned()
    };
    let bundle = kept.0.join("revoked/bundle.rlp");
    let whole = std::fs::read(&bundle).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for position in (0..whole.len()).step_by(whole.len() / 200) {
        let mut changed = whole.clone();
        changed[position] ^= 1;
        std::fs::write(&bundle, &changed).unwrap();
        seen.insert(error("revoked"));
    }
    std::fs::write(&bundle, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(error("revoked"), "bundle.rlp");
    std::fs::write(&bundle, &whole).unwrap();
    assert_eq!(kept.verify("revoked").0, 1);
    assert!(seen.contains("anchor.hash_mismatch") && seen.contains("proof.missing_node"), "{seen:?}");
    let told = ["bundle.rlp", "bundle.version", "verify.chain", "verify.contract", "anchor.hash_mismatch"];
    for code in &seen {
        let told =
            told.contains(&code.as_str()) || code.starts_with("header.") || code == "proof.missing_node";
        assert!(told, "{code} is not in the README's table");
    }

    let flip = |text: &str| {
        let last = text.chars().last().unwrap();
        format!("{}{}", &text[..text.len() - 1], if last == '0' { '1' } else { '0' })
    };
    let hash = kept.read("grant/trusted-hash.txt");
    let altered = kept.with_altered("grant/trusted-hash.txt", &hash, &flip(&hash), || error("grant"));
    assert_eq!(altered, "anchor.hash_mismatch");
    let request: Value = serde_json::from_str(&kept.read("grant/request.json")).unwrap();
    // Another question: the bundle proves nothing about it or, where the way to its slots is the same,
    // that nothing was granted.
    for field in ["accessor", "patient"] {
        let address = request[field].as_str().unwrap();
        let altered = || kept.verify("grant");
        let (code, altered) = kept.with_altered("grant/request.json", address, &flip(address), altered);
        let error = altered["error"]["code"].as_str().unwrap_or_default();
        assert!(
            (code == 2 && error.starts_with("proof.")) || altered["reason"] == "never-granted",
            "{altered}"
        );
    }
    let deployment: Value = serde_json::from_str(&kept.read("deployment.json")).unwrap();
    for (text, code) in [
        (deployment["contract"].as_str().unwrap(), "verify.contract"),
        (deployment["codeHashes"][0].as_str().unwrap(), "verify.code_hash"),
        ("31337", "verify.chain"),
    ] {
        assert_eq!(kept.with_altered("deployment.json", text, &flip(text), || error("grant")), code);
    }
    let commitment = kept.read("disclosure/commitment.txt");
    let disclosure = kept.path("disclosure/disclosure.json");
    let check = || answer(&["check", &disclosure, "--commitment", &commitment]);
    assert_eq!(check().0, 0);
    let salt: Value = serde_json::from_str(&kept.read("disclosure/disclosure.json")).unwrap();
    let salt = salt["leaves"][0]["salt"].as_str().unwrap();
    let (code, altered) = kept.with_altered("disclosure/disclosure.json", salt, &flip(salt), check);
    assert_eq!((code, &altered["code"]), (1, &json!("disclosure.root")));
}

/// A consent in either form permits, without it nothing was granted, and a changed one says why it does not.
#[test]
fn a_consent_counts_until_it_is_revoked() {
    let (kept, told) = Kept::run("consent");
    let (binary, json) = (kept.path("consent/consent.rlp"), kept.path("consent/consent.json"));
    let whole = std::fs::read(&binary).unwrap();
    assert_eq!(kept.verify("consent").1["basis"], "consent");
    std::fs::copy(&json, &binary).unwrap();
    assert_eq!(kept.verify("consent").1["basis"], "consent", "JSON does as well");
    let mut altered = whole.clone();
    altered[40] ^= 1;
    std::fs::write(&binary, &altered).unwrap();
    let (code, answer) = kept.verify("consent");
    assert_eq!((code, &answer["reason"]), (1, &json!("consent-foreign")), "the grantee is another");
    let mut altered = whole.clone();
    *altered.iter_mut().rev().nth(1).unwrap() ^= 1;
    std::fs::write(&binary, &altered).unwrap();
    assert_eq!(kept.verify("consent").1["reason"], "consent-signature");
    std::fs::write(&binary, &whole[..whole.len() - 1]).unwrap();
    let (code, answer) = kept.verify("consent");
    assert_eq!((code, &answer["error"]["code"]), (2, &json!("consent.rlp")));
    std::fs::remove_file(&binary).unwrap();
    assert_eq!(kept.verify("consent").1["reason"], "never-granted");

    let scenes = told["scenes"].as_array().unwrap();
    let consented = scenes.iter().find(|scene| scene.get("consentBytes").is_some()).unwrap();
    assert_eq!(consented["consentBytes"], whole.len());
    let words = consented["words"].as_str().unwrap();
    assert!(words.starts_with("ALLOW 0x") && words.contains("\nfor treatment\n"), "{words}");
    assert_eq!(kept.read("consent/words.txt"), words);
}

/// `decide` asks for the slots that it needs, and decides from a node's own answers.
#[test]
fn a_request_is_about_the_record_that_a_disclosure_binds() {
    let (kept, told) = Kept::run("decide");
    let request = kept.path("grant/request.json");
    let deployment = kept.path("deployment.json");
    let (code, call) = answer(&["decide", "--request", &request, "--deployment", &deployment]);
    assert_eq!((code, &call["method"]), (0, &json!("eth_getProof")));
    assert_eq!(call["params"][1].as_array().unwrap().len(), 4, "account, credential, grant, grant for all");

    // The same question about the record that the binding disclosure proves, without patient and scopes.
    let asked: Value = serde_json::from_str(&kept.read("grant/request.json")).unwrap();
    let mut bare = asked.clone();
    bare.as_object_mut().unwrap().retain(|field, _| field != "patient" && field != "scopes");
    std::fs::write(&request, bare.to_string()).unwrap();
    let binding: Value = serde_json::from_str(&kept.read("laboratory/binding.json")).unwrap();
    let (path, commitment) = (kept.path("laboratory/binding.json"), binding["commitment"].as_str().unwrap());
    let about = ["--disclosure", &path, "--commitment", commitment, "--as-of-block"];
    let (code, verdict) = kept.verify_with("grant", &about);
    assert_eq!((code, &verdict["until"]), (0, &answers(&told)[0]["decision"]["until"]));
    let (code, missing) = kept.verify("grant");
    assert_eq!((code, &missing["error"]["code"]), (2, &json!("form.missing_field")));
}

#[test]
fn a_key_is_made_once_and_tells_its_address() {
    let file = std::env::temp_dir().join(format!("healthrecord-key-{}", std::process::id()));
    let path = file.to_str().unwrap();
    let (code, made) = answer(&["key", "new", "--out", path]);
    assert_eq!(code, 0, "{made}");
    assert_eq!(answer(&["key", "address", path]).1["address"], made["address"]);
    assert_eq!(answer(&["key", "new", "--out", path]).1["error"]["code"], "file.unwritable");
    // The first key of Ethereum's yellow-paper test suites and its address.
    std::fs::write(&file, format!("0x{:064x}\n", 1)).unwrap();
    let address = answer(&["key", "address", path]).1["address"].clone();
    assert_eq!(address, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    std::fs::write(&file, format!("{:064x}", 0)).unwrap();
    assert_eq!(answer(&["key", "address", path]).1["error"]["code"], "key.invalid");
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn completions_and_the_man_page_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        let output = healthrecord(&["completions", shell]);
        assert!(
            output.status.success() && String::from_utf8(output.stdout).unwrap().contains("healthrecord")
        );
    }
    let page = String::from_utf8(healthrecord(&["man"]).stdout).unwrap();
    assert!(page.contains(".TH healthrecord") && page.contains("trusted\\-hash"));
}

#[test]
fn what_is_no_bundle_is_refused() {
    let file = std::env::temp_dir().join(format!("healthrecord-no-bundle-{}.json", std::process::id()));
    for (content, expected) in [
        ("{}", "fhir.no_type"),
        ("[]", "fhir.no_type"),
        (r#"{"resourceType":"Patient"}"#, "fhir.other_type"),
        (r#"{"resourceType":"Bundle"}"#, "demo.bundle"),
        (r#"{"resourceType":"Bundle","entry":[{}]}"#, "fhir.no_resource"),
    ] {
        std::fs::write(&file, content).unwrap();
        let (code, refused) = answer(&["demo", file.to_str().unwrap()]);
        assert_eq!((code, &refused["error"]["code"]), (2, &json!(expected)), "{content}");
    }
    std::fs::remove_file(&file).unwrap();
}

/// Histories of others, where they are at hand: any Bundle with a measured value will do.
#[test]
fn bundles_of_others_are_walked() {
    let vectors = std::env::var_os("HEALTHRECORD_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    if !vectors.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", vectors.display());
        println!("SKIPPED 1");
        return;
    }
    let mut walked = 0;
    for file in std::fs::read_dir(vectors.join("fhir/synthea")).unwrap() {
        let path = file.unwrap().path();
        let (code, told) = answer(&["demo", path.to_str().unwrap()]);
        assert_eq!(code, 0, "{}: {told}", path.display());
        assert_eq!(answers(&told).len(), 11);
        walked += 1;
    }
    assert_eq!(walked, 3);
}

//! The command as a script meets it: what it prints, where, and with which exit code.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const PATIENT: &str = "0x1111111111111111111111111111111111111111";
const AUTHOR: &str = "0x2222222222222222222222222222222222222222";
const OBSERVATION: &str = r#"{
  "resourceType": "Observation", "status": "final", "code": {"text": "Glucose"},
  "valueQuantity": {"value": 6.30, "unit": "mmol/l", "comparator": "<"}, "note": [{"text": "fasting"}]
}"#;

/// A folder of its own for each test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("healthrecord-cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn healthrecord(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_healthrecord")).args(args).output().unwrap()
}

/// What is printed to standard output, where the command reads a text from standard input.
fn with_stdin(args: &[&str], text: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_healthrecord"));
    let mut child = command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What is printed to standard output, where the exit code is the expected one.
fn ok(code: i32, args: &[&str]) -> String {
    let output = healthrecord(args);
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{args:?}: {stdout}{stderr}");
    assert_eq!(stderr, "", "{args:?}");
    stdout
}

fn json(code: i32, args: &[&str]) -> Value {
    serde_json::from_str(&ok(code, &[&["--json"], args].concat())).unwrap()
}

/// Fails with exit code 2, an error on standard error that ends with its code, and nothing else.
fn fails(code: &str, words: &str, args: &[&str]) {
    let output = healthrecord(args);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
    assert!(stderr.trim_end().ends_with(&format!("[{code}]")), "{args:?}: {stderr}");
    assert!(stderr.contains(words), "{args:?}: {stderr}");
    assert!(output.stdout.is_empty(), "{args:?}");
    let error = json(2, args);
    assert_eq!(error["error"]["code"], code);
    assert!(ok(0, &["explain", code]).starts_with(code));
}

fn commit<'a>(document: &'a str, key: &'a str) -> [&'a str; 8] {
    ["commit", document, "--patient", PATIENT, "--author", AUTHOR, "--key-out", key]
}

#[test]
fn a_record_is_committed_disclosed_and_checked() {
    let folder = Folder::new("story");
    let (document, key) = (folder.file("observation.json", OBSERVATION), folder.path("key.json"));
    let made = json(0, &commit(&document, &key));
    let commitment = made["commitment"].as_str().unwrap();
    assert_eq!((&made["patient"], &made["kind"]), (&json!(PATIENT), &json!(1)));
    assert_eq!(json(0, &["commit", &document, "--key", &key])["commitment"], commitment, "twice the same");
    assert!(json(0, &["check", &document, "--key", &key, "--commitment", commitment])["valid"] == true);

    let out = folder.path("disclosure.json");
    ok(0, &["disclose", &document, "/valueQuantity/value", "--key", &key, "--out", &out]);
    let checked = json(0, &["check", &out, "--commitment", commitment]);
    let shown: Vec<&str> =
        checked["disclosed"].as_array().unwrap().iter().map(|leaf| leaf["path"].as_str().unwrap()).collect();
    assert_eq!(
        shown,
        [
            "#patient",
            "#author",
            "#kind",
            "#issued",
            "#scope",
            "",
            "/status",
            "/valueQuantity",
            "/valueQuantity/value",
            "/valueQuantity/comparator"
        ]
    );
    assert_eq!(checked["disclosed"][8]["value"], json!({"number": "6.30"}), "the precision is kept");
    assert!(!std::fs::read_to_string(&out).unwrap().contains("fasting"));

    let printed = ok(0, &["disclose", &document, "/status", "--key", &key, "--exactly"]);
    let exactly = folder.file("exactly.json", printed);
    let checked = json(0, &["check", &exactly, "--commitment", commitment]);
    assert_eq!((checked["disclosed"].as_array().unwrap().len(), &checked["bound"]), (2, &json!(false)));

    let other = "0x00000000000000000000000000000000000000000000000000000000000000ff";
    assert_eq!(json(1, &["check", &out, "--commitment", other])["code"], "disclosure.root");
    let altered = std::fs::read_to_string(&out).unwrap().replace("6e362e3330", "6e372e3330");
    let altered = folder.file("altered.json", altered);
    assert_eq!(json(1, &["check", &altered, "--commitment", commitment])["valid"], false);

    let tampered = folder.file("tampered.json", OBSERVATION.replace("6.30", "6.3"));
    assert_eq!(
        json(1, &["check", &tampered, "--key", &key, "--commitment", commitment])["code"],
        "record.commitment"
    );
    fails("record.commitment", "expected 0x", &["disclose", &tampered, "/status", "--key", &key]);
    fails("record.commitment", "expected 0x", &["commit", &tampered, "--key", &key]);
    fails("disclosure.no_such_path", "/valueString", &["disclose", &document, "/valueString", "--key", &key]);
}

#[test]
fn a_key_is_private_and_never_overwritten() {
    let folder = Folder::new("key");
    let (document, key) = (folder.file("observation.json", OBSERVATION), folder.path("key.json"));
    let text = ok(0, &commit(&document, &key));
    let written = std::fs::read_to_string(&key).unwrap();
    let secret = serde_json::from_str::<Value>(&written).unwrap()["secret"].as_str().unwrap().to_owned();
    assert!(!text.contains(&secret[2..]), "the secret is not printed");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fails("file.unwritable", "key.json", &commit(&document, &key));
    assert_eq!(std::fs::read_to_string(&key).unwrap(), written);
    let next = folder.path("other.json");
    ok(0, &commit(&document, &next));
    assert!(!std::fs::read_to_string(&next).unwrap().contains(&secret), "each record has its own secret");
}

#[test]
fn bad_documents_are_refused_with_their_place() {
    let folder = Folder::new("bad");
    let key = folder.path("key.json");
    let deep = "[".repeat(65);
    for (content, code, place) in [
        ("not json", "json.unexpected_byte", "byte 1"),
        ("", "json.unexpected_end", "byte 0"),
        (r#"{"a":1,"\u0061":2}"#, "json.duplicate_member", "byte 7"),
        (deep.as_str(), "json.too_deep", "byte 64"),
        (r#"{"a":01}"#, "json.number", "byte 5"),
    ] {
        let document = folder.file("bad.json", content);
        fails(code, place, &commit(&document, &key));
        assert!(!Path::new(&key).exists(), "no key is left behind");
    }
    fails("file.unreadable", "nowhere.json", &commit(&folder.path("nowhere.json"), &key));
    let document = folder.file("good.json", "{}");
    let mut args = commit(&document, &key).to_vec();
    args.extend(["--kind", "0"]);
    fails("record.kind", "0", &args);
    let mut args = commit(&document, &key).to_vec();
    args[3] = "0x0000000000000000000000000000000000000000";
    fails("record.patient", "zero", &args);
    let no_disclosure = folder.file("disclosure.json", r#"{"format":"hr1 disclosure","commitment":"0x1"}"#);
    fails("form.hex", "commitment", &["check", &no_disclosure, "--commitment", &format!("0x{:064x}", 1)]);
    let usage = healthrecord(&["commit", &document]);
    assert_eq!(usage.status.code(), Some(2), "bad usage is an error too");
    assert!(String::from_utf8(usage.stderr).unwrap().ends_with("[usage.arguments]\n"));
    let help = healthrecord(&["--help"]);
    assert!(help.status.success() && help.stderr.is_empty());
}

#[test]
fn attachments_and_groups_are_committed() {
    let folder = Folder::new("attachments");
    let (document, scan) = (folder.file("r.json", "{}"), folder.file("scan.dcm", vec![7; 200_000]));
    let (key, group) = (folder.path("key.json"), format!("0x{:064x}", 9));
    let mut args = commit(&document, &key).to_vec();
    args.extend(["--attachment", &scan, "--scope", &group, "--issued", "1700000000"]);
    let made = json(0, &args);
    assert_eq!(made["attachments"][0]["length"], 200_000);
    assert_eq!(made["scope"][1], group);
    let out = folder.path("d.json");
    ok(0, &["disclose", &document, "#attachment/scan.dcm", "--key", &key, "--out", &out]);
    let commitment = made["commitment"].as_str().unwrap();
    let checked = json(0, &["check", &out, "--commitment", commitment]);
    let leaves = checked["disclosed"].as_array().unwrap();
    let attachment = leaves.iter().find(|leaf| leaf["path"] == "#attachment/scan.dcm").unwrap();
    assert_eq!(attachment["value"], json!({"length": 200_000, "hash": made["attachments"][0]["hash"]}));
}

/// A proof of the committed vectors, as the files that nodes answer with.
#[test]
fn node_answers_are_verified_or_refused() {
    let Some(vectors) = vectors() else { return };
    let folder = Folder::new("proof");
    let text = std::fs::read_to_string(vectors.join("mpt/mainnet-23223655-weth-mapping.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let (block, proof) = (
        folder.file("block.json", file["header"].to_string()),
        folder.file("proof.json", file["proof"].to_string()),
    );
    let hash = file["header"]["hash"].as_str().unwrap();
    let proved = json(0, &["proof", "verify", &proof, &block, "--trusted-hash", hash]);
    assert_eq!(proved["blockNumber"], 23_223_655);
    assert_eq!(proved["slots"].as_array().unwrap().len(), 1);

    let other = format!("0x{:064x}", 1);
    fails("anchor.hash_mismatch", hash, &["proof", "verify", &proof, &block, "--trusted-hash", &other]);
    let refuse = |code: &str, words: &str, change: &dyn Fn(&mut Value)| {
        let mut changed = file["proof"].clone();
        change(&mut changed);
        let changed = folder.file("changed.json", changed.to_string());
        fails(code, words, &["proof", "verify", &changed, &block, "--trusted-hash", hash]);
    };
    refuse("proof.missing_node", "lacks", &|proof| {
        proof["storageProof"][0]["proof"].as_array_mut().unwrap().pop();
    });
    refuse("proof.unused_node", "node 16", &|proof| {
        proof["storageProof"][0]["proof"]
            .as_array_mut()
            .unwrap()
            .push(json!(format!("0x{}", "c1".repeat(40))));
    });
    refuse("proof.claim", "storageProof[0].value", &|proof| proof["storageProof"][0]["value"] = json!("0x1"));
    refuse("form.missing_field", "accountProof", &|proof| {
        proof.as_object_mut().unwrap().remove("accountProof");
    });
    let header = folder.file("header.json", "\"0xc0\"");
    fails("anchor.hash_mismatch", "", &["proof", "verify", &proof, &block, "--trusted-hash", &other]);
    fails("header.field_count", "0 fields", &["proof", "verify", &proof, &header, "--trusted-hash", hash]);
    let header = folder.file("header.json", "\"0xf800\"");
    fails("header.rlp", "byte 0", &["proof", "verify", &proof, &header, "--trusted-hash", hash]);
}

#[test]
fn keys_are_derived_and_sign() {
    let folder = Folder::new("sign");
    let phrase = "test test test test test test test test test test test junk\n";
    let (phrase, key) = (folder.file("phrase.txt", phrase), folder.path("key.txt"));
    let derived = json(0, &["key", "derive", &phrase, "--out", &key]);
    let address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
    assert_eq!((&derived["address"], &derived["path"]), (&json!(address), &json!("m/44'/60'/0'/0/0")));
    let secret = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    assert_eq!(std::fs::read_to_string(&key).unwrap().trim(), format!("0x{secret}"));
    let other = folder.path("other.txt");
    let passphrase = folder.file("passphrase.txt", "secret\n");
    let args = [
        "key",
        "derive",
        &phrase,
        "--path",
        "m/44'/60'/0'/0/1",
        "--passphrase",
        &passphrase,
        "--out",
        &other,
    ];
    assert_ne!(json(0, &args)["address"], "0x70997970c51812dc3a010c7d01b50e0d17dc79c8");

    let message = folder.file("message.txt", "hello world");
    let signed = json(0, &["message", "sign", &message, "--key", &key]);
    assert_eq!(signed["hash"], "0xd9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68");
    let signature = signed["signature"].as_str().unwrap();
    let verify = |code, file: &str, address: &str| {
        json(code, &["message", "verify", file, "--signature", signature, "--address", address])
    };
    assert_eq!(verify(0, &message, address)["valid"], true);
    assert_eq!(verify(1, &message, PATIENT)["code"], "signature.other_signer");
    assert_eq!(verify(1, &folder.file("changed.txt", "hello world\n"), address)["valid"], false);

    let data = r#"{"types":{"Note":[{"name":"text","type":"string"}]},"primaryType":"Note",
        "domain":{"name":"Test","chainId":1},"message":{"text":"hi"}}"#;
    let file = folder.file("data.json", data);
    let hashed = json(0, &["typed-data", "hash", &file]);
    assert_eq!(hashed["type"], "Note(string text)");
    let signed = json(0, &["typed-data", "sign", &file, "--key", &key]);
    assert_eq!((&signed["hash"], &signed["address"]), (&hashed["hash"], &json!(address)));

    let bad = folder.file("bad.json", data.replace("\"hi\"", "1"));
    fails("typed_data.value", "message.text", &["typed-data", "hash", &bad]);
    let wrong = folder.file("wrong.txt", "test test test test test test test test test test test tent");
    fails("key.checksum", "checksum", &["key", "derive", &wrong, "--out", &folder.path("no.txt")]);
    let accent = folder.file("accent.txt", "é");
    let args = ["key", "derive", &phrase, "--passphrase", &accent, "--out", &folder.path("no.txt")];
    fails("key.passphrase", "ASCII", &args);
    fails(
        "key.path_master",
        "m/",
        &["key", "derive", &phrase, "--path", "44", "--out", &folder.path("no.txt")],
    );
    assert!(!Path::new(&folder.path("no.txt")).exists());
    for args in [vec!["key", "address", &phrase], vec!["message", "sign", &message, "--key", &phrase]] {
        let output = healthrecord(&args);
        assert!(!String::from_utf8(output.stderr).unwrap().contains("junk"), "{args:?} shows no secret");
    }
}

/// A keystore of the Web3 Secret Storage definition, whose password is `testpassword`.
const KEYSTORE: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
    "ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2",
    "kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
    "mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
const KEYSTORE_SECRET: &str = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";

#[test]
fn keystores_are_written_and_opened() {
    let folder = Folder::new("keystore");
    let (key, passphrase) =
        (folder.file("key.txt", KEYSTORE_SECRET), folder.file("p.txt", "testpassword\r\n"));
    let address = json(0, &["key", "address", &key])["address"].clone();
    let theirs = folder.file("theirs.json", KEYSTORE);
    let (ours, out) = (folder.path("ours.json"), folder.path("out.txt"));
    let text = ok(0, &["key", "import", &key, "--passphrase", &passphrase, "--out", &ours]);
    assert!(text.contains(address.as_str().unwrap()) && !text.contains(&KEYSTORE_SECRET[..8]), "{text}");
    let written = std::fs::read_to_string(&ours).unwrap();
    assert!(!written.contains(KEYSTORE_SECRET) && !written.contains("testpassword"));
    for keystore in [&theirs, &ours] {
        let args = ["key", "export", keystore, "--passphrase", &passphrase, "--out", &out];
        assert_eq!(json(0, &args)["address"], address);
        assert_eq!(std::fs::read_to_string(&out).unwrap().trim(), format!("0x{KEYSTORE_SECRET}"));
        #[cfg(unix)]
        for file in [&ours, &out] {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
        }
        fails("file.unwritable", "out.txt", &args);
        std::fs::remove_file(&out).unwrap();
    }
    let message = folder.file("message.txt", "hello");
    let sign = ["message", "sign", &message, "--key"];
    let opened = json(0, &[&sign[..], &[&theirs, "--passphrase", &passphrase]].concat());
    assert_eq!(opened, json(0, &[&sign[..], &[&key]].concat()));
    fails("key.no_passphrase", "--passphrase", &[&sign[..], &[&theirs]].concat());

    let wrong = folder.file("wrong.txt", "testpassword ");
    let export = |passphrase| ["key", "export", &theirs, "--passphrase", passphrase, "--out", &out];
    fails("keystore.password", "theirs.json", &export(&wrong));
    fails("file.stdin_twice", "-", &["key", "export", "-", "--passphrase", "-", "--out", &out]);
    let (empty, accent) = (folder.file("empty.txt", "\n"), folder.file("accent.txt", "\u{e9}"));
    let import = |passphrase| ["key", "import", &key, "--passphrase", passphrase, "--out", &out];
    fails("key.no_passphrase", "empty", &import(&empty));
    fails("key.passphrase", "ASCII", &import(&accent));
    fails("form.json", "key.txt", &["key", "export", &key, "--passphrase", &passphrase, "--out", &out]);
    assert!(!Path::new(&out).exists(), "nothing is left behind");
}

/// A transaction and its raw bytes from the committed vectors, which ethers made.
fn vector(name: &str) -> (String, Value, Value) {
    let text = include_str!("../../../core/tests/vectors/tx.json");
    let file: Value = serde_json::from_str(text).unwrap();
    let case = file["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap().clone();
    let (input, output) = (&case["input"], &case["output"]);
    (input["secretKey"].as_str().unwrap().to_owned(), input["transaction"].clone(), output.clone())
}

#[test]
fn transactions_are_signed_and_decoded() {
    let folder = Folder::new("tx");
    for kind in ["legacy for a chain", "type 1", "type 3", "type 4"] {
        let (secret, transaction, expected) = vector(&format!("sign: {kind} of ordinary values"));
        let (key, file) = (folder.file("key.txt", secret), folder.file("tx.json", transaction.to_string()));
        let signed = json(0, &["tx", "sign", &file, "--key", &key]);
        assert_eq!((&signed["raw"], &signed["hash"]), (&expected["raw"], &expected["hash"]), "{kind}");
        let decoded = json(0, &["tx", "decode", signed["raw"].as_str().unwrap()]);
        assert_eq!(decoded["from"], expected["sender"], "{kind}");
    }
    let (secret, transaction, expected) = vector("sign: type 2 of ordinary values");
    let (key, file) = (folder.file("key.txt", &secret), folder.file("tx.json", transaction.to_string()));
    let chain = u64::from_str_radix(&transaction["chainId"].as_str().unwrap()[2..], 16).unwrap().to_string();
    let out = folder.path("raw.txt");
    let args = ["tx", "sign", &file, "--key", &key, "--chain-id", &chain, "--out", &out];
    let signed = json(0, &args);
    let told = ["raw", "hash"].map(|field| &signed[field]);
    assert_eq!((told, &signed["from"]), ([&expected["raw"], &expected["hash"]], &expected["sender"]));
    let raw = signed["raw"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(&out).unwrap(), format!("{raw}\n"));
    let text = ok(0, &["tx", "sign", &file, "--key", &key]);
    for line in ["signed by  0x", "to         0x", "value      ", "gas        "] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!text.contains(&secret[2..]));

    assert_eq!(with_stdin(&["tx", "sign", &file, "--key", "-"], &secret), text, "the key from a pipe");

    let decoded = json(0, &["tx", "decode", &out, "--chain-id", &chain]);
    assert_eq!((&decoded["from"], &decoded["hash"]), (&expected["sender"], &expected["hash"]));
    for (field, value) in transaction.as_object().unwrap() {
        assert_eq!(decoded[field], *value, "{field}");
    }
    assert_eq!(serde_json::from_str::<Value>(&ok(0, &["tx", "decode", raw])).unwrap(), decoded);
    let resigned = folder.file("decoded.json", decoded.to_string());
    assert_eq!(json(0, &["tx", "sign", &resigned, "--key", &key])["raw"], raw);

    fails("tx.other_chain", "expected chain 7", &["tx", "sign", &file, "--key", &key, "--chain-id", "7"]);
    fails("tx.other_chain", "expected chain 7", &["tx", "decode", raw, "--chain-id", "7"]);
    fails("file.unwritable", "raw.txt", &args);
    let mut foreign = transaction.clone();
    foreign["from"] = json!(PATIENT);
    let foreign = folder.file("foreign.json", foreign.to_string());
    fails("tx.other_sender", PATIENT, &["tx", "sign", &foreign, "--key", &key]);
    let no_nonce = folder.file("bad.json", r#"{"chainId":"0x1","gas":"0x1","gasPrice":"0x1"}"#);
    fails("form.missing_field", "nonce", &["tx", "sign", &no_nonce, "--key", &key]);
    fails("rlp.trailing_bytes", "", &["tx", "decode", &format!("{raw}00")]);
    fails("tx.empty", "", &["tx", "decode", "0x"]);
    fails("hex.digit", "text.txt", &["tx", "decode", &folder.file("text.txt", "no hex")]);
}

#[test]
fn a_transaction_for_every_chain_is_said_to_be_one_and_never_sent() {
    let folder = Folder::new("every-chain");
    let (secret, transaction, expected) = vector("sign: legacy without a chain of ordinary values");
    let (key, file) = (folder.file("key.txt", secret), folder.file("tx.json", transaction.to_string()));
    assert!(ok(0, &["tx", "sign", &file, "--key", &key]).contains("every chain"));
    let raw = expected["raw"].as_str().unwrap();
    fails("tx.no_chain", "EIP-155", &["tx", "send", raw, "--rpc", "http://127.0.0.1:1"]);
    fails("tx.other_chain", "names no chain", &["tx", "decode", raw, "--chain-id", "1"]);
}

#[test]
fn every_code_is_explained() {
    let all = json(0, &["explain"]);
    let codes = all["codes"].as_array().unwrap();
    assert!(codes.len() > 60, "{} codes", codes.len());
    let mut seen = std::collections::BTreeSet::new();
    for code in codes {
        let code = code["code"].as_str().unwrap();
        assert!(seen.insert(code), "{code} means two things");
        assert!(ok(0, &["explain", code]).contains("remedy: "));
    }
    assert!(json(0, &["explain", "proof."])["codes"].as_array().unwrap().len() > 8);
    fails("explain.unknown_code", "proof.nothing", &["explain", "proof.nothing"]);
}

fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("HEALTHRECORD_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", folder.display());
    println!("SKIPPED 1");
    None
}

#[test]
fn one_master_secret_opens_every_record_that_was_derived_from_it() {
    let folder = Folder::new("master");
    let (document, master, other) =
        (folder.file("observation.json", OBSERVATION), folder.path("master.txt"), folder.path("other.txt"));
    for path in [&master, &other] {
        ok(0, &["key", "master", "--out", path]);
    }
    fails("file.unwritable", "master.txt", &["key", "master", "--out", &master]);
    let mut nonces = vec![];
    for name in ["one.json", "two.json"] {
        let key = folder.path(name);
        let made = json(0, &[&commit(&document, &key)[..], &["--master", &master]].concat());
        let commitment = made["commitment"].as_str().unwrap();
        let written: Value = serde_json::from_str(&std::fs::read_to_string(&key).unwrap()).unwrap();
        assert!(written.get("secret").is_none() && written["derivation"]["version"] == 1, "{written}");
        nonces.push(written["derivation"]["nonce"].clone());
        let again = json(0, &["commit", &document, "--key", &key, "--master", &master]);
        assert_eq!(again["commitment"], commitment);
        let out = folder.path("disclosure.json");
        ok(0, &["disclose", &document, "/status", "--key", &key, "--master", &master, "--out", &out]);
        ok(0, &["check", &out, "--commitment", commitment]);
        let whole = ["check", &document, "--key", &key, "--commitment", commitment];
        ok(0, &[&whole[..], &["--master", &master]].concat());
        fails("record.no_master", "--master", &whole);
        let wrong = json(1, &[&whole[..], &["--master", &other]].concat());
        assert_eq!(wrong["code"], "record.commitment");
    }
    assert_ne!(nonces[0], nonces[1]);
    fails(
        "hex.length",
        "master",
        &[
            "commit",
            &document,
            "--key",
            &folder.path("one.json"),
            "--master",
            &folder.file("bad-master.txt", "0x12"),
        ],
    );
}

#[test]
fn elements_are_chosen_by_patterns_and_the_document_is_rebuilt() {
    let folder = Folder::new("patterns");
    let (document, key) = (folder.file("observation.json", OBSERVATION), folder.path("key.json"));
    let made = json(0, &commit(&document, &key));
    let commitment = made["commitment"].as_str().unwrap();
    let (out, text, partial) = (folder.path("d.rlp"), folder.path("d.json"), folder.path("partial.json"));
    let choose = |more: &[&str]| {
        let args = ["disclose", &document, "Observation.value*.value", "note.text", "--key", &key];
        ok(0, &[&args[..], more].concat())
    };
    choose(&["--exactly", "--binary", "--out", &out]);
    choose(&["--exactly", "--out", &text]);
    let [binary, plain] = [&out, &text].map(|path| std::fs::read(path).unwrap());
    assert!(binary[0] >= 0xc0 && binary.len() * 2 < plain.len());
    for path in [&out, &text] {
        let checked = json(0, &["check", path, "--commitment", commitment, "--document", &partial]);
        let expected = r#"{"code":null,"note":[{"text":"fasting"}],"resourceType":null,"status":null,"valueQuantity":{"comparator":null,"unit":null,"value":6.30}}"#;
        assert_eq!(std::fs::read_to_string(&partial).unwrap(), expected);
        let holes = ["/code", "/resourceType", "/status", "/valueQuantity/comparator", "/valueQuantity/unit"];
        assert_eq!((&checked["holes"], &checked["valid"]), (&json!(holes), &json!(true)));
    }
    let wrong = |code, words, element| fails(code, words, &["disclose", &document, element, "--key", &key]);
    wrong("pattern.syntax", "byte 4", "note where");
    wrong("pattern.no_match", "note.txt", "note.txt");
    wrong("pattern.type", "Observation", "Patient.name");
    assert_eq!(
        healthrecord(&["disclose", &document, "/note", "--key", &key, "--binary"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_version_is_compared_with_the_one_before() {
    let folder = Folder::new("diff");
    let next = OBSERVATION.replace("6.30", "6.3").replace("\"status\": \"final\", ", "");
    let (old, new) = (folder.file("old.json", OBSERVATION), folder.file("new.json", next));
    let (old_key, new_key) = (folder.path("old-key.json"), folder.path("new-key.json"));
    let first = json(0, &commit(&old, &old_key));
    let id = first["scope"][0].as_str().unwrap();
    let issued = first["issued"].to_string();
    let follow = ["--previous", first["commitment"].as_str().unwrap(), "--id", id, "--issued", &issued];
    let second = json(0, &[&commit(&new, &new_key)[..], &follow].concat());
    assert_eq!((&second["scope"], second["commitment"] == first["commitment"]), (&first["scope"], false));
    let diff = |old: &str, new: &str| {
        ["diff", old, new, "--old-key", &old_key, "--new-key", &new_key].map(str::to_owned)
    };
    let args = diff(&old, &new);
    let told = json(0, &args.each_ref().map(String::as_str));
    assert_eq!(told["added"][0]["path"], "#previous");
    assert_eq!(told["removed"], json!([{"path": "/status", "value": "final"}]));
    let value = json!({"path": "/valueQuantity/value", "old": {"number": "6.30"}, "new": {"number": "6.3"}});
    assert_eq!((told["changed"].as_array().unwrap().len(), &told["changed"][1]), (2, &value));
    let altered = folder.file("altered.json", OBSERVATION.replace("final", "amended"));
    let args = diff(&altered, &new);
    fails("diff.commitment", "altered.json", &args.each_ref().map(String::as_str));
    let args = ["diff", &new, &old, "--old-key", &new_key, "--new-key", &old_key];
    fails("diff.previous", "follows none", &args);
}

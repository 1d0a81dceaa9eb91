//! FHIR consents as a script meets them: terms, what they do not say, and what is to be sent or signed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

const PATIENT: &str = "0x1111111111111111111111111111111111111111";
const DOCTOR: &str = "0x2222222222222222222222222222222222222222";
const SCOPE: &str = "0x3333333333333333333333333333333333333333333333333333333333333333";

/// A folder of its own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("healthrecord-consent-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &Value) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
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

fn told(code: i32, args: &[&str]) -> String {
    let output = healthrecord(args);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{args:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

fn answer(code: i32, args: &[&str]) -> Value {
    serde_json::from_str(&told(code, &[&["--json"], args].concat())).unwrap()
}

fn map() -> Value {
    json!({
        "patient": {"reference": "Patient/1", "address": PATIENT},
        "parties": [{"reference": "Practitioner/2", "address": DOCTOR}],
        "records": [{"reference": "Observation/3", "scope": SCOPE}],
        "defaults": {"notBefore": 1_767_225_600, "notAfter": 1_798_761_600},
    })
}

/// All records for treatment, but one.
fn consent() -> Value {
    let coding = |system: &str, code: &str| json!({"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code});
    json!({
        "resourceType": "Consent", "status": "active", "patient": {"reference": "Patient/1"},
        "scope": {"coding": [coding("consentscope", "patient-privacy")]},
        "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}],
        "policyRule": {"coding": [coding("v3-ActCode", "OPTIN")]},
        "provision": {
            "type": "permit",
            "actor": [{
                "role": {"coding": [coding("v3-ParticipationType", "IRCP")]},
                "reference": {"reference": "Practitioner/2"},
            }],
            "purpose": [coding("v3-ActReason", "TREAT")],
            "provision": [{"type": "deny", "data": [{"meaning": "instance", "reference": {"reference": "Observation/3"}}]}],
        },
    })
}

#[test]
fn a_consent_becomes_calldata_and_typed_data_and_a_consent_again() {
    let folder = Folder::new("round");
    let (map, consent) = (folder.file("map.json", &map()), folder.file("consent.json", &consent()));
    let contract = "0x4444444444444444444444444444444444444444";
    let deployment = json!({"chainId": 1337, "contract": contract, "codeHashes": [SCOPE]});
    let deployment = folder.file("deployment.json", &deployment);
    let import = ["consent", "import", &consent, "--map", &map];

    let text = told(0, &import);
    assert!(
        text.contains("0x2222222222222222222222222222222222222222 READ for TREAT with all records"),
        "{text}"
    );
    assert!(text.contains("until 2027-01-01 00:00:00 UTC"), "{text}");
    let plain = answer(0, &import);
    assert_eq!((&plain["report"], &plain["accepted"]), (&json!([]), &json!(true)));
    let terms = plain["terms"].as_array().unwrap();
    assert_eq!(terms.iter().map(|term| &term["term"]).collect::<Vec<_>>(), ["deny", "grant"]);
    assert_eq!(terms[0]["scope"], SCOPE);
    assert!(
        terms[0]["calldata"].as_str().unwrap().starts_with("0xad8def73") && terms[0]["typedData"].is_null()
    );
    assert!(terms[1]["calldata"].as_str().unwrap().starts_with("0xaa37e022"));

    let signing =
        ["--deployment", &deployment, "--epoch", "2", "--deadline", "1798761600", "--document", SCOPE];
    let signed = answer(0, &[&import[..], &signing].concat());
    for (term, primary) in signed["terms"].as_array().unwrap().iter().zip(["Deny", "Grant"]) {
        assert_eq!(term["typedData"]["primaryType"], primary);
        assert_eq!(term["typedData"]["message"]["document"], SCOPE);
        let file = folder.file("typed-data.json", &term["typedData"]);
        let hashed = answer(0, &["typed-data", "hash", &file]);
        assert!(
            hashed["type"]
                .as_str()
                .unwrap()
                .starts_with(&format!("{primary}(address patient,address grantee,"))
        );
    }

    let terms = folder.file("terms.json", &plain);
    for release in ["r4", "r5"] {
        let written =
            answer(0, &["consent", "export", &terms, "--map", &map, "--release", release, "--date", "0"]);
        let again = folder.file("again.json", &written);
        assert_eq!(
            answer(0, &["consent", "import", &again, "--map", &map])["terms"],
            plain["terms"],
            "{release}"
        );
    }
    let out = folder.0.join("out.json");
    let out = out.to_str().unwrap();
    told(0, &["consent", "export", &terms, "--map", &map, "--out", out]);
    assert_eq!(answer(0, &["consent", "import", out, "--map", &map])["terms"], plain["terms"]);
}

#[test]
fn what_cannot_be_said_is_told_and_has_to_be_accepted() {
    let folder = Folder::new("report");
    let mut limited = consent();
    limited["provision"]["provision"][0]["securityLabel"] = json!([{"code": "R"}]);
    let (map, limited) = (folder.file("map.json", &map()), folder.file("consent.json", &limited));
    let import = ["consent", "import", &limited, "--map", &map];
    let refused = answer(1, &import);
    assert_eq!((&refused["terms"], &refused["accepted"]), (&json!([]), &json!(false)));
    let codes: Vec<&str> =
        refused["report"].as_array().unwrap().iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["fhir_report.limit", "fhir_report.cut_by_deny"]);
    let text = told(1, &import);
    assert!(text.contains("Consent.provision.provision[0].securityLabel: a limit"), "{text}");
    assert_eq!(answer(0, &[&import[..], &["--accept-report"]].concat())["report"], refused["report"]);

    // One of two is known: its grant may be written once the report is accepted, and not before.
    let mut two = consent();
    two["provision"]["purpose"] = json!([two["provision"]["purpose"][0], {"code": "MINE"}]);
    let two = folder.file("two.json", &two);
    let import = ["consent", "import", &two, "--map", &map];
    assert!(answer(1, &import)["terms"][1]["calldata"].is_null());
    assert!(answer(0, &[&import[..], &["--accept-report"]].concat())["terms"][1]["calldata"].is_string());
}

#[test]
fn failures_have_codes() {
    let folder = Folder::new("failures");
    let (good, consent) = (folder.file("map.json", &map()), folder.file("consent.json", &consent()));
    let mut twice = map();
    twice["parties"] = json!([twice["parties"][0], twice["parties"][0]]);
    let mut all = map();
    all["records"][0]["scope"] = json!(format!("0x{}", "00".repeat(32)));
    let mut nobody = map();
    nobody["parties"][0]["address"] = json!(format!("0x{}", "00".repeat(20)));
    let mut unknown = map();
    unknown["party"] = json!([]);
    let mut glass = map();
    glass["defaults"]["purposes"] = json!(["BTG"]);
    let mut milliseconds = map();
    milliseconds["defaults"]["notAfter"] = json!(1_798_761_600_000_u64);
    for (map, words) in [
        (twice, "parties[1].reference is not named once"),
        (all, "records[0].scope is not"),
        (nobody, "parties[0].address is not"),
        (unknown, "party is not a known field"),
        (glass, "defaults.purposes[0] is not"),
        (milliseconds, "defaults.notAfter is not Unix seconds"),
    ] {
        let map = folder.file("bad.json", &map);
        let refused = answer(2, &["consent", "import", &consent, "--map", &map]);
        assert_eq!(refused["error"]["code"], "form.type");
        assert!(refused["error"]["message"].as_str().unwrap().contains(words), "{refused}");
    }
    let draft = folder.file("draft.json", &json!({"resourceType": "Consent", "status": "draft"}));
    for (args, code) in [
        (["import", &draft], "fhir_consent.not_active"),
        (["import", &good], "fhir.no_type"),
        (["export", &good], "form.missing_field"),
        (["export", &folder.file("none.json", &json!({"terms": []}))], "fhir_consent.no_terms"),
    ] {
        let refused = answer(2, &["consent", args[0], args[1], "--map", &good]);
        assert_eq!(refused["error"]["code"], code);
        assert!(told(0, &["explain", code]).starts_with(code));
    }
}

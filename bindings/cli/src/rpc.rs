//! Asking a node over JSON-RPC 2.0, which nobody trusts but for an answer.
//!
//! Errors say what was asked, of whom, and what came; the node is named by its scheme, host and port
//! alone, since the rest of its URL may hold a key.

use std::cell::Cell;
use std::time::Duration;

use healthrecord::code::{Code as _, Entry};
use healthrecord::rpc::{MAX_ANSWER_LEN, RpcError};
use serde_json::{Value, json};
use ureq::http::Uri;

use crate::failure::Failure;
use crate::progress::Progress;

#[cfg(test)]
mod tests;

/// The codes of what can go wrong between this command and a node.
pub(crate) const CODES: &[Entry] = &[
    Entry {
        code: URL,
        meaning: "The node's URL is none that can be asked.",
        cause: "A typing mistake, another scheme than http or https, or https on a processor without it.",
        remedy: "Give http://HOST:PORT or https://HOST.",
    },
    Entry {
        code: UNREACHABLE,
        meaning: "The node cannot be reached, or the connection broke.",
        cause: "It does not run, listens elsewhere, or its certificate is not trusted here.",
        remedy: "Check the URL, and that the node answers HTTP JSON-RPC there.",
    },
    Entry {
        code: TIMEOUT,
        meaning: "The node did not answer in time.",
        cause: "It is busy, far away, or computes long for an old block.",
        remedy: "Try again, or give it longer with --timeout.",
    },
    Entry {
        code: STATUS,
        meaning: "The node's server refused the question.",
        cause: "A wrong path or key in the URL, too many questions, or a server that is down.",
        remedy: "The message has its HTTP status: check the URL, or wait.",
    },
    Entry {
        code: NO_ANSWER,
        meaning: "What came is no answer to the question.",
        cause: "Something else than a node's JSON-RPC is at the URL, or the node lacks what it was asked for.",
        remedy: "Check the URL, and the block or transaction.",
    },
    Entry {
        code: TOO_LARGE,
        meaning: "The answer is larger than any that is read here.",
        cause: "Something else than a node, or an attack on the memory.",
        remedy: "Ask another node.",
    },
    Entry {
        code: CHAIN,
        meaning: "The node is on another chain than the deployment or the transaction.",
        cause: "The URL of another network, or a wrong file.",
        remedy: "Give a node of the deployment's or the transaction's chain.",
    },
];

const URL: &str = "node.url";
const UNREACHABLE: &str = "node.unreachable";
const TIMEOUT: &str = "node.timeout";
const STATUS: &str = "node.status";
const NO_ANSWER: &str = "node.no_answer";
const TOO_LARGE: &str = "node.too_large";
const CHAIN: &str = "node.chain";

/// How often a question is asked before its failure stands.
const TRIES: u32 = 6;
/// The wait before the second try; it doubles from try to try.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait that a server can ask for.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);

/// A node that is asked over HTTP.
pub(crate) struct Node {
    agent: ureq::Agent,
    url: String,
    /// Scheme, host and port: what may be shown.
    name: String,
    first_wait: Duration,
    asked: Cell<u64>,
    progress: Progress,
}

impl Node {
    /// A node at a URL, whose every answer may take `timeout`; nothing is asked yet.
    pub(crate) fn new(url: &str, timeout: Duration) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::new(URL, format!("the node's URL {why}"));
        let uri: Uri = url.parse().map_err(|_| wrong("is no URL"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(wrong("has no scheme or no host"));
        };
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            // A redirected question is one to somebody else.
            .max_redirects(0)
            .user_agent(concat!("healthrecord/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT.min(timeout)))
            .timeout_global(Some(timeout));
        match scheme {
            "http" => {}
            "https" => {
                let tls = tls().ok_or(wrong("is https, which needs a newer processor"))?;
                config = config.tls_config(tls);
            }
            _ => return Err(wrong("is neither http nor https")),
        }
        // User and password stand before the last @.
        let host = authority.as_str().rsplit('@').next().unwrap_or_default();
        Ok(Self {
            agent: config.build().into(),
            url: url.to_owned(),
            name: format!("{scheme}://{host}"),
            first_wait: FIRST_WAIT,
            asked: Cell::new(0),
            progress: Progress::new(),
        })
    }

    /// The node without what may be secret in its URL.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Asks, and asks again with growing waits where that may help: while the node cannot be reached,
    /// is busy, or still indexes its blocks. So a question may arrive twice; the result may be null.
    pub(crate) fn ask(&self, method: &str, params: &Value) -> Result<Value, Failure> {
        let mut wait = self.first_wait;
        for attempt in 1..TRIES {
            match self.ask_once(method, params) {
                Ok(result) => return Ok(result),
                Err(Refused { again: false, failure, .. }) => return Err(failure),
                Err(Refused { after, failure, .. }) => {
                    let wait = after.unwrap_or(wait).min(MAX_WAIT);
                    self.progress.say(&format!("{failure}; try {} of {TRIES} follows", attempt + 1));
                    std::thread::sleep(wait);
                }
            }
            wait = wait.saturating_mul(2);
        }
        self.ask_once(method, params).map_err(|refused| refused.failure.after_tries(TRIES))
    }

    /// Asks for the chain's id and holds it against the expected one.
    pub(crate) fn expect_chain(&self, expected: u64) -> Result<(), Failure> {
        let answer = self.ask("eth_chainId", &json!([]))?;
        match quantity(&answer) {
            Some(found) if found == expected => Ok(()),
            Some(found) => {
                let message = format!("{} is on chain {found}: expected {expected}", self.name);
                Err(Failure::new(CHAIN, message))
            }
            None => Err(self.failure_of("eth_chainId", "the answer is no chain id")),
        }
    }

    /// Says on a terminal what is being done; it goes when the node does.
    pub(crate) fn say(&self, text: &str) {
        self.progress.say(text);
    }

    /// The failure of an answer that is none.
    pub(crate) fn failure_of(&self, method: &str, what: &str) -> Failure {
        self.failure(NO_ANSWER, method, what)
    }

    fn ask_once(&self, method: &str, params: &Value) -> Result<Value, Refused> {
        let id = self.asked.get().wrapping_add(1);
        self.asked.set(id);
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string();
        let sent = self.agent.post(&self.url).content_type("application/json").send(&body);
        let mut response = sent.map_err(|error| self.broken(method, &error))?;
        let status = response.status();
        let after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let limit = u64::try_from(MAX_ANSWER_LEN).unwrap_or(u64::MAX);
        let bytes = response.body_mut().with_config().limit(limit).read_to_vec();
        let bytes = bytes.map_err(|error| self.broken(method, &error))?;
        // Some nodes send their errors with another status than 200; what is no answer goes by the status.
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(answer)) if answer.contains_key("jsonrpc") => self.result(method, id, answer),
            _ if !status.is_success() => Err(Refused {
                again: matches!(status.as_u16(), 429 | 502..=504),
                after: after.map(Duration::from_secs),
                failure: self.failure(STATUS, method, &format!("HTTP status {status}")),
            }),
            _ => Err(self.failure_of(method, "the answer is not JSON-RPC").into()),
        }
    }

    fn result(
        &self,
        method: &str,
        id: u64,
        mut answer: serde_json::Map<String, Value>,
    ) -> Result<Value, Refused> {
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            let message = error.get("message").and_then(Value::as_str).map(str::to_owned);
            let message = message.unwrap_or_else(|| error.to_string());
            // -32005 is "limit exceeded" (EIP-1474); a fresh geth indexes its blocks for a while.
            let busy = error.get("code").and_then(Value::as_i64) == Some(-32005);
            let again = busy || message.contains("indexing is in progress");
            let error = RpcError::Answer { message };
            return Err(Refused {
                again,
                after: None,
                failure: self.failure(error.code(), method, &error.to_string()),
            });
        }
        if answer.get("id") != Some(&json!(id)) {
            return Err(self.failure_of(method, "the answer is to another question").into());
        }
        let missing = || self.failure_of(method, "the answer has neither result nor error").into();
        answer.remove("result").ok_or_else(missing)
    }

    /// The failure of a question that got no answer, and whether another try may help.
    fn broken(&self, method: &str, error: &ureq::Error) -> Refused {
        #[expect(clippy::wildcard_enum_match_arm, reason = "what else there is, no other try mends")]
        let (code, again) = match error {
            ureq::Error::Timeout(_) => (TIMEOUT, true),
            ureq::Error::BodyExceedsLimit(_) => (TOO_LARGE, false),
            // A certificate that is not trusted now will not be in a second.
            ureq::Error::Io(error) => (UNREACHABLE, error.kind() != std::io::ErrorKind::InvalidData),
            ureq::Error::ConnectionFailed => (UNREACHABLE, true),
            _ => (UNREACHABLE, false),
        };
        Refused { again, after: None, failure: self.failure(code, method, &error.to_string()) }
    }

    fn failure(&self, code: &'static str, method: &str, what: &str) -> Failure {
        Failure::new(code, format!("{method} of {}: {what}", self.name))
    }
}

/// A number as nodes write it, in hex; `None` for anything else.
pub(crate) fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

/// A question without a result.
struct Refused {
    again: bool,
    /// How long the server asks to be left alone.
    after: Option<Duration>,
    failure: Failure,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self { again: false, after: None, failure }
    }
}

/// TLS with the system's certificates; `None` where this processor lacks what its cryptography needs.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn tls() -> Option<ureq::tls::TlsConfig> {
    graviola::util::is_cpu_supported().then(|| {
        ureq::tls::TlsConfig::builder()
            .unversioned_rustls_crypto_provider(std::sync::Arc::new(rustls_graviola::default_provider()))
            .root_certs(ureq::tls::RootCerts::PlatformVerifier)
            .build()
    })
}

/// There is no TLS for this architecture.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn tls() -> Option<ureq::tls::TlsConfig> {
    None
}

//! Nodes of other makers, each started at a free port for one test and asked over HTTP.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A running node, ended when dropped.
pub(crate) struct Node {
    process: Child,
    address: String,
    folder: Option<PathBuf>,
}

impl Node {
    /// Starts a program that listens at `port`, waits until it answers, and holds its chain id against the
    /// expected one: another process may have taken the port.
    pub(crate) fn start(command: &mut Command, port: u16, chain: u64, folder: Option<PathBuf>) -> Self {
        let process =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let node = Self { process, address: format!("127.0.0.1:{port}"), folder };
        let begin = Instant::now();
        let id = loop {
            match node.try_ask("eth_chainId", &json!([])) {
                Ok(id) => break id,
                Err(error) => assert!(begin.elapsed() < Duration::from_secs(60), "no node answers: {error}"),
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        assert_eq!(id, format!("{chain:#x}"));
        node
    }

    /// A node that says itself where it listens.
    pub(crate) fn started(process: Child, address: String) -> Self {
        Self { process, address, folder: None }
    }

    /// The result of a question that the node answers.
    pub(crate) fn ask(&self, method: &str, params: &Value) -> Value {
        self.try_ask(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The result of a question, or what the node says instead.
    pub(crate) fn try_ask(&self, method: &str, params: &Value) -> Result<Value, String> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let url = format!("http://{}", self.address);
        // The answers with errors of some nodes have another status than 200.
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent = ureq::Agent::from(config.timeout_global(Some(Duration::from_secs(20))).build());
        let sent = agent.post(url).content_type("application/json").send(&body);
        let text = sent.and_then(|mut answer| answer.body_mut().read_to_string());
        let text = text.map_err(|error| error.to_string())?;
        let answer: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
        match answer.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(answer["result"].clone()),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        if let Some(folder) = &self.folder {
            std::fs::remove_dir_all(folder).unwrap();
        }
    }
}

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The first line of a program's output that begins so, without its beginning.
pub(crate) fn line_after(process: &mut Child, beginning: &str) -> String {
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let found = lines.map(Result::unwrap).find_map(|line| line.strip_prefix(beginning).map(str::to_owned));
    found.expect("the node says where it listens")
}

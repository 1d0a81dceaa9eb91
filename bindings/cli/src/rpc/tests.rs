#![allow(clippy::unwrap_used, clippy::panic)]
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;

/// What a server does with one question: an HTTP status with headers and a body, or silence.
enum Act {
    Answer(&'static str, String),
    Silence,
}

/// A server that acts once for each question, and gives the bodies that it was sent.
fn serve(acts: Vec<Act>) -> (Node, JoinHandle<Vec<Value>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://user:secret@{}/key", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let mut bodies = vec![];
        for act in acts {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            bodies.push(serde_json::from_slice(&body).unwrap());
            match act {
                Act::Answer(head, answer) => {
                    let length = answer.len();
                    let text = format!(
                        "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
                    );
                    reader.get_mut().write_all(text.as_bytes()).unwrap();
                }
                Act::Silence => std::thread::sleep(Duration::from_millis(700)),
            }
        }
        bodies
    });
    let node = Node::new(&url, Duration::from_millis(500)).unwrap();
    (Node { first_wait: Duration::from_millis(1), ..node }, server)
}

fn ok(body: &Value) -> Act {
    Act::Answer("200 OK", body.to_string())
}

fn failure(acts: Vec<Act>) -> String {
    let (node, server) = serve(acts);
    let failure = node.ask("eth_blockNumber", &json!([])).unwrap_err().render(false);
    assert!(!failure.contains("secret") && !failure.contains("/key"), "{failure}");
    assert!(failure.contains(&format!("eth_blockNumber of {}", node.name())), "{failure}");
    server.join().unwrap();
    failure
}

#[test]
fn a_question_is_asked_and_its_result_given() {
    let (node, server) = serve(vec![ok(&json!({"jsonrpc": "2.0", "id": 1, "result": ["0x1", null]}))]);
    assert_eq!(node.ask("eth_getProof", &json!([1, "latest"])).unwrap(), json!(["0x1", null]));
    let asked = json!({"jsonrpc": "2.0", "id": 1, "method": "eth_getProof", "params": [1, "latest"]});
    assert_eq!(server.join().unwrap(), [asked]);
}

#[test]
fn what_may_pass_is_asked_again() {
    let indexing = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "transaction indexing is in progress"}});
    let busy = json!({"jsonrpc": "2.0", "id": 2, "error": {"code": -32005, "message": "slow down"}});
    let (node, server) = serve(vec![
        ok(&indexing),
        Act::Answer("429 Too Many Requests\r\nRetry-After: 0", "slow down".into()),
        Act::Answer("503 Service Unavailable", String::new()),
        ok(&busy),
        Act::Silence,
        ok(&json!({"jsonrpc": "2.0", "id": 6, "result": "0x7"})),
    ]);
    assert_eq!(node.ask("eth_blockNumber", &json!([])).unwrap(), json!("0x7"));
    assert_eq!(server.join().unwrap().len(), 6);
}

#[test]
fn what_will_not_pass_fails_at_once() {
    let error =
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "no\u{7} such method"}});
    for (act, code, words) in [
        (ok(&error), "rpc.answer", "no\u{fffd} such method"),
        (Act::Answer("400 Bad Request", error.to_string()), "rpc.answer", "no\u{fffd} such method"),
        (Act::Answer("404 Not Found", "<html>".into()), STATUS, "404 Not Found"),
        (
            Act::Answer("307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/", String::new()),
            STATUS,
            "307",
        ),
        (Act::Answer("200 OK", "<html>".into()), NO_ANSWER, "not JSON-RPC"),
        (ok(&json!({"jsonrpc": "2.0", "id": 9, "result": "0x1"})), NO_ANSWER, "another question"),
        (ok(&json!({"jsonrpc": "2.0", "id": 1})), NO_ANSWER, "neither result nor error"),
    ] {
        let failure = failure(vec![act]);
        assert!(failure.contains(code) && failure.contains(words), "{failure}");
    }
    let large = Act::Answer("200 OK", " ".repeat(MAX_ANSWER_LEN + 1));
    let (node, _server) = serve(vec![large]);
    let node = Node { agent: ureq::Agent::new_with_defaults(), ..node };
    let failure = node.ask("eth_blockNumber", &json!([])).unwrap_err().render(false);
    assert!(failure.contains(TOO_LARGE), "{failure}");
}

#[test]
fn who_is_not_there_is_asked_until_the_tries_end() {
    let failure = failure((0..TRIES).map(|_| Act::Silence).collect());
    assert!(failure.contains("after 6 tries") && failure.contains(TIMEOUT), "{failure}");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let node = Node::new(&format!("http://127.0.0.1:{port}"), Duration::from_secs(1)).unwrap();
    let node = Node { first_wait: Duration::from_millis(1), ..node };
    let failure = node.ask("eth_blockNumber", &json!([])).unwrap_err().render(false);
    assert!(failure.contains(UNREACHABLE), "{failure}");
}

#[test]
fn only_http_and_https_are_asked() {
    for url in ["", "node", "ftp://host", "localhost:8545", "ws://host"] {
        let failure = Node::new(url, CONNECT).err().unwrap().render(false);
        assert!(failure.contains(URL), "{failure}");
    }
    assert_eq!(Node::new("https://key@host:1/path?key", CONNECT).unwrap().name(), "https://host:1");
}

#[test]
fn another_chain_is_named() {
    let answer = |result: &str| ok(&json!({"jsonrpc": "2.0", "id": 1, "result": result}));
    assert!(serve(vec![answer("0x539")]).0.expect_chain(1337).is_ok());
    let failure = serve(vec![answer("0x1")]).0.expect_chain(1337).unwrap_err().render(false);
    assert!(failure.contains("is on chain 1: expected 1337") && failure.contains(CHAIN), "{failure}");
    let failure = serve(vec![answer("one")]).0.expect_chain(1337).unwrap_err().render(false);
    assert!(failure.contains(NO_ANSWER), "{failure}");
}

//! A node for tests: it answers JSON-RPC over HTTP at a free port, for as long as the test runs.
#![allow(clippy::unwrap_used, dead_code, reason = "each test binary uses its own part")]

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

/// What a node answers to a method and its parameters, or says instead.
pub(crate) type Answer = Result<Value, &'static str>;

/// Serves what `answer` gives; `change` may alter an answer. Gives the node's URL.
pub(crate) fn serve(
    mut answer: impl FnMut(&str, &Value) -> Answer + Send + 'static,
    change: impl Fn(&str, &mut Value) + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer_one(&mut answer, stream.unwrap(), &change);
        }
    });
    url
}

/// Answers one question.
pub(crate) fn answer_one(
    answer: &mut impl FnMut(&str, &Value) -> Answer,
    stream: impl Read + Write,
    change: &impl Fn(&str, &mut Value),
) {
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
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let method = asked["method"].as_str().unwrap();
    let mut answer = match answer(method, &asked["params"]) {
        Ok(result) => json!({"jsonrpc": "2.0", "id": asked["id"], "result": result}),
        Err(message) => {
            json!({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": message}})
        }
    };
    change(method, &mut answer);
    let answer = answer.to_string();
    let length = answer.len();
    write!(
        reader.get_mut(),
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
    )
    .unwrap();
}

use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;

#[derive(Deserialize)]
pub struct Event {
    pub kind: String,
}

pub fn events(stream: UnixStream, mut handle: impl FnMut(Event)) {
    for line in BufReader::new(stream).lines() {
        let event: Event = serde_json::from_str(&line.unwrap()).unwrap();
        handle(event);
    }
}

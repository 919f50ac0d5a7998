//! A container engine that says what a test has it say, on a Unix socket.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a question is answered with.
#[derive(Debug, Clone)]
pub enum Say {
    /// This body.
    Json(String),
    /// This status with a message.
    Refusal(u16, &'static str),
    /// These bytes instead of HTTP.
    Raw(&'static [u8]),
    /// Nothing, with the connection held.
    Silence,
    /// These bytes over and over.
    Endless(&'static [u8]),
    /// Events, as they are made to happen.
    Events,
}

#[derive(Default)]
struct State {
    answers: BTreeMap<String, Say>,
    asked: Vec<String>,
    listeners: Vec<UnixStream>,
    held: Vec<UnixStream>,
}

/// See the module. It ends with the test's process.
pub struct FakeEngine {
    path: PathBuf,
    state: Arc<Mutex<State>>,
    _folder: Option<tempfile::TempDir>,
}

impl FakeEngine {
    /// An engine without anything: Docker 20.10.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut engine = Self::at(&folder.path().join("engine.sock"));
        engine._folder = Some(folder);
        engine
    }

    /// The same on this socket.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        let listener = UnixListener::bind(path).expect("a socket");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                std::thread::spawn(move || answer(stream, &shared));
            }
        });
        let engine = Self { path: path.to_owned(), state, _folder: None };
        engine
            .say("GET /version", Say::Json(r#"{"Version":"20.10.24","ApiVersion":"1.41"}"#.into()));
        engine.say("GET /events", Say::Events);
        engine.say("GET /volumes", Say::Json(r#"{"Volumes":null}"#.into()));
        for list in ["GET /containers/json", "GET /images/json", "GET /networks"] {
            engine.say(list, Say::Json("[]".into()));
        }
        engine
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.path
    }

    /// What a question is answered with from now on; it is named without version and parameters.
    pub fn say(&self, question: &str, what: Say) {
        lock(&self.state).answers.insert(question.to_owned(), what);
    }

    /// A container that runs, or one that ended with 0.
    pub fn container(&self, id: &str, name: &str, state: &str) {
        self.containers(&[(id, name, state)]);
    }

    /// These containers and no others.
    pub fn containers(&self, all: &[(&str, &str, &str)]) {
        let rows: Vec<String> = all
            .iter()
            .map(|(id, name, state)| {
                format!(
                    r#"{{"Id":"{id}","Names":["/{name}"],"Image":"busybox:1","ImageID":"sha256:1",
                    "Created":1795595000,"Ports":[],"Labels":{{"com.docker.compose.project":"shop",
                    "com.docker.compose.service":"{name}"}},"State":"{state}","Status":"x",
                    "NetworkSettings":{{"Networks":{{"bridge":{{}}}}}},"Mounts":[{{"Type":"volume",
                    "Name":"data","Destination":"/d","RW":true}}]}}"#
                )
            })
            .collect();
        for (id, name, state) in all {
            self.inspected(id, name, state, "2026-11-25T08:00:00Z");
        }
        self.say("GET /containers/json", Say::Json(format!("[{}]", rows.join(","))));
    }

    /// What a container is in full.
    pub fn inspected(&self, id: &str, name: &str, state: &str, started: &str) {
        let body = format!(
            r#"{{"Id":"{id}","Name":"/{name}","Path":"sleep","Args":["9"],"RestartCount":2,
            "State":{{"Status":"{state}","ExitCode":0,"OOMKilled":false,"StartedAt":"{started}",
            "FinishedAt":"0001-01-01T00:00:00Z"}},"HostConfig":{{"RestartPolicy":{{"Name":"always"}}}}}}"#
        );
        self.say(&format!("GET /containers/{id}/json"), Say::Json(body));
    }

    /// Every question, in order, without version and parameters.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        lock(&self.state).asked.clone()
    }

    /// How many follow the events.
    #[must_use]
    pub fn listeners(&self) -> usize {
        let mut state = lock(&self.state);
        state.listeners.retain_mut(is_held);
        state.listeners.len()
    }

    /// Tells all who follow the events.
    pub fn happens(&self, kind: &str, action: &str, id: &str) {
        let line = format!(r#"{{"Type":"{kind}","Action":"{action}","Actor":{{"ID":"{id}"}}}}"#);
        self.utter(format!("{line}\n").as_bytes());
    }

    /// Sends these bytes to all who follow the events.
    pub fn utter(&self, bytes: &[u8]) {
        lock(&self.state).listeners.retain_mut(|one| one.write_all(bytes).is_ok());
    }

    /// Breaks every connection that is held, as an engine that is restarted does.
    pub fn hang_up(&self) {
        let mut state = lock(&self.state);
        state.listeners.clear();
        state.held.clear();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the other side still holds the connection.
fn is_held(stream: &mut UnixStream) -> bool {
    stream.set_nonblocking(true).ok();
    let read = stream.read(&mut [0]);
    stream.set_nonblocking(false).ok();
    read.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
}

fn answer(mut stream: UnixStream, state: &Mutex<State>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    let path = path.strip_prefix("/v1.41").unwrap_or(path);
    let question = format!("{method} {path}");
    let say = {
        let mut state = lock(state);
        state.asked.push(question.clone());
        state.answers.get(&question).cloned()
    };
    let status = |status: u16, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let open = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
    match say {
        None => drop(stream.write_all(status(404, r#"{"message":"No such thing"}"#).as_bytes())),
        Some(Say::Json(body)) => drop(stream.write_all(status(200, &body).as_bytes())),
        Some(Say::Refusal(code, message)) => {
            let body = format!(r#"{{"message":"{message}"}}"#);
            let body = if code == 204 { String::new() } else { body };
            stream.write_all(status(code, &body).as_bytes()).ok();
        }
        Some(Say::Raw(bytes)) => drop(stream.write_all(bytes)),
        Some(Say::Silence) => lock(state).held.push(stream),
        Some(Say::Endless(bytes)) => {
            if stream.write_all(open.as_bytes()).is_ok() {
                let many = bytes.repeat(4096);
                while stream.write_all(&many).is_ok() {}
            }
        }
        Some(Say::Events) => {
            if stream.write_all(open.as_bytes()).is_ok() {
                lock(state).listeners.push(stream);
            }
        }
    }
}

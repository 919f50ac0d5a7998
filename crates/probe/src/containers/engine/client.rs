//! One question at a time, each on a connection of its own, in bounded time and room.

use super::EngineError;
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{CONNECTION, HOST},
};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    future::Future,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{net::UnixStream, task::JoinHandle, time::timeout};

/// An answer must be complete within this time.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// An answer is not read beyond this, bytes.
const MOST_BYTES: usize = 8 << 20;
/// Nor what is said to explain a refusal.
const MOST_EXPLANATION: usize = 64 << 10;
/// Nor the head of an answer.
const MOST_HEAD: usize = 64 << 10;
/// Characters of an explanation that are told.
const MOST_TOLD: usize = 500;

/// How to reach one engine.
#[derive(Debug, Clone)]
pub(super) struct Client {
    socket: PathBuf,
}

/// An answer whose body is not read yet; the connection ends with it.
pub(super) struct Answer {
    response: Response<Incoming>,
    _driver: Driver,
}

struct Driver(JoinHandle<()>);

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Client {
    pub(super) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// Asks and reads the answer.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        patience: Duration,
    ) -> Result<T, EngineError> {
        let question = format!("GET {path}");
        let bytes = self
            .within(patience, &question, async {
                let answer = self.open(Method::GET, path).await?;
                self.body(answer.response, MOST_BYTES, &question).await
            })
            .await?;
        serde_json::from_slice(&bytes).map_err(|error| {
            self.failed(
                &question,
                &format!("was answered with something else than expected: {error}"),
            )
        })
    }

    /// Orders; there is no answer but that it was done.
    pub(super) async fn order(
        &self,
        method: Method,
        path: &str,
        patience: Duration,
    ) -> Result<(), EngineError> {
        let question = format!("{method} {path}");
        self.within(patience, &question, async { self.open(method, path).await.map(drop) }).await
    }

    /// Asks for what has no end; only the head must come in time.
    pub(super) async fn stream(&self, path: &str) -> Result<Answer, EngineError> {
        self.within(PATIENCE, &format!("GET {path}"), self.open(Method::GET, path)).await
    }

    pub(super) fn failed(&self, question: &str, what: &str) -> EngineError {
        let question = question.split('?').next().unwrap_or(question);
        let told = shortened(what);
        EngineError::Failed(format!("{}: {question} {told}", self.socket.display()))
    }

    async fn within<T>(
        &self,
        patience: Duration,
        question: &str,
        work: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<T, EngineError> {
        timeout(patience, work).await.unwrap_or_else(|_| {
            Err(self.failed(question, &format!("was not answered within {} s", patience.as_secs())))
        })
    }

    async fn open(&self, method: Method, path: &str) -> Result<Answer, EngineError> {
        let question = format!("{method} {path}");
        let fault = |error: hyper::Error| {
            self.failed(&question, &format!("was answered with something else than HTTP: {error}"))
        };
        let stream =
            UnixStream::connect(&self.socket).await.map_err(|error| self.unreachable(&error))?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MOST_HEAD)
            .handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
            .await
            .map_err(fault)?;
        let driver = Driver(tokio::spawn(async move { connection.await.unwrap_or_default() }));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "docker")
            .header(CONNECTION, "close")
            .body(Empty::new())
            .map_err(|error| self.failed(&question, &error.to_string()))?;
        let response = sender.send_request(request).await.map_err(fault)?;
        let status = response.status();
        // "Not modified" is how an engine says that there was nothing to do.
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(Answer { response, _driver: driver });
        }
        let said = self.body(response, MOST_EXPLANATION, &question).await.unwrap_or_default();
        let said = serde_json::from_slice::<Refusal>(&said)
            .map_or_else(|_| status.to_string(), |refusal| shortened(&refusal.message));
        Err(match status {
            StatusCode::NOT_FOUND => EngineError::NotFound(said),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => EngineError::Denied(said),
            _ => EngineError::Failed(said),
        })
    }

    async fn body(
        &self,
        response: Response<Incoming>,
        most: usize,
        question: &str,
    ) -> Result<Bytes, EngineError> {
        let whole = Limited::new(response.into_body(), most).collect().await;
        whole.map(http_body_util::Collected::to_bytes).map_err(|error| {
            if error.is::<LengthLimitError>() {
                let most = most >> 10;
                return self.failed(question, &format!("was answered with more than {most} KiB"));
            }
            self.failed(question, &format!("was answered in part only: {error}"))
        })
    }

    fn unreachable(&self, error: &io::Error) -> EngineError {
        let socket = self.socket.display();
        match error.kind() {
            ErrorKind::NotFound => EngineError::Absent(format!("there is no {socket}")),
            ErrorKind::ConnectionRefused => {
                EngineError::Absent(format!("nobody listens on {socket}"))
            }
            ErrorKind::PermissionDenied => {
                EngineError::Denied(format!("{socket} may not be used: {error}"))
            }
            _ => EngineError::Failed(format!("{socket} cannot be reached: {error}")),
        }
    }
}

impl Answer {
    /// The next piece; `None` at the end.
    pub(super) async fn piece(&mut self) -> Option<Result<Bytes, hyper::Error>> {
        loop {
            match self.response.frame().await? {
                Ok(frame) => {
                    if let Ok(bytes) = frame.into_data() {
                        return Some(Ok(bytes));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MOST_TOLD).collect()
}

//! Floor 4: every command over HTTP, every stream over WebSocket, and the built window, for
//! machines without a display and for browsers.
//!
//! `POST /api/COMMAND` takes and gives JSON; `GET /api/health` needs no token; `GET /api/streams`
//! is the WebSocket. Only loopback is listened on unless more is asked for, `Host` and `Origin` are
//! checked on every request, and everything but health and the files of the window needs the token.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod guard;
mod pages;
mod streams;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use guard::Guard;
use ira_api::{
    Ira,
    wire::{ApiError, ErrorCode, Nothing},
};
use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use thiserror::Error;
use tokio::net::TcpListener;

/// Where the window is served when nothing else is said.
pub const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7411);
/// A request's body is not read beyond this, bytes: a registration may hold an environment of 1 MiB and a
/// command line of 2 MiB.
const BODY_BYTES: usize = 4 << 20;

/// Why nothing is served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// An address that others can reach, without having asked for that.
    #[error(
        "{0} can be reached by other machines; whoever has the token could see everything Ira sees, unencrypted. To do it all the same add --allow-remote; better is a tunnel: ssh -L 7411:127.0.0.1:7411 HOST"
    )]
    Remote(SocketAddr),
    /// The address is taken or not this machine's.
    #[error(
        "cannot listen on {address}: {source}; another one can be given with --listen HOST:PORT"
    )]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gave no random numbers for a token.
    #[error("the system gave no random numbers for a token")]
    Random,
}

/// What is shared by all requests.
#[derive(Clone)]
pub(crate) struct Host {
    pub(crate) ira: Ira,
    pub(crate) guard: Arc<Guard>,
}

/// A server that listens and has not begun to answer.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    router: Router,
    address: SocketAddr,
    token: String,
}

impl Server {
    /// Begins to listen.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn bind(
        ira: Ira,
        address: SocketAddr,
        allow_remote: bool,
    ) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() && !allow_remote {
            return Err(ServeError::Remote(address));
        }
        let listen = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let token = guard::new_token().ok_or(ServeError::Random)?;
        let guard = Arc::new(Guard::new(token.clone(), address, allow_remote));
        Ok(Self { listener, router: router(Host { ira, guard }), address, token })
    }

    /// Where a browser finds the window, the token included.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/#token={}", self.address, self.token)
    }

    /// Answers until `stop` is ready.
    ///
    /// # Errors
    /// When the system takes the socket away.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()> {
        // Open feeds would keep a graceful end waiting for ever; whoever stops wants to stop.
        tokio::select! {
            result = async { axum::serve(self.listener, self.router).await } => result,
            () = stop => Ok(()),
        }
    }
}

fn router(host: Host) -> Router {
    Router::new()
        .route("/api/health", get(health).post(health))
        .route("/api/streams", get(streams::open))
        .route("/api/{command}", post(command))
        .method_not_allowed_fallback(no_such_command)
        .fallback(page)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(host.clone(), guard::check))
        .with_state(host)
}

async fn health(State(host): State<Host>) -> Response {
    match ira_api::health(&host.ira, Nothing {}) {
        Ok(health) => Json(health).into_response(),
        Err(error) => refusal(&error),
    }
}

/// An answer of so many bytes took several times as many.
const LARGE: usize = 64 << 10;

async fn command(
    State(host): State<Host>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_none_or(|kind| kind.split(';').next().is_some_and(|k| k.trim() == "application/json"));
    if !is_json {
        return refusal(&ApiError {
            code: Some(ErrorCode::Invalid),
            message: "the request must be application/json".to_owned(),
        });
    }
    let answer = move || {
        let answer = ira_api::call(&host.ira, &name, &body);
        if answer.as_ref().is_ok_and(|json| json.len() > LARGE) {
            // A table of the past was unpacked for it.
            ira_engine::give_back_free_memory();
        }
        answer
    };
    let ran = tokio::task::spawn_blocking(answer).await;
    match ran {
        Ok(Ok(json)) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Ok(Err(error)) => refusal(&error),
        Err(error) => {
            tracing::error!("a command ended badly: {error}");
            refusal(&ApiError {
                code: None,
                message: "the command ended badly; see the log".to_owned(),
            })
        }
    }
}

async fn page(uri: Uri) -> Response {
    if uri.path().starts_with("/api") { no_such_command().await } else { pages::file(&uri) }
}

async fn no_such_command() -> Response {
    refusal(&ApiError {
        code: Some(ErrorCode::UnknownCommand),
        message: "there is no such command; commands are POST /api/NAME".to_owned(),
    })
}

/// An error with the status that fits it.
pub(crate) fn refusal(error: &ApiError) -> Response {
    let status = match error.code {
        Some(ErrorCode::Invalid) => StatusCode::BAD_REQUEST,
        Some(ErrorCode::Refused | ErrorCode::Expired) => StatusCode::CONFLICT,
        Some(ErrorCode::NotFound | ErrorCode::NotRecorded | ErrorCode::UnknownCommand) => {
            StatusCode::NOT_FOUND
        }
        None => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, Json(error)).into_response()
}

#[cfg(test)]
mod tests;

//! Who may ask. Any web page in any browser can send requests to loopback, so the address proves
//! nothing: `Host` must be ours (against names that were made to point here), `Origin` must be ours
//! where there is one (against other pages), and commands need the token.

use crate::Host;
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use ira_api::wire::ApiError;
use std::net::SocketAddr;

/// See the module.
#[derive(Debug)]
pub(crate) struct Guard {
    token: String,
    address: SocketAddr,
    allow_remote: bool,
}

/// A token nobody guesses: 128 random bits as hexadecimal digits.
pub(crate) fn new_token() -> Option<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Guard {
    pub(crate) fn new(token: String, address: SocketAddr, allow_remote: bool) -> Self {
        Self { token, address, allow_remote }
    }

    /// Whether this is the token; takes equally long whatever is wrong with it.
    pub(crate) fn is_token(&self, given: &str) -> bool {
        let (a, b) = (self.token.as_bytes(), given.as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |differ, (x, y)| differ | (x ^ y)) == 0
    }

    /// Whether a name with its port is this server.
    fn is_own(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        if authority.as_str().contains('@') {
            return false;
        }
        let name = authority.host();
        let is_loopback = matches!(name, "localhost" | "127.0.0.1" | "[::1]")
            || name == self.address.ip().to_string();
        let port = authority.port_u16().unwrap_or(80);
        // From afar it is reached under names and through forwarded ports nobody here knows.
        self.allow_remote || (is_loopback && port == self.address.port())
    }

    fn refuses(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Option<(StatusCode, &'static str)> {
        let text =
            |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let Some(host) = text(header::HOST).filter(|host| self.is_own(host)) else {
            return Some((StatusCode::FORBIDDEN, "the Host header names another server"));
        };
        if let Some(origin) = text(header::ORIGIN) {
            let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if own != Some(host) {
                return Some((StatusCode::FORBIDDEN, "the request comes from another web site"));
            }
        }
        let open = !path.starts_with("/api/")
            || (path == "/api/health" && method == Method::GET)
            // Browsers cannot give a WebSocket a header; it shows the token when it opens.
            || (path == "/api/streams" && method == Method::GET);
        if open {
            return None;
        }
        let given = text(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        match given {
            Some(token) if self.is_token(token) => None,
            Some(_) => {
                Some((StatusCode::UNAUTHORIZED, "the token is not the one this server printed"))
            }
            None => Some((
                StatusCode::UNAUTHORIZED,
                "a token is needed: Authorization: Bearer TOKEN, as printed when the server started",
            )),
        }
    }
}

/// Refuses what may not ask, and marks every answer so that a browser keeps it to itself.
pub(crate) async fn check(State(host): State<Host>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let refused = host.guard.refuses(request.method(), &path, request.headers());
    let mut response = match refused {
        Some((status, message)) => {
            (status, Json(ApiError { code: None, message: message.to_owned() })).into_response()
        }
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        (
            "content-security-policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if path.starts_with("/api/") {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

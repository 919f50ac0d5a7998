//! The handle every command takes, and the way in by name.

use crate::{
    orders::Plans,
    settings::Choices,
    wire::{self, ApiError, ErrorCode, Topic},
};
use ira_engine::Engine;
use ira_probe::UserNames;
use ira_store::Reader;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// The running Ira. Cheap to clone.
#[derive(Clone)]
pub struct Ira {
    pub(crate) engine: Engine,
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    reader: Mutex<Reader>,
    users: Mutex<UserNames>,
    pub(crate) choices: Mutex<Choices>,
    /// Held while a correction is looked at and kept.
    pub(crate) correcting: Mutex<()>,
    pub(crate) plans: Mutex<Plans>,
    pub(crate) stale: broadcast::Sender<Topic>,
    recorded_from: Mutex<(u64, Option<i64>)>,
}

impl std::fmt::Debug for Ira {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ira").field("engine", &self.engine).finish_non_exhaustive()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ira {
    /// Commands over a running engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        let (stale, _) = broadcast::channel(16);
        let inner = Inner {
            reader: Mutex::new(Reader::new(engine.location().clone())),
            users: Mutex::new(UserNames::new()),
            choices: Mutex::default(),
            correcting: Mutex::default(),
            plans: Mutex::default(),
            stale,
            recorded_from: Mutex::default(),
        };
        Self { engine, inner: Arc::new(inner) }
    }

    /// The engine underneath.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Asks what is kept.
    pub(crate) fn past<T>(
        &self,
        question: impl FnOnce(&mut Reader) -> Result<T, ira_store::StoreError>,
    ) -> Result<T, ApiError> {
        question(&mut lock(&self.inner.reader))
            .map_err(|error| ApiError::of(None, error.to_string()))
    }

    /// First moment of which every second is kept. It moves once a minute at most, so it is asked
    /// for no more often than that once it is known.
    pub(crate) fn recorded_from_ms(&self, tick: u64) -> Option<i64> {
        let mut known = lock(&self.inner.recorded_from);
        if known.1.is_none() || tick.saturating_sub(known.0) > 60 {
            *known = (tick, self.past(Reader::range).ok().flatten().map(|(from, _)| from));
        }
        known.1
    }

    /// The name of a user, the number where there is none.
    pub(crate) fn user(&self, id: u32) -> String {
        lock(&self.inner.users).name(id).map_or_else(|| id.to_string(), |name| name.to_string())
    }
}

/// Characters of an error's message.
const LONGEST_MESSAGE: usize = 1000;

impl ApiError {
    pub(crate) fn of(code: Option<ErrorCode>, message: impl Into<String>) -> Self {
        let mut message = message.into();
        // It repeats what was asked, and that may be a mebibyte.
        if let Some((end, _)) = message.char_indices().nth(LONGEST_MESSAGE) {
            message.truncate(end);
            message.push('…');
        }
        Self { code, message }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::of(Some(ErrorCode::Invalid), message)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

fn run<Request: DeserializeOwned, Response: Serialize>(
    command: fn(&Ira, Request) -> Result<Response, ApiError>,
    ira: &Ira,
    request: &[u8],
) -> Result<Vec<u8>, ApiError> {
    let request = if request.is_empty() { b"{}" } else { request };
    let request = serde_json::from_slice(request).map_err(|error| {
        ApiError::invalid(format!("the request is not as it should be: {error}"))
    })?;
    let response = command(ira, request)?;
    serde_json::to_vec(&response).map_err(|error| ApiError::of(None, error.to_string()))
}

macro_rules! dispatch {
    ($($name:ident($request:ident) -> $response:ident: $kind:ident [$($topic:ident),*];)*) => {
        /// Runs a command by its name; request and response are JSON.
        ///
        /// # Errors
        /// When there is no such command, the request does not fit it, or the command fails.
        pub fn call(ira: &Ira, name: &str, request: &[u8]) -> Result<Vec<u8>, ApiError> {
            match name {
                $(stringify!($name) => {
                    run::<wire::$request, wire::$response>(crate::$name, ira, request)
                })*
                _ => Err(ApiError::of(
                    Some(ErrorCode::UnknownCommand),
                    format!("there is no command {name:?}"),
                )),
            }
        }
    };
}
crate::with_commands!(dispatch);

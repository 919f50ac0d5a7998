//! The engine as the window holds it.

use ira_api::{Ira, wire::ApiError};
use ira_engine::{Budget, Engine, Options};
use std::sync::{Mutex, PoisonError};
use tauri::{AppHandle, async_runtime};
use tracing::error;

/// The running engine, or why there is none: then every command answers with the reason, and the
/// window shows it where it would have shown the data.
pub(crate) struct Host {
    ira: Result<Ira, ApiError>,
    engine: Mutex<Option<Engine>>,
}

impl Host {
    /// Starts recording into `data_dir`, or reads what another program records there.
    pub(crate) fn start(wanted: crate::Options) -> Self {
        let started = match wanted.open {
            Some(file) => Engine::open(&file),
            None => Engine::start(Options {
                folder: wanted.data,
                budget: Budget::WINDOW,
                ..Options::default()
            }),
        };
        match started {
            Ok(engine) => {
                Self { ira: Ok(Ira::new(engine.clone())), engine: Mutex::new(Some(engine)) }
            }
            Err(fault) => {
                let message = format!("Ira could not start: {fault:#}");
                error!("{message}");
                Self { ira: Err(ApiError { code: None, message }), engine: Mutex::new(None) }
            }
        }
    }

    /// What answers commands.
    pub(crate) fn ira(&self) -> Result<Ira, ApiError> {
        self.ira.clone()
    }

    /// Returns when the recorder has written what it holds. The second call does nothing.
    pub(crate) fn stop(&self) {
        let engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(engine) = engine {
            engine.stop();
        }
    }
}

/// A terminal's Ctrl-C, a log-out and `kill` end the program as closing the window does.
pub(crate) fn stop_when_told(app: &AppHandle) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let app = app.clone();
        async_runtime::spawn(async move {
            let (Ok(mut terminate), Ok(mut interrupt)) =
                (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
            else {
                return;
            };
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            app.exit(0);
        });
    }
    #[cfg(not(unix))]
    let _ = app;
}

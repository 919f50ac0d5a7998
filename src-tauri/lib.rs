//! Floor 5: the desktop shell. It adapts and never decides: what Ira can do is in `ira-api`, how it
//! looks is in `ui/`.
//!
//! Owns: the window, the way of commands and streams from it to the engine, starting and stopping.
//! Leaves out: everything a browser or a terminal would want as well.

mod commands;
mod host;
mod outside;
mod page;
mod rendering;
mod streams;
mod window;

use host::Host;
use std::{path::PathBuf, process::ExitCode};
use tauri::{App, AppHandle, Manager, RunEvent};
use tracing::error;
use tracing_subscriber::EnvFilter;

/// How the window is started.
#[derive(Debug, clap::Parser)]
#[command(
    name = "ira-window",
    version,
    about = "The window of Ira, the flight recorder of one computer"
)]
pub struct Options {
    /// Folder of the recording [default: the system's data folder for the user]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A recording made by `ira export --format ira`, shown instead of this machine
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub open: Option<PathBuf>,
}

/// Opens the window, or brings forward the one that is open, and returns when it is closed.
#[must_use]
pub fn run(options: Options) -> ExitCode {
    rendering::choose();
    log_to_stderr();
    match build(options) {
        Ok(app) => {
            app.run(on_event);
            ExitCode::SUCCESS
        }
        Err(fault) => {
            error!("the window could not be opened: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn build(options: Options) -> tauri::Result<App> {
    tauri::Builder::default()
        // First of all: a second start must end before it touches the recording.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::bring_forward(app)))
        .plugin(window::remember_geometry())
        .invoke_handler(commands::handler())
        .manage(streams::Streams::default())
        .setup(move |app| {
            app.manage(Host::start(options));
            host::stop_when_told(app.handle());
            window::open(app.handle())?;
            Ok(())
        })
        .build(tauri::generate_context!())
}

fn on_event(app: &AppHandle, event: RunEvent) {
    if let RunEvent::Exit = event {
        app.state::<streams::Streams>().end_all();
        app.state::<Host>().stop();
    }
}

/// `IRA_LOG` filters as `RUST_LOG` does elsewhere; warnings and worse by default.
fn log_to_stderr() {
    let filter =
        EnvFilter::try_from_env("IRA_LOG").unwrap_or_else(|_| EnvFilter::new("warn,zbus=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

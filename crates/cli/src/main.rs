//! The program `ira`: answers for the terminal, and the headless server. It links neither GTK nor
//! WebKit; `ira` alone opens the window by starting `ira-window` beside it.

mod answers;
mod arguments;
mod export;
mod logs;
mod moment;
mod text;

use anyhow::{Context, Result, bail};
use arguments::{Arguments, Command, Generate};
use clap::{CommandFactory, Parser};
use ira_api::Ira;
use ira_engine::{Budget, Engine, Options};
use std::{
    io::Write,
    path::PathBuf,
    process::{Command as Program, ExitCode},
};

fn main() -> ExitCode {
    if let Some(code) = ira_engine::registry::supervise() {
        return code;
    }
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("IRA_LOG")
                .unwrap_or_else(|_| "warn,zbus=error".into()),
        )
        .without_time()
        .with_target(false)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output had enough of it (`ira now | head`).
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(std::io::stderr(), "ira: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

fn run(arguments: Arguments) -> Result<()> {
    let (folder, open) = (arguments.data, arguments.open);
    match arguments.command {
        None => open_window(folder, open),
        Some(Command::Now(_)) if open.is_some() => {
            bail!("a recording has no now; ask for a moment of it: ira --open FILE at TIME")
        }
        Some(Command::Now(wanted)) => answers::now(folder, &wanted),
        Some(Command::At { time, wanted }) => answers::at(folder, open, &time, &wanted),
        Some(Command::Doctor { json }) => answers::doctor(folder, open, json),
        Some(Command::Logs(asked)) => logs::run(folder, open, &asked),
        Some(Command::Export(span)) => export::run(folder, open, &span),
        Some(Command::Serve { listen, allow_remote }) => serve(folder, open, listen, allow_remote),
        Some(Command::Generate { what }) => generate(what),
    }
}

/// Starts the window's program, which lies beside this one or in the path.
fn open_window(folder: Option<PathBuf>, open: Option<PathBuf>) -> Result<()> {
    let own = std::env::current_exe().context("this program does not know where it lies")?;
    let name = format!("ira-window{}", std::env::consts::EXE_SUFFIX);
    let beside = own.with_file_name(&name);
    let mut window = Program::new(if beside.is_file() { beside } else { PathBuf::from(&name) });
    if let Some(folder) = folder {
        window.arg("--data").arg(folder);
    }
    if let Some(file) = open {
        window.arg("--open").arg(file);
    }
    let status = match window.status() {
        Ok(status) => status,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => bail!(
            "{name} is neither beside {} nor in the path; without a desktop, `ira serve` shows the same in a browser",
            own.display()
        ),
        Err(error) => return Err(error).context(name),
    };
    if !status.success() {
        bail!(
            "the window ended with {status}; without a desktop, `ira serve` shows the same in a browser"
        );
    }
    Ok(())
}

fn serve(
    folder: Option<PathBuf>,
    open: Option<PathBuf>,
    listen: std::net::SocketAddr,
    allow_remote: bool,
) -> Result<()> {
    ira_probe::share_free_memory();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let options = Options { folder, budget: Budget::RECORDER, ..Options::default() };
        let engine = tokio::task::spawn_blocking(move || match open {
            Some(file) => Engine::open(&file),
            None => Engine::start(options),
        })
        .await??;
        let server =
            ira_server::Server::bind(Ira::new(engine.clone()), listen, allow_remote).await?;
        if let ira_engine::Recording::Failed { message } = engine.recording() {
            writeln!(std::io::stderr(), "ira: not recording: {message}")?;
        }
        let mut out = std::io::stdout();
        writeln!(out, "ira: serving {}", server.url())?;
        out.flush()?;
        let result = server.run(stopped()).await;
        tokio::task::spawn_blocking(move || engine.stop()).await?;
        result.map_err(Into::into)
    })
}

/// Ready when the program is asked to end.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
            }
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}

fn generate(what: Generate) -> Result<()> {
    let mut out = std::io::stdout();
    match what {
        Generate::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "ira", &mut out);
        }
        Generate::Man => clap_mangen::Man::new(Arguments::command()).render(&mut out)?,
    }
    Ok(())
}

//! The words of the command line.

use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// The flight recorder of this computer: which applications run, what each used at every past
/// second. Alone it opens the window.
#[derive(Debug, Parser)]
#[command(name = "ira", version)]
pub(crate) struct Arguments {
    /// Folder in which things are kept [default: the user's data folder, or what
    /// IRA_DATABASE_DSN or DATABASE_URL name]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
    /// A recording made by `ira export --format ira`, shown instead of this machine
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "data")]
    pub(crate) open: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Which part of the past, and how.
#[derive(Debug, Args)]
pub(crate) struct Span {
    /// Start; written like the moment of `ira at`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: String,
    /// End [default: now]
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) to: Option<String>,
    /// Only this application, by its identifier
    #[arg(long, value_name = "ID")]
    pub(crate) application: Option<String>,
    /// jsonl and csv: a row for each application and second; ira: a file for `ira --open`
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    pub(crate) format: Format,
    /// Write there; a file that exists is never written over
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// Forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// An object a line
    Jsonl,
    /// Comma-separated values, RFC 4180
    Csv,
    /// A portable recording
    Ira,
}

/// What to answer with.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    /// For programs: one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// List the processes too
    #[arg(long)]
    pub(crate) processes: bool,
}

/// Which lines.
#[derive(Debug, Default, Args)]
pub(crate) struct LogsWanted {
    /// Name or identifier of an application, a source's name, or a path [default: everything]
    pub(crate) application: Option<String>,
    /// Go on with what comes
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Only entries with a line that this regular expression matches
    #[arg(long, value_name = "RE")]
    pub(crate) grep: Option<String>,
    /// Upper and lower case are the same
    #[arg(long, short)]
    pub(crate) ignore_case: bool,
    /// Only entries of this level and above: trace, debug, info, warn, error, fatal
    #[arg(long, value_name = "LEVEL")]
    pub(crate) level: Option<String>,
    /// Everything since then; written like the moment of `ira at`
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) since: Option<String>,
    /// The last so many entries
    #[arg(
        long,
        short = 'n',
        value_name = "COUNT",
        default_value_t = 100,
        conflicts_with = "since"
    )]
    pub(crate) lines: u32,
    /// List where is logged to, and read nothing
    #[arg(long)]
    pub(crate) sources: bool,
    /// For programs: an object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What runs now and what it uses, measured over one second
    Now(#[command(flatten)] Wanted),
    /// What ran at a past moment and what it used
    #[command(allow_negative_numbers = true)]
    At {
        /// 2026-11-24T14:05:00+01:00, 14:05, 14:05:30, -90s, -2h, -1d
        #[arg(allow_hyphen_values = true)]
        time: String,
        #[command(flatten)]
        wanted: Wanted,
    },
    /// What applications say: files, containers and the journal, merged by time
    Logs(#[command(flatten)] LogsWanted),
    /// A span of the past as rows, or as a file that opens on any machine
    Export(#[command(flatten)] Span),
    /// Record, and serve the window to browsers of this machine
    Serve {
        /// Where to listen; port 0 takes a free one
        #[arg(
            long,
            value_name = "ADDRESS:PORT",
            default_value_t = ira_server::DEFAULT_ADDRESS,
            value_parser = address
        )]
        listen: SocketAddr,
        /// Allow an address that other machines can reach: whoever has the token sees what Ira sees
        #[arg(long)]
        allow_remote: bool,
    },
    /// What can be read here, what cannot and why, and how to permit it
    Doctor {
        /// For programs: one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Write completions for a shell, or the manual page
    #[command(hide = true)]
    Generate {
        #[command(subcommand)]
        what: Generate,
    },
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Generate {
    /// Completions
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// The manual page
    Man,
}

/// No name is looked up but this machine's own.
fn address(text: &str) -> Result<SocketAddr, String> {
    let numbers = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    numbers.as_deref().unwrap_or(text).parse().map_err(|_| {
        "write 127.0.0.1:7411, [::1]:7411 or localhost:7411 for example; port 0 takes a free one"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn where_to_listen_is_an_address_or_this_machine() {
        assert_eq!(address("localhost:0"), Ok(SocketAddr::from(([127, 0, 0, 1], 0))));
        assert_eq!(address("[::1]:7411").map(|found| found.port()), Ok(7411));
        for wrong in ["localhost", "example.org:80", "7411", "localhost:99999"] {
            assert!(address(wrong).is_err_and(|text| text.contains("localhost:7411")), "{wrong}");
        }
    }

    #[test]
    fn help_is_a_word_too() {
        let error = Arguments::try_parse_from(["ira", "help"]).unwrap_err();
        assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp);
    }

    #[test]
    fn the_words_do_not_contradict_each_other() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_negative_time_is_no_option() {
        let arguments = Arguments::try_parse_from(["ira", "at", "-90s", "--json"]);
        let arguments = arguments.unwrap_or_else(|error| panic!("{error}"));
        assert!(matches!(arguments.command, Some(Command::At { time, wanted })
            if time == "-90s" && wanted.json));
    }
}

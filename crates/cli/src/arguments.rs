//! The words of the command line.

use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// The flight recorder of this computer: which applications run, what each used at every past
/// second. Alone it opens the window.
#[derive(Debug, Parser)]
#[command(name = "ira", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Folder in which things are kept [default: the user's data folder, or what
    /// IRA_DATABASE_DSN or DATABASE_URL name]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
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
    /// Record, and serve the window to browsers of this machine
    Serve {
        /// Where to listen
        #[arg(long, value_name = "HOST:PORT", default_value_t = ira_server::DEFAULT_ADDRESS)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

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

//! What only files tell: the project a process works for, what its package is called, the desktop
//! entry that starts it, the names of containers.
//!
//! Nothing here is read where decisions are made: questions go to a [`FactSource`] and answers come
//! back some ticks later. [`service::FactService`] answers them on a thread of its own.

mod archive;
mod desktop;
mod files;
mod investigator;
mod project;
#[cfg(target_os = "linux")]
pub(crate) mod service;

pub use archive::ArchiveTitle;
pub use desktop::DesktopName;
pub use files::{Files, ReadSeek};
pub use investigator::{Investigator, Places};
pub use project::Project;

use ira_model::{ProcessDetails, ProcessKey};
use std::{path::PathBuf, sync::Arc};

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The files of a process.
    Process(ProcessKey),
    /// A desktop entry by its identifier.
    Desktop(String),
    /// A container by its identifier.
    Container(String),
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// What it is about.
    pub topic: Topic,
    /// Of a process: what is known of it.
    pub details: Arc<ProcessDetails>,
}

/// An answer; what could not be found out is `None` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Of a process.
    Process(Arc<Facts>),
    /// Of a desktop entry.
    Desktop(Option<DesktopName>),
    /// Of a container; or why nobody tells, for people.
    Container(Result<ContainerName, String>),
}

/// What the files of a process tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The project above its main file or its working directory.
    pub project: Option<Project>,
    /// The name of the package its main file belongs to.
    pub package: Option<String>,
    /// What the application calls itself inside its archive.
    pub title: Option<ArchiveTitle>,
    /// The snap, Flatpak or AppImage it runs in.
    pub bundle: Option<Bundle>,
    /// The desktop entry that starts this program.
    pub desktop: Option<DesktopName>,
    /// The whole command line, where the one that is known was cut.
    pub arguments: Option<Vec<String>>,
}

/// What a variable of a process's environment says of where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bundle {
    /// `SNAP_NAME`.
    Snap(String),
    /// `FLATPAK_ID`, or the name in `/.flatpak-info`.
    Flatpak(String),
    /// `APPIMAGE`: the path of its file.
    AppImage(String),
}

/// How a container is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerName {
    /// Stable over restarts: `project/service`, else the container's name.
    pub key: String,
    /// For people.
    pub name: String,
    /// The image it was made from, where that is known.
    pub image: String,
    /// The file or the socket that says so.
    pub from: String,
    /// It is a file: looking whether it changed costs next to nothing.
    pub is_of_file: bool,
}

impl ContainerName {
    /// Whether the engine, asked now, would call it otherwise. A service of a project keeps its name
    /// whatever its container is called.
    pub(crate) fn is_outdated(&self, name: &str) -> bool {
        self.key == self.name && self.name != name
    }
}

/// Answers questions, at once or later.
pub trait FactSource: Send {
    /// Takes a question; says whether there was room for it. One that was refused may be put again.
    fn ask(&mut self, question: Question) -> bool;

    /// Takes what was answered since the last call.
    fn answers(&mut self) -> Vec<(Topic, Answer)>;

    /// Whether it is at work on a question.
    fn is_busy(&self) -> bool {
        false
    }

    /// A container engine that keeps its things elsewhere than usual.
    fn docker(&mut self, root: Option<PathBuf>, socket: Option<PathBuf>) {
        let _ = (root, socket);
    }
}

/// Knows nothing, and says so at the next call.
#[derive(Debug, Default)]
pub struct NoFacts {
    asked: Vec<Topic>,
}

impl FactSource for NoFacts {
    fn ask(&mut self, question: Question) -> bool {
        self.asked.push(question.topic);
        true
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        self.asked
            .drain(..)
            .map(|topic| {
                let answer = nothing(&topic);
                (topic, answer)
            })
            .collect()
    }
}

/// The answer that says nothing.
pub(crate) fn nothing(topic: &Topic) -> Answer {
    match topic {
        Topic::Process(_) => Answer::Process(Arc::default()),
        Topic::Desktop(_) => Answer::Desktop(None),
        Topic::Container(_) => Answer::Container(Err("nobody answered".to_owned())),
    }
}

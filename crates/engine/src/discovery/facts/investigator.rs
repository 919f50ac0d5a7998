//! Finds the answers. Knows nothing of threads and queues.

use super::{
    Answer, Bundle, ContainerName, Facts, Files, Question, Topic, archive, desktop, nothing,
    project,
};
use crate::discovery::launch;
use ira_model::{ProcessDetails, ProcessKey};
use ira_probe::{Described, DesktopEntry};
use std::{sync::Arc, time::Instant};

/// A command line of about this length may have been cut, bytes.
const CUT_BYTES: usize = 4000;
/// Variables that are looked at; no other is.
const VARIABLES: &[&str] = &["SNAP_NAME", "SNAP_INSTANCE_NAME", "FLATPAK_ID", "APPIMAGE"];

/// Where answers come from.
pub trait Places {
    /// The files of a process; `None` when it is gone or another user's.
    fn files(&self, key: ProcessKey) -> Option<Box<dyn Files>>;

    /// Every desktop entry.
    fn desktop_entries(&mut self) -> &[DesktopEntry];

    /// What an engine says of a container, or why it says nothing.
    fn container(&mut self, id: &str) -> Result<Described, String>;

    /// Home folders: never a project.
    fn homes(&self) -> &[String];
}

/// See the module.
#[derive(Debug)]
pub struct Investigator<P> {
    /// Where answers come from.
    pub places: P,
}

impl<P: Places> Investigator<P> {
    /// The answer to a question; what takes longer than until `deadline` is left out.
    pub fn answer(&mut self, question: &Question, deadline: Instant) -> Answer {
        match &question.topic {
            Topic::Process(key) => {
                let Some(files) = self.places.files(*key) else {
                    // Of others' processes the program may still be known to the desktop.
                    let entries = self.places.desktop_entries();
                    let desktop = desktop::by_program(entries, &question.details);
                    return Answer::Process(Arc::new(Facts { desktop, ..Facts::default() }));
                };
                Answer::Process(Arc::new(self.process(&*files, &question.details, deadline)))
            }
            Topic::Desktop(id) => {
                Answer::Desktop(desktop::by_id(self.places.desktop_entries(), id))
            }
            Topic::Container(id) => Answer::Container(self.places.container(id).map(name_of)),
        }
    }

    fn process(&mut self, files: &dyn Files, known: &ProcessDetails, deadline: Instant) -> Facts {
        let mut facts = Facts { bundle: bundle(files, known), ..Facts::default() };
        let length: usize = known.arguments.iter().map(|argument| argument.len() + 1).sum();
        if length >= CUT_BYTES {
            facts.arguments = Some(files.command_line()).filter(|whole| !whole.is_empty());
        }
        let whole;
        let details = match &facts.arguments {
            Some(arguments) => {
                whole = ProcessDetails { arguments: arguments.clone(), ..known.clone() };
                &whole
            }
            None => known,
        };
        facts.desktop = desktop::by_program(self.places.desktop_entries(), details);
        if facts.bundle.is_some() || Instant::now() > deadline {
            return facts;
        }
        let launch = launch::launch(details);
        let main = launch.main.as_deref();
        let folder = launch.folder.as_deref().or(details.working_directory.as_deref());
        facts.project = project::find(files, main, folder, self.places.homes());
        if Instant::now() > deadline {
            return facts;
        }
        match (launch::runtime(details), main) {
            (Some(launch::Runtime::Java), Some(main)) if main.ends_with(".jar") => {
                facts.title = files.seekable(main).and_then(archive::title);
            }
            (Some(launch::Runtime::Node | launch::Runtime::Bun), Some(main)) => {
                facts.package = package(files, launch::folder(main));
            }
            _ => {}
        }
        facts
    }
}

/// The name in the nearest `package.json` that has one.
fn package(files: &dyn Files, folder: &str) -> Option<String> {
    let mut folder = folder;
    for _ in 0..16 {
        let text = files.read(&format!("{folder}/package.json"), 256 * 1024);
        let name = text.and_then(|text| project::package_name(&String::from_utf8_lossy(&text)));
        if name.is_some() || folder.is_empty() {
            return name;
        }
        folder = launch::folder(folder);
    }
    None
}

fn bundle(files: &dyn Files, details: &ProcessDetails) -> Option<Bundle> {
    let executable = details.executable.as_deref().unwrap_or_default();
    let variables = files.environment(VARIABLES);
    let variable = |name: &str| {
        let found = variables.iter().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    // What a bundle's program starts outside of it inherits the variables and is not its own.
    if let Some(rest) = executable.strip_prefix("/snap/") {
        let name = rest.split('/').next().unwrap_or(rest);
        return Some(Bundle::Snap(name.to_owned()));
    }
    if executable.contains("/.mount_") || executable.contains("/appimage_extracted_") {
        return Some(Bundle::AppImage(variable("APPIMAGE").unwrap_or_else(|| mounted(executable))));
    }
    if let Some(info) = files.read("/.flatpak-info", 16 * 1024) {
        let text = String::from_utf8_lossy(&info).into_owned();
        let name = text.lines().find_map(|line| line.strip_prefix("name=")).map(str::to_owned);
        return name.or_else(|| variable("FLATPAK_ID")).map(Bundle::Flatpak);
    }
    if executable.starts_with("/app/") {
        return variable("FLATPAK_ID").map(Bundle::Flatpak);
    }
    let is_confined = files.exists("/meta/snap.yaml") || files.exists("/snap/core");
    let snap = variable("SNAP_INSTANCE_NAME").or_else(|| variable("SNAP_NAME"));
    snap.filter(|_| is_confined).map(Bundle::Snap)
}

/// The name of an AppImage in the path it is mounted at: `/tmp/.mount_ObsidiX1y2z3/…`.
fn mounted(executable: &str) -> String {
    let at = executable.find("/.mount_").map_or("", |at| executable.get(at + 8..).unwrap_or(""));
    let folder = at.split('/').next().unwrap_or(at);
    let end = folder.len().saturating_sub(6);
    folder.get(..end).filter(|name| !name.is_empty()).unwrap_or("AppImage").to_owned()
}

fn name_of(described: Described) -> ContainerName {
    let Described { label, from, read } = described;
    let (key, name) = match label.compose_project.zip(label.compose_service) {
        Some((project, service)) => {
            (format!("{project}/{service}"), format!("{} / {service}", launch::file_name(&project)))
        }
        None => (label.name.clone(), label.name),
    };
    let from = from.display().to_string();
    ContainerName { key, name, image: label.image, from, is_of_file: read.is_some() }
}

/// What is said when a question took too long.
pub(super) fn given_up(question: &Question) -> Answer {
    nothing(&question.topic)
}

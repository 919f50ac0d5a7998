//! Finding what is logged to: files that processes write to as logs are written to, what Ira and its
//! users named, containers, `/var/log`, the journal.

use super::{MOST_SOURCES, Reel, open};
use crate::{discovery::container_id, engine::Engine};
use ira_logs::{
    follow::{LogFile, Refusal},
    journal::{self, Part},
};
use ira_model::ProcessKey;
use ira_probe::{FileKind, HeldFiles, OpenFile, supervisor};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Sources that are told of.
const MOST: usize = 1_000;
/// Descriptors that are looked at, and for how long.
const DESCRIPTORS: usize = 50_000;
const AT_MOST: Duration = Duration::from_secs(3);
/// How long the journal may take to tell of its units.
const JOURNAL_AT_MOST: Duration = Duration::from_secs(2);
/// Where systems keep logs, and how many names are looked at there.
const LOG_FOLDER: &str = "/var/log";
const MOST_NAMES: usize = 2_000;
/// Containers' logs where their engines keep them by default: Docker's `json-file`, Podman's `k8s-file`.
const DOCKER_FOLDER: &str = "/var/lib/docker/containers";
const PODMAN_FOLDER: &str = "/var/lib/containers/storage/overlay-containers";

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A plain file.
    File,
    /// What an engine takes down of a container's output.
    Container,
    /// The journal's entries of a unit.
    Journal,
    /// The kernel's.
    Kernel,
}

/// Why it is taken for a log. The first that is true counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The output of an application that Ira started.
    Kept,
    /// A registration names it.
    Registered,
    /// An engine keeps a container's output there.
    Engine,
    /// It is the output of a process.
    Output,
    /// A process has it open to write to its end.
    Appended,
    /// A process writes to it, and it is called like a log.
    Named,
    /// An application that is gone wrote to it.
    Gone,
    /// It lies where logs lie.
    Folder,
    /// The journal has entries of the unit.
    Journal,
    /// The kernel's messages.
    Kernel,
}

/// An application, as far as a source needs it.
#[derive(Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// One place that something is logged to.
#[derive(Debug, Clone)]
pub struct Source {
    /// Names it for good.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What to call it.
    pub name: String,
    /// Whose it is.
    pub application: Option<Arc<Owner>>,
    /// Why it is here.
    pub evidence: Evidence,
    /// The process that has it open.
    pub pid: Option<u32>,
    /// How long a file is.
    pub size_bytes: Option<u64>,
    /// When it was written to last.
    pub modified_ms: Option<i64>,
    /// Why it cannot be read.
    pub refusal: Option<Refusal>,
    pub(super) reel: Reel,
}

impl Source {
    /// Where it lies, if it is a file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.reel {
            Reel::File(path) => Some(path),
            Reel::Journal(_) => None,
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct Sources {
    /// Those of applications first, by name.
    pub all: Vec<Arc<Source>>,
    /// There are more.
    pub more: bool,
    /// Something did not answer in time.
    pub timed_out: bool,
    /// Processes whose files this user may not see.
    pub denied: usize,
    /// Why there is nothing from the journal, in its own words.
    pub journal: Option<String>,
}

/// A process as it matters here.
struct Member {
    key: ProcessKey,
    application: Arc<Owner>,
    container: Option<String>,
}

#[derive(Default)]
struct Found {
    files: BTreeMap<PathBuf, Source>,
    others: Vec<Source>,
    sources: Sources,
}

/// What there is now, and of what was found before the files that are still there: whoever wrote to them
/// is gone, what it wrote is not.
pub(super) fn find(engine: &Engine, before: Option<&Sources>) -> Sources {
    let members: Vec<Member> = engine.live(|live| {
        let processes = live.processes.iter().filter(|one| !one.details.is_kernel_thread);
        let mut owners: HashMap<&str, Arc<Owner>> = HashMap::new();
        processes
            .map(|one| Member {
                key: one.sample.key,
                application: {
                    let application = &one.attribution.application;
                    let owner = || {
                        let (id, name) = (application.id.clone(), application.name.clone());
                        Arc::new(Owner { id, name })
                    };
                    Arc::clone(owners.entry(&application.id).or_insert_with(owner))
                },
                container: one
                    .details
                    .control_group
                    .as_deref()
                    .and_then(container_id)
                    .map(str::to_owned),
            })
            .collect()
    });
    let applications: HashMap<&str, &Arc<Owner>> =
        members.iter().map(|one| (one.application.id.as_str(), &one.application)).collect();
    let with_container = members.iter().filter_map(|one| Some((one.container.as_deref()?, one)));
    // Identifiers become parts of paths.
    let containers: HashMap<&str, &Arc<Owner>> = with_container
        .filter(|(id, _)| id.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(|(id, one)| (id, &one.application))
        .collect();
    let mut found = Found::default();
    found.of_registry(engine, &applications);
    found.of_containers(&containers);
    found.of_processes(engine, &members, &containers);
    for known in before.iter().flat_map(|before| &before.all) {
        if let Some((path, owner)) = known.path().zip(known.application.as_ref()) {
            found.file(path.to_owned(), Evidence::Gone, Some(owner), None);
        }
    }
    found.of_folder(Path::new(LOG_FOLDER));
    found.of_journal(&applications);
    found.finish()
}

impl Found {
    /// Adds a file, unless there is a better reason for it already.
    fn file(
        &mut self,
        path: PathBuf,
        evidence: Evidence,
        application: Option<&Arc<Owner>>,
        pid: Option<u32>,
    ) {
        if self.files.get(&path).is_some_and(|known| known.evidence <= evidence) {
            return;
        }
        if self.files.len() >= MOST {
            self.sources.more = true;
            return;
        }
        let opened = open(&path);
        let missing = matches!(opened, Err(Refusal::Missing | Refusal::NotPlain));
        let is_text = opened.as_ref().map_or(Ok(true), LogFile::is_text).unwrap_or(true);
        if (missing || !is_text) && evidence > Evidence::Registered {
            return;
        }
        let kind = if evidence == Evidence::Engine { Kind::Container } else { Kind::File };
        // Folders there tell files of one name apart.
        let name = path.strip_prefix(LOG_FOLDER).ok().filter(|_| application.is_none());
        let name = name.or_else(|| path.file_name().map(Path::new)).unwrap_or(&path);
        let name = name.to_string_lossy().into_owned();
        let source = Source {
            id: format!("file:{}", path.display()),
            kind,
            name,
            application: application.cloned(),
            evidence,
            pid,
            size_bytes: opened.as_ref().ok().and_then(|file| file.length().ok()),
            modified_ms: opened.as_ref().ok().map(LogFile::modified_ms),
            refusal: opened.err(),
            reel: Reel::File(path.clone()),
        };
        self.files.insert(path, source);
    }

    /// What Ira keeps, and what users named.
    fn of_registry(&mut self, engine: &Engine, running: &HashMap<&str, &Arc<Owner>>) {
        for kept in engine.registry().iter() {
            let one = &kept.registration;
            let application = running.get(one.application.as_str()).map_or_else(
                || Arc::new(Owner { id: one.application.clone(), name: one.name.clone() }),
                |owner| Arc::clone(owner),
            );
            let output = supervisor::output(&crate::registry::folder_of(
                engine.location(),
                &one.application,
            ));
            if output.exists() {
                self.file(output, Evidence::Kept, Some(&application), None);
            }
            for path in &one.log_paths {
                let path = Path::new(path);
                // Links are followed once, here; what is read is what they lead to.
                let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
                if real.is_absolute() {
                    self.file(real, Evidence::Registered, Some(&application), None);
                }
            }
        }
    }

    fn of_containers(&mut self, containers: &HashMap<&str, &Arc<Owner>>) {
        for (id, owner) in containers {
            let docker = Path::new(DOCKER_FOLDER).join(id).join(format!("{id}-json.log"));
            let podman = Path::new(PODMAN_FOLDER).join(id).join("userdata/ctr.log");
            for path in [docker, podman] {
                self.file(path, Evidence::Engine, Some(owner), None);
            }
        }
    }

    fn of_processes(
        &mut self,
        engine: &Engine,
        members: &[Member],
        containers: &HashMap<&str, &Arc<Owner>>,
    ) {
        let keys: Vec<ProcessKey> = members.iter().map(|one| one.key).collect();
        if engine.takes_orders().is_err() {
            return;
        }
        let Some(read) = ira_probe::open_files(Path::new("/proc"), keys, DESCRIPTORS, AT_MOST)
        else {
            return;
        };
        self.sources.timed_out = read.timed_out;
        let by_key: HashMap<ProcessKey, &Member> =
            members.iter().map(|one| (one.key, one)).collect();
        let own = engine.location().folder().join("ira.db");
        for (key, held) in read.processes {
            let Some(member) = by_key.get(&key) else { continue };
            match held {
                HeldFiles::Gone => {}
                HeldFiles::Denied => self.sources.denied += 1,
                HeldFiles::Read { files, more, .. } => {
                    self.sources.more |= more;
                    for file in files {
                        let Some(evidence) = evidence(&file) else { continue };
                        let path = PathBuf::from(&file.path);
                        let is_own = path
                            .as_os_str()
                            .as_encoded_bytes()
                            .starts_with(own.as_os_str().as_encoded_bytes());
                        if is_own || !is_same(&path, &file) {
                            continue;
                        }
                        // What an engine writes for a container is that container's.
                        let mut parts = path.iter().filter_map(|part| part.to_str());
                        match parts.find_map(|part| containers.get(part)) {
                            Some(owner) => self.file(path, Evidence::Engine, Some(owner), None),
                            None => {
                                let owner = Some(&member.application);
                                self.file(path, evidence, owner, Some(key.pid));
                            }
                        }
                    }
                }
            }
        }
    }

    /// Files of the folder and of its folders.
    fn of_folder(&mut self, folder: &Path) {
        let mut left = MOST_NAMES;
        let mut folders = vec![(folder.to_owned(), true)];
        while let Some((folder, deeper)) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                if left == 0 {
                    self.sources.more = true;
                    return;
                }
                left -= 1;
                let Ok(kind) = entry.file_type() else { continue };
                let path = entry.path();
                if kind.is_dir() && deeper && entry.file_name() != "journal" {
                    folders.push((path, false));
                } else if kind.is_file() && is_called_like_a_log(&path) {
                    self.file(path, Evidence::Folder, None, None);
                }
            }
        }
    }

    fn of_journal(&mut self, running: &HashMap<&str, &Arc<Owner>>) {
        let (system, user) = match journal::units(JOURNAL_AT_MOST) {
            Ok(units) => units,
            Err(error) => {
                self.sources.journal = Some(error.to_string());
                return;
            }
        };
        if system.is_empty() && user.is_empty() {
            self.sources.journal =
                Some("the journal has no entries that this user may read".to_owned());
            return;
        }
        let is_unit = |unit: &&String| unit.as_str() != "init.scope" && !unit.ends_with(".scope");
        let system = system.iter().filter(is_unit).map(|unit| (Part::Unit(unit.clone()), unit, ""));
        let user = user.iter().filter(is_unit);
        let user = user.map(|unit| (Part::UserUnit(unit.clone()), unit, "user/"));
        for (part, unit, scope) in system.chain(user) {
            let application = running.get(format!("systemd:{scope}{unit}").as_str());
            let name = unit.trim_end_matches(".service").to_owned();
            let id = format!("journal:{scope}{unit}");
            self.journal(id, Kind::Journal, name, Evidence::Journal, part, application.copied());
        }
        let (kernel, manager) = ("kernel".to_owned(), "systemd".to_owned());
        self.journal(
            "kernel".to_owned(),
            Kind::Kernel,
            kernel,
            Evidence::Kernel,
            Part::Kernel,
            None,
        );
        self.journal(
            "manager".to_owned(),
            Kind::Journal,
            manager,
            Evidence::Journal,
            Part::Manager,
            None,
        );
    }

    fn journal(
        &mut self,
        id: String,
        kind: Kind,
        name: String,
        evidence: Evidence,
        part: Part,
        application: Option<&Arc<Owner>>,
    ) {
        self.others.push(Source {
            id,
            kind,
            name,
            application: application.cloned(),
            evidence,
            pid: None,
            size_bytes: None,
            modified_ms: None,
            refusal: None,
            reel: Reel::Journal(part),
        });
    }

    fn finish(self) -> Sources {
        let mut all: Vec<Source> = self.files.into_values().chain(self.others).collect();
        all.sort_by_cached_key(|one| {
            let application =
                one.application.as_ref().map(|application| application.name.to_lowercase());
            (application.is_none(), application, one.name.to_lowercase(), one.id.clone())
        });
        let more = self.sources.more || all.len() > MOST;
        all.truncate(MOST);
        Sources { all: all.into_iter().map(Arc::new).collect(), more, ..self.sources }
    }
}

/// Whether a descriptor is one that something is logged to.
pub(super) fn evidence(file: &OpenFile) -> Option<Evidence> {
    if file.kind != FileKind::Regular || file.is_deleted || !file.access.write {
        return None;
    }
    let path = Path::new(&file.path);
    if is_journal_file(path) {
        return None;
    }
    let is_output = matches!(file.descriptor, 1 | 2);
    let is_in_folder = path.starts_with(LOG_FOLDER);
    if is_output {
        Some(Evidence::Output)
    } else if file.access.append {
        Some(Evidence::Appended)
    } else if is_in_folder || path.extension().is_some_and(|ending| ending == "log") {
        Some(Evidence::Named)
    } else {
        None
    }
}

fn is_journal_file(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "journal")
}

/// The path a process sees may be another's here: it has a root of its own.
#[cfg(unix)]
fn is_same(path: &Path, file: &OpenFile) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let number = file.identity.map(|(_, number)| number);
    fs::metadata(path).is_ok_and(|found| number == Some(found.ino()))
}

#[cfg(not(unix))]
fn is_same(_: &Path, _: &OpenFile) -> bool {
    true
}

/// Names in the folder for logs that are not compressed, rotated, or known to be no text.
fn is_called_like_a_log(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_rotated = !ending.is_empty() && ending.bytes().all(|b| b.is_ascii_digit());
    let is_packed = matches!(ending, "gz" | "xz" | "bz2" | "zst" | "journal" | "db" | "old");
    let is_dated = name
        .rsplit_once('-')
        .is_some_and(|(_, date)| date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()));
    let is_record = matches!(name, "wtmp" | "btmp" | "lastlog" | "faillog" | "tallylog");
    !(is_rotated || is_packed || is_dated || is_record)
}

const _: () = assert!(MOST_SOURCES <= MOST);

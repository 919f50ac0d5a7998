//! Which application a process belongs to, and why.
//!
//! Owns: the rules of its own (0 and 2 to 9) and their order, the age below which a process makes no application of its own,
//! what is remembered of applications while they run.
//! Leaves out: reading the machine (what a rule looks at is in [`ProcessDetails`]; what only files
//! tell is asked of a [`FactSource`], which answers later), sums, and rule 1: what the user corrects
//! is applied to what is found here, see `ira_model::correction` and `live/attribution.rs`.
//!
//! ```text
//!  Subject and its ancestors --rules.rs--> Application, Evidence
//!        |                        |  ^
//!   control_group.rs       knowledge.rs --Question--> facts/service.rs (a thread)
//!   roles.rs launch.rs engines.rs  <------Answer------ facts/investigator.rs
//! ```

mod containers;
mod control_group;
mod engines;
mod facts;
mod instances;
mod knowledge;
mod launch;
mod roles;
mod rules;
mod tree;

#[cfg(target_os = "linux")]
pub(crate) use facts::service::FactService;
pub use facts::{
    Answer, ArchiveTitle, Bundle, ContainerName, DesktopName, FactSource, Facts, Files,
    Investigator, NoFacts, Places, Project, Question, ReadSeek, Topic,
};

use instances::Instances;
use ira_model::{
    Application, ApplicationClass, Attribution, Evidence, Listener, ProcessDetails, ProcessKey,
    Protocol,
};
use knowledge::Knowledge;
use rules::Now;
pub(crate) use rules::supervised;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// Identifier of the container a control group is of.
#[must_use]
pub fn container_id(group: &str) -> Option<&str> {
    control_group::container(group).filter(|one| !one.is_name).map(|one| one.id)
}

/// A process younger than this makes no application of its own.
pub const MIN_AGE_MS: u64 = 15_000;

/// More application names than this are looked through for ones nobody uses any more.
const KNOWN: usize = 1024;
/// Ports from here on are given to clients by themselves (`ip_local_port_range`, ip(7)).
const EPHEMERAL: u16 = 32_768;

/// What discovery needs to know of a process.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Identity.
    pub key: ProcessKey,
    /// Its parent's pid, 0 for none.
    pub parent_pid: u32,
    /// Who it is.
    pub details: Arc<ProcessDetails>,
}

/// The other processes.
pub trait Neighbours {
    /// The process of a pid.
    fn find(&self, pid: u32) -> Option<Subject>;

    /// Living children of a pid, the eldest first; some of them, where it has many.
    fn children(&self, pid: u32) -> Vec<Subject>;
}

/// The rules, with what they remember.
#[derive(Debug)]
pub struct Discovery {
    knowledge: Knowledge,
    known: HashMap<String, Arc<Application>>,
    /// Processes that listen on a port, or one of whose descendants does.
    listening: HashSet<ProcessKey>,
    instances: Instances,
}

/// A decision and whether time alone will change it.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The decision; no application when what it hangs on is still being found out.
    pub attribution: Attribution,
    /// When to decide again, milliseconds since boot; `None` when only news of the process do.
    pub again_at_ms: Option<u64>,
}

impl Discovery {
    /// Rules that ask there what only files tell.
    #[must_use]
    pub fn new(facts: Box<dyn FactSource>) -> Self {
        Self {
            knowledge: Knowledge::new(facts),
            known: HashMap::new(),
            listening: HashSet::new(),
            instances: Instances::default(),
        }
    }

    /// Remembers identifiers of earlier runs, so that two instances stay who they were.
    pub fn remember<'a>(&mut self, ids: impl IntoIterator<Item = &'a str>) {
        ids.into_iter().for_each(|id| self.instances.remember(id));
    }

    /// Takes what was found out since the last call; gives the pids to decide again.
    pub fn learn(&mut self, uptime_ms: u64) -> Vec<u32> {
        self.knowledge.take(uptime_ms)
    }

    /// Takes what an engine calls its containers at the moment, by their identifiers. Where that is
    /// other than what is known, it is found out anew.
    pub fn containers_are_called<'a>(&mut self, all: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (id, name) in all {
            self.knowledge.container_is_called(id, name);
        }
    }

    /// Whether something is still being found out.
    #[must_use]
    pub fn is_finding_out(&self) -> bool {
        self.knowledge.is_finding_out()
    }

    /// Questions about files that were put so far.
    #[must_use]
    pub fn questions(&self) -> u64 {
        self.knowledge.questions
    }

    /// What is known of an application that was found.
    #[must_use]
    pub fn known(&self, id: &str) -> Option<Arc<Application>> {
        self.known.get(id).cloned()
    }

    /// Decides for one process; `uptime_ms` is now.
    pub fn decide(&mut self, subject: &Subject, near: &dyn Neighbours, uptime_ms: u64) -> Decision {
        if launch::program(&subject.details) == "dockerd" {
            self.knowledge.docker(&subject.details);
        }
        let chain = tree::chain(subject, near);
        let own = chain.iter().position(|one| one.key == subject.key).unwrap_or(0);
        let resolved = self.resolve(&chain, own, Now { ms: uptime_ms, asker: subject.key.pid });
        let Some(mut application) = resolved.application else {
            let none = Attribution {
                application: Arc::new(Application::default()),
                evidence: Arc::from([]),
            };
            return Decision { attribution: none, again_at_ms: resolved.again_at_ms };
        };
        let mut evidence = resolved.evidence;
        if let Some(key) = resolved.instance
            && let Some((port, listens)) = self.instances.port(&application.id, key)
        {
            for one in evidence.iter_mut().filter(|one| one.result == application.id) {
                one.result = format!("{}:{port}", one.result);
            }
            application.id = format!("{}:{port}", application.id);
            application.name = format!("{} :{listens}", application.name);
        }
        let application = self.one_of(application);
        Decision {
            attribution: Attribution { application, evidence: evidence.into() },
            again_at_ms: resolved.again_at_ms,
        }
    }

    /// Whether a process may count with its child rather than the other way round, so that a new
    /// child is news of it.
    #[must_use]
    pub fn follows_child(subject: &Subject) -> bool {
        tree::may_pass(subject)
    }

    /// Takes all listening ports; gives the pids whose decision they change, together with all that
    /// descends from those.
    pub fn listen(
        &mut self,
        listeners: &[Listener],
        near: &dyn Neighbours,
        uptime_ms: u64,
    ) -> Vec<u32> {
        let mut changed = BTreeSet::new();
        let mut ports: BTreeMap<u32, BTreeSet<u16>> = BTreeMap::new();
        for listener in listeners {
            let serves = listener.protocol == Protocol::Tcp || listener.port < EPHEMERAL;
            if let Some(pid) = listener.pid.filter(|_| serves) {
                let all = ports.entry(pid).or_default();
                if listener.protocol == Protocol::Tcp {
                    all.insert(listener.port);
                }
            }
        }
        for pid in ports.keys() {
            let Some(subject) = near.find(*pid) else { continue };
            let chain = tree::chain(&subject, near);
            let top = tree::climb(&chain).top;
            for one in chain.iter().take(top + 1) {
                if self.listening.insert(one.key) {
                    changed.insert(one.key.pid);
                }
            }
        }
        let mut found: HashMap<String, BTreeMap<ProcessKey, BTreeSet<u16>>> = HashMap::new();
        for (pid, of_pid) in ports.iter().filter(|(_, ports)| !ports.is_empty()) {
            let Some(subject) = near.find(*pid) else { continue };
            let chain = tree::chain(&subject, near);
            let resolved = self.resolve(&chain, 0, Now { ms: uptime_ms, asker: *pid });
            if let Some((application, key)) = resolved.application.zip(resolved.instance) {
                let all = found.entry(application.id).or_default().entry(key).or_default();
                all.extend(of_pid);
            }
        }
        changed.extend(self.instances.update(&found).into_iter().map(|key| key.pid));
        changed.into_iter().collect()
    }

    /// A process ended.
    pub fn forget(&mut self, key: ProcessKey) {
        self.knowledge.forget(key);
        self.listening.remove(&key);
        self.instances.forget(key);
    }

    /// The one value for all processes of an application. They learn at different times what it is
    /// for; the one that knows most tells.
    fn one_of(&mut self, application: Application) -> Arc<Application> {
        if self.known.len() > KNOWN {
            self.known.retain(|_, application| Arc::strong_count(application) > 1);
        }
        if let Some(known) = self.known.get(&application.id) {
            let news = application.version.is_some() && application.version != known.version
                || application.icon.is_some() && application.icon != known.icon;
            let same = application.name == known.name;
            if same && (**known == application || (!news && knows(known) >= knows(&application))) {
                return Arc::clone(known);
            }
        }
        let new = Arc::new(application);
        self.known.insert(new.id.clone(), Arc::clone(&new));
        new
    }
}

/// How much is known of what an application is for.
fn knows(application: &Application) -> (u8, u8, bool) {
    let class = match application.class {
        ApplicationClass::Other => 0,
        ApplicationClass::System => 1,
        ApplicationClass::Runtime => 2,
        _ => 3,
    };
    let engine = application.engine.as_deref();
    let engine = engine.map_or(0, |engine| if engines::is_plain(engine) { 1 } else { 2 });
    (class, engine, application.version.is_some())
}

/// What the rules say of a process.
#[derive(Debug, Default)]
struct Resolved {
    /// `None` while something it hangs on is being found out.
    application: Option<Application>,
    evidence: Vec<Evidence>,
    again_at_ms: Option<u64>,
    /// The process that stands for its instance, where two of them may have to be told apart.
    instance: Option<ProcessKey>,
}

#[cfg(test)]
mod tests;

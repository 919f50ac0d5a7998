//! Which application a process belongs to, and why.
//!
//! Owns: the rules and their order, the age below which a process makes no application of its own.
//! Leaves out: reading the machine (what a rule looks at is in [`ProcessDetails`]), sums.

mod command;
mod control_group;
mod tree;

use command::Role;
use ira_model::{
    Application, ApplicationKind, Attribution, Evidence, ProcessDetails, ProcessKey, Rule,
};
use std::{collections::HashMap, sync::Arc};

/// A process younger than this makes no application of its own.
pub const MIN_AGE_MS: u64 = 15_000;

/// More application names than this are looked through for ones nobody uses any more.
const KNOWN: usize = 1024;

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

/// What is known about containers by the one who runs them.
pub trait ContainerNames: Send {
    /// The name to show and the key to keep, `None` where nothing is known.
    fn container(&mut self, id: &str) -> Option<ContainerName>;
}

/// How a container is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerName {
    /// Stable over restarts: `project/service`, else the container's name.
    pub key: String,
    /// For people.
    pub name: String,
}

/// The rules, with what they remember.
pub struct Discovery {
    containers: Box<dyn ContainerNames>,
    known: HashMap<String, Arc<Application>>,
}

impl std::fmt::Debug for Discovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Discovery").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

/// A decision and whether time alone will change it.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The decision.
    pub attribution: Attribution,
    /// When to decide again, milliseconds since boot; `None` when only news of the process do.
    pub again_at_ms: Option<u64>,
}

impl Discovery {
    /// Rules that ask there for names of containers.
    #[must_use]
    pub fn new(containers: Box<dyn ContainerNames>) -> Self {
        Self { containers, known: HashMap::new() }
    }

    /// Decides for one process. `find` gives the process of a pid; `uptime_ms` is now.
    pub fn decide(
        &mut self,
        subject: &Subject,
        find: &dyn Fn(u32) -> Option<Subject>,
        uptime_ms: u64,
    ) -> Decision {
        let details = &*subject.details;
        let mut evidence = Vec::new();
        let mut chosen: Option<Application> = None;
        let mut fired =
            |rule, input: &str, application: Option<Application>, said: &mut Vec<Evidence>| {
                if let Some(application) = application {
                    said.push(Evidence {
                        rule,
                        input: input.to_owned(),
                        result: application.id.clone(),
                    });
                    chosen.get_or_insert(application);
                }
            };
        if details.is_kernel_thread {
            let kernel = Application::new(ApplicationKind::Kernel, "kernel", "Kernel");
            fired(Rule::Kernel, "a thread of the kernel", Some(kernel), &mut evidence);
        } else {
            if let Some(group) = &details.control_group {
                let container = control_group::container(group).map(|found| self.container(&found));
                fired(Rule::Container, group, container, &mut evidence);
                fired(Rule::SystemdUnit, group, control_group::unit(group), &mut evidence);
                fired(Rule::Bundle, group, control_group::bundle(group), &mut evidence);
                fired(Rule::DesktopScope, group, control_group::desktop(group), &mut evidence);
            }
            let mut again_at_ms = None;
            let tree = tree::climb(subject, find, uptime_ms, &mut again_at_ms);
            fired(Rule::ProcessTree, &tree.path, tree.application, &mut evidence);
            let own = details.executable.as_deref().unwrap_or(&details.name);
            fired(Rule::Executable, own, Some(command::identify(details)), &mut evidence);
            if evidence.first().is_some_and(|first| first.rule >= Rule::ProcessTree) {
                let application = chosen.unwrap_or_else(|| command::identify(details));
                return self.decision(application, evidence, again_at_ms);
            }
        }
        let application = chosen.unwrap_or_else(|| command::identify(details));
        self.decision(application, evidence, None)
    }

    fn decision(
        &mut self,
        application: Application,
        evidence: Vec<Evidence>,
        again_at_ms: Option<u64>,
    ) -> Decision {
        if self.known.len() > KNOWN {
            self.known.retain(|_, application| Arc::strong_count(application) > 1);
        }
        let application = match self.known.get(&application.id) {
            Some(known) if known.name == application.name => Arc::clone(known),
            _ => {
                let new = Arc::new(application);
                self.known.insert(new.id.clone(), Arc::clone(&new));
                new
            }
        };
        Decision {
            attribution: Attribution { application, evidence: evidence.into() },
            again_at_ms,
        }
    }

    /// The application of a container. Only Docker's own names are known by its identifier; of other
    /// engines the name that people gave, or the beginning of the identifier.
    fn container(&mut self, found: &control_group::Container<'_>) -> Application {
        let short = if found.is_name { found.id } else { found.id.get(..12).unwrap_or(found.id) };
        if found.engine != "docker" {
            let key = format!("{}/{short}", found.engine);
            return Application::new(ApplicationKind::Container, &key, short);
        }
        let named = self.containers.container(found.id);
        let (key, name) = named.map_or_else(
            || (short.to_owned(), short.to_owned()),
            |container| (container.key, container.name),
        );
        Application::new(ApplicationKind::Docker, &key, name)
    }
}

#[cfg(test)]
mod tests;

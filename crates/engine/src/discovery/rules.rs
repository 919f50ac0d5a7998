//! The rules, strongest first. Each says what it looked at and what it concluded; the first that
//! concludes names the application, the others stay visible.

mod desktop;
mod project;
mod registered;

pub(crate) use registered::supervised;

use super::{
    Discovery, MIN_AGE_MS, Resolved, Subject, control_group,
    engines::{self, Purpose},
    facts::Facts,
    knowledge::Lookup,
    launch, roles,
    tree::{self, Climb},
};
use ira_model::{Application, ApplicationClass, ApplicationKind, Evidence, ProcessDetails, Rule};
use std::sync::Arc;

/// What a rule concludes, beside the application.
struct Conclusion {
    rule: Rule,
    input: String,
    application: Application,
    /// Place of the process that stands for the instance.
    instance: Option<usize>,
}

/// The moment of a decision, and the process it is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) ms: u64,
    pub(super) asker: u32,
}

/// What was found out for the processes of a chain, as far as they matter.
#[derive(Default)]
struct Found {
    facts: Vec<(usize, Arc<Facts>)>,
    /// When what is not there yet is told, or is told to be missing.
    until_ms: Option<u64>,
}

impl Found {
    fn of(&self, place: usize) -> Option<&Facts> {
        self.facts.iter().find(|(at, _)| *at == place).map(|(_, facts)| &**facts)
    }

    fn wait(&mut self, until_ms: u64) {
        self.until_ms = Some(self.until_ms.map_or(until_ms, |other| other.min(until_ms)));
    }
}

impl Discovery {
    /// What the rules say of the process at `own` in a chain, for the decision about `asker`.
    pub(super) fn resolve(&mut self, chain: &[Subject], own: usize, now: Now) -> Resolved {
        let Some(subject) = chain.get(own) else { return Resolved::default() };
        let details = &*subject.details;
        if details.is_kernel_thread {
            return kernel();
        }
        if let Some(resolved) = self.registered(chain, own) {
            return resolved;
        }
        let climb = tree::climb(chain);
        let mut found = Found::default();
        let mut said: Vec<Conclusion> = Vec::new();
        let mut aside: Vec<Evidence> = Vec::new();
        let group = details.control_group.as_deref().unwrap_or_default();

        said.extend(self.container(chain, group, now, &mut found));
        if said.is_empty() && found.until_ms.is_none() {
            match unit(chain, own, group) {
                Some(Unit::Names(one)) => said.push(one),
                Some(Unit::Starts(one)) => aside.push(one),
                None => {}
            }
        }
        // What a container or a unit is needs no files.
        let is_named = !said.is_empty();
        let mut again_at_ms = None;
        if !is_named && found.until_ms.is_none() {
            self.look_up(chain, &climb, now, &mut found);
            let namer = chain.get(climb.namer).unwrap_or(subject);
            let old_at_ms = namer.key.start_ms.saturating_add(MIN_AGE_MS);
            let project = self.project(chain, own, &climb, &found, now.ms);
            let bundle = self.bundle(own, &climb, group, &found, now);
            let scope = self.scope(chain, &climb, group, now);
            let is_scoped = bundle.is_some() || matches!(scope, Some(Unit::Names(_)));
            if project.is_none() && !is_scoped && now.ms < old_at_ms {
                // Too young for an application of its own: it counts under who started it.
                if let Some(above) = climb.above.and_then(|above| chain.get(above..)) {
                    let line = names(chain.get(..=climb.top).unwrap_or_default());
                    return self.under(line, above, old_at_ms, now, &found);
                }
                again_at_ms = Some(old_at_ms);
            } else if let Some(until_ms) = found.until_ms.filter(|_| project.is_none()) {
                return Resolved { again_at_ms: Some(until_ms), ..Resolved::default() };
            }
            said.extend(project);
            said.extend(bundle);
            match scope {
                Some(Unit::Names(one)) => said.push(one),
                Some(Unit::Starts(one)) => aside.push(one),
                None => {}
            }
            said.extend(desktop::desktop_file(chain, &climb, &found));
        } else if let Some(until_ms) = found.until_ms.filter(|_| !is_named) {
            return Resolved { again_at_ms: Some(until_ms), ..Resolved::default() };
        }
        said.extend(by_tree(chain, own, &climb, &found));
        said.push(by_executable(subject, own, &found));
        conclude(said, aside, chain, again_at_ms)
    }

    /// Counts a young process under the manager that started it.
    fn under<'a>(
        &mut self,
        mut line: Vec<&'a str>,
        above: &'a [Subject],
        old_at_ms: u64,
        now: Now,
        found: &Found,
    ) -> Resolved {
        let resolved = self.resolve(above, 0, now);
        line.extend(above.first().map(|manager| manager.details.name.as_str()));
        let evidence = resolved.application.iter().map(|application| Evidence {
            rule: Rule::ProcessTree,
            input: line.join(" < "),
            result: application.id.clone(),
        });
        let soon = [Some(old_at_ms), found.until_ms, resolved.again_at_ms];
        Resolved {
            evidence: evidence.collect(),
            again_at_ms: soon.into_iter().flatten().filter(|at| *at > now.ms).min(),
            application: resolved.application,
            instance: None,
        }
    }

    /// Asks for the files of those that matter: the one that names, and those that may work for a
    /// project.
    fn look_up(&mut self, chain: &[Subject], climb: &Climb, now: Now, found: &mut Found) {
        for (at, one) in chain.iter().enumerate().take(climb.top + 1) {
            if at != climb.namer && !project::may_have_project(&one.details) {
                continue;
            }
            match self.knowledge.facts(one, now.asker, now.ms) {
                Lookup::Known(facts) => found.facts.push((at, facts)),
                Lookup::Until(until_ms) => found.wait(until_ms),
                Lookup::Nothing => {}
            }
        }
    }

    /// Rule 2.
    fn container(
        &mut self,
        chain: &[Subject],
        group: &str,
        now: Now,
        found: &mut Found,
    ) -> Option<Conclusion> {
        let container = control_group::container(group)?;
        let unnamed = |why: &str| {
            let short = container.id.get(..12).unwrap_or(container.id).to_owned();
            (short.clone(), short, String::new(), format!("{group}, no name: {why}"))
        };
        let (key, name, image, input) = if container.is_name {
            let name = control_group::unescape(container.id);
            (name.clone(), name, String::new(), group.to_owned())
        } else {
            match self.knowledge.container(container.id, now.asker, now.ms) {
                Lookup::Known(Ok(known)) => {
                    let input = format!("{group}, named by {}", known.from);
                    (known.key, known.name, known.image, input)
                }
                Lookup::Known(Err(why)) => unnamed(&why),
                Lookup::Until(until_ms) => {
                    found.wait(until_ms);
                    return None;
                }
                Lookup::Nothing => unnamed("nobody answered"),
            }
        };
        let mut application = if container.engine == "docker" {
            Application::new(ApplicationKind::Docker, &key, name)
        } else {
            let key = format!("{}/{key}", container.engine);
            Application::new(ApplicationKind::Container, &key, name)
        };
        let same = |one: &Subject| {
            let theirs = one.details.control_group.as_deref().and_then(control_group::container);
            theirs.is_some_and(|theirs| theirs.id == container.id)
        };
        let mut purpose = purpose_within(chain, same);
        if let Some(of_image) = engines::of_image(&image) {
            let agrees = purpose.engine == of_image.engine;
            if !engines::is_server(&purpose) || (agrees && of_image.version.is_some()) {
                purpose = of_image;
            }
        }
        describe(&mut application, purpose);
        Some(Conclusion { rule: Rule::Container, input, application, instance: None })
    }
}

/// A systemd unit or a scope, as a rule sees it.
enum Unit {
    /// It is the application.
    Names(Conclusion),
    /// It starts what has nothing to do with it, as cron does.
    Starts(Evidence),
}

fn kernel() -> Resolved {
    let mut kernel = Application::new(ApplicationKind::Kernel, "kernel", "Kernel");
    kernel.class = ApplicationClass::System;
    let evidence = Evidence {
        rule: Rule::Kernel,
        input: "a thread of the kernel".to_owned(),
        result: kernel.id.clone(),
    };
    Resolved { application: Some(kernel), evidence: vec![evidence], ..Resolved::default() }
}

/// Rule 3.
fn unit(chain: &[Subject], own: usize, group: &str) -> Option<Unit> {
    let mut application = control_group::unit(group)?;
    let of_unit = |one: &Subject| {
        let theirs = one.details.control_group.as_deref().and_then(control_group::unit);
        theirs.is_some_and(|theirs| theirs.id == application.id)
    };
    let is_manager = |one: &Subject| one.key.pid != 1 && tree::role(one) == roles::Role::Manager;
    // The manager proper may have started itself again; what those start is not theirs.
    let first = chain.first().filter(|one| !is_manager(one));
    let manager = first.and_then(|_| {
        let above = chain.get(own.min(chain.len())..).unwrap_or_default();
        above.iter().skip(1).take_while(|one| of_unit(one)).find(|one| is_manager(one))
    });
    let says = |why: String| {
        Some(Unit::Starts(Evidence {
            rule: Rule::SystemdUnit,
            input: group.to_owned(),
            result: why,
        }))
    };
    if let Some(manager) = manager {
        let id = &application.id;
        return says(format!("{id} starts it, but {} starts all sorts", manager.details.name));
    }
    if control_group::is_transient(&application) {
        return says("a unit made for one run names nothing".to_owned());
    }
    let purpose = purpose_within(chain, of_unit);
    describe(&mut application, purpose);
    Some(Unit::Names(Conclusion {
        rule: Rule::SystemdUnit,
        input: group.to_owned(),
        application,
        instance: None,
    }))
}

/// Rule 8.
fn by_tree(chain: &[Subject], own: usize, climb: &Climb, found: &Found) -> Option<Conclusion> {
    if chain.len() < 2 {
        return None;
    }
    let namer = chain.get(climb.namer)?;
    let application = itself(&namer.details, found.of(climb.namer));
    let line = chain.get(own.min(climb.namer)..=climb.top.max(own)).unwrap_or_default();
    Some(Conclusion {
        rule: Rule::ProcessTree,
        input: names(line).join(" < "),
        application,
        instance: Some(climb.namer),
    })
}

/// Rule 9.
fn by_executable(subject: &Subject, own: usize, found: &Found) -> Conclusion {
    let details = &*subject.details;
    let input = details.executable.as_deref().unwrap_or(&details.name).to_owned();
    let application = itself(details, found.of(own));
    Conclusion { rule: Rule::Executable, input, application, instance: Some(own) }
}

/// The application a process would be by itself.
fn itself(details: &ProcessDetails, facts: Option<&Facts>) -> Application {
    let launch = launch_of(details, facts);
    let title = facts.and_then(|facts| facts.title.as_ref());
    // `billing / app`: a file without a name of its own.
    let title = title.filter(|title| title.is_application || launch.is_nameless);
    let package = facts.and_then(|facts| facts.package.as_ref());
    let name = match title.map(|title| &title.name).or(package) {
        Some(name) if !launch.is_named => name.clone(),
        _ => launch.name.clone(),
    };
    let mut application = Application::new(ApplicationKind::Process, &launch.key, name);
    describe(&mut application, engines::purpose(details, &launch));
    application
}

/// What a process runs, by its whole command line where that is known.
fn launch_of(details: &ProcessDetails, facts: Option<&Facts>) -> launch::Launch {
    match facts.and_then(|facts| facts.arguments.as_ref()) {
        Some(arguments) => {
            launch::launch(&ProcessDetails { arguments: arguments.clone(), ..details.clone() })
        }
        None => launch::launch(details),
    }
}

/// What the highest in the line that tells is for, among those that belong together.
fn purpose_within(chain: &[Subject], belongs: impl Fn(&Subject) -> bool) -> Purpose {
    let line: Vec<&Subject> = chain.iter().take_while(|one| belongs(one)).collect();
    let purposes = line.iter().rev().map(|one| engines::purpose_of(&one.details));
    // A script around a server tells nothing; what it starts does.
    let mut best = Purpose::default();
    for purpose in purposes {
        if purpose.class != ApplicationClass::Other {
            return purpose;
        }
        if best.engine.is_none() {
            best = purpose;
        }
    }
    best
}

fn describe(application: &mut Application, purpose: Purpose) {
    application.class = purpose.class;
    application.engine = purpose.engine;
    application.version = purpose.version;
}

fn names(line: &[Subject]) -> Vec<&str> {
    line.iter().map(|one| one.details.name.as_str()).collect()
}

/// The first names; all are told.
fn conclude(
    said: Vec<Conclusion>,
    aside: Vec<Evidence>,
    chain: &[Subject],
    again_at_ms: Option<u64>,
) -> Resolved {
    let evidence = said.iter().map(|one| Evidence {
        rule: one.rule,
        input: one.input.clone(),
        result: one.application.id.clone(),
    });
    let evidence = evidence.chain(aside).collect();
    let first = said.into_iter().next();
    let instance = first.as_ref().and_then(|one| chain.get(one.instance?)).map(|one| one.key);
    Resolved { application: first.map(|one| one.application), evidence, again_at_ms, instance }
}

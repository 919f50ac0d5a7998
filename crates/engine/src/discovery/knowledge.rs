//! What was asked of files and what was answered, each once.

use super::{
    Subject,
    containers::{AGAIN_MS, Containers},
    facts::{Answer, ContainerName, DesktopName, FactSource, Facts, Question, Topic},
};
use ira_model::{ProcessDetails, ProcessKey};
use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

/// A process is asked about only once it is this old: most do not live so long. Milliseconds.
pub(super) const ASK_AFTER_MS: u64 = 3_000;
/// So long a decision waits for an answer; then it is made without. Milliseconds.
const PATIENCE_MS: u64 = 4_000;
/// Names of more desktop entries and containers than this are forgotten and asked for again.
const NAMES: usize = 4096;

/// What is known about something.
#[derive(Debug, Clone)]
pub(super) enum Lookup<T> {
    /// The answer.
    Known(T),
    /// It was asked or will be; then there is an answer, or it is told without one.
    Until(u64),
    /// There is none.
    Nothing,
}

#[derive(Debug)]
struct Asked {
    at_ms: u64,
    /// The question was refused for want of room, and must be put again.
    refused: bool,
    print: u64,
    /// Answers to come that are about what the process was before.
    outdated: u32,
    answer: Option<Answer>,
}

/// See the module.
pub(super) struct Knowledge {
    source: Box<dyn FactSource>,
    asked: HashMap<Topic, Asked>,
    /// Who waits for which answer.
    waiting: HashMap<Topic, HashSet<u32>>,
    containers: Containers,
    names: usize,
    /// Questions that were put, for tests of cost.
    pub(super) questions: u64,
}

impl std::fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Knowledge").field("asked", &self.asked.len()).finish_non_exhaustive()
    }
}

impl Knowledge {
    pub(super) fn new(source: Box<dyn FactSource>) -> Self {
        let (asked, waiting) = (HashMap::new(), HashMap::new());
        Self { source, asked, waiting, containers: Containers::default(), names: 0, questions: 0 }
    }

    /// Takes answers; gives the pids of those who waited for one, or for whom one is news.
    pub(super) fn take(&mut self, now_ms: u64) -> Vec<u32> {
        let mut pids = HashSet::new();
        for (topic, answer) in self.source.answers() {
            if let Some(asked) = self.asked.get_mut(&topic) {
                if asked.outdated > 0 {
                    asked.outdated -= 1;
                    continue;
                }
                pids.extend(self.waiting.remove(&topic).unwrap_or_default());
                if let (Topic::Container(id), Answer::Container(told)) = (&topic, &answer) {
                    self.containers.told(id, told, now_ms);
                    match &asked.answer {
                        // It is called so still, as far as anybody knows.
                        Some(Answer::Container(Ok(_))) if told.is_err() => continue,
                        Some(before) if *before != answer => pids.extend(self.containers.pids(id)),
                        _ => {}
                    }
                }
                asked.answer = Some(answer);
            }
        }
        for id in self.containers.due(now_ms) {
            self.ask_again(&id, now_ms);
        }
        pids.into_iter().collect()
    }

    /// Whether something that was asked is not answered.
    pub(super) fn is_finding_out(&self) -> bool {
        self.source.is_busy()
    }

    /// What the files of `of` tell, for the decision about the process `pid`.
    pub(super) fn facts(&mut self, of: &Subject, pid: u32, now_ms: u64) -> Lookup<Arc<Facts>> {
        let ask_at_ms = of.key.start_ms.saturating_add(ASK_AFTER_MS);
        if now_ms < ask_at_ms {
            return Lookup::Until(ask_at_ms);
        }
        let topic = Topic::Process(of.key);
        match self.look(topic, &of.details, fingerprint(of), pid, now_ms) {
            Lookup::Known(Answer::Process(facts)) => Lookup::Known(facts),
            Lookup::Until(at_ms) => Lookup::Until(at_ms),
            _ => Lookup::Nothing,
        }
    }

    /// What the desktop calls an identifier.
    pub(super) fn desktop(&mut self, id: &str, pid: u32, now_ms: u64) -> Lookup<DesktopName> {
        match self.look(Topic::Desktop(id.to_owned()), &Arc::default(), 0, pid, now_ms) {
            Lookup::Known(Answer::Desktop(Some(name))) => Lookup::Known(name),
            Lookup::Until(at_ms) => Lookup::Until(at_ms),
            _ => Lookup::Nothing,
        }
    }

    /// What a container is called, or why nobody tells.
    pub(super) fn container(
        &mut self,
        id: &str,
        pid: u32,
        now_ms: u64,
    ) -> Lookup<Result<ContainerName, String>> {
        let topic = Topic::Container(id.to_owned());
        if self.containers.enter(id, pid)
            && let Some(asked) = self.asked.get(&topic)
        {
            // It was started again, and can have been renamed meanwhile.
            self.containers.ask_at(id, Some(asked.at_ms + AGAIN_MS));
        }
        match self.look(topic, &Arc::default(), 0, pid, now_ms) {
            Lookup::Known(Answer::Container(told)) => Lookup::Known(told),
            Lookup::Until(at_ms) => Lookup::Until(at_ms),
            _ => Lookup::Nothing,
        }
    }

    /// An engine says what it calls a container now.
    pub(super) fn container_is_called(&mut self, id: &str, name: &str) {
        let asked = self.asked.get(&Topic::Container(id.to_owned()));
        if let Some(Answer::Container(told)) = asked.and_then(|asked| asked.answer.as_ref())
            && told.as_ref().map_or(true, |told| told.is_outdated(name))
        {
            self.containers.hurry(id);
        }
    }

    /// Asks again about a container, while what is known of it holds.
    fn ask_again(&mut self, id: &str, now_ms: u64) {
        let topic = Topic::Container(id.to_owned());
        let is_answered = |asked: &&mut Asked| asked.answer.is_some();
        let Some(asked) = self.asked.get_mut(&topic).filter(is_answered) else { return };
        if self.source.ask(Question { topic, details: Arc::default() }) {
            asked.at_ms = now_ms;
            self.questions += 1;
        } else {
            self.containers.ask_at(id, Some(now_ms + AGAIN_MS));
        }
    }

    fn look(
        &mut self,
        topic: Topic,
        details: &Arc<ProcessDetails>,
        print: u64,
        pid: u32,
        now_ms: u64,
    ) -> Lookup<Answer> {
        let before = self.asked.get(&topic);
        let is_open = before.is_some_and(|asked| asked.answer.is_none() && !asked.refused);
        let outdated = before.map_or(0, |asked| asked.outdated) + u32::from(is_open);
        let first_ms = match before {
            Some(asked) if asked.print == print => {
                if let Some(answer) = &asked.answer {
                    return Lookup::Known(answer.clone());
                }
                if !asked.refused {
                    return self.wait(topic, asked.at_ms, pid, now_ms);
                }
                asked.at_ms
            }
            _ => now_ms,
        };
        if !matches!(topic, Topic::Process(_)) {
            self.names += 1;
            if self.names > NAMES {
                self.names = 0;
                self.asked.retain(|topic, _| matches!(topic, Topic::Process(_)));
            }
        }
        let question = Question { topic: topic.clone(), details: Arc::clone(details) };
        let refused = !self.source.ask(question);
        self.questions += u64::from(!refused);
        let asked = Asked { at_ms: first_ms, refused, print, outdated, answer: None };
        self.asked.insert(topic.clone(), asked);
        if refused && now_ms < first_ms + PATIENCE_MS {
            return Lookup::Until(now_ms + 1000);
        }
        self.wait(topic, first_ms, pid, now_ms)
    }

    fn wait(&mut self, topic: Topic, since_ms: u64, pid: u32, now_ms: u64) -> Lookup<Answer> {
        self.waiting.entry(topic).or_default().insert(pid);
        let until_ms = since_ms + PATIENCE_MS;
        if now_ms < until_ms { Lookup::Until(until_ms) } else { Lookup::Nothing }
    }

    /// A process ended.
    pub(super) fn forget(&mut self, key: ProcessKey) {
        self.containers.leave(key.pid);
        let topic = Topic::Process(key);
        if self.asked.remove(&topic).is_some() {
            self.waiting.remove(&topic);
        }
    }

    /// A Docker engine that keeps its things there.
    pub(super) fn docker(&mut self, details: &ProcessDetails) {
        let option = |names: &[&str]| {
            let mut arguments = details.arguments.iter();
            while let Some(argument) = arguments.next() {
                if names.contains(&argument.as_str()) {
                    return arguments.next().cloned();
                }
                if let Some((name, value)) = argument.split_once('=')
                    && names.contains(&name)
                {
                    return Some(value.to_owned());
                }
            }
            None
        };
        let root = option(&["--data-root", "-g", "--graph"]);
        let socket = option(&["-H", "--host"]);
        let socket = socket.and_then(|host| host.strip_prefix("unix://").map(str::to_owned));
        self.source.docker(root.map(Into::into), socket.map(Into::into));
    }
}

/// What the answer depends on: it is asked for again when one of these changed.
fn fingerprint(of: &Subject) -> u64 {
    let mut hasher = DefaultHasher::new();
    let details = &of.details;
    (&details.executable, &details.working_directory, &details.control_group).hash(&mut hasher);
    of.parent_pid.hash(&mut hasher);
    // A program that writes its state over its command line has one argument.
    if details.arguments.len() > 1 {
        details.arguments.hash(&mut hasher);
    }
    hasher.finish()
}

//! All corrections together, ready to be asked about each process.

use super::{Action, Condition, Correction, Field, Form, Matcher, custom};
use crate::{Application, Attribution, Evidence, ProcessDetails, Rule};
use regex::{RegexSet, RegexSetBuilder};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// Bytes that all regular expressions of one field may compile to.
const PATTERNS_BYTES: usize = 8 << 20;
/// Bytes of cache each of their searches may take.
const CACHE_BYTES: usize = 1 << 20;

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    all: Vec<Correction>,
    /// Those that look at processes, the best first.
    of_processes: Vec<usize>,
    /// What becomes of whole applications, by identifier.
    moves: HashMap<String, usize>,
    names: HashMap<String, usize>,
    patterns: HashMap<Field, (RegexSet, Vec<usize>)>,
}

/// What the corrections make of a process.
#[derive(Debug, Clone)]
pub struct Verdict<'a> {
    /// The one that says where it counts; none where only the name differs.
    moved: Option<&'a Correction>,
    renamed: Option<&'a Correction>,
    /// Every one that had a part in it, the one that decides first.
    fired: Vec<&'a Correction>,
}

impl Corrections {
    /// Makes them ready. One that cannot be compiled, which [`super::check`] would have refused,
    /// holds for nothing.
    #[must_use]
    pub fn new(all: Vec<Correction>) -> Self {
        let mut own = Self { all, ..Self::default() };
        for (at, one) in own.all.iter().enumerate() {
            match (&one.condition, &one.action) {
                (Condition { matcher: Some(_), .. }, Action::Rename(_)) => {}
                (Condition { matcher: Some(_), .. }, _) => own.of_processes.push(at),
                (Condition { application: Some(id), .. }, Action::Rename(_)) => {
                    own.names.insert(id.clone(), at);
                }
                (Condition { application: Some(id), .. }, _) => {
                    own.moves.insert(id.clone(), at);
                }
                _ => {}
            }
        }
        let all = &own.all;
        own.of_processes.sort_by_key(|at| all.get(*at).map(Correction::score));
        own.of_processes.reverse();
        for field in Field::ALL {
            let places: Vec<usize> = own
                .of_processes
                .iter()
                .copied()
                .filter(|at| {
                    let matcher = all.get(*at).and_then(|one| one.condition.matcher.as_ref());
                    matcher.is_some_and(|m| m.field == field && m.form == Form::Pattern)
                })
                .collect();
            let texts = places.iter().filter_map(|at| {
                all.get(*at)?.condition.matcher.as_ref().map(|matcher| matcher.text.as_str())
            });
            if let Ok(set) = compile(texts)
                && !set.is_empty()
            {
                own.patterns.insert(field, (set, places));
            }
        }
        own
    }

    /// Those that are there, in the order they were given.
    #[must_use]
    pub fn all(&self) -> &[Correction] {
        &self.all
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What becomes of a process that discovery counts under `found`; `None` where nothing does.
    #[must_use]
    pub fn verdict(&self, details: &ProcessDetails, found: &Application) -> Option<Verdict<'_>> {
        if self.all.is_empty() || details.is_kernel_thread {
            return None;
        }
        let best = self.best(details, &found.id);
        let mut moved = best;
        let mut fired: Vec<&Correction> = best.into_iter().collect();
        let mut id = best.map_or_else(|| Some(found.id.clone()), Correction::target);
        let mut seen = HashSet::new();
        while let Some(at) = id.as_ref().filter(|id| !id.is_empty()) {
            // Only a file from elsewhere holds corrections that go round in a circle.
            if !seen.insert(at.clone()) {
                break;
            }
            let Some(next) = self.moves.get(at).and_then(|at| self.all.get(*at)) else { break };
            moved = Some(next);
            fired.insert(0, next);
            id = next.target();
        }
        let renamed = id.and_then(|id| self.names.get(&id)).and_then(|at| self.all.get(*at));
        fired.extend(renamed);
        (!fired.is_empty()).then_some(Verdict { moved, renamed, fired })
    }

    /// The attribution of a process after all corrections; the same value where none holds.
    /// `known` tells what is known of an application by its identifier.
    #[must_use]
    pub fn correct(
        &self,
        details: &ProcessDetails,
        found: &Arc<Attribution>,
        known: impl Fn(&str) -> Option<Arc<Application>>,
    ) -> Arc<Attribution> {
        let Some(verdict) = self.verdict(details, &found.application) else {
            return Arc::clone(found);
        };
        let application = verdict.application(&found.application, known);
        let evidence = verdict.evidence(&application.id).chain(found.evidence.iter().cloned());
        Arc::new(Attribution { evidence: evidence.collect(), application })
    }

    /// The strongest that looks at processes and holds for this one.
    fn best(&self, details: &ProcessDetails, found: &str) -> Option<&Correction> {
        if self.of_processes.is_empty() || details.name.is_empty() {
            return None;
        }
        let command = details.command();
        let value = |field| match field {
            Field::CommandLine => Some(command.as_str()),
            Field::Executable => details.executable.as_deref(),
            Field::Folder => details.working_directory.as_deref(),
        };
        let mut matched: HashSet<usize> = HashSet::new();
        for (field, (set, places)) in &self.patterns {
            if let Some(value) = value(*field) {
                let hits = set.matches(value).into_iter();
                matched.extend(hits.filter_map(|hit| places.get(hit)));
            }
        }
        let holds = |at: usize, matcher: &Matcher| match (matcher.form, value(matcher.field)) {
            (_, None) => false,
            (Form::Equal, Some(value)) => value == matcher.text,
            (Form::Prefix, Some(value)) => value.starts_with(&matcher.text),
            (Form::Pattern, Some(_)) => matched.contains(&at),
        };
        self.of_processes.iter().find_map(|at| {
            let one = self.all.get(*at)?;
            let within = one.condition.application.as_deref();
            let fits = one.condition.matcher.as_ref().is_some_and(|matcher| holds(*at, matcher))
                && within.is_none_or(|id| self.becomes(found, id));
            fits.then_some(one)
        })
    }

    /// Every application that is merged into `id` as a whole.
    pub fn merged_into<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        self.moves
            .keys()
            .map(String::as_str)
            .filter(move |from| *from != id && self.becomes(from, id))
    }

    /// Whether the whole application `from` is `id` or is merged into it.
    fn becomes(&self, from: &str, id: &str) -> bool {
        let mut at = from.to_owned();
        for _ in 0..=self.moves.len() {
            if at == id {
                return true;
            }
            let next = self.moves.get(&at).and_then(|at| self.all.get(*at));
            match next.and_then(Correction::target) {
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    }
}

impl Verdict<'_> {
    /// The application it counts under; [`Application::is_none`] where it is ignored.
    #[must_use]
    pub fn application(
        &self,
        found: &Arc<Application>,
        known: impl Fn(&str) -> Option<Arc<Application>>,
    ) -> Arc<Application> {
        let moved = match self.moved.map(|one| &one.action) {
            Some(Action::BelongsTo(target)) => {
                known(&target.0.id).unwrap_or_else(|| Arc::new(target.0.clone()))
            }
            Some(Action::Separate(name)) => Arc::new(Application {
                class: found.class,
                engine: found.engine.clone(),
                version: found.version.clone(),
                ..custom(name)
            }),
            Some(Action::Ignore) => Arc::default(),
            Some(Action::Rename(_)) | None => Arc::clone(found),
        };
        match self.renamed.map(|one| &one.action) {
            Some(Action::Rename(name)) if *name != moved.name => {
                Arc::new(Application { name: name.clone(), ..(*moved).clone() })
            }
            _ => moved,
        }
    }

    /// Why, the deciding one first; `id` is the application it comes to.
    pub fn evidence<'b>(&'b self, id: &'b str) -> impl Iterator<Item = Evidence> + 'b {
        self.fired.iter().enumerate().map(move |(place, one)| {
            let result = match &one.action {
                Action::Rename(_) => id.to_owned(),
                Action::Ignore => "no application".to_owned(),
                _ if place == 0 => id.to_owned(),
                _ => one.target().unwrap_or_default(),
            };
            let input = match &one.action {
                Action::Rename(name) => format!("{}, named {name}", one.describe()),
                _ => one.describe(),
            };
            Evidence { rule: Rule::Correction, input, result }
        })
    }

    /// Every correction that had a part in it, the deciding one first.
    #[must_use]
    pub fn fired(&self) -> &[&Correction] {
        &self.fired
    }
}

/// Compiles regular expressions within what they may cost.
pub(super) fn compile<'a>(texts: impl Iterator<Item = &'a str>) -> Result<RegexSet, regex::Error> {
    RegexSetBuilder::new(texts).size_limit(PATTERNS_BYTES).dfa_size_limit(CACHE_BYTES).build()
}

#[cfg(test)]
mod tests;

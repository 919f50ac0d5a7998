//! Which process counts under which application: what is decided again in a tick, and for whom that
//! changes something.

use super::{Live, LiveProcess, find, place, subject_of};
use crate::discovery::{Decision, Discovery, Neighbours, Subject};
use ira_model::ProcessKey;
use ira_store::{Introduction, Tick};
use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// So many children of a process are looked at, to see whether it only starts one of them.
const CHILDREN: usize = 16;

impl Live {
    /// Attributes what is new, changed or due, and all that hangs on it.
    pub(super) fn decide(&mut self, all: bool, ports_changed: bool, tick: &mut Tick) {
        let children = Children::default();
        let mut undecided = std::mem::take(&mut self.undecided);
        // A process that only starts another counts with it, so a new child is news of its parent.
        let mut parents: Vec<usize> = undecided
            .iter()
            .filter_map(|at| {
                let parent = self.processes.get(*at)?.sample.parent_pid;
                let place = place(&self.processes, parent)?;
                let parent = self.processes.get(place).map(subject_of)?;
                Discovery::follows_child(&parent).then_some(place)
            })
            .collect();
        parents.sort_unstable();
        parents.dedup();
        // A change of one may change everything below it in the tree.
        if !all && undecided.len() < self.processes.len() {
            undecided.extend(children.below(&self.processes, &undecided));
            // A shell starts something every second, and mostly that changes nothing for the rest.
            let changed = self.decide_each(&parents, &children);
            undecided.extend(children.below(&self.processes, &changed));
        }
        undecided.extend(parents);
        let learnt = self.discovery.learn(self.host.uptime_ms);
        undecided.extend(learnt.into_iter().filter_map(|pid| place(&self.processes, pid)));
        undecided.sort_unstable();
        undecided.dedup();
        self.decide_each(&undecided, &children);
        // Instances are told apart once it is known what they are.
        let mut ports = ports_changed || self.ports_due || self.some_listen(&undecided);
        for _ in 0..2 {
            let mut more: Vec<usize> = Vec::new();
            if ports {
                let near = Near { processes: &self.processes, children: &children };
                let pids = self.discovery.listen(&self.listeners, &near, self.host.uptime_ms);
                more.extend(pids.into_iter().filter_map(|pid| place(&self.processes, pid)));
                more.extend(children.below(&self.processes, &more));
            }
            // What is known by now need not wait for the next tick.
            let learnt = self.discovery.learn(self.host.uptime_ms);
            more.extend(learnt.into_iter().filter_map(|pid| place(&self.processes, pid)));
            more.sort_unstable();
            more.dedup();
            let changed = self.decide_each(&more, &children);
            ports = self.some_listen(&changed);
            undecided.extend(more);
        }
        self.ports_due = ports;
        undecided.sort_unstable();
        undecided.dedup();
        if std::mem::take(&mut self.corrected_anew) {
            (0..self.processes.len()).for_each(|at| self.correct(at));
        }
        self.introduce(&undecided, all, tick);
        undecided.clear();
        self.undecided = undecided;
    }

    /// Decides those; gives the ones for which that changed something.
    fn decide_each(&mut self, places: &[usize], children: &Children) -> Vec<usize> {
        let uptime_ms = self.host.uptime_ms;
        let mut changed = Vec::new();
        for at in places {
            let Some(subject) = self.processes.get(*at).map(subject_of) else { continue };
            if subject.details.name.is_empty() {
                continue;
            }
            let near = Near { processes: &self.processes, children };
            let Decision { attribution, again_at_ms } =
                self.discovery.decide(&subject, &near, uptime_ms);
            if let Some(process) = self.processes.get_mut(*at) {
                process.again_at_ms = again_at_ms;
                if *process.found != attribution {
                    process.found = Arc::new(attribution);
                    changed.push(*at);
                }
            }
            self.correct(*at);
        }
        changed
    }

    /// What the user's corrections make of what was found.
    fn correct(&mut self, at: usize) {
        let Some(process) = self.processes.get_mut(at) else { return };
        let known = |id: &str| self.discovery.known(id);
        let corrected = self.corrections.correct(&process.details, &process.found, known);
        if *process.attribution != *corrected {
            process.changed_tick = self.tick;
        }
        if !Arc::ptr_eq(&process.attribution, &corrected) {
            process.attribution = corrected;
        }
    }

    /// Whether one of those holds a listening port.
    fn some_listen(&self, places: &[usize]) -> bool {
        let holders: HashSet<u32> = self.listeners.iter().filter_map(|one| one.pid).collect();
        !holders.is_empty()
            && places
                .iter()
                .filter_map(|at| self.processes.get(*at))
                .any(|process| holders.contains(&process.sample.key.pid))
    }

    fn introduce(&self, chosen: &[usize], all: bool, tick: &mut Tick) {
        let introduce = |process: &LiveProcess| Introduction {
            sample: process.sample,
            details: Arc::clone(&process.details),
            attribution: Arc::clone(&process.found),
        };
        if all {
            tick.changed.clear();
            tick.introduced.extend(self.processes.iter().map(introduce));
            return;
        }
        let chosen = chosen.iter().filter_map(|at| self.processes.get(*at));
        tick.introduced.extend(chosen.map(introduce));
        if !tick.introduced.is_empty() {
            let introduced = &tick.introduced;
            let again = |key: &ProcessKey| {
                introduced.binary_search_by_key(key, |one| one.sample.key).is_ok()
            };
            tick.changed.retain(|sample| !again(&sample.key));
        }
    }
}

/// Who is whose child, by places; found out at the first question in a tick.
#[derive(Default)]
struct Children(OnceCell<HashMap<u32, Vec<usize>>>);

impl Children {
    fn of(&self, processes: &[LiveProcess], pid: u32) -> &[usize] {
        let children = self.0.get_or_init(|| {
            let mut children: HashMap<u32, Vec<usize>> = HashMap::new();
            for (at, process) in processes.iter().enumerate() {
                children.entry(process.sample.parent_pid).or_default().push(at);
            }
            children
        });
        children.get(&pid).map_or(&[], Vec::as_slice)
    }

    /// Places of all processes below those.
    fn below(&self, processes: &[LiveProcess], places: &[usize]) -> Vec<usize> {
        let mut seen: HashSet<usize> = places.iter().copied().collect();
        let mut open = places.to_vec();
        let mut found = Vec::new();
        while let Some(at) = open.pop() {
            let Some(process) = processes.get(at) else { continue };
            for child in self.of(processes, process.sample.key.pid) {
                // Parents that go round in a circle end here.
                if seen.insert(*child) {
                    found.push(*child);
                    open.push(*child);
                }
            }
        }
        found
    }
}

/// The processes of a tick, as discovery sees them.
struct Near<'a> {
    processes: &'a [LiveProcess],
    children: &'a Children,
}

impl Neighbours for Near<'_> {
    fn find(&self, pid: u32) -> Option<Subject> {
        find(self.processes, pid).map(subject_of)
    }

    fn children(&self, pid: u32) -> Vec<Subject> {
        let children = self.children.of(self.processes, pid).iter();
        let mut children: Vec<&LiveProcess> =
            children.filter_map(|at| self.processes.get(*at)).collect();
        children.sort_unstable_by_key(|child| child.sample.key.start_ms);
        children.into_iter().take(CHILDREN).map(subject_of).collect()
    }
}

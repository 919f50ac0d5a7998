//! Rule 8: the highest ancestor that is not a manager, and who of its line gives it its name.

use super::{
    Neighbours, Subject, engines, launch,
    roles::{self, Role},
};

/// Deeper trees than this are cut: the chain may be a loop while pids are being reused.
const DEPTH: usize = 64;
/// A shell that was given a command and the program it then started are one, when so little time
/// lies between; milliseconds.
const AT_ONCE_MS: u64 = 2000;

/// A process and its ancestors, itself first.
pub(super) fn chain(subject: &Subject, near: &dyn Neighbours) -> Vec<Subject> {
    let mut chain = vec![subject.clone()];
    while let Some(last) = chain.last() {
        if last.parent_pid == 0 || chain.len() >= DEPTH {
            break;
        }
        match near.find(last.parent_pid) {
            // A parent that is younger than its child is a reused pid.
            Some(parent) if parent.key.start_ms <= last.key.start_ms => chain.push(parent),
            _ => break,
        }
    }
    // What only starts another program is counted with it.
    for _ in 0..4 {
        let Some(first) = chain.first() else { break };
        if !may_pass(first) {
            break;
        }
        let children = near.children(first.key.pid);
        // A script around several servers is none of them.
        if role(first) == Role::Program && children.iter().filter(|one| serves(one)).count() > 1 {
            break;
        }
        let child = children.into_iter().next().filter(|child| {
            role(child) != Role::Manager
                && child.key.start_ms >= first.key.start_ms
                && passes(first, child)
        });
        match child {
            Some(child) => chain.insert(0, child),
            None => break,
        }
    }
    chain
}

/// What climbing found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Climb {
    /// Place of the highest ancestor below the first manager; of a server that something else started,
    /// its own.
    pub(super) top: usize,
    /// Place of the one whose name that line has: the highest that does more than start another.
    pub(super) namer: usize,
    /// Place of the manager above, where there is one.
    pub(super) above: Option<usize>,
}

/// Climbs a chain.
pub(super) fn climb(chain: &[Subject]) -> Climb {
    let managed = chain.iter().position(|one| role(one) == Role::Manager);
    // The first manager above ends the climb; a manager is its own.
    let top = match managed {
        Some(0) => 0,
        Some(manager) => manager - 1,
        None => chain.len().saturating_sub(1),
    };
    let mut pairs = chain.iter().zip(chain.iter().skip(1)).take(top);
    let top = pairs.position(|(below, above)| stands_alone(below, above)).unwrap_or(top);
    let mut namer = top;
    while let Some((below, one)) =
        namer.checked_sub(1).and_then(|below| Some((chain.get(below)?, chain.get(namer)?)))
    {
        if !passes(one, below) {
            break;
        }
        namer -= 1;
    }
    Climb { top, namer, above: Some(top + 1).filter(|above| *above < chain.len()) }
}

/// The part a process plays; whatever runs as the first process starts everything else.
pub(super) fn role(one: &Subject) -> Role {
    if one.key.pid == 1 { Role::Manager } else { roles::role(&one.details) }
}

/// Whether a process may be no more than the starter of another.
pub(super) fn may_pass(one: &Subject) -> bool {
    role(one) == Role::Wrapper || (one.key.pid != 1 && roles::is_shell(&one.details))
}

/// Whether a server is an application of its own though `above` started it: a script of a shell starts
/// one after the other and is none of them. One that a project's tool started is the project's.
fn stands_alone(one: &Subject, above: &Subject) -> bool {
    role(above) == Role::Program
        && roles::is_shell(&above.details)
        && !is_told(&above.details.arguments)
        && serves(one)
}

/// Whether a shell was given a command rather than a script.
fn is_told(arguments: &[String]) -> bool {
    let options = arguments.iter().skip(1).take_while(|argument| argument.starts_with('-'));
    options.into_iter().any(|argument| launch::is_command_option(argument))
}

/// Whether it serves others by itself, as databases and web servers do.
fn serves(one: &Subject) -> bool {
    engines::is_server(&engines::purpose_of(&one.details))
}

/// Whether `one` is no more than the starter of `below`: `sudo`; a shell that was given this one
/// command; a script around a server, like `mysqld_safe`.
fn passes(one: &Subject, below: &Subject) -> bool {
    if role(one) == Role::Wrapper {
        return true;
    }
    if role(one) != Role::Program || !roles::is_shell(&one.details) {
        return false;
    }
    let at_once = below.key.start_ms.saturating_sub(one.key.start_ms) < AT_ONCE_MS;
    (is_told(&one.details.arguments) && at_once) || serves(below)
}

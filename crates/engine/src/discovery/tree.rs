//! Rule 8: the highest ancestor that is not a manager.

use super::{MIN_AGE_MS, Role, Subject, command};
use ira_model::Application;

/// Deeper trees than this are cut: the chain may be a loop while pids are being reused.
const DEPTH: usize = 64;

/// What climbing found.
pub(super) struct Climb {
    /// Names on the way, the process first.
    pub(super) path: String,
    /// The application of the highest ancestor; `None` where there is no ancestor to climb to.
    pub(super) application: Option<Application>,
}

/// Climbs from a process. Where the program found is too young to be an application of its own, it
/// counts under the manager that started it, and `again_at_ms` says until when.
pub(super) fn climb(
    subject: &Subject,
    find: &dyn Fn(u32) -> Option<Subject>,
    uptime_ms: u64,
    again_at_ms: &mut Option<u64>,
) -> Climb {
    let mut chain = vec![subject.clone()];
    while let Some(last) = chain.last() {
        if last.parent_pid == 0 || chain.len() >= DEPTH {
            break;
        }
        match find(last.parent_pid) {
            // A parent that is younger than its child is a reused pid.
            Some(parent) if parent.key.start_ms <= last.key.start_ms => chain.push(parent),
            _ => break,
        }
    }
    // Whatever runs as the first process starts everything else.
    let role = |one: &Subject| {
        if one.key.pid == 1 { Role::Manager } else { command::role(&one.details) }
    };
    let top_program = chain.iter().rposition(|one| role(one) == Role::Program);
    let managed = chain.iter().position(|one| role(one) == Role::Manager);
    // Programs under a program under a manager: the first manager above ends the climb.
    let top = match managed {
        Some(0) => Some(0),
        Some(manager) => Some(manager - 1),
        None => top_program,
    };
    let Some(anchor) = top.and_then(|at| chain.get(at)) else {
        return Climb { path: subject.details.name.clone(), application: None };
    };
    let old_at_ms = anchor.key.start_ms.saturating_add(MIN_AGE_MS);
    let above = top.and_then(|at| chain.get(at + 1));
    let mut path: Vec<&str> =
        chain.iter().take(top.unwrap_or(0) + 1).map(|one| one.details.name.as_str()).collect();
    let owner = match above {
        Some(above) if uptime_ms < old_at_ms => {
            *again_at_ms = Some(old_at_ms);
            path.push(&above.details.name);
            above
        }
        _ => anchor,
    };
    Climb {
        path: path.join(" < "),
        application: (chain.len() > 1).then(|| command::identify(&owner.details)),
    }
}

//! Names of users.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// Names kept at most; a machine with more users forgets them all and asks again.
const MOST: usize = 4096;
/// A user that is not known is asked for again after this time.
const RETRY: Duration = Duration::from_secs(60);

/// User names by id, asked for once each.
///
/// The first question for a user may take long where users come over the network (LDAP): not for
/// the thread that samples.
#[derive(Debug, Default)]
pub struct UserNames {
    known: HashMap<u32, Known>,
}

#[derive(Debug)]
enum Known {
    Name(Arc<str>),
    NotSince(Instant),
}

impl UserNames {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The name of a user (getpwuid(3)); `None` where there is none, or the system has no numbers
    /// for users.
    pub fn name(&mut self, user_id: u32) -> Option<Arc<str>> {
        match self.known.get(&user_id) {
            Some(Known::Name(name)) => return Some(Arc::clone(name)),
            Some(Known::NotSince(asked)) if asked.elapsed() < RETRY => return None,
            _ => {}
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        let name: Option<Arc<str>> = ask(user_id).map(Arc::from);
        let known = name.clone().map_or_else(|| Known::NotSince(Instant::now()), Known::Name);
        self.known.insert(user_id, known);
        name
    }
}

#[cfg(unix)]
fn ask(user_id: u32) -> Option<String> {
    let user = uzers::get_user_by_uid(user_id)?;
    Some(user.name().to_string_lossy().into_owned())
}

#[cfg(not(unix))]
fn ask(_user_id: u32) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn names_are_asked_for_once() {
        let mut users = UserNames::new();
        assert_eq!(users.name(0).as_deref(), Some("root"), "user 0 has a name");
        let again = users.name(0).unwrap();
        assert!(Arc::ptr_eq(&again, &users.name(0).unwrap()), "the same text is given again");
        assert_eq!(users.name(4_000_000_001), None, "nobody has this number");
        assert_eq!(users.known.len(), 2, "that nobody has it is known, too");
    }

    #[test]
    fn the_list_is_bounded() {
        let mut users = UserNames::new();
        let asked = u32::try_from(MOST).unwrap() + 10;
        for id in 0..asked {
            users.known.insert(id, Known::NotSince(Instant::now()));
        }
        users.name(4_000_000_002);
        assert!(users.known.len() <= MOST, "{} is too many", users.known.len());
    }
}

//! Two instances of one program stay two: each that listens while another does is told apart by its
//! port.
//!
//! The first keeps the plain identifier as long as it lives; a later one gets its port behind it.
//! Which port was behind it is remembered, so that after both were started again in any order each
//! is who it was. One that comes on a port of nobody's takes the identifier of one that ended: it is
//! the second one again, on another port. So there are never more identifiers than instances at once.

use ira_model::ProcessKey;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Instances {
    bases: HashMap<String, Base>,
    of_process: HashMap<ProcessKey, String>,
}

#[derive(Debug, Default)]
struct Base {
    /// Living instances that listen.
    living: BTreeMap<ProcessKey, Instance>,
    /// Ports that were behind identifiers.
    ports: BTreeSet<u16>,
    /// Those of them whose instance ended since this program began.
    left: BTreeSet<u16>,
}

#[derive(Debug)]
struct Instance {
    /// The port behind its identifier, where it has one.
    behind: Option<u16>,
    /// The ports it listened on when it was first seen to.
    ports: BTreeSet<u16>,
}

impl Instances {
    /// Remembers an identifier of an earlier run.
    pub(super) fn remember(&mut self, id: &str) {
        if let Some((base, port)) = id.rsplit_once(':')
            && let Ok(port) = port.parse()
            && base.contains(':')
        {
            self.bases.entry(base.to_owned()).or_default().ports.insert(port);
        }
    }

    /// Takes who listens where now, and says whose identifier changed.
    pub(super) fn update(
        &mut self,
        found: &HashMap<String, BTreeMap<ProcessKey, BTreeSet<u16>>>,
    ) -> Vec<ProcessKey> {
        let mut changed = Vec::new();
        for (id, listening) in found {
            let base = self.bases.entry(id.clone()).or_default();
            // The eldest first.
            let mut new: Vec<(&ProcessKey, &BTreeSet<u16>)> =
                listening.iter().filter(|(key, _)| !base.living.contains_key(key)).collect();
            new.sort_by_key(|(key, _)| (key.start_ms, key.pid));
            // Who has a port of its own from before gets it first.
            new.sort_by_key(|(_, ports)| ports.is_disjoint(&base.ports));
            for (key, ports) in new {
                let behind = base.place(ports);
                base.living.insert(*key, Instance { behind, ports: ports.clone() });
                self.of_process.insert(*key, id.clone());
                if behind.is_some() {
                    changed.push(*key);
                }
            }
        }
        changed
    }

    /// The port behind the identifier of an instance, and the one it listens on.
    pub(super) fn port(&self, base: &str, key: ProcessKey) -> Option<(u16, u16)> {
        let instance = self.bases.get(base)?.living.get(&key)?;
        let behind = instance.behind?;
        let is_there = instance.ports.contains(&behind);
        let there = if is_there { None } else { instance.ports.first().copied() };
        Some((behind, there.unwrap_or(behind)))
    }

    /// An instance ended.
    pub(super) fn forget(&mut self, key: ProcessKey) {
        let Some(id) = self.of_process.remove(&key) else { return };
        if let Some(base) = self.bases.get_mut(&id) {
            let instance = base.living.remove(&key);
            base.left.extend(instance.and_then(|instance| instance.behind));
            if base.living.is_empty() && base.ports.is_empty() {
                self.bases.remove(&id);
            }
        }
    }
}

impl Base {
    fn place(&mut self, ports: &BTreeSet<u16>) -> Option<u16> {
        let port = self.find(ports)?;
        self.ports.insert(port);
        self.left.remove(&port);
        Some(port)
    }

    fn find(&self, ports: &BTreeSet<u16>) -> Option<u16> {
        let taken = |port: &u16| self.living.values().any(|other| other.behind == Some(*port));
        if let Some(port) = ports.intersection(&self.ports).find(|port| !taken(port)) {
            return Some(*port);
        }
        let plain = self.living.values().find(|other| other.behind.is_none())?;
        // Those that share their ports are one: a port does not tell them apart.
        let mut own = ports.iter().filter(|port| !plain.ports.contains(port)).peekable();
        let first = **own.peek()?;
        let left = self.left.iter().find(|port| !taken(port));
        // One that took over the identifier of another may have this one's port behind it.
        left.or_else(|| own.find(|port| !taken(port)))
            .copied()
            .or_else(|| (first..=u16::MAX).find(|port| !taken(port)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "project:/srv/shop";

    fn key(pid: u32) -> ProcessKey {
        ProcessKey { pid, start_ms: u64::from(pid) * 1000 }
    }

    fn listen(instances: &mut Instances, rows: &[(u32, u16)]) {
        let mut found: HashMap<String, BTreeMap<ProcessKey, BTreeSet<u16>>> = HashMap::new();
        for (pid, port) in rows {
            found.entry(ID.into()).or_default().entry(key(*pid)).or_default().insert(*port);
        }
        instances.update(&found);
    }

    #[test]
    fn one_alone_has_no_port_whatever_it_listens_on() {
        let mut instances = Instances::default();
        listen(&mut instances, &[(10, 3000)]);
        assert_eq!(instances.port(ID, key(10)), None);
        listen(&mut instances, &[(10, 3000), (10, 3001)]);
        assert_eq!(instances.port(ID, key(10)), None, "two ports of one");
        instances.forget(key(10));
        listen(&mut instances, &[(11, 4000)]);
        assert_eq!(instances.port(ID, key(11)), None, "a changed port is no other application");
    }

    #[test]
    fn two_stay_two_and_the_same_two() {
        let mut instances = Instances::default();
        listen(&mut instances, &[(10, 3000)]);
        listen(&mut instances, &[(10, 3000), (11, 3001)]);
        let ports = |i: &Instances, a, b| (i.port(ID, key(a)), i.port(ID, key(b)));
        let second = Some((3001, 3001));
        assert_eq!(ports(&instances, 10, 11), (None, second), "the first stays who it is");
        instances.forget(key(10));
        instances.forget(key(11));
        listen(&mut instances, &[(20, 3001)]);
        listen(&mut instances, &[(20, 3001), (21, 3000)]);
        assert_eq!(ports(&instances, 21, 20), (None, second), "started in the other order");
    }

    #[test]
    fn the_second_on_another_port_is_the_second_still() {
        let mut instances = Instances::default();
        listen(&mut instances, &[(10, 3000), (11, 3001)]);
        for (pid, port) in (12..40).zip(3005..) {
            instances.forget(key(pid - 1));
            listen(&mut instances, &[(10, 3000), (pid, port)]);
            assert_eq!(instances.port(ID, key(pid)), Some((3001, port)), "again and again");
        }
        listen(&mut instances, &[(10, 3000), (39, 3032), (50, 3001)]);
        let third = instances.port(ID, key(50));
        assert_eq!(third, Some((3002, 3001)), "who comes on its first port is a third");
        assert_eq!(instances.port(ID, key(10)), None, "and the first is who it was all along");
    }

    #[test]
    fn those_that_share_a_port_are_one() {
        let mut instances = Instances::default();
        listen(&mut instances, &[(10, 3000), (11, 3000)]);
        assert_eq!((instances.port(ID, key(10)), instances.port(ID, key(11))), (None, None));
    }

    #[test]
    fn what_was_kept_is_remembered() {
        let mut instances = Instances::default();
        instances.remember("project:/srv/shop:3001");
        instances.remember("project:/srv/shop");
        instances.remember("systemd:nginx.service");
        listen(&mut instances, &[(10, 3001), (11, 3000)]);
        let port = instances.port(ID, key(10));
        assert_eq!(port, Some((3001, 3001)), "though it is the elder now");
        assert_eq!(instances.port(ID, key(11)), None);
    }
}

use super::*;
use crate::linux::{descriptors::Descriptors, exits::Exits, listeners::find, table::ProcessTable};
use ira_testkit::{FakeProc, FakeProcess};
use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const SPACE: u64 = 1;

/// A tree of files beside what the kernel would tell.
struct Told {
    fake: FakeProc,
    table: ProcessTable,
    traffic: Traffic,
    refusals: Refusals,
    round: u32,
}

impl Told {
    fn new(pids: &[u32]) -> Self {
        let mut fake = FakeProc::new();
        for pid in pids {
            fake.add(FakeProcess::new(*pid, "p"));
        }
        let tree = Arc::new(Tree::open(&fake.proc_root()).unwrap());
        let table = ProcessTable::open(&tree, Descriptors::with_capacity(100)).unwrap();
        let refusals = Refusals::default();
        let mut told = Self { fake, table, traffic: Traffic::new(tree), refusals, round: 0 };
        told.tick(&[]);
        told
    }

    /// A second in which a walk told of these.
    fn tick(&mut self, connections: &[Carried]) {
        self.fake.advance(1000);
        let now_ms = self.fake.clock().monotonic_ms();
        self.table.tick(&mut Exits::untold(), now_ms, &mut Vec::new()).unwrap();
        let (entries, _) = self.table.entries();
        for one in connections {
            let walk = (SPACE, self.round, self.round > 0);
            self.traffic.see(one, walk, entries, now_ms, &mut self.refusals);
        }
        self.traffic.search(entries, &[], now_ms, &mut self.refusals);
        self.round += 1;
    }

    fn received(&mut self, pid: u32) -> Option<u64> {
        find(self.table.entries().0, pid)?.sample.received_bytes
    }
}

fn carried(inode: u64, received_bytes: u64) -> Carried {
    Carried { cookie: 7, inode, port: 4000, is_loopback: false, received_bytes, sent_bytes: 1 }
}

#[test]
fn what_was_carried_before_is_not_counted_and_the_rest_is() {
    let mut told = Told::new(&[10, 11]);
    told.round = 0;
    told.fake.hold(11, 500);
    told.tick(&[carried(500, 9000)]);
    assert_eq!(told.received(11), Some(0), "it was there before");
    told.tick(&[carried(500, 9100)]);
    told.tick(&[carried(500, 9150)]);
    assert_eq!((told.received(11), told.received(10)), (Some(150), None), "what it grew by");
    told.fake.hold(10, 501);
    told.tick(&[Carried { cookie: 8, ..carried(501, 300) }]);
    assert_eq!(told.received(10), Some(300), "a new one carried all of it now");
}

#[test]
fn nothing_is_lost_while_the_holder_is_looked_for() {
    let mut told = Told::new(&[10]);
    told.tick(&[carried(500, 100)]);
    told.tick(&[carried(500, 250)]);
    assert_eq!(told.received(10), None, "nobody holds it");
    told.fake.hold(10, 500);
    let mut ticks = 0;
    while told.received(10) != Some(250) {
        told.tick(&[carried(500, 250)]);
        ticks += 1;
        assert!(ticks <= SEARCH_AGAIN_MS / 1000 + 2, "it is looked for again after a while");
    }
}

#[test]
fn a_connection_handed_on_counts_to_who_has_it() {
    let mut told = Told::new(&[10, 11]);
    told.fake.hold(10, 500);
    told.tick(&[carried(500, 100)]);
    assert_eq!(told.received(10), Some(100), "the first");
    told.fake.close(500);
    told.fake.hold(11, 500);
    for more in 0..=ASK_AGAIN_MS / 1000 {
        told.tick(&[carried(500, 100 + more)]);
    }
    told.tick(&[carried(500, 1000)]);
    told.tick(&[carried(500, 2000)]);
    let (first, second) = (told.received(10).unwrap(), told.received(11).unwrap());
    assert_eq!(first + second, 2000, "all is counted once");
    assert!(second >= 1000, "to the second since it was asked: {second}");
}

#[test]
fn a_pid_used_again_is_another_holder() {
    let mut told = Told::new(&[10]);
    told.fake.hold(10, 500);
    told.tick(&[carried(500, 100)]);
    told.fake.exit(10);
    told.fake.reuse(FakeProcess::new(10, "q"));
    told.tick(&[carried(500, 400)]);
    assert_eq!(told.received(10), None, "its bytes are not those of the one before");
}

#[test]
fn what_is_closed_counts_to_the_end() {
    let mut told = Told::new(&[10, 11]);
    told.fake.hold(10, 500);
    told.tick(&[carried(500, 100)]);
    let listener = Listener {
        protocol: Protocol::Tcp,
        port: 80,
        address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        pid: Some(11),
        namespace: None,
    };
    let known = carried(0, 130);
    let unseen = Carried { cookie: 9, port: 80, ..carried(0, 70) };
    let elsewhere = Carried { cookie: 10, port: 81, ..carried(0, 70) };
    let within = Carried { cookie: 11, port: 80, is_loopback: true, ..carried(0, 70) };
    let (entries, _) = told.table.entries();
    for one in [known, unseen, elsewhere, within] {
        told.traffic.close(&one, true, entries, &[listener]);
    }
    assert_eq!(told.received(10), Some(130), "the last bytes of one that was followed");
    assert_eq!(told.received(11), Some(70), "those of one nobody saw, by the port of its server");
    let (entries, _) = told.table.entries();
    told.traffic.close(&unseen, false, entries, &[listener]);
    assert_eq!(told.received(11), Some(70), "but not of one that may be older than this program");
}

#[test]
fn more_connections_than_are_followed_are_said() {
    let mut told = Told::new(&[10]);
    let many: Vec<_> =
        (1..=FOLLOWED as u64 + 1).map(|cookie| Carried { cookie, ..carried(cookie, 1) }).collect();
    told.tick(many.get(..FOLLOWED).unwrap());
    assert!(!told.refusals.network_lost, "so many are followed");
    told.tick(&many);
    assert!(told.refusals.network_lost && told.traffic.followed.len() == FOLLOWED, "no more");
}

#[test]
fn this_program_is_counted_by_the_kernel() {
    let tree = Arc::new(Tree::open("/proc".as_ref()).unwrap());
    let mut table = ProcessTable::open(&tree, Descriptors::with_capacity(0)).unwrap();
    let mut traffic = Traffic::new(tree);
    traffic.with_loopback = true;
    let started = Instant::now();
    let mut tick = || {
        let now_ms = 1000 + u64::try_from(started.elapsed().as_millis()).unwrap();
        let mut refusals = Refusals::default();
        table.tick(&mut Exits::untold(), now_ms, &mut Vec::new()).unwrap();
        traffic.tick(table.entries().0, &[], now_ms, &mut refusals);
        let entry = find(table.entries().0, std::process::id()).unwrap();
        (entry.sample.received_bytes, entry.sample.sent_bytes, refusals.network_unsupported)
    };
    let (first, _, is_unsupported) = tick();
    if is_unsupported {
        return;
    }
    assert!(first.is_some(), "its own bytes are known from the first tick on");
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
    let (mut accepted, _) = server.accept().unwrap();
    let sender = std::thread::spawn(move || {
        client.write_all(&[7; 1 << 20]).unwrap();
        client
    });
    accepted.read_exact(&mut vec![0; 1 << 20]).unwrap();
    let _client = sender.join().unwrap();
    let counted = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let (received, sent, _) = tick();
        received >= Some(1 << 20) && sent >= Some(1 << 20)
    });
    assert!(counted, "both ends of a mebibyte");
}

#[test]
fn another_namespace_is_looked_into() {
    let Ok(mut child) =
        Command::new("unshare").args(["-n", "sleep", "60"]).stderr(Stdio::null()).spawn()
    else {
        return;
    };
    let tree = Tree::open("/proc".as_ref()).unwrap();
    let door = format!("/proc/{}/ns/net", child.id());
    let own = net_space(tree.folder(), c"self/ns/net", &mut Vec::new()).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    // Without rights it never gets there.
    let id = loop {
        let id = std::fs::metadata(&door).map(|door| std::os::unix::fs::MetadataExt::ino(&door));
        match id {
            Ok(id) if id != own => break Some(id),
            _ if child.try_wait().unwrap().is_some() || Instant::now() > deadline => break None,
            _ => std::thread::yield_now(),
        }
    };
    if let Some(id) = id {
        let mut space = Space::of_process(id, child.id(), &tree).unwrap();
        let (mut buffer, mut found) = (Vec::new(), Vec::new());
        space.begin(0, &mut buffer, || true).unwrap();
        while space.go_on(&mut buffer, &mut found).unwrap() {}
        assert!(space.is_known() && found.is_empty(), "nobody talks in there: {found:?}");
        let still = net_space(tree.folder(), c"thread-self/ns/net", &mut Vec::new());
        assert_eq!(still, Some(own), "this thread stayed where it was");
        let wrong = Space::of_process(id + 1, child.id(), &tree);
        assert_eq!(wrong.err(), Some(Errno::SRCH), "another one than was asked for");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

//! Names of containers: who is asked, how often, and what a rename does.

use super::*;
use std::sync::{Mutex, MutexGuard};

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const ROWS: [Row<'_>; 3] =
    [(1, 0, 0, "systemd", "/"), (20, 1, 100, "sh run", "/"), (21, 20, 100, "sleep 9", "/")];
const MINUTE_MS: u64 = 60_000;

/// An engine whose answer is what the test says at the moment.
#[derive(Clone)]
struct Scripted(Arc<Mutex<Script>>);

struct Script {
    says: Result<ContainerName, String>,
    asked: Vec<Topic>,
    questions: usize,
    is_full: bool,
}

impl Scripted {
    fn new(says: Result<ContainerName, String>) -> Self {
        let script = Script { says, asked: Vec::new(), questions: 0, is_full: false };
        Self(Arc::new(Mutex::new(script)))
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    fn says(&self, says: Result<ContainerName, String>) {
        self.script().says = says;
    }

    fn questions(&self) -> usize {
        std::mem::take(&mut self.script().questions)
    }
}

impl FactSource for Scripted {
    fn ask(&mut self, question: Question) -> bool {
        let mut script = self.script();
        let is_of_container = matches!(question.topic, Topic::Container(_));
        script.questions += usize::from(is_of_container);
        if !script.is_full {
            script.asked.push(question.topic);
        }
        !script.is_full
    }

    fn answers(&mut self) -> Vec<(Topic, Answer)> {
        let mut script = self.script();
        let asked = std::mem::take(&mut script.asked);
        let answer = |topic: &Topic| match topic {
            Topic::Container(_) => Answer::Container(script.says.clone()),
            other => facts::nothing(other),
        };
        asked.into_iter().map(|topic| (topic.clone(), answer(&topic))).collect()
    }
}

fn called(name: &str, from: &str) -> Result<ContainerName, String> {
    Ok(ContainerName {
        key: name.to_owned(),
        name: name.to_owned(),
        image: String::new(),
        from: from.to_owned(),
        is_of_file: !from.ends_with(".sock"),
    })
}

/// Ticks as the sampler does: decides what is new and what was learnt.
struct Stage {
    all: All,
    discovery: Discovery,
    now_ms: u64,
    told: HashMap<u32, Attribution>,
}

impl Stage {
    fn new(engine: &Scripted) -> Self {
        let all = subjects(&ROWS, Some(&format!("/docker/{ID}")));
        let discovery = Discovery::new(Box::new(engine.clone()));
        let mut stage = Self { all, discovery, now_ms: 1_000_000, told: HashMap::new() };
        stage.decide(&[20, 21]);
        stage.tick();
        stage
    }

    fn decide(&mut self, pids: &[u32]) {
        for pid in pids {
            let Some(subject) = self.all.find(*pid) else { continue };
            let decision = self.discovery.decide(&subject, &self.all, self.now_ms);
            self.told.insert(*pid, decision.attribution);
        }
    }

    fn tick(&mut self) -> Vec<u32> {
        let mut pids = self.discovery.learn(self.now_ms);
        self.decide(&pids);
        pids.sort_unstable();
        pids
    }

    fn minutes(&mut self, minutes: u64) {
        for _ in 0..minutes * 6 {
            self.now_ms += MINUTE_MS / 6;
            self.tick();
        }
    }

    fn id(&self) -> &str {
        let ids: BTreeSet<&str> = self.told.values().map(|one| &*one.application.id).collect();
        assert_eq!(ids.len(), 1, "all processes of it are one application: {ids:?}");
        ids.into_iter().next().unwrap()
    }

    fn inputs(&self) -> Vec<&str> {
        let evidence = self.told[&20].evidence.iter();
        evidence.filter(|one| one.rule == Rule::Container).map(|one| &*one.input).collect()
    }
}

#[test]
fn an_engine_is_asked_once_and_the_evidence_names_it() {
    let engine = Scripted::new(called("web", "/run/docker.sock"));
    let mut stage = Stage::new(&engine);
    assert_eq!(stage.id(), "docker:web");
    assert_eq!(stage.inputs(), [format!("/docker/{ID}, named by /run/docker.sock")]);
    stage.minutes(600);
    assert_eq!(engine.questions(), 1, "in ten hours");
}

#[test]
fn a_file_is_looked_at_once_a_minute_and_a_rename_moves_the_processes() {
    let engine = Scripted::new(called("web", "/data/config.v2.json"));
    let mut stage = Stage::new(&engine);
    stage.minutes(60);
    let questions = engine.questions();
    assert!((40..=61).contains(&questions), "{questions} in an hour");
    assert_eq!(stage.id(), "docker:web");
    engine.says(called("shop", "/data/config.v2.json"));
    stage.minutes(2);
    assert_eq!(stage.id(), "docker:shop", "its identifier is its name");
    engine.says(Err("gone".to_owned()));
    stage.minutes(30);
    assert_eq!(stage.id(), "docker:shop", "as far as anybody knows");
}

#[test]
fn what_a_view_hears_is_learnt_at_the_next_tick() {
    let engine = Scripted::new(called("web", "/run/docker.sock"));
    let mut stage = Stage::new(&engine);
    engine.says(called("shop", "/run/docker.sock"));
    stage.discovery.containers_are_called([(ID, "web"), ("other", "x")]);
    stage.tick();
    assert_eq!(engine.questions(), 1, "nothing new was heard");
    stage.discovery.containers_are_called([(ID, "shop")]);
    stage.tick();
    assert_eq!(stage.tick(), [20, 21], "those it is news for");
    assert_eq!((stage.id(), engine.questions()), ("docker:shop", 1));
    let mut service = called("shop/web", "/run/docker.sock").unwrap();
    service.name = "shop / web".to_owned();
    assert!(!service.is_outdated("whatever"), "a service is not called after its container");
}

#[test]
fn who_does_not_tell_is_asked_ever_more_seldom_and_heard_when_it_does() {
    let engine = Scripted::new(Err("/run/docker.sock may not be used".to_owned()));
    let mut stage = Stage::new(&engine);
    assert_eq!(stage.id(), "docker:0123456789ab");
    let why = format!("/docker/{ID}, no name: /run/docker.sock may not be used");
    assert_eq!(stage.inputs(), [why]);
    stage.minutes(3);
    assert_eq!(engine.questions(), 2, "at once and after a minute");
    stage.minutes(24 * 60);
    let questions = engine.questions();
    assert!((20..=32).contains(&questions), "{questions} in a day");
    engine.says(called("web", "/run/docker.sock"));
    stage.minutes(70);
    assert_eq!(stage.id(), "docker:web");
    engine.script().is_full = true;
    stage.discovery.containers_are_called([(ID, "shop")]);
    stage.tick();
    engine.script().is_full = false;
    engine.says(called("shop", "/run/docker.sock"));
    stage.minutes(2);
    assert_eq!(stage.id(), "docker:shop", "no room for a question is no answer");
}

#[test]
fn one_that_was_started_again_is_asked_about_again_but_not_each_time() {
    let engine = Scripted::new(called("web", "/run/docker.sock"));
    let mut stage = Stage::new(&engine);
    engine.says(called("shop", "/run/docker.sock"));
    for _ in 0..30 {
        stage.now_ms += 1000;
        let keys: Vec<ProcessKey> = stage.all.0.iter().map(|one| one.key).collect();
        keys.into_iter().skip(1).for_each(|key| stage.discovery.forget(key));
        stage.decide(&[20, 21]);
        stage.tick();
    }
    assert_eq!(
        (stage.id(), engine.questions()),
        ("docker:web", 1),
        "thirty starts in half a minute"
    );
    stage.minutes(1);
    assert_eq!((stage.id(), engine.questions()), ("docker:shop", 1));
    stage.minutes(60);
    assert_eq!(engine.questions(), 0, "and then no more");
}

#[test]
fn many_containers_are_looked_at_a_few_at_a_time() {
    let engine = Scripted::new(called("web", "/data/config.v2.json"));
    let mut discovery = Discovery::new(Box::new(engine.clone()));
    let many: Vec<All> = (0..500)
        .map(|n| {
            let mut all = subjects(&[(1000 + n, 0, 100, "sleep 9", "/")], None);
            let details = Arc::make_mut(&mut all.0[0].details);
            details.control_group = Some(format!("/docker/{n:064x}"));
            all
        })
        .collect();
    for all in &many {
        discovery.decide(&all.0[0], all, 1_000_000);
    }
    discovery.learn(1_000_000);
    assert_eq!(engine.questions(), 500);
    let mut all = 0;
    for second in 60..120 {
        discovery.learn(1_000_000 + second * 1000);
        let asked = engine.questions();
        assert!(asked <= 8, "{asked} at a time");
        all += asked;
    }
    assert!((450..=500).contains(&all), "each once a minute, about: {all}");
    for one in &many {
        discovery.forget(one.0[0].key);
    }
    discovery.learn(10_000_000);
    assert_eq!(engine.questions(), 0, "of what ended nothing is asked");
}

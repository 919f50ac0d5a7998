//! How what Ira runs ended, where the kernel tells it to nobody: by the real supervisor.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_api::{
    Ira,
    wire::{CrashCardRequest, Event, EventKind, EventsRequest, ExitStatus},
};
use ira_engine::{Engine, Options, Sampler, registry::folder_of};
use ira_probe::{
    LinuxProbe,
    supervisor::{Again, Work, launch, state},
};
use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

const ID: &str = "custom:ends";

struct Stage {
    sampler: Sampler,
    ira: Ira,
    /// Last, so that it goes when nobody writes any more.
    folder: tempfile::TempDir,
}

fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    // The kernel is asked for ends only where its own /proc is read; these are the same processes.
    let probe = LinuxProbe::new(Path::new("/proc/self/root/proc"), Path::new("/sys")).unwrap();
    let options = Options { folder: Some(folder.path().to_owned()), ..Options::default() };
    let (engine, sampler) = Engine::by_hand(Box::new(probe), options).unwrap();
    Stage { sampler, ira: Ira::new(engine), folder }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Nothing of it may outlive the test.
        let folder = folder_of(self.ira.engine().location(), ID);
        if let Ok(Some(state)) = state(&folder) {
            let pid = state.supervisor.to_string();
            std::process::Command::new("kill").arg(&pid).status().unwrap();
            let end = Instant::now() + Duration::from_secs(20);
            while Path::new("/proc").join(&pid).exists() && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        self.ira.engine().stop();
    }
}

impl Stage {
    fn run(&self, script: &str, go: &Path, again: Again) {
        let go = go.display().to_string();
        let work = Work {
            command: ["sh", "-c", script, &go].map(str::to_owned).into(),
            working_directory: None,
            environment: BTreeMap::new(),
            again,
        };
        let folder = folder_of(self.ira.engine().location(), ID);
        launch(Path::new(env!("CARGO_BIN_EXE_ira")), ID, "Ends", &folder, &work).unwrap();
    }

    fn events(&self) -> Vec<Event> {
        let span = (0, i64::MAX / 2);
        let request = EventsRequest {
            from_ms: span.0,
            to_ms: span.1,
            application: Some(ID.into()),
            limit: 100,
        };
        ira_api::events(&self.ira, request).unwrap().events
    }

    /// Ticks, faster than any clock, until that is told.
    fn until(&mut self, what: &str, holds: impl Fn(&[Event]) -> bool) -> Vec<Event> {
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            self.sampler.tick().unwrap();
            // Waits until the recorder has it.
            self.ira.engine().save_setting("test", String::new()).unwrap();
            let events = self.events();
            if holds(&events) {
                return events;
            }
            assert!(Instant::now() < end, "never: {what}; {events:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn an_end_that_the_kernel_does_not_tell_is_told_by_the_supervisor() {
    let mut stage = stage();
    // A first second that took long is a gap, and what began in a gap did not start.
    (0..3).for_each(|_| drop(stage.until("nothing yet", <[Event]>::is_empty)));
    // It fails once, when it may, and then stays.
    let go = stage.folder.path().join("go");
    let script = "until [ -e \"$0\" ]; do sleep 0.05; done; [ -e \"$0.done\" ] && exec sleep 1000; \
                  : >\"$0.done\"; exit 3";
    stage.run(script, &go, Again::OnFailure);
    stage.until("it started", |events| !events.is_empty());
    std::fs::write(&go, "").unwrap();
    let is_second = |one: &Event| one.kind == EventKind::Restarted;
    let events = stage.until("it ended and began again", |events| events.iter().any(is_second));
    let ended = &events[events.len() - 2];
    let note = ended.note.as_ref().unwrap();
    assert_eq!(ended.kind, EventKind::Crashed, "{events:?}");
    assert!(matches!(note.status, Some(ExitStatus::Code(3))), "{note:?}");
    let request = CrashCardRequest { application: ID.into(), at_ms: ended.at_ms };
    let card = ira_api::crash_card(&stage.ira, request).unwrap();
    assert!(card.unknown.is_none() && !card.given_up, "{card:?}");
}

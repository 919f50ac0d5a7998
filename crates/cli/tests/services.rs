//! What Ira runs within a real systemd: `tests/bed/services.sh cargo test -p ira-cli --test services -- --ignored`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use ira_api::{
    Ira,
    wire::{
        ApplicationDetail, ApplicationRequest, OrderAction, OrderConfirm, OrderEnd, OrderRequest,
        OrderResult, OrderTarget, RegistrationDraft, RestartPolicy,
    },
};
use ira_engine::{Engine, Options, Sampler};
use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

const ID: &str = "custom:corner-shop";
const UNIT: &str = r"ira-custom:corner\x2dshop.scope";
/// Which part of the test runs within the bed.
const PART: &str = "IRA_PART";
const TEST: &str = "what_ira_runs_is_in_a_scope_of_its_own_goes_on_without_ira_and_takes_it_along";

struct Stage {
    sampler: Sampler,
    ira: Ira,
}

/// One Ira after the other, with the same folder.
fn stage() -> Stage {
    let options = Options { folder: Some("/irabed/data".into()), ..Options::default() };
    let (engine, sampler) = Engine::by_hand(ira_probe::local().unwrap(), options).unwrap();
    let mut stage = Stage { sampler, ira: Ira::new(engine) };
    stage.sampler.tick().unwrap();
    stage
}

fn control_group(pid: u32) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()
}

/// What systemd says of the unit; `not-found` once it is gone.
fn unit_is() -> String {
    let mut show = Command::new("systemctl");
    let said = show.args(["show", "--property=LoadState", "--value", UNIT]).output().unwrap();
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

impl Stage {
    /// Ticks until that is there.
    fn until<T>(&mut self, what: &str, find: impl Fn(&Self) -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            self.sampler.tick().unwrap();
            if let Some(found) = find(self) {
                return found;
            }
            assert!(Instant::now() < end, "never: {what}; {:?}", self.shop());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn give(&mut self, action: OrderAction) -> OrderEnd {
        let request = OrderRequest { target: OrderTarget::Application { id: ID.into() }, action };
        let token = ira_api::order_preview(&self.ira, request).unwrap().token;
        let end = ira_api::order(&self.ira, OrderConfirm { token }).unwrap();
        assert_eq!(end.result, OrderResult::Done, "{}", end.detail);
        end
    }

    fn shop(&self) -> Option<ApplicationDetail> {
        let request = ApplicationRequest { id: ID.into(), at_ms: None };
        ira_api::application(&self.ira, request).ok()
    }

    fn supervisor(&self) -> Option<u32> {
        self.ira.engine().live(|live| live.supervisor(ID)).map(|key| key.pid)
    }

    /// Both processes count under it by rule 1, for what is told there, and are in its scope.
    fn both(&mut self, why: &str) -> Vec<u32> {
        let shop = self.until("both of its processes count under it, and why", |stage| {
            let is_told = |shop: &ApplicationDetail| {
                let mut all = shop.evidence.iter();
                all.any(|one| {
                    one.names_it && one.evidence.rule == 1 && one.evidence.input.contains(why)
                })
            };
            stage.shop().filter(|shop| shop.processes.len() == 2 && is_told(shop))
        });
        let pids: Vec<u32> = shop.processes.iter().map(|one| one.pid).collect();
        for pid in &pids {
            let group = control_group(*pid).unwrap();
            assert!(group.trim().ends_with(UNIT), "{pid}: {group}");
        }
        pids
    }

    fn is_gone(&mut self, pids: &[u32]) {
        self.until("its processes and its unit are gone", |_| {
            let ended = pids.iter().all(|pid| control_group(*pid).is_none());
            (ended && unit_is() == "not-found").then_some(())
        });
    }
}

fn begins() {
    let mut stage = stage();
    let draft = RegistrationDraft {
        application: None,
        name: "Corner shop".into(),
        command_line: "sh -c 'sleep 1000 & exec sleep 1001'".into(),
        working_directory: None,
        environment: Vec::new(),
        port: None,
        log_paths: Vec::new(),
        restart: RestartPolicy::Never,
        enabled: false,
        notes: String::new(),
        tags: Vec::new(),
    };
    assert_eq!(ira_api::save_registration(&stage.ira, draft).unwrap().application, ID);
    let end = stage.give(OrderAction::Start);
    assert!(end.detail.contains(UNIT), "{}", end.detail);
    stage.both("supervise --application custom:corner-shop");
    stage.ira.engine().stop();
}

fn goes_on() {
    let mut stage = stage();
    let pids = stage.both("supervise --application custom:corner-shop");
    let supervisor = stage.supervisor().expect("its supervisor is there");
    assert!(control_group(supervisor).unwrap().trim().ends_with(UNIT), "in the same scope");
    stage.give(OrderAction::Stop { escalate: true });
    stage.is_gone(&[pids, vec![supervisor]].concat());

    stage.give(OrderAction::Start);
    let pids = stage.both("supervise --application custom:corner-shop");
    let supervisor = stage.supervisor().unwrap();
    assert!(
        Command::new("kill").args(["-KILL", &supervisor.to_string()]).status().unwrap().success()
    );
    stage.until("it is known that the supervisor is gone", |stage| {
        stage.supervisor().is_none().then_some(())
    });
    assert_eq!(stage.both(UNIT), pids, "the scope tells whose they are");
    stage.give(OrderAction::Stop { escalate: true });
    stage.is_gone(&pids);
    stage.ira.engine().stop();
}

/// Runs a part of this test within the bed, with the program that Ira is beside it.
fn within(bed: &Path, part: &str) {
    let systemd = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/bed/systemd.sh");
    let ran = Command::new(systemd)
        .arg("exec")
        .arg(bed)
        .args(["env", "-u", "DBUS_SYSTEM_BUS_ADDRESS", "TMPDIR=/tmp", &format!("{PART}={part}")])
        .args(["/irabed/kept", "--ignored", "--exact", TEST, "--nocapture"])
        .output()
        .unwrap();
    let said = [ran.stdout, ran.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(ran.status.success() && said.contains("1 passed"), "{part}: {said}");
}

#[test]
#[ignore = "needs a systemd: tests/bed/services.sh"]
fn what_ira_runs_is_in_a_scope_of_its_own_goes_on_without_ira_and_takes_it_along() {
    match std::env::var(PART).as_deref() {
        Ok("begins") => return begins(),
        Ok(_) => return goes_on(),
        Err(_) => {}
    }
    let bed = PathBuf::from(std::env::var("IRA_BED").unwrap());
    std::fs::remove_dir_all(bed.join("share/data")).ok();
    let copy = |from: &Path, name: &str| std::fs::copy(from, bed.join("share").join(name)).unwrap();
    copy(Path::new(env!("CARGO_BIN_EXE_ira")), "ira");
    copy(&std::env::current_exe().unwrap(), "kept");
    within(&bed, "begins");
    within(&bed, "goes on");
}

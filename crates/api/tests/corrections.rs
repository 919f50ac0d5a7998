//! The user corrects it: what is now, what was, and back again, by a manual clock.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira,
    wire::{
        ApplicationRequest, At, CorrectionAction, CorrectionDraft, CorrectionField, CorrectionForm,
        CorrectionMatcher, CorrectionMove, CorrectionPreviewRequest, CorrectionProblemKind,
        CorrectionRef, CorrectionsImported, CorrectionsText, ErrorCode, Metric, Nothing,
        SeriesRequest, StopReattribution,
    },
};
use ira_engine::{Engine, Options, Sampler};
use ira_probe::{LinuxProbe, Moment};
use ira_testkit::{FakeProc, FakeProcess};
use std::{
    path::Path,
    time::{Duration, Instant},
};

const SHOP: &str = "process:/srv/shop/server.js";
const NGINX: &str = "systemd:nginx.service";
const WORKER: &str = "process:/srv/shop/worker.js";

struct Journey {
    fake: FakeProc,
    sampler: Sampler,
    ira: Ira,
}

/// A server, its worker, and an nginx of systemd.
fn machine() -> FakeProc {
    let mut fake = FakeProc::new();
    fake.advance(100_000);
    fake.add(FakeProcess::new(1, "systemd").parent(0));
    fake.add(FakeProcess::kernel_thread(2, "kthreadd"));
    fake.add(FakeProcess::new(50, "bash").parent(1).arguments(&["-bash"]));
    for (pid, script) in [(60, "server.js"), (61, "worker.js")] {
        fake.add(
            FakeProcess::new(pid, "node")
                .parent(50)
                .arguments(&["node", script])
                .working_directory(Some("/srv/shop")),
        );
    }
    fake.add(FakeProcess::new(70, "nginx").parent(1).control_group("/system.slice/nginx.service"));
    fake.advance(60_000);
    fake
}

fn start(fake: FakeProc, folder: &Path) -> Journey {
    let clock = fake.clock();
    let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
    let probe = LinuxProbe::new(&fake.proc_root(), &fake.sys_root()).unwrap().with_clock(now);
    let options = Options { folder: Some(folder.to_owned()), ..Options::default() };
    let (engine, sampler) = Engine::by_hand(Box::new(probe), options).unwrap();
    let mut journey = Journey { fake, sampler, ira: Ira::new(engine) };
    journey.sampler.tick().unwrap();
    journey
}

impl Journey {
    /// Seconds in which the server uses 200 ms, the worker 100 and nginx 50.
    fn run(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.fake.advance(1000);
            for (pid, cpu_ms) in [(60, 200), (61, 100), (70, 50)] {
                self.fake.spend_cpu(pid, cpu_ms, 0);
                self.fake.change_host(|host| host.cpus[0].user_ms += cpu_ms);
            }
            self.sampler.tick().unwrap();
            self.sampler.wait_for_facts(Duration::from_secs(30));
            self.kept();
        }
    }

    /// Who saves waits until what came before is kept: no tick is dropped for being too many.
    fn kept(&self) {
        self.ira.engine().save_setting("test", String::new()).unwrap();
    }

    fn now_ms(&self) -> i64 {
        self.fake.clock().at_ms()
    }

    fn cpu(&self, at_ms: Option<i64>, id: &str) -> Option<f64> {
        let answer = ira_api::applications(&self.ira, At { at_ms }).unwrap();
        let sum: f64 = answer.applications.iter().filter_map(|row| row.cpu_ratio).sum();
        let rest = answer.unattributed.cpu_ratio.unwrap();
        let all = answer.host.cpu_ratio.unwrap();
        assert!((sum + rest - all).abs() < 1e-9, "totals add up: {sum} + {rest} is not {all}");
        let row = answer.applications.iter().find(|row| row.id == id)?;
        row.cpu_ratio.map(|ratio| (ratio * 100.0).round() / 100.0)
    }

    /// Mean CPU of an application over what is kept but its last minute.
    fn series(&self, id: &str) -> Option<f64> {
        let request = SeriesRequest {
            application: Some(id.into()),
            metrics: vec![Metric::CpuRatio],
            from_ms: self.now_ms() - 170_000,
            to_ms: self.now_ms() - 70_000,
            points: 1000,
        };
        let answer = ira_api::series(&self.ira, request).unwrap();
        let values: Vec<f64> = answer.series.first()?.mean.iter().flatten().copied().collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (!values.is_empty()).then_some((mean * 100.0).round() / 100.0)
    }

    fn settle(&self) {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let now = ira_api::corrections(&self.ira, Nothing {}).unwrap().reattribution;
            if now.done == now.all {
                return;
            }
            assert!(Instant::now() < until, "the past does not follow: {now:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn merge(from: &str, into: &str) -> CorrectionDraft {
    CorrectionDraft {
        id: None,
        application: Some(from.into()),
        matcher: None,
        action: CorrectionAction::BelongsTo { application: into.into(), name: None },
    }
}

fn of_workers(action: CorrectionAction) -> CorrectionDraft {
    let matcher = CorrectionMatcher {
        field: CorrectionField::CommandLine,
        form: CorrectionForm::Prefix,
        text: "node worker".into(),
    };
    CorrectionDraft { id: None, application: None, matcher: Some(matcher), action }
}

#[test]
fn a_correction_changes_now_and_the_past_and_taking_it_back_restores_both() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.run(190);
    let past_ms = journey.now_ms() - 100_000;
    assert_eq!(journey.cpu(None, WORKER), Some(0.1));
    assert_eq!(journey.series(WORKER), Some(0.1));

    let request = CorrectionPreviewRequest { correction: merge(WORKER, SHOP), hours: 1 };
    let preview = ira_api::preview_correction(&journey.ira, request).unwrap();
    let expected = CorrectionMove {
        from: Some(WORKER.into()),
        from_name: Some("shop / worker.js".into()),
        to: Some(SHOP.into()),
        to_name: Some("shop / server.js".into()),
        process_count: 1,
    };
    assert_eq!(preview.now, std::slice::from_ref(&expected), "{:?}", preview.problem);
    assert_eq!(preview.past, [expected]);
    assert_eq!(preview.examples, ["node worker.js"]);
    assert_eq!(journey.cpu(None, WORKER), Some(0.1), "a preview changes nothing");

    let saved = ira_api::save_correction(&journey.ira, merge(WORKER, SHOP)).unwrap();
    assert_eq!(saved.application_name.as_deref(), Some("shop / worker.js"));
    assert_eq!(journey.cpu(Some(past_ms), SHOP), Some(0.3), "a past second shows it at once");
    journey.run(1);
    assert_eq!(journey.cpu(None, SHOP), Some(0.3), "and the next second");
    assert_eq!(journey.cpu(None, WORKER), None);
    journey.settle();
    assert_eq!(journey.series(SHOP), Some(0.3), "and the figures over time");
    assert_eq!(journey.series(WORKER), None);
    let request = ApplicationRequest { id: SHOP.into(), at_ms: None };
    let detail = ira_api::application(&journey.ira, request).unwrap();
    let first = &detail.evidence[0];
    assert_eq!((first.evidence.rule, first.process_count), (1, 1));
    assert_eq!(first.evidence.input, format!("rule 1: all of {WORKER}"));
    assert!(
        detail.evidence.iter().any(|one| one.evidence.result == WORKER),
        "what was found is told beside it: {:?}",
        detail.evidence
    );

    let again = ira_api::delete_correction(&journey.ira, CorrectionRef { id: 1 }).unwrap();
    journey.run(1);
    journey.settle();
    assert_eq!(journey.cpu(None, WORKER), Some(0.1), "as it was");
    assert_eq!(journey.cpu(Some(past_ms), WORKER), Some(0.1));
    assert_eq!((journey.series(WORKER), journey.series(SHOP)), (Some(0.1), Some(0.2)));
    let named = CorrectionDraft {
        action: CorrectionAction::BelongsTo {
            application: SHOP.into(),
            name: Some("shop / server.js".into()),
        },
        ..merge(WORKER, SHOP)
    };
    assert_eq!(again, named, "what was taken back can be made again");
    let gone = ira_api::delete_correction(&journey.ira, CorrectionRef { id: 1 }).unwrap_err();
    assert_eq!(gone.code, Some(ErrorCode::NotFound));
}

#[test]
fn split_rename_and_ignore_add_up_and_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.run(130);
    let past_ms = journey.now_ms() - 100_000;
    let own = CorrectionAction::Separate { name: "Workers".into() };
    ira_api::save_correction(&journey.ira, of_workers(own)).unwrap();
    let name = CorrectionAction::Rename { name: "The web".into() };
    let rename = CorrectionDraft { action: name, ..merge(NGINX, SHOP) };
    ira_api::save_correction(&journey.ira, rename).unwrap();
    journey.run(1);
    for at_ms in [None, Some(past_ms)] {
        assert_eq!(journey.cpu(at_ms, "custom:Workers"), Some(0.1));
        let all = ira_api::applications(&journey.ira, At { at_ms }).unwrap().applications;
        let names: Vec<&str> =
            all.iter().filter(|row| row.id == NGINX).map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["The web"]);
    }
    let rest = |ira: &Ira, at_ms| {
        ira_api::applications(ira, At { at_ms }).unwrap().unattributed.cpu_ratio.unwrap()
    };
    let before = rest(&journey.ira, Some(past_ms));
    // Ignored, it is in what no application accounts for.
    let ignore = CorrectionDraft { action: CorrectionAction::Ignore, ..merge(SHOP, SHOP) };
    ira_api::save_correction(&journey.ira, ignore).unwrap();
    journey.run(1);
    for at_ms in [None, Some(past_ms)] {
        assert_eq!(journey.cpu(at_ms, SHOP), None);
    }
    let more = rest(&journey.ira, Some(past_ms)) - before;
    assert!((more - 0.2).abs() < 0.001, "it is not lost: {more}");
    journey.settle();
    assert_eq!(journey.series(SHOP), None);

    // The processes go on; Ira starts again.
    let Journey { fake, sampler, ira } = journey;
    ira.engine().stop();
    drop((ira, sampler));
    let mut again = start(fake, folder.path());
    again.run(1);
    assert_eq!(again.cpu(None, "custom:Workers"), Some(0.1));
    assert_eq!(again.cpu(None, SHOP), None);
}

#[test]
fn it_can_be_stopped_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.run(190);
    ira_api::save_correction(&journey.ira, merge(WORKER, SHOP)).unwrap();
    let ira = journey.ira.clone();
    let stop = |stopped| ira_api::stop_reattribution(&ira, StopReattribution { stopped }).unwrap();
    let stopped = stop(true);
    let look = || ira_api::corrections(&ira, Nothing {}).unwrap().reattribution;
    journey.run(3);
    assert_eq!(look().done, stopped.done, "nothing goes on");
    if stopped.done < stopped.all {
        assert!(stopped.stopped && stopped.done_after_ms.is_some(), "{stopped:?}");
    }
    stop(false);
    journey.settle();
    assert_eq!(journey.series(SHOP), Some(0.3));
    assert_eq!(look().done_after_ms, None, "all of it follows");
}

#[test]
fn what_makes_no_sense_is_told_before_and_refused_after() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.run(3);
    ira_api::save_correction(&journey.ira, merge(WORKER, SHOP)).unwrap();
    let preview = |correction: &CorrectionDraft| {
        let request = CorrectionPreviewRequest { correction: correction.clone(), hours: 1 };
        ira_api::preview_correction(&journey.ira, request).unwrap()
    };
    let cases = [
        (merge(SHOP, WORKER), CorrectionProblemKind::Loop, "round in a circle"),
        (merge(WORKER, NGINX), CorrectionProblemKind::Contradicts, "rule 1 already says"),
        (merge(WORKER, SHOP), CorrectionProblemKind::There, "exactly that already"),
        (merge(NGINX, "process:/x"), CorrectionProblemKind::UnknownApplication, "ever seen"),
        (merge(NGINX, "kernel:kernel"), CorrectionProblemKind::Kernel, "always"),
    ];
    for (draft, kind, text) in cases {
        let problem = preview(&draft).problem.unwrap();
        assert_eq!(problem.kind, kind, "{problem:?}");
        let refused = ira_api::save_correction(&journey.ira, draft).unwrap_err();
        assert_eq!(refused.code, Some(ErrorCode::Invalid));
        assert!(refused.message.contains(text), "{refused}");
        assert_eq!(refused.message, problem.message, "the same words");
    }
    let mut nobody = of_workers(CorrectionAction::Ignore);
    nobody.matcher.as_mut().unwrap().text = "cobol".into();
    let nothing = preview(&nobody);
    assert!(nothing.problem.is_none() && nothing.now.is_empty() && nothing.past.is_empty());
}

#[test]
fn they_go_out_as_text_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut journey = start(machine(), folder.path());
    journey.run(2);
    let own = CorrectionAction::Separate { name: "Wörkers \"one\"".into() };
    for draft in [merge(WORKER, SHOP), of_workers(own)] {
        ira_api::save_correction(&journey.ira, draft).unwrap();
    }
    let text = ira_api::export_corrections(&journey.ira, Nothing {}).unwrap().text;
    let import = |ira: &Ira, text: &str| {
        ira_api::import_corrections(ira, CorrectionsText { text: text.into() })
    };
    let there = CorrectionsImported { added: 0, there: 2 };
    assert_eq!(import(&journey.ira, &text).unwrap(), there, "{text}");
    let elsewhere = tempfile::tempdir().unwrap();
    let other = start(FakeProc::new(), elsewhere.path());
    let added = CorrectionsImported { added: 2, there: 0 };
    assert_eq!(import(&other.ira, &text).unwrap(), added, "also where nothing of it ever ran");
    let back = ira_api::export_corrections(&other.ira, Nothing {}).unwrap().text;
    assert_eq!(back, text);
    for (text, told) in [
        ("[[correction]]\nignore = ", "line 2: "),
        ("\n[[correction]]\nignore = true\n", "line 2: the rule says neither"),
        ("[[correction]]\napplication = \"a:b\"\n", "line 1: it must have one of"),
        ("[[correction]]\napplication = \"a:b\"\nignored = true\n", "line 3: unknown field"),
        (
            "[[correction]]\nmatches = { field = \"folder\", form = \"pattern\", text = \"(\" }\nignore = true",
            "line 1: \"(\" cannot be used as a regular expression",
        ),
        (
            "[[correction]]\napplication = \"process:x\"\nignore = true\n\n[[correction]]\napplication = \"process:x\"\nseparate = \"X\"",
            "line 5: the rule in line 1 already says something else",
        ),
    ] {
        let error = import(&other.ira, text).unwrap_err();
        assert!(error.message.starts_with(told), "{text:?}: {error}");
    }
    let back = ira_api::export_corrections(&other.ira, Nothing {}).unwrap().text;
    assert_eq!(back.matches("[[correction]]").count(), 2, "nothing of those was taken over");
}

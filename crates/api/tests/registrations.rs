//! Applications are kept: typed, checked, found again, let go, by a manual clock.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use ira_api::{
    Ira,
    wire::{
        ApplicationRef, At, ErrorCode, EventsRequest, LedgerRequest, LedgerSpan, Metric, Nothing,
        RegistrationDraft, RegistrationField, RegistrationImport, RegistrationRemoval,
        RestartPolicy, SeriesRequest, Variable,
    },
};
use ira_engine::{Engine, Options, Sampler};
use ira_model::Protocol;
use ira_probe::{LinuxProbe, Moment};
use ira_testkit::{FakeProc, FakeProcess};
use std::path::Path;

const NGINX: &str = "systemd:nginx.service";
const CRON: &str = "systemd:cron.service";

fn start(folder: &Path) -> (FakeProc, Sampler, Ira) {
    let mut fake = FakeProc::new();
    fake.advance(100_000);
    fake.add(FakeProcess::new(1, "systemd").parent(0));
    fake.add(
        FakeProcess::new(70, "nginx")
            .parent(1)
            .arguments(&["/usr/sbin/nginx", "-g", "daemon off;"])
            .working_directory(Some("/"))
            .control_group("/system.slice/nginx.service"),
    );
    fake.advance(60_000);
    let clock = fake.clock();
    let now = move || Moment { at_ms: clock.at_ms(), monotonic_ms: clock.monotonic_ms() };
    let probe = LinuxProbe::new(&fake.proc_root(), &fake.sys_root()).unwrap().with_clock(now);
    let options = Options { folder: Some(folder.to_owned()), ..Options::default() };
    let (engine, mut sampler) = Engine::by_hand(Box::new(probe), options).unwrap();
    sampler.tick().unwrap();
    (fake, sampler, Ira::new(engine))
}

fn draft(name: &str) -> RegistrationDraft {
    RegistrationDraft {
        application: None,
        name: name.into(),
        command_line: "sh -c 'echo \"a b\"'".into(),
        working_directory: Some("/".into()),
        environment: vec![Variable { name: "PORT".into(), value: "80 90".into() }],
        port: Some(8080),
        log_paths: vec!["/var/log/shop/*.log".into()],
        restart: RestartPolicy::OnFailure,
        enabled: false,
        notes: "two\nlines".into(),
        tags: vec!["dev".into()],
    }
}

fn wrong(ira: &Ira, draft: RegistrationDraft) -> Vec<(RegistrationField, bool)> {
    let check = ira_api::check_registration(ira, draft).unwrap();
    check.problems.iter().map(|problem| (problem.field, problem.is_warning)).collect()
}

#[test]
fn what_is_kept_is_found_again_by_the_next_ira_and_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let (mut fake, mut sampler, ira) = start(folder.path());
    fake.advance(1000);
    sampler.tick().unwrap();
    let kept = ira_api::save_registration(&ira, draft("My Shop")).unwrap();
    assert_eq!(kept.application, "custom:my-shop");
    assert_eq!(kept.command, ["sh", "-c", "echo \"a b\""]);
    assert!(!kept.is_running && kept.last_seen_ms.is_none());
    let second = ira_api::save_registration(&ira, draft("My Shop")).unwrap();
    assert_eq!(second.application, "custom:my-shop-2", "two of a name are two");
    // Who saves waits until what came before is kept.
    ira.engine().save_setting("test", String::new()).unwrap();
    let past = ira.engine().live(|live| live.at_ms);
    let past = ira_api::applications(&ira, At { at_ms: Some(past) }).unwrap().applications;
    assert!(past.iter().all(|row| row.process_count > 0), "the past has what ran");
    ira.engine().stop();

    let (_fake, _sampler, ira) = start(folder.path());
    let all = ira_api::registrations(&ira, Nothing {}).unwrap().registrations;
    let expected =
        RegistrationDraft { application: Some("custom:my-shop".into()), ..draft("My Shop") };
    assert_eq!(all[0].draft, expected, "each field as it was typed");
    let asked = ApplicationRef { id: "custom:my-shop".into() };
    assert_eq!(ira_api::registration_draft(&ira, asked).unwrap(), expected);
    let listed = ira_api::applications(&ira, At { at_ms: None }).unwrap().applications;
    let row = listed.iter().find(|row| row.id == "custom:my-shop").unwrap();
    assert_eq!((row.is_kept, row.process_count, row.cpu_ratio), (true, 0, None));
    assert_eq!(row.working_directory.as_deref(), Some("/"));
    let changed = RegistrationDraft { port: None, ..expected.clone() };
    assert_eq!(ira_api::save_registration(&ira, changed.clone()).unwrap().draft, changed);
    let gone = RegistrationRemoval { id: "custom:my-shop".into(), drop_history: false };
    ira_api::delete_registration(&ira, gone.clone()).unwrap();
    let twice = ira_api::delete_registration(&ira, gone).unwrap_err();
    assert_eq!(twice.code, Some(ErrorCode::NotFound), "{twice}");
    assert_eq!(ira_api::registrations(&ira, Nothing {}).unwrap().registrations.len(), 1);
    let nobody = RegistrationDraft { application: Some("custom:nobody".into()), ..draft("x") };
    let nobody = ira_api::save_registration(&ira, nobody).unwrap_err();
    assert_eq!(nobody.code, Some(ErrorCode::NotFound), "{nobody}");
}

#[test]
fn what_runs_is_kept_as_it_runs_and_called_as_the_user_says() {
    let folder = tempfile::tempdir().unwrap();
    let (mut fake, mut sampler, ira) = start(folder.path());
    let found = ira_api::registration_draft(&ira, ApplicationRef { id: NGINX.into() }).unwrap();
    assert_eq!(found.command_line, "/usr/sbin/nginx -g 'daemon off;'");
    let kept = RegistrationDraft { name: "Front".into(), ..found };
    assert!(ira_api::save_registration(&ira, kept).unwrap().is_running);
    fake.advance(1000);
    sampler.tick().unwrap();
    let listed = ira_api::applications(&ira, At { at_ms: None }).unwrap().applications;
    let rows: Vec<_> = listed.iter().filter(|row| row.is_kept).collect();
    assert_eq!(rows.len(), 1, "once, though it runs and is kept");
    assert_eq!((rows[0].name.as_str(), rows[0].process_count), ("Front", 1));
    let unknown = ira_api::registration_draft(&ira, ApplicationRef { id: "x:y".into() });
    assert_eq!(unknown.unwrap_err().code, Some(ErrorCode::NotFound));
}

#[test]
fn its_past_goes_where_that_is_wanted_and_only_its() {
    let folder = tempfile::tempdir().unwrap();
    let (mut fake, mut sampler, ira) = start(folder.path());
    fake.advance(1000);
    fake.add(FakeProcess::new(71, "cron").parent(1).control_group("/system.slice/cron.service"));
    for _ in 0..130 {
        fake.advance(1000);
        fake.spend_cpu(71, 100, 0);
        sampler.tick().unwrap();
        ira.engine().save_setting("test", String::new()).unwrap();
    }
    let found = ira_api::registration_draft(&ira, ApplicationRef { id: CRON.into() }).unwrap();
    ira_api::save_registration(&ira, found).unwrap();
    let to_ms = ira.engine().live(|live| live.at_ms);
    let figures = |application: &str| {
        let request = SeriesRequest {
            application: Some(application.to_owned()).filter(|id| !id.is_empty()),
            metrics: vec![Metric::CpuRatio],
            from_ms: to_ms - 130_000,
            to_ms: to_ms - 70_000,
            points: 30,
        };
        let answer = ira_api::series(&ira, request).unwrap();
        answer.series[0].mean.iter().flatten().count()
    };
    let events = || {
        let application = Some(CRON.to_owned());
        let request = EventsRequest { from_ms: 0, to_ms, application, limit: 10 };
        ira_api::events(&ira, request).unwrap().events.len()
    };
    let machine = figures("");
    assert_eq!((figures(CRON) > 10, machine > 10), (true, true), "{} {machine}", figures(CRON));
    assert!(events() > 0, "it was seen to start");
    let spans = vec![LedgerSpan { from_ms: None, to_ms: None }];
    let request = LedgerRequest { id: CRON.to_owned(), at_ms: None, spans };
    let ledger = ira_api::application_ledger(&ira, request).unwrap();
    assert_eq!(
        ledger.rows[0].starts,
        Some(1),
        "since it was first seen it has started: {ledger:?}"
    );
    let removal = RegistrationRemoval { id: CRON.into(), drop_history: true };
    ira_api::delete_registration(&ira, removal).unwrap();
    assert_eq!((figures(CRON), events()), (0, 0));
    assert_eq!(figures(""), machine, "the machine's stay");
}

#[test]
fn each_field_that_is_wrong_is_named_with_all_others() {
    let folder = tempfile::tempdir().unwrap();
    let (_fake, _sampler, ira) = start(folder.path());
    assert_eq!(wrong(&ira, draft("Shop")), []);
    let many = RegistrationDraft {
        name: " \n".into(),
        command_line: "no-such-program x".into(),
        working_directory: Some("here".into()),
        environment: vec![Variable { name: "A=B".into(), value: String::new() }],
        port: Some(0),
        log_paths: vec!["x.log".into()],
        tags: vec!["a,b".into()],
        ..draft("")
    };
    let expected = [
        (RegistrationField::Name, false),
        (RegistrationField::Command, true),
        (RegistrationField::WorkingDirectory, false),
        (RegistrationField::Environment, false),
        (RegistrationField::Port, false),
        (RegistrationField::LogPaths, false),
        (RegistrationField::Tags, false),
    ];
    assert_eq!(wrong(&ira, many.clone()), expected);
    let refused = ira_api::save_registration(&ira, many).unwrap_err();
    assert_eq!(refused.message, "name: it needs a name");
    let open = RegistrationDraft { command_line: "sh 'x".into(), ..draft("Shop") };
    assert_eq!(wrong(&ira, open), [(RegistrationField::Command, false)]);
    let twice = vec![Variable { name: "A".into(), value: "1".into() }; 2];
    let twice = RegistrationDraft { environment: twice, ..draft("Shop") };
    assert_eq!(wrong(&ira, twice), [(RegistrationField::Environment, false)]);
    let gone = RegistrationDraft { working_directory: Some("/no/such".into()), ..draft("Shop") };
    assert_eq!(wrong(&ira, gone.clone()), [(RegistrationField::WorkingDirectory, true)]);
    assert!(ira_api::save_registration(&ira, gone).is_ok(), "a folder may come later");
}

#[test]
fn a_port_that_another_holds_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let (mut fake, mut sampler, ira) = start(folder.path());
    fake.listen(70, Protocol::Tcp, 8080);
    // Listeners are read every few ticks.
    for _ in 0..6 {
        fake.advance(1000);
        sampler.tick().unwrap();
    }
    let check = |draft| ira_api::check_registration(&ira, draft).unwrap().problems;
    let found = check(draft("Shop"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].field, found[0].is_warning), (RegistrationField::Port, true));
    assert_eq!(found[0].about.as_deref(), Some("nginx"));
    let own = RegistrationDraft { application: Some(NGINX.into()), ..draft("nginx") };
    assert_eq!(check(own), [], "its own");
    assert!(ira_api::save_registration(&ira, draft("Shop")).is_ok(), "it is kept all the same");
}

#[test]
fn a_folder_is_looked_through_for_files_that_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let (_fake, _sampler, ira) = start(folder.path());
    let there = tempfile::tempdir().unwrap();
    let find = || {
        let path = there.path().display().to_string();
        ira_api::find_registrations(&ira, RegistrationImport { path })
    };
    let none = find().unwrap();
    assert_eq!((none.formats.len(), none.found.len()), (0, 0));
    assert!(none.looked_for.contains(&"Procfile".to_owned()), "{:?}", none.looked_for);
    std::fs::write(there.path().join("Procfile"), "web: ./serve\n").unwrap();
    std::fs::write(there.path().join("package.json"), r#"{"scripts":{"dev":"vite"}}"#).unwrap();
    let both = find().unwrap();
    assert_eq!(both.formats, ["Procfile", "package.json"]);
    assert_eq!(both.found.len(), 2, "{:?}", both.found);
    std::fs::write(there.path().join("package.json"), "{").unwrap();
    let error = find().unwrap_err().message;
    assert!(error.contains("package.json: line"), "which of them: {error}");
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (_fake, _sampler, ira) = start(folder.path());
    let find = |path: String| {
        ira_api::find_registrations(&ira, RegistrationImport { path }).unwrap_err().message
    };
    let here = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(here("Procfile"), b"\xff\xfe").unwrap();
    std::fs::write(here("package.json"), vec![b' '; (1 << 20) + 1]).unwrap();
    assert!(find("Procfile".into()).contains("give the whole path"));
    assert!(find(here("missing")).contains("No such file"));
    assert!(find(here("Procfile")).contains("is no text"));
    assert!(find(here("package.json")).contains("larger than 1 MiB"));
    assert!(find("/dev/zero".into()).contains("not a plain file"));
}

use super::*;
use crate::{ApplicationKind, Target, correction::Problem, correction::check};
use proptest::prelude::*;

fn matcher(field: Field, form: Form, text: &str) -> Condition {
    Condition { application: None, matcher: Some(Matcher { field, form, text: text.into() }) }
}

fn whole(id: &str) -> Condition {
    Condition { application: Some(id.into()), matcher: None }
}

fn app(id: &str) -> Application {
    let (_, name) = id.split_once(':').unwrap();
    Application::new(ApplicationKind::Process, name, name)
}

fn into(id: &str) -> Action {
    Action::BelongsTo(Target(app(id)))
}

fn all(list: Vec<(Condition, Action)>) -> Vec<Correction> {
    let numbered = (1..).zip(list);
    numbered.map(|(id, (condition, action))| Correction { id, condition, action }).collect()
}

fn process(command: &str) -> ProcessDetails {
    let arguments: Vec<String> = command.split(' ').map(str::to_owned).collect();
    ProcessDetails {
        name: arguments[0].clone(),
        executable: Some(format!("/usr/bin/{}", arguments[0])),
        working_directory: Some("/srv/shop".into()),
        arguments,
        ..ProcessDetails::default()
    }
}

fn id_of(corrections: &Corrections, command: &str, found: &str) -> String {
    let found =
        Arc::new(Attribution { application: Arc::new(app(found)), evidence: Arc::from([]) });
    corrections.correct(&process(command), &found, |_| None).application.id.clone()
}

#[test]
fn the_narrower_wins_by_field_then_form_then_length() {
    let ranked = [
        matcher(Field::CommandLine, Form::Equal, "node worker.js"),
        matcher(Field::CommandLine, Form::Prefix, "node worker"),
        matcher(Field::CommandLine, Form::Prefix, "node"),
        matcher(Field::CommandLine, Form::Pattern, "worker|a longer one that says more"),
        matcher(Field::CommandLine, Form::Pattern, "worker"),
        matcher(Field::Executable, Form::Equal, "/usr/bin/node"),
        matcher(Field::Folder, Form::Equal, "/srv/shop"),
        matcher(Field::Executable, Form::Prefix, "/usr/bin"),
        matcher(Field::Folder, Form::Pattern, "shop$"),
    ];
    for first in 0..ranked.len() {
        // The strongest stands last, so that its place does not help it.
        let rest: Vec<_> = ranked[first..].iter().rev().cloned().enumerate().collect();
        let expected = format!("custom:{}", rest.len() - 1);
        let list = rest.into_iter().map(|(n, c)| (c, Action::Separate(n.to_string()))).collect();
        let corrections = Corrections::new(all(list));
        assert_eq!(id_of(&corrections, "node worker.js", "process:/x"), expected, "from {first}");
    }
}

#[test]
fn one_application_alone_is_narrower_and_the_later_of_equals_wins() {
    let condition = matcher(Field::CommandLine, Form::Prefix, "node");
    let within = Condition { application: Some("process:a".into()), ..condition.clone() };
    let corrections = Corrections::new(all(vec![
        (within, Action::Separate("within".into())),
        (condition.clone(), Action::Separate("first".into())),
        (condition, Action::Separate("second".into())),
    ]));
    assert_eq!(id_of(&corrections, "node x", "process:a"), "custom:within");
    assert_eq!(id_of(&corrections, "node x", "process:b"), "custom:second");
    assert_eq!(id_of(&corrections, "python x", "process:b"), "process:b", "it matches none");
}

#[test]
fn merges_are_followed_and_the_name_is_that_of_the_last() {
    let corrections = Corrections::new(all(vec![
        (whole("process:a"), into("process:b")),
        (whole("process:b"), into("process:c")),
        (whole("process:c"), Action::Rename("See".into())),
    ]));
    let found =
        Arc::new(Attribution { application: Arc::new(app("process:a")), evidence: Arc::from([]) });
    let version = Application { version: Some("7".into()), ..app("process:c") };
    let known = |id: &str| (id == "process:c").then(|| Arc::new(version.clone()));
    let attribution = corrections.correct(&process("x"), &found, known);
    assert_eq!(attribution.application.id, "process:c");
    assert_eq!(attribution.application.name, "See");
    assert_eq!(attribution.application.version.as_deref(), Some("7"), "what is known of it now");
    let told: Vec<&str> = attribution.evidence.iter().map(|one| one.input.as_str()).collect();
    assert_eq!(
        told,
        [
            "rule 2: all of process:b",
            "rule 1: all of process:a",
            "rule 3: all of process:c, named See"
        ],
    );
    let within = Condition {
        application: Some("process:c".into()),
        ..matcher(Field::CommandLine, Form::Prefix, "x")
    };
    let mut list = corrections.all().to_vec();
    list.push(Correction { id: 9, condition: within, action: Action::Ignore });
    let corrections = Corrections::new(list);
    assert_eq!(id_of(&corrections, "x", "process:a"), "", "of what is merged into it too");
    assert_eq!(id_of(&corrections, "x", "process:d"), "process:d");
}

#[test]
fn what_is_ignored_counts_under_none_and_the_kernel_is_left_alone() {
    let corrections = Corrections::new(all(vec![(whole("process:a"), Action::Ignore)]));
    assert_eq!(id_of(&corrections, "x", "process:a"), "");
    let kernel = ProcessDetails { is_kernel_thread: true, ..process("x") };
    assert!(corrections.verdict(&kernel, &app("process:a")).is_none());
}

#[test]
fn a_circle_from_elsewhere_ends() {
    let corrections = Corrections::new(all(vec![
        (whole("process:a"), into("process:b")),
        (whole("process:b"), into("process:a")),
    ]));
    assert!(!id_of(&corrections, "x", "process:a").is_empty());
    let within = Condition {
        application: Some("process:z".into()),
        ..matcher(Field::CommandLine, Form::Prefix, "x")
    };
    let mut list = corrections.all().to_vec();
    list.push(Correction { id: 9, condition: within, action: Action::Ignore });
    assert!(!id_of(&Corrections::new(list), "x", "process:a").is_empty());
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let there = all(vec![
        (whole("process:a"), into("process:b")),
        (whole("process:x"), Action::Ignore),
        (matcher(Field::Folder, Form::Prefix, "/srv"), Action::Ignore),
    ]);
    let refused =
        |condition, action| check(&Correction { id: 0, condition, action }, &there).unwrap_err();
    let rename = || Action::Rename("N".into());
    assert_eq!(refused(Condition::default(), Action::Ignore), Problem::NoCondition);
    assert_eq!(
        refused(whole("process:b"), into("process:a")),
        Problem::Loop { application: "process:a".into(), other: 1 }
    );
    assert_eq!(refused(whole("process:a"), Action::Ignore), Problem::Contradicts { other: 1 });
    assert_eq!(refused(whole("process:a"), into("process:b")), Problem::There { other: 1 });
    assert_eq!(refused(whole("process:a"), rename()), Problem::Contradicts { other: 1 });
    assert_eq!(
        refused(whole("process:c"), into("process:x")),
        Problem::IntoIgnored { application: "process:x".into(), other: 2 }
    );
    assert_eq!(
        refused(whole("process:c"), into("process:c")),
        Problem::Itself { application: "process:c".into() }
    );
    assert_eq!(refused(whole("kernel:kernel"), Action::Ignore), Problem::Kernel);
    assert_eq!(
        refused(matcher(Field::Folder, Form::Prefix, "/srv"), Action::Separate("s".into())),
        Problem::Contradicts { other: 3 }
    );
    assert_eq!(
        refused(matcher(Field::Folder, Form::Prefix, "/opt"), rename()),
        Problem::RenameOfProcesses
    );
    for text in ["", "  ", "a\nb", &"x".repeat(513)] {
        let problem = refused(matcher(Field::Folder, Form::Prefix, text), Action::Ignore);
        assert!(matches!(problem, Problem::Text { .. }), "{text:?}: {problem}");
    }
    for text in ["(", "\\w{1000}{1000}"] {
        let problem = refused(matcher(Field::Folder, Form::Pattern, text), Action::Ignore);
        assert!(matches!(problem, Problem::Pattern { .. }), "{text:?}: {problem}");
        assert!(!problem.to_string().contains('\n'), "one line: {problem}");
    }
    let edited = Correction { id: 1, condition: whole("process:a"), action: Action::Ignore };
    check(&edited, &there).unwrap();
}

proptest! {
    #[test]
    fn what_check_lets_through_ends_and_says_where(
        edges in proptest::collection::vec((0_u8..6, 0_u8..6, any::<bool>()), 0..12),
        start in 0_u8..6,
    ) {
        let mut kept: Vec<Correction> = Vec::new();
        for (from, to, ignore) in edges {
            let id = kept.len() as i64 + 1;
            let action = if ignore { Action::Ignore } else { into(&format!("process:{to}")) };
            let one = Correction { id: 0, condition: whole(&format!("process:{from}")), action };
            if check(&one, &kept).is_ok() {
                kept.push(Correction { id, ..one });
            }
        }
        let corrections = Corrections::new(kept.clone());
        let end = id_of(&corrections, "x", &format!("process:{start}"));
        let goes_on = kept.iter().any(|one| one.condition.application.as_deref() == Some(&*end));
        prop_assert!(!goes_on, "{end} counts under another still: {kept:?}");
    }

    #[test]
    fn no_text_of_a_user_stops_it(text in ".{0,60}", command in ".{0,60}") {
        for form in Form::ALL {
            let one = Correction {
                id: 1,
                condition: matcher(Field::CommandLine, form, &text),
                action: Action::Ignore,
            };
            let passes = check(&Correction { id: 0, ..one.clone() }, &[]).is_ok();
            let corrections = Corrections::new(vec![one]);
            let details = ProcessDetails {
                name: "x".into(),
                arguments: vec![command.clone()],
                ..ProcessDetails::default()
            };
            let holds = corrections.verdict(&details, &app("process:a")).is_some();
            if passes && form == Form::Equal {
                prop_assert_eq!(holds, command == text);
            }
        }
    }
}

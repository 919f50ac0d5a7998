use super::*;
use crate::registry::{Field, RestartPolicy, check};

fn found(path: &str, text: &str) -> Vec<Found> {
    import(Path::new(path), text).unwrap().found
}

fn commands(path: &str, text: &str) -> Vec<(String, String)> {
    let joined = |command: &[String]| command.join("␣");
    found(path, text)
        .iter()
        .map(|one| (one.registration.name.clone(), joined(&one.registration.command)))
        .collect()
}

fn told(path: &str, text: &str) -> String {
    import(Path::new(path), text).unwrap_err().to_string()
}

fn pairs(each: &[(&str, &str)]) -> Vec<(String, String)> {
    each.iter().map(|(name, command)| ((*name).to_owned(), (*command).to_owned())).collect()
}

#[test]
fn a_procfile() {
    let text = "# all of it\r\n\r\nweb: PORT=3000 RAILS_ENV='a b' bundle exec \"puma -C\" -p $PORT\r\n\
                worker: bin/work | tee log\nclock: node clock.js $WHEN *.js\n";
    let all = commands("/srv/shop/Procfile", text);
    let expected = [
        ("shop web", "bundle␣exec␣puma -C␣-p␣$PORT"),
        ("shop worker", ""),
        ("shop clock", "node␣clock.js␣$WHEN␣*.js"),
    ];
    assert_eq!(all, pairs(&expected));
    let all = found("/srv/shop/Procfile", text);
    assert_eq!(all[0].registration.environment["RAILS_ENV"], "a b");
    assert_eq!(all[0].registration.port, Some(3000));
    assert_eq!(all[0].registration.working_directory.as_deref(), Some("/srv/shop"));
    assert!(all[1].notes[0].contains("| joins two commands"), "{:?}", all[1].notes);
    assert!(all[2].notes[0].starts_with("Variables"), "{:?}", all[2].notes);
    assert_eq!(all[2].notes.len(), 2, "files are not put in");
    assert_eq!(
        told("/x/Procfile", "\nnothing"),
        "line 2: it should be `name: command`, not \"nothing\""
    );
}

#[test]
fn a_procfile_with_its_variables_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "export PORT=\"5000\"\n# x\nnonsense\nA=b=c\n")
        .unwrap();
    let path = folder.path().join("Procfile");
    let all = import(&path, "web: serve -p $PORT ${A} $B\nother: serve '$PORT'").unwrap().found;
    assert_eq!(all[0].registration.command, ["serve", "-p", "5000", "b=c", "$B"]);
    assert_eq!(all[0].registration.environment["A"], "b=c");
    assert!(all[0].notes[0].starts_with("Variables"), "$B is not known");
    assert_eq!(all[1].registration.command, ["serve", "$PORT"], "it was quoted");
}

#[test]
fn what_only_a_shell_understands_is_no_command() {
    for line in ["a && b", "a; b", "a > x", "a < x", "a `b`", "a $(b)", "a \"$(b)\"", "a 'b"] {
        let (command, notes) = words(line);
        assert!(command.is_empty() && notes.len() == 1, "{line}: {command:?} {notes:?}");
    }
    for line in ["a 'b && c'", "a \"b ; c\"", r"a b\;c", "a '$(b)'", "a=b c"] {
        assert!(!words(line).0.is_empty(), "{line}");
    }
}

#[test]
fn a_package() {
    let text = r#"{"name": "@shop/web", "scripts": {"build": "vite build", "prebuild": "x", "dev": "vite",
        "prepare": "husky", "start": "node .", "presentation": "y"}, "packageManager": "pnpm@9.1.0"}"#;
    let expected = [
        ("@shop/web dev", "pnpm␣run␣dev"),
        ("@shop/web start", "pnpm␣run␣start"),
        ("@shop/web build", "pnpm␣run␣build"),
        ("@shop/web presentation", "pnpm␣run␣presentation"),
    ];
    assert_eq!(commands("/srv/package.json", text), pairs(&expected));
    assert_eq!(found("/srv/package.json", text)[0].registration.notes, "dev: vite");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("yarn.lock"), "").unwrap();
    let one = import(&folder.path().join("package.json"), r#"{"scripts": {"a": "b"}}"#).unwrap();
    assert_eq!(one.found[0].registration.command, ["yarn", "run", "a"]);
    assert_eq!(commands("/srv/package.json", "{}"), []);
    assert!(told("/srv/package.json", "{\n\"scripts\": 3}").starts_with("line 2: "));
}

#[test]
fn a_compose_file() {
    let text = "name: shop\nx-a: &a {restart: always}\nservices:\n  web:\n    <<: *a\n    ports: ['127.0.0.1:8080:80/tcp']\n\
                \x20 db:\n    image: postgres\n    ports: [{target: 5432, published: '5433'}, 99]\n  idle:\n";
    let path = "/srv/shop/compose.yaml";
    let up = |name| format!("docker␣compose␣-f␣{path}␣up␣--no-log-prefix␣{name}");
    let (db, idle, web) = (up("db"), up("idle"), up("web"));
    let expected = [("shop db", &*db), ("shop idle", &*idle), ("shop web", &*web)];
    assert_eq!(commands(path, text), pairs(&expected));
    let ports: Vec<_> = found(path, text).iter().map(|one| one.registration.port).collect();
    assert_eq!(ports, [Some(5433), None, Some(8080)]);
    assert_eq!(found(path, text)[2].notes.len(), 1, "Docker starts it again");
    assert!(told(path, "services:\n  web: [\n").starts_with("line "));
}

#[test]
fn aliases_of_aliases_are_given_up() {
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..30 {
        let each = vec![format!("*a{}", level - 1); 9].join(",");
        text.push_str(&format!("a{level}: &a{level} [{each}]\n"));
    }
    text.push_str("services: {web: {image: *a29}}\n");
    let began = std::time::Instant::now();
    assert!(told("/x/compose.yml", &text).starts_with("line "));
    assert!(began.elapsed().as_secs() < 5, "soon");
}

#[test]
fn an_ecosystem() {
    let text = "// ours\nmodule.exports = {\n  apps: [\n    { name: 'api', script: './app.js', args: '--port 3000 \"a b\"', instances: 'max',\n\
                env: { PORT: 3000, DEBUG: true, NONE: null }, node_args: '--max-old-space-size=64', cwd: 'api', out_file: 'logs/out.log', error_file: '/var/log/e.log', },\n\
                { script: 'worker.py', autorestart: false, args: ['x y'], },\n    { name: 'go', script: './go', interpreter: 'none' },\n  ],\n};\n";
    let expected = [
        ("api", "node␣--max-old-space-size=64␣./app.js␣--port␣3000␣a b"),
        ("worker", "python3␣worker.py␣x y"),
        ("go", "./go"),
    ];
    assert_eq!(commands("/srv/ecosystem.config.js", text), pairs(&expected));
    let all = found("/srv/ecosystem.config.js", text);
    let api = &all[0].registration;
    assert_eq!(api.working_directory.as_deref(), Some("/srv/api"));
    assert_eq!((api.port, api.restart), (Some(3000), RestartPolicy::Always));
    assert_eq!(api.environment["DEBUG"], "true");
    assert_eq!(api.log_paths, ["/srv/api/logs/out.log", "/var/log/e.log"]);
    assert_eq!(all[0].notes, ["PM2 runs max of it; Ira runs one."]);
    assert_eq!(all[1].registration.restart, RestartPolicy::Never);
    let computed =
        told("/x/ecosystem.config.js", "\nmodule.exports = {\n apps: [{ script: a + b }] }");
    assert!(computed.contains("no script is run") && computed.starts_with("line 3"), "{computed}");
    let json = r#"[{"script": "a.js"}]"#;
    assert_eq!(commands("/x/pm2.json", json), pairs(&[("a", "node␣a.js")]));
}

#[test]
fn a_unit() {
    let text = "[Unit]\nDescription=The shop\n[Service]\nType=simple\nExecStart=-@/usr/bin/node nodejs \\\n  # why\n  server.js \"a b\" $PORT\n\
                WorkingDirectory=/srv/shop\nEnvironment=\"A=b c\" PORT=80\nEnvironment=C=d\nUser=shop\nRestart=on-abnormal\n[Install]\nWantedBy=multi-user.target\n";
    let all = found("/etc/systemd/system/shop.service", text);
    let one = &all[0].registration;
    assert_eq!(one.name, "shop");
    assert_eq!(one.command, ["/usr/bin/node", "server.js", "a b", "$PORT"]);
    assert_eq!(one.working_directory.as_deref(), Some("/srv/shop"));
    assert_eq!(one.environment["A"], "b c");
    assert_eq!((one.restart, one.notes.as_str()), (RestartPolicy::OnFailure, "The shop"));
    assert_eq!(all[0].notes.len(), 3, "{:?}", all[0].notes);
    assert_eq!(
        told("/x/a.service", "[Service]\nno"),
        "line 2: it should be `Key=value`, not \"no\""
    );
    assert_eq!(told("/x/a.service", ""), "line 1: there is no ExecStart= in [Service]");
}

#[test]
fn our_own_export() {
    let one = Registration {
        name: "Shop".into(),
        command: vec!["a".into(), "b c".into()],
        restart: RestartPolicy::OnFailure,
        ..Registration::default()
    };
    let text =
        toml::to_string(&std::collections::BTreeMap::from([("application", [&one])])).unwrap();
    assert_eq!(found("/x/ira.toml", &text)[0].registration, one);
    assert!(told("/x/ira.toml", "a = 1\n").starts_with("line 1: unknown field"));
}

#[test]
fn other_files_are_none() {
    assert!(told("/etc/passwd", "").starts_with("/etc/passwd is none of Procfile"));
}

#[test]
fn brackets_without_end_are_no_stack_without_end() {
    let deep = "[".repeat(1 << 20);
    for name in ["ecosystem.json", "package.json", "compose.yml", "x.toml", "a.service", "Procfile"]
    {
        assert!(import(&Path::new("/x").join(name), &deep).is_err(), "{name}");
    }
    let deep = format!("a = {deep}");
    assert!(import(Path::new("/x/x.toml"), &deep).is_err());
    let deep = format!("services:\n{}", "- ".repeat(100_000));
    assert!(import(Path::new("/x/compose.yml"), &deep).is_err());
}

#[test]
fn a_field_that_is_too_large_is_named() {
    let wrong = |one: Registration| -> Vec<Field> {
        check(&one).iter().filter(|one| !one.problem.is_warning()).map(|one| one.field).collect()
    };
    let good = || Registration { name: "x".into(), ..Registration::default() };
    assert_eq!(wrong(good()), []);
    assert_eq!(wrong(Registration { name: "x".repeat(101), ..good() }), [Field::Name]);
    assert_eq!(wrong(Registration { command: vec!["x".into(); 1001], ..good() }), [Field::Command]);
    assert_eq!(wrong(Registration { command: vec!["a\0".into()], ..good() }), [Field::Command]);
    assert_eq!(wrong(Registration { notes: "x".repeat(10_001), ..good() }), [Field::Notes]);
    assert_eq!(wrong(Registration { tags: vec!["x".into(); 21], ..good() }), [Field::Tags]);
    let large = (0..9).map(|n| (format!("A{n}"), "x".repeat(127 << 10))).collect();
    assert_eq!(wrong(Registration { environment: large, ..good() }), [Field::Environment]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,400}", which in 0_usize..6) {
        let names = ["Procfile", "package.json", "compose.yml", "ecosystem.config.js", "a.service", "x.toml"];
        let _ = import(&Path::new("/x").join(names[which]), &text);
    }

    #[test]
    fn what_looks_like_a_file_is_read_without_panic(parts in proptest::collection::vec(proptest::sample::select(vec![
        "web", ": ", "run", "\n", "  ", "- ", "{", "}", "[", "]", "\"", "'", ",", "&a ", "*a ", "<<: ", "!!str ", "|", "\\\n",
        "services", "command", "environment", "ports", "\"scripts\"", "\"apps\"", "module.exports = ", "//", "/*", "*/",
        "[Service]", "ExecStart=", "Environment=", "A=1", "%i", "$PORT", "${X", "[[application]]", "name = ", "80:80", "0", "é", "\t",
    ]), 0..60)) {
        let text = parts.concat();
        for name in ["Procfile", "package.json", "compose.yml", "ecosystem.config.js", "ecosystem.json", "a.service", "x.toml"] {
            if let Ok(read) = import(&Path::new("/x").join(name), &text) {
                proptest::prop_assert!(read.found.iter().all(|one| one.registration.application.is_empty()));
            }
        }
    }
}

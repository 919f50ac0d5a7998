//! The format of a case; see `tests/discovery/README.md`.

use ira_model::{Application, ApplicationClass};
use std::{collections::BTreeMap, fmt};

/// One process of a case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Process {
    pub(crate) arguments: Vec<String>,
    pub(crate) executable: Option<String>,
    pub(crate) name: String,
    pub(crate) working_directory: Option<String>,
    pub(crate) control_group: Option<String>,
    pub(crate) age_s: Option<u64>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) process: Process,
    pub(crate) parents: Vec<Process>,
    pub(crate) children: Vec<Process>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) desktop: Vec<ira_probe::DesktopEntry>,
    pub(crate) containers: BTreeMap<String, ira_probe::ContainerLabel>,
    pub(crate) flags: BTreeMap<String, String>,
    pub(crate) expected: Expected,
}

/// What is told. What a case leaves out is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Expected {
    id: String,
    name: String,
    class: String,
    engine: Option<String>,
    version: Option<String>,
}

impl Expected {
    /// The application, as far as the case asks.
    pub(crate) fn of(application: &Application, asked: &Self) -> Self {
        if application.is_none() {
            return Self { id: "-".into(), ..Self::default() };
        }
        let text = |value: &Option<String>| Some(value.clone().unwrap_or_else(|| "-".into()));
        Self {
            id: application.id.clone(),
            name: application.name.clone(),
            class: class(application.class).to_owned(),
            engine: asked.engine.as_ref().and_then(|_| text(&application.engine)),
            version: asked.version.as_ref().and_then(|_| text(&application.version)),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {} | {}", self.id, self.name, self.class)?;
        for one in [&self.engine, &self.version].into_iter().flatten() {
            write!(f, " | {one}")?;
        }
        Ok(())
    }
}

pub(crate) fn class(class: ApplicationClass) -> &'static str {
    match class {
        ApplicationClass::Other => "other",
        ApplicationClass::Database => "database",
        ApplicationClass::Cache => "cache",
        ApplicationClass::Queue => "queue",
        ApplicationClass::WebServer => "web_server",
        ApplicationClass::Proxy => "proxy",
        ApplicationClass::Runtime => "runtime",
        ApplicationClass::Desktop => "desktop",
        ApplicationClass::System => "system",
    }
}

/// Every case of a file.
pub(crate) fn parse(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if let Some(title) = line.strip_prefix("== ") {
            cases.push(Case { title: title.to_owned(), ..Case::default() });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with ==");
        if let Some(expected) = line.strip_prefix("=> ") {
            let parts: Vec<String> = expected.split(" | ").map(|p| p.trim().to_owned()).collect();
            case.expected = Expected {
                id: parts[0].clone(),
                name: parts.get(1).cloned().unwrap_or_default(),
                class: parts.get(2).cloned().unwrap_or_default(),
                engine: parts.get(3).cloned(),
                version: parts.get(4).cloned(),
            };
            finish(case);
            continue;
        }
        let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("what is {line:?}"));
        field(case, key, value.trim());
    }
    cases
}

fn field(case: &mut Case, key: &str, value: &str) {
    match key {
        "run" => case.process.arguments = words(value),
        "exe" => case.process.executable = Some(value.to_owned()),
        "comm" => case.process.name = value.to_owned(),
        "cwd" => case.process.working_directory = Some(value.to_owned()),
        "cgroup" => case.process.control_group = Some(value.to_owned()),
        "env" => {
            case.environment = words(value)
                .iter()
                .filter_map(|word| word.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
        }
        "file" => {
            let (path, text) = value.split_once(' ').unwrap_or((value, ""));
            case.files.insert(path.to_owned(), text.replace("\\n", "\n").into_bytes());
        }
        "jar" => {
            let mut parts = value.splitn(3, ' ');
            let (path, entry) = (parts.next().unwrap(), parts.next().unwrap());
            let text = parts.next().unwrap_or("").replace("\\n", "\n");
            case.files.insert(path.to_owned(), crate::files::archive(entry, &text));
        }
        "desktop" => {
            let parts: Vec<&str> = value.split('|').map(str::trim).collect();
            let flags = parts.get(5).copied().unwrap_or("");
            case.desktop.push(ira_probe::DesktopEntry {
                id: parts[0].to_owned(),
                name: parts[1].to_owned(),
                icon: Some(parts[2].to_owned()),
                // As placeholders are left out when an entry is read.
                exec: words(parts[3]).into_iter().filter(|word| !word.starts_with('%')).collect(),
                program: parts.get(4).map(|&program| program.to_owned()),
                in_terminal: flags.contains("terminal"),
                is_hidden: flags.contains("hidden"),
            });
        }
        "container" => {
            let (id, rest) = value.split_once(' ').unwrap();
            let of = |name: &str| {
                let start = format!("{name}=");
                rest.split(' ').find_map(|word| word.strip_prefix(&start)).map(str::to_owned)
            };
            let label = ira_probe::ContainerLabel {
                name: of("name").unwrap_or_default(),
                image: of("image").unwrap_or_default(),
                compose_project: of("project"),
                compose_service: of("service"),
            };
            case.containers.insert(id.to_owned(), label);
        }
        "parent" => case.parents.push(relative(value)),
        "child" => case.children.push(relative(value)),
        "flags" => {
            for word in value.split(' ') {
                let (name, value) = word.split_once('=').unwrap_or((word, ""));
                case.flags.insert(name.to_owned(), value.to_owned());
            }
        }
        _ => panic!("what is {key:?}"),
    }
}

/// `COMMAND ; exe=… ; cwd=… ; cgroup=…`
fn relative(value: &str) -> Process {
    let mut parts = value.split(" ; ");
    let mut process = Process { arguments: words(parts.next().unwrap()), ..Process::default() };
    for part in parts {
        let (key, value) = part.trim().split_once('=').unwrap();
        match key {
            "exe" => process.executable = Some(value.to_owned()),
            "cwd" => process.working_directory = Some(value.to_owned()),
            "cgroup" => process.control_group = Some(value.to_owned()),
            "age" => process.age_s = Some(value.parse().unwrap()),
            _ => panic!("what is {key:?}"),
        }
    }
    process
}

/// Fills in what a case leaves out.
fn finish(case: &mut Case) {
    let Case { process, parents, children, .. } = case;
    for one in std::iter::once(process).chain(parents).chain(children) {
        complete(one);
    }
}

/// A process of which only that much is said.
pub(crate) fn process(
    arguments: Vec<String>,
    executable: Option<&str>,
    name: Option<&str>,
    working_directory: Option<&str>,
) -> Process {
    let mut process = Process {
        arguments,
        executable: executable.map(str::to_owned),
        name: name.unwrap_or_default().to_owned(),
        working_directory: working_directory.map(str::to_owned),
        ..Process::default()
    };
    complete(&mut process);
    process
}

fn complete(one: &mut Process) {
    let folder = one.working_directory.clone().unwrap_or_else(|| "/".to_owned());
    let first = one.arguments.first().cloned().unwrap_or_default();
    let said = first.trim_start_matches('-');
    let said = said.split(' ').next().unwrap_or(said).trim_end_matches(':');
    let path = match said {
        "" => "none".to_owned(),
        said if said.starts_with('/') => said.to_owned(),
        said if said.contains('/') => {
            format!("{}/{}", folder.trim_end_matches('/'), said.trim_start_matches("./"))
        }
        said => format!("/usr/bin/{said}"),
    };
    let executable = one.executable.take().unwrap_or(path);
    if one.name.is_empty() {
        let from = if executable == "none" { said } else { &executable };
        one.name = from.rsplit('/').next().unwrap_or(from).to_owned();
    } else if one.name.len() == 15 {
        let whole = one.arguments.iter().filter_map(|argument| argument.rsplit('/').next());
        let mut whole = whole.filter(|file| file.starts_with(&one.name));
        one.name = whole.next().map_or_else(|| one.name.clone(), str::to_owned);
    }
    one.executable = Some(executable).filter(|path| path != "none");
    one.working_directory = Some(folder).filter(|folder| folder != "none");
}

/// Words of a command line; quotes hold blanks together.
pub(crate) fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                quoted = !quoted;
                any = true;
            }
            '\\' if quoted => word.extend(letters.next()),
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            letter => word.push(letter),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

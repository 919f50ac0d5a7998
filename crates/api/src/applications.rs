//! Applications: the list with its remainder, and one in full.

use crate::{
    Ira,
    moment::{Moment, ProcessView},
    wire::{
        ApiError, ApplicationClass, ApplicationDetail, ApplicationKind, ApplicationRequest,
        ApplicationRow, Applications, At, ErrorCode, Evidence, Port, Protocol, SharedEvidence,
        Unattributed,
    },
};
use ira_model::{Application, Listener, Totals, Usage};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// All applications at a moment, and what none of them accounts for.
///
/// # Errors
/// [`ErrorCode::NotRecorded`] where nothing is kept then.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn applications(ira: &Ira, request: At) -> Result<Applications, ApiError> {
    match request.at_ms {
        None => ira.applications_now(),
        past => ira.at(past, |moment| moment.applications()),
    }
}

/// One application in full.
///
/// # Errors
/// [`ErrorCode::NotFound`] where it did not run then.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn application(ira: &Ira, request: ApplicationRequest) -> Result<ApplicationDetail, ApiError> {
    let found = ira.at(request.at_ms, |moment| detail(ira, moment, &request.id))?;
    let kept = ira.past(|reader| reader.application(&request.id)).ok().flatten();
    let known = |detail: ApplicationDetail| ApplicationDetail {
        first_seen_ms: kept.as_ref().map(|kept| kept.first_seen_ms),
        runs: kept.as_ref().map(|kept| kept.runs),
        ..detail
    };
    found.map(known).ok_or_else(|| {
        ApiError::of(
            Some(ErrorCode::NotFound),
            format!("the application {} did not run at that moment", request.id),
        )
    })
}

/// The processes of an application and why they belong to it.
#[derive(Debug, Clone, Default)]
pub struct Members {
    /// Pids, ascending.
    pub pids: Vec<u32>,
    /// Every rule that fired for one of them, each once, strongest first.
    pub evidence: Vec<Evidence>,
}

/// Processes and evidence of every application at a moment, by identifier. For the terminal, whose
/// answers hold everything at once.
///
/// # Errors
/// [`ErrorCode::NotRecorded`] where nothing is kept then.
#[allow(clippy::needless_pass_by_value)] // like a command
pub fn members(ira: &Ira, request: At) -> Result<HashMap<String, Members>, ApiError> {
    ira.at(request.at_ms, |moment| {
        let mut all: HashMap<String, Members> = HashMap::new();
        for process in moment.processes.iter().filter(|p| !p.attribution.application.is_none()) {
            let members = all.entry(process.attribution.application.id.clone()).or_default();
            members.pids.push(process.sample.key.pid);
            for one in process.attribution.evidence.iter().map(evidence) {
                if members.evidence.len() < EVIDENCE_SHOWN && !members.evidence.contains(&one) {
                    members.evidence.push(one);
                }
            }
        }
        for members in all.values_mut() {
            members.evidence.sort_by_key(|one| one.rule);
        }
        all
    })
}

/// What is summed over the processes of an application.
struct Sum<'a> {
    application: &'a Application,
    usage: Usage,
    process_count: u32,
    oldest_ms: u64,
    working_directory: Option<&'a str>,
    ports: BTreeSet<u16>,
}

impl Ira {
    /// All applications now, those that are kept among them whether they run or not.
    pub(crate) fn applications_now(&self) -> Result<Applications, ApiError> {
        let mut all = self.at(None, |moment| moment.applications())?;
        for kept in self.engine.registry().iter() {
            let one = &kept.registration;
            match all.applications.iter_mut().find(|row| row.id == one.application) {
                Some(row) => {
                    row.is_kept = true;
                    if one.working_directory.is_some() {
                        row.working_directory.clone_from(&one.working_directory);
                    }
                }
                None => {
                    let known = Application::of_id(&one.application, one.name.as_str());
                    let mut row = Sum::new(&known).row(0);
                    row.is_kept = true;
                    row.working_directory.clone_from(&one.working_directory);
                    all.applications.push(row);
                }
            }
        }
        Ok(all)
    }
}

impl Moment<'_> {
    /// All applications by descending CPU, and the remainder.
    pub(crate) fn applications(&self) -> Applications {
        let ports = self.ports();
        let mut sums: HashMap<&str, Sum<'_>> = HashMap::new();
        let mut all = Usage::default();
        for process in &self.processes {
            let application = &*process.attribution.application;
            if application.is_none() {
                continue;
            }
            let sum = sums.entry(&application.id).or_insert_with(|| Sum::new(application));
            sum.add(process, &ports);
            all.add(process.rates, process.sample);
        }
        for one in self.ended.iter().filter(|one| !one.application.is_none()) {
            let rates = one.rates(self.elapsed_ms);
            let sum = sums.entry(&one.application.id).or_insert_with(|| Sum::new(&one.application));
            sum.usage.add_rates(&rates);
            all.add_rates(&rates);
        }
        let mut applications: Vec<ApplicationRow> =
            sums.values().map(|sum| sum.row(self.boot_ms)).collect();
        applications.sort_by(|a, b| {
            let order = |row: &ApplicationRow| row.cpu_ratio.unwrap_or(-1.0);
            order(b).total_cmp(&order(a)).then_with(|| b.memory_bytes.cmp(&a.memory_bytes))
        });
        let host = self.host();
        let machine = Usage {
            cpu_ratio: host.cpu_ratio,
            memory_bytes: Some(host.memory_used_bytes),
            read_bytes_per_sec: host.disk_read_bytes_per_sec,
            write_bytes_per_sec: host.disk_write_bytes_per_sec,
            received_bytes_per_sec: host.received_bytes_per_sec,
            sent_bytes_per_sec: host.sent_bytes_per_sec,
            pss_bytes: None,
        };
        let rest = Totals::unattributed(&machine, &all);
        Applications {
            at_ms: self.at_ms,
            host,
            applications,
            unattributed: Unattributed {
                cpu_ratio: rest.cpu_ratio,
                memory_bytes: rest.memory_bytes,
                read_bytes_per_sec: rest.read_bytes_per_sec,
                write_bytes_per_sec: rest.write_bytes_per_sec,
                received_bytes_per_sec: rest.received_bytes_per_sec,
                sent_bytes_per_sec: rest.sent_bytes_per_sec,
            },
        }
    }
}

impl<'a> Sum<'a> {
    fn new(application: &'a Application) -> Self {
        Self {
            application,
            usage: Usage::default(),
            process_count: 0,
            oldest_ms: u64::MAX,
            working_directory: None,
            ports: BTreeSet::new(),
        }
    }

    fn add(&mut self, process: &ProcessView<'a>, ports: &HashMap<u32, Vec<&Listener>>) {
        // Processes learn at different times what their application is for; the one that knows tells.
        let theirs = &*process.attribution.application;
        if knows(theirs) > knows(self.application) {
            self.application = theirs;
        }
        self.usage.add(process.rates, process.sample);
        self.process_count += 1;
        if process.sample.key.start_ms < self.oldest_ms {
            self.oldest_ms = process.sample.key.start_ms;
            self.working_directory = process.details.working_directory.as_deref();
        }
        if let Some(listeners) = ports.get(&process.sample.key.pid) {
            self.ports.extend(listeners.iter().map(|listener| listener.port));
        }
    }

    fn row(&self, boot_ms: i64) -> ApplicationRow {
        ApplicationRow {
            id: self.application.id.clone(),
            kind: kind(self.application.kind),
            name: self.application.name.clone(),
            is_kept: false,
            working_directory: self.working_directory.map(str::to_owned),
            class: class(self.application.class),
            engine: self.application.engine.clone(),
            version: self.application.version.clone(),
            icon: self.application.icon.clone(),
            process_count: self.process_count,
            cpu_ratio: self.usage.cpu_ratio,
            memory_bytes: self.usage.memory_bytes,
            read_bytes_per_sec: self.usage.read_bytes_per_sec,
            write_bytes_per_sec: self.usage.write_bytes_per_sec,
            received_bytes_per_sec: self.usage.received_bytes_per_sec,
            sent_bytes_per_sec: self.usage.sent_bytes_per_sec,
            pss_bytes: self.usage.pss_bytes,
            ports: self.ports.iter().copied().collect(),
            since_ms: (self.process_count > 0)
                .then(|| boot_ms.saturating_add(self.oldest_ms.cast_signed())),
        }
    }
}

/// How much is known of what an application is for.
fn knows(application: &Application) -> (bool, bool, bool) {
    let is_known = application.class != ira_model::ApplicationClass::Other;
    (is_known, application.engine.is_some(), application.version.is_some())
}

fn detail(ira: &Ira, moment: &Moment<'_>, id: &str) -> Option<ApplicationDetail> {
    let members: Vec<&ProcessView<'_>> =
        moment.processes.iter().filter(|p| p.attribution.application.id == id).collect();
    let oldest = oldest(&members)?;
    let by_pid = moment.ports();
    let mut sum = Sum::new(&oldest.attribution.application);
    let mut shared: BTreeMap<&ira_model::Evidence, u32> = BTreeMap::new();
    let mut users = BTreeSet::new();
    for process in &members {
        sum.add(process, &by_pid);
        for evidence in process.attribution.evidence.iter() {
            *shared.entry(evidence).or_default() += 1;
        }
        users.extend(process.details.user_id.map(|user| ira.user(user)));
    }
    let mut shared: Vec<SharedEvidence> = shared
        .into_iter()
        .map(|(one, process_count)| SharedEvidence {
            evidence: evidence(one),
            process_count,
            names_it: one.result == id,
        })
        .collect();
    shared.sort_by_key(|one| (one.evidence.rule, std::cmp::Reverse(one.process_count)));
    shared.truncate(EVIDENCE_SHOWN);
    Some(ApplicationDetail {
        at_ms: moment.at_ms,
        row: sum.row(moment.boot_ms),
        evidence: shared,
        processes: members.iter().map(|process| ira.process_row(moment, process)).collect(),
        ports: ports_of(&members, &by_pid),
        users: users.into_iter().collect(),
        working_directory: oldest.details.working_directory.clone(),
        command: Some(oldest.details.command()),
        first_seen_ms: None,
        runs: None,
    })
}

/// The one that started the others.
pub(crate) fn oldest<'m, 'a>(members: &[&'m ProcessView<'a>]) -> Option<&'m ProcessView<'a>> {
    members.iter().copied().min_by_key(|one| one.sample.key.start_ms)
}

/// An application of thousands of processes has thousands of paths; the most common say enough.
const EVIDENCE_SHOWN: usize = 50;

/// Ports that those processes listen on.
pub(crate) fn ports_of(
    members: &[&ProcessView<'_>],
    by_pid: &HashMap<u32, Vec<&Listener>>,
) -> Vec<Port> {
    let mut ports = Vec::new();
    for pid in members.iter().map(|process| process.sample.key.pid) {
        ports.extend(by_pid.get(&pid).into_iter().flatten().map(|listener| port(listener, pid)));
    }
    // Workers that inherit a socket hold the same port; each is told once.
    ports.sort_by(|a, b| (a.port, &a.address, a.pid).cmp(&(b.port, &b.address, b.pid)));
    ports.dedup_by(|a, b| (a.port, a.protocol, &a.address) == (b.port, b.protocol, &b.address));
    ports
}

pub(crate) fn protocol(protocol: ira_model::Protocol) -> Protocol {
    match protocol {
        ira_model::Protocol::Tcp => Protocol::Tcp,
        ira_model::Protocol::Udp => Protocol::Udp,
    }
}

fn port(listener: &Listener, pid: u32) -> Port {
    Port {
        protocol: protocol(listener.protocol),
        port: listener.port,
        address: listener.address.to_string(),
        pid,
        is_elsewhere: listener.namespace.is_some(),
    }
}

/// Evidence for the wire.
pub(crate) fn evidence(evidence: &ira_model::Evidence) -> Evidence {
    Evidence {
        rule: evidence.rule as u8,
        input: evidence.input.clone(),
        result: evidence.result.clone(),
    }
}

fn kind(kind: ira_model::ApplicationKind) -> ApplicationKind {
    use ira_model::ApplicationKind as Model;
    match kind {
        Model::Kernel => ApplicationKind::Kernel,
        Model::Process => ApplicationKind::Process,
        Model::Systemd => ApplicationKind::Systemd,
        Model::Docker => ApplicationKind::Docker,
        Model::Desktop => ApplicationKind::Desktop,
        Model::Project => ApplicationKind::Project,
        Model::Container => ApplicationKind::Container,
        Model::Custom => ApplicationKind::Custom,
    }
}

fn class(class: ira_model::ApplicationClass) -> ApplicationClass {
    use ira_model::ApplicationClass as Model;
    match class {
        Model::Other => ApplicationClass::Other,
        Model::Database => ApplicationClass::Database,
        Model::Cache => ApplicationClass::Cache,
        Model::Queue => ApplicationClass::Queue,
        Model::WebServer => ApplicationClass::WebServer,
        Model::Proxy => ApplicationClass::Proxy,
        Model::Runtime => ApplicationClass::Runtime,
        Model::Desktop => ApplicationClass::Desktop,
        Model::System => ApplicationClass::System,
    }
}

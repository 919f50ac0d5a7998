//! One connection to one manager of systemd, and the signals it sends.

use super::{
    Again, Said, Scope, ServiceError, Unit, UnitKind,
    units::{Files, Known, Listed},
};
use async_io::Timer;
use futures_lite::FutureExt as _;
use std::{collections::HashMap, io, time::Duration};
use zbus::{
    MatchRule, Message,
    blocking::{Connection, MessageIterator, Proxy},
    connection::Builder,
    message::Type,
};

/// The bus that does not answer within this time is not waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// One that does not let in within this time neither.
const ENTRY: Duration = Duration::from_secs(5);
/// Units looked at; a machine with more has a fault of its own.
const MOST_UNITS: usize = 5000;

pub(super) const DESTINATION: &str = "org.freedesktop.systemd1";
pub(super) const ROOT: &str = "/org/freedesktop/systemd1";
pub(super) const MANAGER: &str = "org.freedesktop.systemd1.Manager";

/// One manager.
#[derive(Debug)]
pub struct Manager {
    connection: Connection,
    scope: Scope,
    /// By object path, as it was asked for last.
    known: HashMap<String, Known>,
    /// Files of units, until the manager says that they are others.
    files: Option<Files>,
}

impl Manager {
    /// Connects to the bus of a manager.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub fn connect(scope: Scope) -> Result<Self, ServiceError> {
        let connection = connection(scope, PATIENCE)?;
        Ok(Self { connection, scope, known: HashMap::new(), files: None })
    }

    /// Has the manager tell what changes. `told` is called in a thread that ends with the connection,
    /// and must not wait.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub fn watch(&self, mut told: impl FnMut(Said) + Send + 'static) -> Result<(), ServiceError> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(DESTINATION)
            .and_then(|rule| rule.path_namespace(ROOT))
            .map_err(|error| fault(&error, self.scope))?
            .build();
        let messages = MessageIterator::for_match_rule(rule, &self.connection, Some(256))
            .map_err(|error| fault(&error, self.scope))?;
        let manager = manager(&self.connection, self.scope)?;
        manager.call::<_, _, ()>("Subscribe", &()).map_err(|error| fault(&error, self.scope))?;
        let listen = move || {
            for message in messages.map_while(Result::ok) {
                told(said(&message));
            }
            told(Said::Ended);
        };
        std::thread::Builder::new()
            .name("ira-signals".to_owned())
            .spawn(listen)
            .map(drop)
            .map_err(|error| ServiceError::Failed(format!("no thread for signals: {error}")))
    }

    /// All services, timers and sockets, loaded or not. Asks anew only for units that were not known,
    /// whose state differs, or which are to be asked `again`.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub fn units(&mut self, again: &Again) -> Result<Vec<Unit>, ServiceError> {
        let fault = |error| fault(&error, self.scope);
        let manager = manager(&self.connection, self.scope)?;
        let files = match self.files.take().filter(|_| !again.all) {
            Some(files) => files,
            None => Files::ask(&manager).map_err(fault)?,
        };
        let listed: Vec<Listed> = manager.call("ListUnits", &()).map_err(fault)?;
        let mut units = Vec::new();
        let mut next = HashMap::new();
        let looked_at = |one: Listed| Some((UnitKind::of(&one.name)?, one));
        for (kind, one) in listed.into_iter().filter_map(looked_at).take(MOST_UNITS) {
            let path = one.path.to_string();
            let anew = again.all || again.units.contains(&path);
            let known = self.known.remove(&path).filter(|known| !anew && known.is_of(&one));
            let known = match known {
                Some(known) => known,
                None => Known::ask(&self.connection, &one, kind).map_err(fault)?,
            };
            // One that is only mentioned by another does not exist.
            if one.load != "not-found" || one.active != "inactive" {
                units.push(known.unit(&one, kind));
            }
            next.insert(path, known);
        }
        files.add_unloaded(&mut units, MOST_UNITS);
        self.known = next;
        self.files = Some(files);
        units.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(units)
    }

    /// Ends the connection, and with it the thread of [`Self::watch`].
    pub fn close(self) {
        self.connection.close().ok();
    }
}

/// What a signal of a manager means for what is known.
fn said(message: &Message) -> Said {
    let header = message.header();
    let member = header.member().map_or("", |member| member.as_str());
    match header.path().map(|path| path.as_str()) {
        Some(path) if path != ROOT => Said::Unit(path.to_owned()),
        _ if member == "UnitFilesChanged" || member == "Reloading" => Said::Files,
        _ => Said::List,
    }
}

/// A connection to the bus of a manager, on which a call may take so long. Coming in may take as long:
/// the library would wait for ever where something listens and says nothing.
pub(super) fn connection(scope: Scope, patience: Duration) -> Result<Connection, ServiceError> {
    let builder = match scope {
        Scope::System => Builder::system(),
        Scope::User => Builder::session(),
    };
    let build = async { builder?.method_timeout(patience).build().await };
    let late = async {
        Timer::after(ENTRY).await;
        Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in 5 s").into())
    };
    async_io::block_on(build.or(late)).map(Connection::from).map_err(|error| fault(&error, scope))
}

pub(super) fn manager(
    connection: &Connection,
    scope: Scope,
) -> Result<Proxy<'static>, ServiceError> {
    Proxy::new_owned(connection.clone(), DESTINATION, ROOT, MANAGER)
        .map_err(|error| fault(&error, scope))
}

/// What the bus said, sorted by what can be done about it.
pub(super) fn fault(error: &zbus::Error, scope: Scope) -> ServiceError {
    use std::io::ErrorKind;
    let whose = match scope {
        Scope::System => "the system bus",
        Scope::User => "the bus of the user's session",
    };
    let said = error.to_string();
    match error {
        zbus::Error::InputOutput(io) | zbus::Error::Connection(io, _) => match io.kind() {
            ErrorKind::NotFound | ErrorKind::ConnectionRefused => {
                ServiceError::Absent(format!("{whose} is not there: {said}"))
            }
            ErrorKind::PermissionDenied => {
                ServiceError::Denied(format!("{whose} may not be used: {said}"))
            }
            ErrorKind::TimedOut => ServiceError::Failed(format!("{whose} does not answer: {said}")),
            _ => ServiceError::Failed(format!("{whose}: {said}")),
        },
        zbus::Error::Address(_) => ServiceError::Absent(format!("{whose} is not there: {said}")),
        zbus::Error::Handshake(_) => {
            ServiceError::Denied(format!("{whose} does not let this user in: {said}"))
        }
        zbus::Error::MethodError(name, message, _) => {
            let said = message.clone().unwrap_or_else(|| name.to_string());
            match name.as_str().rsplit('.').next().unwrap_or_default() {
                "ServiceUnknown" | "NameHasNoOwner" | "SpawnFailed" | "ExecFailed"
                | "ChildExited" => {
                    ServiceError::Absent(format!("no systemd answers on {whose}: {said}"))
                }
                "AccessDenied" | "NotAuthorized" => ServiceError::Denied(said),
                "InteractiveAuthorizationRequired" => ServiceError::NoAgent(said),
                "NoSuchUnit" => ServiceError::NotFound(said),
                _ => ServiceError::Failed(said),
            }
        }
        _ => ServiceError::Failed(format!("{whose}: {said}")),
    }
}

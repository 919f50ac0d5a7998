//! One connection to one manager of systemd, and the signals it sends.

use super::{
    Scope, ServiceError, Unit, UnitKind,
    units::{Known, Listed},
};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use zbus::{
    MatchRule,
    blocking::{Connection, MessageIterator, Proxy, connection::Builder},
    message::Type,
};

/// The bus that does not answer within this time is not waited for.
const PATIENCE: Duration = Duration::from_secs(5);
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
}

impl Manager {
    /// Connects to the bus of a manager.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub fn connect(scope: Scope) -> Result<Self, ServiceError> {
        Ok(Self { connection: connection(scope, PATIENCE)?, scope, known: HashMap::new() })
    }

    /// Has the manager tell what changes: `told` gets the object path of a unit, or `None` when the
    /// connection has ended. Runs in a thread that ends with the connection.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub fn watch(
        &self,
        mut told: impl FnMut(Option<String>) + Send + 'static,
    ) -> Result<(), ServiceError> {
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
                if let Some(path) = message.header().path() {
                    told(Some(path.to_string()));
                }
            }
            told(None);
        };
        std::thread::Builder::new()
            .name("ira-signals".to_owned())
            .spawn(listen)
            .map(drop)
            .map_err(|error| ServiceError::Failed(format!("no thread for signals: {error}")))
    }

    /// All services, timers and sockets. Asks anew only for units that were not known, whose state
    /// differs, or whose object path is in `again`.
    ///
    /// # Errors
    /// See [`ServiceError`].
    pub fn units(&mut self, again: &BTreeSet<String>) -> Result<Vec<Unit>, ServiceError> {
        let manager = manager(&self.connection, self.scope)?;
        let listed: Vec<Listed> =
            manager.call("ListUnits", &()).map_err(|error| fault(&error, self.scope))?;
        let mut units = Vec::new();
        let mut next = HashMap::new();
        for one in listed.into_iter().take(MOST_UNITS) {
            let Some(kind) = UnitKind::of(&one.name) else { continue };
            let path = one.path.to_string();
            let known = self
                .known
                .remove(&path)
                .filter(|known| !again.contains(&path) && known.is_of(&one))
                .unwrap_or_else(|| Known::ask(&self.connection, &one, kind));
            units.push(known.unit(&one, kind));
            next.insert(path, known);
        }
        self.known = next;
        units.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(units)
    }

    /// Ends the connection, and with it the thread of [`Self::watch`].
    pub fn close(self) {
        self.connection.close().ok();
    }
}

/// A connection to the bus of a manager, on which a call may take so long.
pub(super) fn connection(scope: Scope, patience: Duration) -> Result<Connection, ServiceError> {
    let builder = match scope {
        Scope::System => Builder::system(),
        Scope::User => Builder::session(),
    };
    builder
        .and_then(|builder| builder.method_timeout(patience).build())
        .map_err(|error| fault(&error, scope))
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
                "AccessDenied" | "InteractiveAuthorizationRequired" | "NotAuthorized" => {
                    ServiceError::Denied(said)
                }
                "NoSuchUnit" => ServiceError::NotFound(said),
                _ => ServiceError::Failed(said),
            }
        }
        _ => ServiceError::Failed(format!("{whose}: {said}")),
    }
}

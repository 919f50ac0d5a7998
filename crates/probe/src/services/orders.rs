//! Orders to a manager. It may ask the user for a password through polkit's agent meanwhile, so an
//! order has a connection of its own and time.

use super::{Scope, ServiceError, UnitAction, bus};
use std::{
    sync::mpsc,
    time::{Duration, Instant},
};
use zbus::{
    blocking::Proxy,
    proxy::MethodFlags,
    zvariant::{DynamicType, OwnedObjectPath},
};

/// How long the user may take for a password.
const PASSWORD: Duration = Duration::from_secs(120);
/// How long a job may take; a service that starts slowly goes on by itself.
const JOB: Duration = Duration::from_secs(100);

/// What `EnableUnitFiles` and its kin say they changed: kind, link, target.
type Changes = Vec<(String, String, String)>;
/// Signal of a job that has ended: number, path, unit, result.
type JobRemoved = (u32, OwnedObjectPath, String, String);

/// Gives an order and waits for what comes of it.
///
/// # Errors
/// See [`ServiceError`]; a job that did not end well, or not in time, is [`ServiceError::Failed`].
pub fn carry_out(scope: Scope, unit: &str, action: UnitAction) -> Result<(), ServiceError> {
    let connection = bus::connection(scope, PASSWORD)?;
    let manager = bus::manager(&connection, scope)?;
    let call = Call { manager: &manager, scope };
    let result = match action {
        UnitAction::Start => job(&call, "StartUnit", unit),
        UnitAction::Stop => job(&call, "StopUnit", unit),
        UnitAction::Restart => job(&call, "RestartUnit", unit),
        UnitAction::Enable => call
            .make::<_, (bool, Changes)>("EnableUnitFiles", &(&[unit][..], false, false))
            .and_then(|_| call.reload()),
        UnitAction::Disable => call
            .make::<_, Changes>("DisableUnitFiles", &(&[unit][..], false))
            .and_then(|_| call.reload()),
    };
    connection.close().ok();
    result
}

struct Call<'a> {
    manager: &'a Proxy<'static>,
    scope: Scope,
}

impl Call<'_> {
    /// Has the manager read the links that were made or removed.
    fn reload(&self) -> Result<(), ServiceError> {
        self.make("Reload", &()).map_err(|error| {
            let text = format!("the links are changed, but the manager did not reload: {error}");
            ServiceError::Failed(text)
        })
    }

    fn make<B, R>(&self, method: &'static str, body: &B) -> Result<R, ServiceError>
    where
        B: serde::Serialize + DynamicType,
        R: for<'d> zbus::zvariant::DynamicDeserialize<'d>,
    {
        self.manager
            .call_with_flags(method, MethodFlags::AllowInteractiveAuth.into(), body)
            .map_err(|error| bus::fault(&error, self.scope))?
            .ok_or_else(|| ServiceError::Failed(format!("{method} gave no answer")))
    }
}

/// Makes a job and waits until it is removed, which is how systemd says that it has ended.
fn job(call: &Call<'_>, method: &'static str, unit: &str) -> Result<(), ServiceError> {
    let fault = |error: zbus::Error| bus::fault(&error, call.scope);
    // Before the call: a job may end before its path arrives.
    let removed = call.manager.receive_signal("JobRemoved").map_err(fault)?;
    call.make::<_, ()>("Subscribe", &())?;
    let (sender, jobs) = mpsc::channel();
    let ours = unit.to_owned();
    // Ends with the connection, which the caller closes.
    let listen = move || {
        for message in removed {
            let Ok(told) = message.body().deserialize::<JobRemoved>() else { continue };
            if told.2 == ours && sender.send(told).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("ira-job".to_owned())
        .spawn(listen)
        .map_err(|error| ServiceError::Failed(format!("no thread for the job: {error}")))?;
    let path: OwnedObjectPath = call.make(method, &(unit, "replace"))?;
    let until = Instant::now() + JOB;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match jobs.recv_timeout(left) {
            Ok((_, ended, _, result)) if ended == path => {
                return match result.as_str() {
                    "done" => Ok(()),
                    other => Err(ServiceError::Failed(format!("the job ended as {other:?}"))),
                };
            }
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let waited = JOB.as_secs();
                let text = format!("the job is still under way after {waited} s and goes on");
                return Err(ServiceError::Failed(text));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let text = "the bus went away while the job was under way";
                return Err(ServiceError::Failed(text.to_owned()));
            }
        }
    }
}

//! Orders to an engine, by whoever waits for them.

use super::{ContainerAction, EngineError, inventory::Engine};
use hyper::Method;
use std::{future::Future, path::Path, time::Duration};

/// A stop takes ten seconds where the container does not end by itself, and removing takes as long
/// as its files do.
const PATIENCE: Duration = Duration::from_secs(60);

/// Gives an order and waits for what comes of it. The container must have `started` when it was looked
/// at: one that was started again since is left alone.
///
/// # Errors
/// See [`EngineError`].
pub fn carry_out(
    socket: &Path,
    id: &str,
    started: &str,
    action: ContainerAction,
) -> Result<(), EngineError> {
    let id = super::inventory::checked(id)?;
    blocking(async {
        let engine = Engine::connect(socket).await?;
        let now = engine.inspect(id).await?;
        if now.started != started {
            let text = format!("{} was started again since it was looked at; look again", now.name);
            return Err(EngineError::Failed(text));
        }
        let (method, path) = action.request(id);
        let method = if method == "DELETE" { Method::DELETE } else { Method::POST };
        engine.order(method, &path, PATIENCE).await
    })
}

/// Runs on a thread of its own: the caller's may have a runtime already.
pub(super) fn blocking<T: Send>(
    work: impl Future<Output = Result<T, EngineError>> + Send,
) -> Result<T, EngineError> {
    let fault = |what: &str| EngineError::Failed(format!("no thread to ask the engine: {what}"));
    std::thread::scope(|scope| {
        let asking =
            std::thread::Builder::new().name("ira-engine".to_owned()).spawn_scoped(scope, || {
                let mut builder = tokio::runtime::Builder::new_current_thread();
                let runtime =
                    builder.enable_all().build().map_err(|error| fault(&error.to_string()))?;
                runtime.block_on(work)
            });
        let asking = asking.map_err(|error| fault(&error.to_string()))?;
        asking.join().unwrap_or_else(|_| Err(fault("it broke off")))
    })
}

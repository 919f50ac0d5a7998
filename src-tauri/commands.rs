//! Tauri commands, one for each entry of the one list. An entry without its function in `ira-api`
//! does not compile.

use crate::{host::Host, outside, page, streams};
use ira_api::wire::{self, ApiError};
use tauri::{State, Wry, async_runtime, ipc::Invoke};

macro_rules! adapters {
    ($($name:ident($request:ident) -> $response:ident: $kind:ident [$($topic:ident),*];)*) => {
        $(
            #[tauri::command]
            async fn $name(
                host: State<'_, Host>,
                request: wire::$request,
            ) -> Result<wire::$response, ApiError> {
                let ira = host.ira()?;
                answer(move || ira_api::$name(&ira, request)).await
            }
        )*

        /// Finds the command that the window called.
        pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![
                $($name,)*
                streams::subscribe,
                streams::unsubscribe,
                page::page_fault,
                outside::open_address,
            ]
        }
    };
}
ira_api::with_commands!(adapters);

/// Commands may read the disk: they run where waiting hurts nobody.
async fn answer<T: Send + 'static>(
    command: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    async_runtime::spawn_blocking(command)
        .await
        .unwrap_or_else(|fault| Err(ApiError { code: None, message: fault.to_string() }))
}

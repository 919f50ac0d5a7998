//! Live frames to the window, each subscription a task that ends when it is told to.
//!
//! Sending to a window that is gone succeeds, so nothing here may wait for a failure: whoever takes
//! the page away calls [`Streams::end_all`].

use crate::host::Host;
use ira_api::wire::{ApiError, Stream, StreamFrame};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tauri::{
    State,
    async_runtime::{self, JoinHandle},
    ipc::Channel,
};

/// The window's subscriptions.
#[derive(Default)]
pub(crate) struct Streams(Mutex<Open>);

#[derive(Default)]
struct Open {
    last_id: u32,
    tasks: HashMap<u32, JoinHandle<()>>,
}

impl Streams {
    /// Ends every subscription: the page that asked for them is gone.
    pub(crate) fn end_all(&self) {
        for (_, task) in self.open().tasks.drain() {
            task.abort();
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts telling `channel` what happens, and returns the number that ends it.
#[tauri::command]
pub(crate) fn subscribe(
    host: State<'_, Host>,
    streams: State<'_, Streams>,
    stream: Stream,
    channel: Channel<StreamFrame>,
) -> Result<u32, ApiError> {
    let mut subscription = host.ira()?.subscribe(stream);
    let task = async_runtime::spawn(async move {
        while let Some(frame) = subscription.next().await {
            if channel.send(frame).is_err() {
                break;
            }
        }
    });
    let mut open = streams.open();
    open.tasks.retain(|_, task| !task.inner().is_finished());
    open.last_id += 1;
    let id = open.last_id;
    open.tasks.insert(id, task);
    Ok(id)
}

/// Ends a subscription; a number that is not one is already ended.
#[tauri::command]
pub(crate) fn unsubscribe(streams: State<'_, Streams>, id: u32) {
    if let Some(task) = streams.open().tasks.remove(&id) {
        task.abort();
    }
}

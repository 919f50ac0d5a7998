//! All feeds of a window over one WebSocket.
//!
//! To the server: `{"subscribe": {"id": 1, "stream": "host"}}`, `{"unsubscribe": {"id": 1}}`.
//! From it: `{"id": 1, "skipped": 0, "frame": {…}}`, or `{"error": "…"}` before it closes.

use crate::{Host, refusal};
use axum::{
    extract::{
        State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::Response,
};
use futures_util::{SinkExt, StreamExt};
use ira_api::wire::{ApiError, Stream, StreamFrame};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tokio::{sync::mpsc, task::JoinHandle};

/// Feeds one window may have at once.
const FEEDS: usize = 16;
/// A message to the server is no larger, bytes.
const MESSAGE_BYTES: usize = 64 << 10;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Order {
    Subscribe { id: u32, stream: Stream },
    Unsubscribe { id: u32 },
}

#[derive(Serialize)]
struct Told {
    id: u32,
    #[serde(flatten)]
    frame: StreamFrame,
}

/// Opens the WebSocket when the token is among its subprotocols.
pub(crate) async fn open(
    State(host): State<Host>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let shown = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|protocol| protocol.trim().strip_prefix("ira.token."))
        .any(|token| host.guard.is_token(token));
    if !shown {
        let mut response = refusal(&ApiError {
            code: None,
            message: "a token is needed: the subprotocol ira.token.TOKEN".to_owned(),
        });
        *response.status_mut() = axum::http::StatusCode::UNAUTHORIZED;
        return response;
    }
    upgrade
        .protocols(["ira"])
        .max_message_size(MESSAGE_BYTES)
        .on_upgrade(move |socket| talk(host, socket))
}

struct Feeds(HashMap<u32, JoinHandle<()>>);

impl Drop for Feeds {
    fn drop(&mut self) {
        self.0.values().for_each(JoinHandle::abort);
    }
}

async fn talk(host: Host, socket: WebSocket) {
    let (mut out, mut orders) = socket.split();
    // One message may wait: a slow reader slows its feeds, which then skip ticks.
    let (sender, mut frames) = mpsc::channel::<String>(1);
    let mut feeds = Feeds(HashMap::new());
    loop {
        tokio::select! {
            frame = frames.recv() => {
                let Some(frame) = frame else { return };
                if out.send(Message::Text(frame.into())).await.is_err() {
                    return;
                }
            }
            order = orders.next() => {
                let text = match order {
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    _ => return,
                };
                if let Err(message) = obey(&host, &text, &mut feeds, &sender) {
                    let told = serde_json::json!({ "error": message }).to_string();
                    out.send(Message::Text(told.into())).await.ok();
                    return;
                }
            }
        }
    }
}

fn obey(
    host: &Host,
    order: &str,
    feeds: &mut Feeds,
    sender: &mpsc::Sender<String>,
) -> Result<(), String> {
    match serde_json::from_str(order).map_err(|e| format!("not understood: {e}"))? {
        Order::Unsubscribe { id } => {
            if let Some(feed) = feeds.0.remove(&id) {
                feed.abort();
            }
        }
        Order::Subscribe { id, .. } if feeds.0.contains_key(&id) => {
            return Err(format!("the feed {id} is open already"));
        }
        Order::Subscribe { .. } if feeds.0.len() >= FEEDS => {
            return Err(format!("at most {FEEDS} feeds at once"));
        }
        Order::Subscribe { id, stream } => {
            let mut subscription = host.ira.subscribe(stream);
            let sender = sender.clone();
            let feed = tokio::spawn(async move {
                while let Some(frame) = subscription.next().await {
                    let Ok(text) = serde_json::to_string(&Told { id, frame }) else { return };
                    if sender.send(text).await.is_err() {
                        return;
                    }
                }
            });
            feeds.0.insert(id, feed);
        }
    }
    Ok(())
}

//! What an engine says happened, line by line, as long as the connection is held.

use super::{
    Change, EngineError,
    answers::Event,
    client::{Answer, Client},
};

/// A line is not read beyond this, bytes.
const MOST_LINE: usize = 64 << 10;
const QUESTION: &str = "GET /events";

/// The events of one engine from now on.
pub struct Events {
    client: Client,
    answer: Answer,
    /// What came and is no whole line yet, or was not looked at yet.
    rest: Vec<u8>,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.debug_struct("Events").field("client", &self.client).finish_non_exhaustive()
    }
}

impl Events {
    pub(super) fn new(client: Client, answer: Answer) -> Self {
        Self { client, answer, rest: Vec::new() }
    }

    /// Waits for the next change that matters. Giving up waiting loses nothing.
    ///
    /// # Errors
    /// When the engine went away or says something else than events.
    pub async fn next(&mut self) -> Result<Change, EngineError> {
        loop {
            while let Some(line) = self.line() {
                if let Some(change) = self.change(&line)? {
                    return Ok(change);
                }
            }
            if self.rest.len() > MOST_LINE {
                return Err(self.client.failed(QUESTION, "was answered with a line without end"));
            }
            match self.answer.piece().await {
                Some(Ok(bytes)) => self.rest.extend_from_slice(&bytes),
                Some(Err(error)) => {
                    return Err(self.client.failed(QUESTION, &format!("broke off: {error}")));
                }
                None => return Err(self.client.failed(QUESTION, "ended: the engine went away")),
            }
        }
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.rest.iter().position(|byte| *byte == b'\n')?;
        Some(self.rest.drain(..=end).collect())
    }

    fn change(&self, line: &[u8]) -> Result<Option<Change>, EngineError> {
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let event: Event = serde_json::from_slice(line).map_err(|error| {
            self.client.failed(QUESTION, &format!("was answered with no event: {error}"))
        })?;
        Ok(match event.r#type.as_str() {
            "container" if is_noise(&event.action) => None,
            "container" => event.actor.map(|actor| Change::Container(actor.id)),
            "image" => Some(Change::Images),
            "volume" => Some(Change::Volumes),
            "network" => Some(Change::Networks),
            _ => None,
        })
    }
}

/// What changes nothing that is shown. A health check alone is three of these every few seconds.
fn is_noise(action: &str) -> bool {
    action.starts_with("exec_")
        || matches!(action, "top" | "resize" | "attach" | "detach" | "export")
}

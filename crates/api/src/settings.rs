//! How the window looks: what the user chose.

use crate::{
    Ira,
    ira::lock,
    wire::{ApiError, Nothing, Settings, Topic},
};

/// Under this name they are kept, as JSON.
const NAME: &str = "window";

/// What is in force; `None` until it was read once.
#[derive(Debug, Default)]
pub(crate) struct Choices(Option<Settings>);

/// What the user chose.
///
/// # Errors
/// When what is kept cannot be read.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn settings(ira: &Ira, _: Nothing) -> Result<Settings, ApiError> {
    let mut choices = lock(&ira.inner.choices);
    if choices.0.is_none() {
        let kept = ira.past(|reader| reader.setting(NAME)).unwrap_or_default();
        // What an older or newer program wrote and this one does not understand is as if unset.
        choices.0 =
            Some(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default());
    }
    Ok(choices.0.clone().unwrap_or_default())
}

/// Keeps what the user chose. Where nothing can be kept now it holds until the program ends.
///
/// # Errors
/// When a list is longer than its limit.
pub fn save_settings(ira: &Ira, settings: Settings) -> Result<Settings, ApiError> {
    let too_long = |text: &String| text.is_empty() || text.len() > 64;
    if settings.columns.len() > 32 {
        return Err(ApiError::invalid("columns: at most 32 tables"));
    }
    for (table, columns) in &settings.columns {
        if too_long(table) || columns.len() > 64 || columns.iter().any(too_long) {
            return Err(ApiError::invalid(format!(
                "columns.{table}: at most 64 columns, names of 1 to 64 characters"
            )));
        }
    }
    if settings.span_s.is_some_and(|span| !(60..=2 * 366 * 86_400).contains(&span)) {
        return Err(ApiError::invalid("span_s: 60 seconds to two years"));
    }
    let text =
        serde_json::to_string(&settings).map_err(|error| ApiError::of(None, error.to_string()))?;
    if let Err(message) = ira.engine.save_setting(NAME, text) {
        tracing::info!("settings hold until the program ends: {message}");
    }
    lock(&ira.inner.choices).0 = Some(settings.clone());
    ira.inner.stale.send(Topic::Settings).ok();
    Ok(settings)
}

//! What the shell adds to the page before the page's own scripts run.

use tracing::error;

/// Mends the language under a C locale, and reports faults to [`page_fault`].
pub(crate) const SCRIPT: &str = include_str!("page.js");

/// Longest report that is logged, in characters.
const LONGEST: usize = 4_000;

/// Logs a fault of the page; showing it is the page's own work.
#[tauri::command]
pub(crate) fn page_fault(message: String) {
    error!("fault in the page: {}", message.chars().take(LONGEST).collect::<String>());
}

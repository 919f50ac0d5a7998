//! Logs (under way).
use crate::{Ira, wire::*};
#[allow(missing_docs, clippy::missing_errors_doc, clippy::needless_pass_by_value)]
pub fn log_sources(_: &Ira, _: Nothing) -> Result<LogSources, ApiError> {
    Err(ApiError::of(None, "under way"))
}
#[allow(missing_docs, clippy::missing_errors_doc, clippy::needless_pass_by_value)]
pub fn log_page(_: &Ira, _: LogPageRequest) -> Result<LogPage, ApiError> {
    Err(ApiError::of(None, "under way"))
}
#[allow(missing_docs, clippy::missing_errors_doc, clippy::needless_pass_by_value)]
pub fn log_histogram(_: &Ira, _: LogHistogramRequest) -> Result<LogHistogram, ApiError> {
    Err(ApiError::of(None, "under way"))
}

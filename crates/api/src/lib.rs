//! Floor 3: everything Ira can do.
//!
//! Owns: the list of commands, one function for each, and the types on the wire.
//! Leaves out: how a request arrives (desktop shell, HTTP, terminal).
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod applications;
pub mod commands;
mod containers;
mod corrections;
mod crash_card;
mod doctor;
mod events;
mod export;
mod feed;
mod host;
mod ira;
mod ledger;
mod logs;
mod moment;
mod open_files;
mod orders;
mod processes;
mod registrations;
mod series;
mod services;
mod settings;
mod streams;
pub mod wire;

pub use applications::{Members, application, applications, members};
pub use containers::{container, container_sizes, containers};
pub use corrections::{
    corrections, delete_correction, export_corrections, import_corrections, preview_correction,
    save_correction, stop_reattribution,
};
pub use crash_card::crash_card;
pub use doctor::{doctor, health};
pub use events::events;
pub use export::{ExportRow, export_file, export_rows, near_applications};
pub use host::machine;
pub use ira::{Ira, call};
pub use ledger::application_ledger;
pub use logs::{log_histogram, log_page, log_sources};
pub use open_files::application_files;
pub use orders::{audit, order, order_preview};
pub use processes::{process, processes};
pub use registrations::{
    check_registration, delete_registration, export_registrations, find_registrations,
    registration_draft, registrations, save_registration,
};
pub use series::{process_series, series, sparklines, timeline};
pub use services::{service, services};
pub use settings::{save_settings, settings};
pub use streams::Subscription;

//! The program `ira-window`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = ira_engine::registry::supervise() {
        return code;
    }
    ira_window::run(ira_window::Options::parse())
}

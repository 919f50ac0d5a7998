//! The program `ira-window`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    ira_window::run(ira_window::Options::parse())
}

//! Tells Tauri which commands there are and where the window's rights are written down.

use std::error::Error;
use tauri_build::{AppManifest, Attributes};

fn main() -> Result<(), Box<dyn Error>> {
    // Made by `make bindings` from the one list of commands. Tauri wants names that live as long
    // as the program; a build script ends soon enough.
    let commands = include_str!("commands.txt").lines().collect::<Vec<_>>().leak();
    let manifest = AppManifest::new().commands(commands);
    let attributes = Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/*.json")
        .app_manifest(manifest.permissions_path_pattern("src-tauri/permissions/**/*.toml"));
    tauri_build::try_build(attributes)?;
    Ok(())
}

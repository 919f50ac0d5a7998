//! The files of one process, as it sees them.

use std::io::{Read, Seek};

/// Reads within bounds; see [`ira_probe::ProcessFiles`], and tests that make files up.
pub trait Files {
    /// The beginning of a regular file.
    fn read(&self, path: &str, at_most: u64) -> Option<Vec<u8>>;

    /// Whether there is anything at a path.
    fn exists(&self, path: &str) -> bool;

    /// Names in a folder.
    fn names(&self, folder: &str) -> Vec<String>;

    /// A regular file to be read in places.
    fn seekable(&self, path: &str) -> Option<Box<dyn ReadSeek>>;

    /// Those variables of the environment.
    fn environment(&self, names: &[&str]) -> Vec<(String, String)>;

    /// The whole command line.
    fn command_line(&self) -> Vec<String>;
}

/// What an archive is read through.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

#[cfg(target_os = "linux")]
impl Files for ira_probe::ProcessFiles {
    fn read(&self, path: &str, at_most: u64) -> Option<Vec<u8>> {
        ira_probe::ProcessFiles::read(self, path, at_most)
    }

    fn exists(&self, path: &str) -> bool {
        ira_probe::ProcessFiles::exists(self, path)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        ira_probe::ProcessFiles::names(self, folder)
    }

    fn seekable(&self, path: &str) -> Option<Box<dyn ReadSeek>> {
        let file = ira_probe::ProcessFiles::seekable(self, path)?;
        Some(Box::new(file))
    }

    fn environment(&self, names: &[&str]) -> Vec<(String, String)> {
        ira_probe::ProcessFiles::environment(self, names)
    }

    fn command_line(&self) -> Vec<String> {
        ira_probe::ProcessFiles::command_line(self)
    }
}

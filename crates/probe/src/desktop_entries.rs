//! The desktop's files of applications (`.desktop`, Desktop Entry Specification): what programs with
//! windows are called in the user's language, their icons, and what starts them.

#[cfg(target_os = "linux")]
mod folders;

#[cfg(target_os = "linux")]
pub use folders::DesktopFolders;

/// One application as the desktop knows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesktopEntry {
    /// Its file's name without `.desktop`.
    pub id: String,
    /// Its name in the user's language.
    pub name: String,
    /// Name of its icon in the icon theme, or the path of a picture.
    pub icon: Option<String>,
    /// What starts it, without placeholders for files; the program first.
    pub exec: Vec<String>,
    /// Where links of that program lead, absolute; `None` where it is not installed.
    pub program: Option<String>,
    /// It needs a terminal, so it is no program with windows.
    pub in_terminal: bool,
    /// It is not shown in menus.
    pub is_hidden: bool,
}

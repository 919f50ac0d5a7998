//! Finds and reads the desktop entries of a user.

use super::DesktopEntry;
use freedesktop_desktop_entry::DesktopEntry as Parsed;
use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

/// More files than this are not looked at.
const MOST_FILES: usize = 4096;
/// Larger files are no desktop files, bytes.
const MOST_BYTES: u64 = 1024 * 1024;

/// Where the entries lie and how people here write names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesktopFolders {
    /// Folders, the strongest first: a file hides those of the same name in later ones.
    pub folders: Vec<PathBuf>,
    /// Languages, the best first, for example `de_AT`, `de`.
    pub languages: Vec<String>,
    /// Where programs without a path are looked for.
    pub search_path: Vec<PathBuf>,
}

impl DesktopFolders {
    /// Those of the user and the system, by the variables of the XDG Base Directory Specification;
    /// with Flatpak's and snapd's, which are there even when no session says so.
    #[must_use]
    pub fn of_this_user() -> Self {
        let home = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let list = |name: &str, otherwise: &str| -> Vec<PathBuf> {
            let value = env::var_os(name).filter(|value| !value.is_empty());
            let value = value.unwrap_or_else(|| otherwise.into());
            env::split_paths(&value).filter(|path| path.is_absolute()).collect()
        };
        let mut data: Vec<PathBuf> = env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| home.as_ref().map(|home| home.join(".local/share")))
            .into_iter()
            .collect();
        data.extend(home.as_ref().map(|home| home.join(".local/share/flatpak/exports/share")));
        data.extend(list("XDG_DATA_DIRS", "/usr/local/share:/usr/share"));
        data.extend(
            ["/usr/local/share", "/usr/share", "/var/lib/flatpak/exports/share"].map(PathBuf::from),
        );
        let mut folders: Vec<PathBuf> =
            data.into_iter().map(|folder| folder.join("applications")).collect();
        folders.push("/var/lib/snapd/desktop/applications".into());
        let mut seen = std::collections::HashSet::new();
        folders.retain(|folder| seen.insert(folder.clone()));
        Self {
            folders,
            languages: languages(|name| env::var(name).ok()),
            search_path: list("PATH", "/usr/local/bin:/usr/bin:/bin"),
        }
    }

    /// Reads every entry. Tens of milliseconds on a full desktop: not for a thread that is awaited.
    #[must_use]
    pub fn entries(&self) -> Vec<DesktopEntry> {
        let mut found: BTreeMap<String, DesktopEntry> = BTreeMap::new();
        let mut left = MOST_FILES;
        for folder in &self.folders {
            self.collect(folder, "", &mut found, &mut left);
        }
        found.into_values().collect()
    }

    /// A file in a folder below counts as `FOLDER-NAME` (Desktop Entry Specification, "Desktop file
    /// ID").
    fn collect(
        &self,
        folder: &Path,
        before: &str,
        found: &mut BTreeMap<String, DesktopEntry>,
        left: &mut usize,
    ) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.filter_map(Result::ok) {
            if *left == 0 {
                return;
            }
            *left -= 1;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if let Some(stem) = name.strip_suffix(".desktop") {
                let id = format!("{before}{stem}");
                if !found.contains_key(&id)
                    && let Some(one) = self.read(&path, &id)
                {
                    found.insert(id, one);
                }
            } else if before.len() < 64 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.collect(&path, &format!("{before}{name}-"), found, left);
            }
        }
    }

    fn read(&self, path: &Path, id: &str) -> Option<DesktopEntry> {
        let file = std::fs::metadata(path).ok()?;
        if !file.is_file() || file.len() > MOST_BYTES {
            return None;
        }
        let entry = Parsed::from_path(path, Some(&self.languages)).ok()?;
        if entry.type_().is_some_and(|kind| kind != "Application") || entry.hidden() {
            return None;
        }
        let exec = entry.parse_exec().unwrap_or_default();
        Some(DesktopEntry {
            id: id.to_owned(),
            name: entry.name(&self.languages)?.into_owned(),
            icon: entry.icon().map(str::to_owned),
            program: exec.iter().find(|word| !is_before(word)).and_then(|word| self.find(word)),
            exec,
            in_terminal: entry.terminal(),
            is_hidden: entry.no_display(),
        })
    }

    /// The file of a program, links followed.
    fn find(&self, program: &str) -> Option<String> {
        let path = if program.starts_with('/') {
            PathBuf::from(program)
        } else {
            self.search_path
                .iter()
                .map(|folder| folder.join(program))
                .find(|path| path.is_file())?
        };
        let path = std::fs::canonicalize(path).ok()?;
        Some(path.to_string_lossy().into_owned())
    }
}

/// Words before the program proper: `env NAME=value program`.
fn is_before(word: &str) -> bool {
    word == "env" || word.ends_with("/env") || (word.contains('=') && !word.starts_with('/'))
}

/// Languages by the variables of setlocale(3) and gettext, each also without its country.
fn languages(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_MESSAGES")).or_else(|| set("LANG"));
    let plain = |text: &str| text.split('.').next().unwrap_or(text).to_owned();
    let locale = locale.map(|text| plain(&text)).filter(|text| text != "C" && text != "POSIX");
    // LANGUAGE counts only where a locale is set at all.
    let list = locale.as_ref().and_then(|_| set("LANGUAGE")).unwrap_or_default();
    let wanted = list.split(':').map(plain).chain(locale);
    let mut found: Vec<String> = Vec::new();
    for one in wanted.filter(|one| !one.is_empty()) {
        let language = one.split(['_', '@']).next().unwrap_or(&one).to_owned();
        for name in [one, language] {
            if !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(root: &Path, languages: &[&str]) -> DesktopFolders {
        DesktopFolders {
            folders: vec![root.join("mine"), root.join("system")],
            languages: languages.iter().map(|&one| one.to_owned()).collect(),
            search_path: vec![root.join("bin")],
        }
    }

    #[test]
    fn entries_are_read_in_the_users_language() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["mine", "system/kde", "bin"] {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let write = |name: &str, text: &str| {
            std::fs::write(root.path().join(name), text).unwrap();
        };
        write("bin/maps", "");
        write(
            "system/org.gnome.Maps.desktop",
            "[Desktop Entry]\nType=Application\nName=Maps\nName[es]=Mapas\nIcon=maps-icon\n\
             Exec=env A=1 maps --start %U\n",
        );
        write("system/kde/top.desktop", "[Desktop Entry]\nName=Top\nExec=top\nTerminal=true\n");
        write("system/gone.desktop", "[Desktop Entry]\nName=Gone\nExec=x\n");
        write("mine/gone.desktop", "[Desktop Entry]\nName=Mine\nExec=/no/such\nNoDisplay=true\n");
        write("system/link.desktop", "[Desktop Entry]\nType=Link\nName=Link\nURL=http://x\n");
        write("system/bad.desktop", "no entry at all");
        let entries = folders(root.path(), &["es_MX", "es"]).entries();
        let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(ids, ["gone", "kde-top", "org.gnome.Maps"]);
        let maps = &entries[2];
        assert_eq!((maps.name.as_str(), maps.icon.as_deref()), ("Mapas", Some("maps-icon")));
        assert_eq!(maps.exec, ["env", "A=1", "maps", "--start"], "without placeholders");
        assert!(maps.program.as_deref().unwrap().ends_with("/bin/maps"), "found on the path");
        assert_eq!((entries[0].name.as_str(), entries[0].is_hidden), ("Mine", true), "mine wins");
        assert!(entries[1].in_terminal && entries[1].program.is_none());
        assert_eq!(folders(root.path(), &[]).entries()[2].name, "Maps");
    }

    #[test]
    fn languages_of_an_environment() {
        let of = |pairs: &[(&str, &str)]| {
            languages(|name| {
                pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("LANG", "de_AT.UTF-8")]), ["de_AT", "de"]);
        assert_eq!(
            of(&[("LANG", "en_US.UTF-8"), ("LANGUAGE", "es:fr")]),
            ["es", "fr", "en_US", "en"]
        );
        assert_eq!(of(&[("LANG", "de_DE"), ("LC_ALL", "C")]), [""; 0], "LC_ALL is the strongest");
        assert_eq!(of(&[]), [""; 0]);
    }
}

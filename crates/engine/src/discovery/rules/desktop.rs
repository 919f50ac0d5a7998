//! Rules 5, 6 and 7: programs of the desktop, by bundle, control group and desktop entry.

use super::{Conclusion, Found, Now, Unit};
use crate::discovery::{
    Discovery, MIN_AGE_MS, Subject, control_group, engines,
    facts::{Bundle, DesktopName},
    knowledge::Lookup,
    launch, roles,
    tree::Climb,
};
use ira_model::{Application, ApplicationClass, ApplicationKind, Evidence, Rule};

impl Discovery {
    /// Rule 5: by control group, else by what the files of one in the line tell.
    pub(super) fn bundle(
        &mut self,
        own: usize,
        climb: &Climb,
        group: &str,
        found: &Found,
        now: Now,
    ) -> Option<Conclusion> {
        if let Some(application) = control_group::bundle(group) {
            return Some(self.desktop(Rule::Bundle, group.to_owned(), application, now));
        }
        let bundle = (own.min(climb.namer)..=climb.top)
            .rev()
            .find_map(|at| found.of(at)?.bundle.as_ref())?;
        let new = |key: &str, name: &str| Application::new(ApplicationKind::Desktop, key, name);
        let (input, application, version) = match bundle {
            Bundle::Snap(name) => {
                (format!("SNAP_NAME={name}"), new(&format!("snap.{name}"), name), None)
            }
            Bundle::Flatpak(id) => {
                (format!("FLATPAK_ID={id}"), new(id, control_group::short(id)), None)
            }
            Bundle::AppImage(path) => {
                let file = launch::file_name(path);
                let stem = file.strip_suffix(".AppImage").unwrap_or(file);
                let stem = stem.strip_suffix(".appimage").unwrap_or(stem);
                let stem =
                    ["-x86_64", "-x86-64", "_x86_64", ".x86_64", "-amd64", "-aarch64", "-arm64"]
                        .iter()
                        .find_map(|ending| stem.strip_suffix(ending))
                        .unwrap_or(stem);
                let bare = launch::without_version(stem);
                let version = stem.get(bare.len() + 1..).map(str::to_owned);
                (format!("APPIMAGE={path}"), new(&format!("appimage.{bare}"), bare), version)
            }
        };
        let mut one = self.desktop(Rule::Bundle, input, application, now);
        one.application.version = version;
        Some(one)
    }

    /// Rule 6.
    pub(super) fn scope(
        &mut self,
        chain: &[Subject],
        climb: &Climb,
        group: &str,
        now: Now,
    ) -> Option<Unit> {
        let application = control_group::desktop(group)?;
        let namer = chain.get(climb.namer)?;
        // In a terminal's scope, a server somebody started there is its own application.
        let above = chain.get(climb.top + 1..).unwrap_or_default();
        let in_terminal = above.iter().any(|one| {
            roles::is_terminal(&one.details)
                && one.details.control_group.as_deref().is_some_and(|theirs| {
                    control_group::desktop(theirs).is_some_and(|a| a.id == application.id)
                })
        });
        let serves = self.listening.contains(&namer.key)
            || engines::is_server(&engines::purpose_of(&namer.details));
        if in_terminal && serves && namer.key.start_ms + MIN_AGE_MS <= now.ms {
            return Some(Unit::Starts(Evidence {
                rule: Rule::DesktopScope,
                input: group.to_owned(),
                result: format!("{} is where it was started", application.id),
            }));
        }
        let input = group.to_owned();
        Some(Unit::Names(self.desktop(Rule::DesktopScope, input, application, now)))
    }

    /// A desktop program, with the name and the icon that its entry has.
    fn desktop(
        &mut self,
        rule: Rule,
        input: String,
        mut application: Application,
        now: Now,
    ) -> Conclusion {
        application.class = ApplicationClass::Desktop;
        let id = application.id.split_once(':').map_or("", |(_, id)| id).to_owned();
        if let Lookup::Known(DesktopName { name, icon, .. }) =
            self.knowledge.desktop(&id, now.asker, now.ms)
        {
            application.name = name;
            application.icon = icon;
        }
        Conclusion { rule, input, application, instance: None }
    }
}

/// Rule 7.
pub(super) fn desktop_file(chain: &[Subject], climb: &Climb, found: &Found) -> Option<Conclusion> {
    let DesktopName { id, name, icon, exec } = found.of(climb.namer)?.desktop.clone()?;
    let mut application = Application::new(ApplicationKind::Desktop, &id, name);
    application.icon = icon;
    application.class = ApplicationClass::Desktop;
    let executable = chain.get(climb.namer)?.details.executable.clone().unwrap_or_default();
    let input = format!("{id}.desktop: {exec} = {executable}");
    Some(Conclusion { rule: Rule::DesktopFile, input, application, instance: None })
}

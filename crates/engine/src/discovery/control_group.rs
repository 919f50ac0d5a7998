//! Rules 2, 3, 5 and 6: what a control group path says.
//!
//! systemd names groups after units: `system.slice/nginx.service`; `-` in names is written `\x2d`
//! (systemd.unit(5), "string escaping"). Desktops put each program into `app[-LAUNCHER]-ID-RANDOM.scope` or
//! `app[-LAUNCHER]-ID[@RANDOM].service` (systemd "Desktop environment integration"), snapd into
//! `snap.NAME.APP-UUID.scope`. Container engines put the 64 hexadecimal digits of a container's
//! identifier into the path, LXC and systemd-nspawn its name.

use ira_model::{Application, ApplicationKind};

/// A container in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Container<'a> {
    /// The engine, as it is called in identifiers.
    pub(super) engine: &'static str,
    /// The identifier or the name.
    pub(super) id: &'a str,
    /// `id` is a name that people gave.
    pub(super) is_name: bool,
}

/// The innermost container in a path.
pub(super) fn container(path: &str) -> Option<Container<'_>> {
    let mut above = path;
    loop {
        let (front, segment) = above.rsplit_once('/')?;
        if let Some(found) = container_in(segment, front) {
            return Some(found);
        }
        above = front;
    }
}

fn container_in<'a>(segment: &'a str, front: &str) -> Option<Container<'a>> {
    let named = |engine, id| Some(Container { engine, id, is_name: true });
    let bare = segment.strip_suffix(".scope").unwrap_or(segment);
    let before = front.rsplit('/').next().unwrap_or_default();
    for start in ["lxc.payload.", "lxc.monitor."] {
        if let Some(name) = segment.strip_prefix(start).filter(|name| !name.is_empty()) {
            return named("lxc", name);
        }
    }
    if matches!(before, "lxc" | "lxc.payload") && !segment.is_empty() {
        return named("lxc", segment);
    }
    if let Some(name) = segment.strip_prefix("systemd-nspawn@") {
        return named("nspawn", name.strip_suffix(".service")?);
    }
    // Virtual machines are registered in the same way; they are no containers.
    if let Some(name) = segment.strip_prefix("machine-").filter(|_| bare != segment) {
        let name = name.strip_suffix(".scope").unwrap_or(name);
        return if name.starts_with(r"qemu\x2d") { None } else { named("nspawn", name) };
    }
    let id = bare.rsplit(['-', ':']).next().unwrap_or(bare);
    if id.len() != 64 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let engine = if bare.starts_with("libpod") || before.starts_with("libpod") {
        "podman"
    } else if bare.starts_with("crio") {
        "crio"
    } else if bare.contains("cri-containerd")
        || bare.starts_with("nerdctl")
        || matches!(before, "default" | "nerdctl" | "k8s.io")
        || (before.starts_with("pod") && front.contains("kubepods"))
    {
        "containerd"
    } else {
        "docker"
    };
    Some(Container { engine, id, is_name: false })
}

/// The systemd unit of a path: a service of the system, or one of a user within it. Programs that a
/// desktop started are no units of their own: rule 6 names those.
pub(super) fn unit(path: &str) -> Option<Application> {
    let mut found: Option<(&str, bool)> = None;
    let mut of_user = false;
    for segment in path.split('/') {
        if segment.starts_with("user@") && segment.ends_with(".service") {
            of_user = true;
            found = found.or(Some((segment, false)));
        } else if let Some(name) = segment.strip_suffix(".service") {
            if of_user && (desktop_id(segment).is_some() || snap(segment).is_some()) {
                return None;
            }
            // Groups that a service makes below itself may look like services; the outer one is
            // the unit.
            if !name.is_empty() && found.is_none_or(|(_, inner)| of_user && !inner) {
                found = Some((segment, of_user));
            }
        } else if of_user && segment.ends_with(".scope") && segment != "init.scope" {
            // Programs of the user's session that are no units.
            return None;
        } else if of_user && segment.ends_with(".slice") && desktop_id(segment).is_some() {
            return None;
        }
    }
    let (segment, inner) = found?;
    let unit = unescape(segment);
    let name = unit.strip_suffix(".service").unwrap_or(&unit);
    // `dbus-:1.2-org.gnome.Maps@0.service`: the number of a connection, then the name on the bus.
    let name = match name.strip_prefix("dbus-:").and_then(|rest| rest.split_once('-')) {
        Some((_, name)) => name,
        None => name,
    };
    // Instances of one template are one application.
    let (name, unit) = match name.split_once('@') {
        Some((template, _)) => (template.to_owned(), format!("{template}@.service")),
        None => (name.to_owned(), format!("{name}.service")),
    };
    let name = match snap(&unit) {
        Some((snap, "daemon")) => snap.to_owned(),
        Some((snap, app)) if snap == app => snap.to_owned(),
        Some((snap, app)) => format!("{snap}.{app}"),
        // The first process of a user's own units.
        None if name == "user" && unit == "user@.service" => "systemd --user".to_owned(),
        None => name,
    };
    let key = if inner { format!("user/{unit}") } else { unit };
    Some(Application::new(ApplicationKind::Systemd, &key, name))
}

/// Whether systemd made the name up for one run: `run-u12.service`, `run-r0c1d….service`.
pub(super) fn is_transient(unit: &Application) -> bool {
    let key = unit.id.rsplit([':', '/']).next().unwrap_or_default();
    let number = key.strip_prefix("run-").and_then(|rest| rest.strip_suffix(".service"));
    let number = number.and_then(|n| n.strip_prefix(['u', 'r', 'p']));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'))
}

/// A snap or Flatpak of a path: its identifier as a desktop file has it, and what to ask for by
/// name. Tried from the leaf upwards.
pub(super) fn bundle(path: &str) -> Option<Application> {
    path.rsplit('/').find_map(|segment| {
        let of = |key: &str, name: &str| Application::new(ApplicationKind::Desktop, key, name);
        if let Some((snap, _)) = snap(segment).filter(|_| segment.ends_with(".scope")) {
            return Some(of(&format!("snap.{snap}"), snap));
        }
        let id = segment.strip_prefix("app-flatpak-").and_then(|_| desktop_id(segment)).or_else(
            || {
                let scope = segment.strip_prefix("flatpak-")?.strip_suffix(".scope")?;
                scope.rsplit_once('-').map(|(id, _random)| unescape(id))
            },
        )?;
        Some(of(&id, short(&id)))
    })
}

/// Name and application of a snap's unit: `snap.NAME.APP-UUID.scope`, `snap.NAME.APP.UUID.scope`,
/// `snap.NAME.APP.service`.
fn snap(segment: &str) -> Option<(&str, &str)> {
    let rest = segment.strip_prefix("snap.")?;
    let rest = rest.strip_suffix(".scope").or_else(|| rest.strip_suffix(".service"))?;
    let (name, app) = rest.split_once('.')?;
    let app = app.split(['.', '-']).next().unwrap_or(app);
    (!name.is_empty()).then_some((name, app))
}

/// The desktop program of a path, tried from the leaf upwards.
pub(super) fn desktop(path: &str) -> Option<Application> {
    let id = path.rsplit('/').find_map(desktop_id)?;
    Some(Application::new(ApplicationKind::Desktop, &id, short(&id)))
}

/// `org.gnome.Maps` is called Maps until its desktop file says how in the user's language.
pub(super) fn short(id: &str) -> &str {
    id.rsplit('.').find(|part| !part.is_empty() && *part != "desktop").unwrap_or(id)
}

/// The desktop identifier in one segment.
fn desktop_id(segment: &str) -> Option<String> {
    let body = segment.strip_prefix("app-")?;
    let id = if let Some(scope) = body.strip_suffix(".scope") {
        let (front, _random) = scope.rsplit_once('-')?;
        front.rsplit('-').next()?
    } else if let Some(slice) = body.strip_suffix(".slice") {
        let is_random = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
        slice.rsplit('-').find(|part| !is_random(part))?
    } else {
        let service = body.strip_suffix(".service")?;
        let front = service.split_once('@').map_or(service, |(front, _random)| front);
        // `app-dbus-:1.2-org.freedesktop.Tracker@0.service`
        front.rsplit('-').next()?
    };
    (!id.is_empty()).then(|| unescape(id))
}

/// The application in whose scope a path is, where Ira started it: `ira-IDENTIFIER.scope`.
pub(super) fn registered(path: &str) -> Option<String> {
    path.rsplit('/').find_map(|segment| {
        let id = unescape(segment.strip_prefix("ira-")?.strip_suffix(".scope")?);
        ApplicationKind::of_id(&id).map(|_| id)
    })
}

/// Undoes `\xNN`; what is no such thing stays as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = match rest {
            [b'\\', b'x', high, low, ..] => {
                let digit = |b: u8| char::from(b).to_digit(16);
                digit(*high).zip(digit(*low)).map(|(h, l)| (h * 16 + l) as u8)
            }
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { rest.get(4..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4f1c6e0b4f1c6e0b4f1c6e0b4f1c6e0b4f1c6e0b4f1c6e0b4f1c6e0b4f1c6e0b";

    #[test]
    fn containers_of_every_engine() {
        for path in [
            format!("/docker/{ID}"),
            format!("/system.slice/docker-{ID}.scope"),
            format!("/machine.slice/libpod-{ID}.scope/container"),
            format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope"),
            format!("/kubepods/pod1/crio-{ID}"),
            format!("/system.slice/containerd.service/kubepods:cri-containerd:{ID}"),
        ] {
            assert_eq!(container(&path).map(|c| c.id), Some(ID), "{path}");
        }
        let short = ID.get(..63).unwrap_or_default();
        for path in ["/", "/system.slice/docker.service", &format!("/docker/{short}"), ""] {
            assert_eq!(container(path), None, "{path}");
        }
    }

    #[test]
    fn units() {
        for (path, expected) in [
            ("/system.slice/nginx.service", Some(("systemd:nginx.service", "nginx"))),
            (
                r"/system.slice/system-postgresql.slice/postgresql@16\x2dmain.service",
                Some(("systemd:postgresql@.service", "postgresql")),
            ),
            (r"/system.slice/a\x2db.service/inner", Some(("systemd:a-b.service", "a-b"))),
            ("/system.slice/docker.service/x.service", Some(("systemd:docker.service", "docker"))),
            (
                "/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service",
                Some(("systemd:user/syncthing.service", "syncthing")),
            ),
            (
                "/user.slice/user-1000.slice/user@1000.service/init.scope",
                Some(("systemd:user@.service", "systemd --user")),
            ),
            ("/user.slice/user-1000.slice/session-2.scope", None),
            (
                "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Maps@1.service",
                None,
            ),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-12.scope", None),
            ("/", None),
        ] {
            let found = unit(path);
            let found = found.as_ref().map(|a| (a.id.as_str(), a.name.as_str()));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn desktop_programs() {
        let below = "/user.slice/user-1000.slice/user@1000.service/app.slice/";
        for (segment, expected) in [
            ("app-gnome-org.gnome.Maps-2893.scope", Some(("desktop:org.gnome.Maps", "Maps"))),
            ("app-firefox-12.scope", Some(("desktop:firefox", "firefox"))),
            ("app-org.kde.kate@8a.service", Some(("desktop:org.kde.kate", "kate"))),
            (r"app-flatpak-org.x.a\x2db-1.scope/deeper", Some(("desktop:org.x.a-b", "a-b"))),
            (r"app-KDE-bad\xzz-1.scope", Some((r"desktop:bad\xzz", r"bad\xzz"))),
            ("app-.scope", None),
            ("session-2.scope", None),
        ] {
            let found = desktop(&format!("{below}{segment}"));
            let found = found.as_ref().map(|a| (a.id.as_str(), a.name.as_str()));
            assert_eq!(found, expected, "{segment}");
        }
    }
}

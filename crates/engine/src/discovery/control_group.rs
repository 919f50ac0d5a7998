//! Rules 2, 3 and 6: what a control group path says.
//!
//! systemd names groups after units: `system.slice/nginx.service`; `-` in names is written `\x2d`
//! (systemd.unit(5), "string escaping"). Desktops put each program into `app[-LAUNCHER]-ID-RANDOM.scope` or
//! `app[-LAUNCHER]-ID[@RANDOM].service` (systemd "Desktop environment integration"). Container
//! engines put the 64 hexadecimal digits of a container's identifier into the path.

use ira_model::{Application, ApplicationKind};

/// The identifier of the innermost container in a path.
pub(super) fn container_id(path: &str) -> Option<&str> {
    path.rsplit('/').find_map(|segment| {
        let bare = segment.strip_suffix(".scope").unwrap_or(segment);
        let id = bare.rsplit('-').next().unwrap_or(bare);
        let id = id.rsplit(':').next().unwrap_or(id);
        (id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit())).then_some(id)
    })
}

/// The systemd unit of a path: a system service, or a user's service that is no desktop program.
pub(super) fn unit(path: &str) -> Option<Application> {
    let mut of_user = false;
    let mut found = None;
    for segment in path.split('/') {
        if segment.starts_with("user@") && segment.ends_with(".service") {
            of_user = true;
            // The user's own manager, until something inside it is found.
            found = Some((segment, false));
        } else if let Some(name) = segment.strip_suffix(".service") {
            if desktop_id(segment).is_some() {
                return None;
            }
            // A service may have control groups of its own below it; the outermost is the unit.
            if !name.is_empty() && found.is_none_or(|(_, inner)| of_user && !inner) {
                found = Some((segment, of_user));
            }
        } else if of_user && segment.ends_with(".scope") && segment != "init.scope" {
            // Programs of the user's session that are no units.
            return None;
        }
    }
    let (segment, inner) = found?;
    let unit = unescape(segment);
    let name = unit.strip_suffix(".service").unwrap_or(&unit);
    // Instances of one template are one application.
    let (name, unit) = match name.split_once('@') {
        Some((template, _)) => (template.to_owned(), format!("{template}@.service")),
        None => (name.to_owned(), unit.clone()),
    };
    let key = if inner { format!("user/{unit}") } else { unit };
    Some(Application::new(ApplicationKind::Systemd, &key, name))
}

/// The desktop program of a path, tried from the leaf upwards.
pub(super) fn desktop(path: &str) -> Option<Application> {
    let id = path.rsplit('/').find_map(desktop_id)?;
    // `org.gnome.Maps` is called Maps; the name in the user's language is in its desktop file.
    let name = id.rsplit('.').find(|part| !part.is_empty()).unwrap_or(&id).to_owned();
    Some(Application::new(ApplicationKind::Desktop, &id, name))
}

/// The desktop identifier in one segment.
fn desktop_id(segment: &str) -> Option<String> {
    let body = segment.strip_prefix("app-")?;
    let id = if let Some(scope) = body.strip_suffix(".scope") {
        let (front, _random) = scope.rsplit_once('-')?;
        front.rsplit('-').next()?
    } else {
        let service = body.strip_suffix(".service")?;
        let front = service.split_once('@').map_or(service, |(front, _random)| front);
        front.rsplit('-').next()?
    };
    (!id.is_empty()).then(|| unescape(id))
}

/// Undoes `\xNN`; what is no such thing stays as it is.
fn unescape(text: &str) -> String {
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
            assert_eq!(container_id(&path), Some(ID), "{path}");
        }
        let short = ID.get(..63).unwrap_or_default();
        for path in ["/", "/system.slice/docker.service", &format!("/docker/{short}"), ""] {
            assert_eq!(container_id(path), None, "{path}");
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
                Some(("systemd:user@.service", "user")),
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

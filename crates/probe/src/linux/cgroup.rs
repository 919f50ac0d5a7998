//! `/proc/PID/cgroup`: in which control group a process is (cgroups(7)).

/// The most specific control group of a process: the longest path that is not the root, among the
/// v2 hierarchy and those of v1 that managers of services and containers fill (`name=systemd`,
/// `pids`, `memory`). On a hybrid system either can be the telling one: systemd fills v2 or
/// `name=systemd`, an old container engine only the controllers of v1. `None` when all are the
/// root, which tells nothing.
pub(crate) fn most_specific(bytes: &[u8]) -> Option<String> {
    let mut best: &[u8] = b"";
    for line in bytes.split(|byte| *byte == b'\n') {
        let mut parts = line.splitn(3, |byte| *byte == b':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let path = path.strip_suffix(b" (deleted)").unwrap_or(path);
        // The first of equals stays, except that v2 (no controllers) beats v1.
        let better =
            path.len() > best.len() || (controllers.is_empty() && path.len() == best.len());
        if path.len() > 1 && better && tells(controllers) {
            best = path;
        }
    }
    (!best.is_empty()).then(|| String::from_utf8_lossy(best).into_owned())
}

fn tells(controllers: &[u8]) -> bool {
    controllers.is_empty()
        || controllers
            .split(|byte| *byte == b',')
            .any(|name| matches!(name, b"name=systemd" | b"pids" | b"memory"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_most_specific_wins() {
        let cases: [(&str, Option<&str>); 7] = [
            ("0::/system.slice/nginx.service\n", Some("/system.slice/nginx.service")),
            ("0::/\n", None),
            ("", None),
            (
                "9:name=systemd:/\n8:pids:/docker/0123\n7:blkio:/docker/0123/longer\n0::/\n",
                Some("/docker/0123"),
            ),
            (
                "4:pids:/user.slice/user-0.slice\n1:name=systemd:/user.slice/user-0.slice/a.scope\n\
                 0::/user.slice/user-0.slice/a.scope\n",
                Some("/user.slice/user-0.slice/a.scope"),
            ),
            ("11:memory,cpu:/a/b:c\n", Some("/a/b:c")),
            ("0::/gone.scope (deleted)\n", Some("/gone.scope")),
        ];
        for (text, expected) in cases {
            assert_eq!(most_specific(text.as_bytes()).as_deref(), expected, "of {text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>) {
            let _ = most_specific(&bytes);
        }

        #[test]
        fn a_v2_path_reads_back(path in "/[a-z0-9@.:_-]{1,40}(/[a-z0-9@.:\\\\_-]{1,40}){0,4}") {
            prop_assert_eq!(most_specific(format!("0::{path}\n").as_bytes()), Some(path));
        }
    }
}

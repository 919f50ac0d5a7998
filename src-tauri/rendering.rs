//! How WebKitGTK draws. Decided before GTK starts, because it is read from the environment then.

/// Draws without DMA buffers where there is no graphics processor: passing buffers that software
/// filled costs 59-64 % of a core for a live chart, 24 % without. A value the user has set stands.
pub(crate) fn choose() {
    #[cfg(target_os = "linux")]
    linux::choose();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{env, ffi::OsStr, fs, path::Path};

    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

    pub(super) fn choose() {
        let forced = ["LIBGL_ALWAYS_SOFTWARE", "IRA_SOFTWARE_RENDERING"].map(env::var_os);
        let forced = forced.iter().flatten().any(|value| is_yes(value));
        if env::var_os(SWITCH).is_none() && (forced || !has_render_node(Path::new("/dev/dri"))) {
            // SAFETY: called first in `run`, before any other thread is started.
            #[allow(unsafe_code)]
            unsafe {
                env::set_var(SWITCH, "1");
            }
        }
    }

    fn is_yes(value: &OsStr) -> bool {
        !value.is_empty() && value != "0" && value != "false"
    }

    /// Render nodes are named `renderD128` and up (kernel documentation, "DRM user-land interfaces").
    fn has_render_node(folder: &Path) -> bool {
        fs::read_dir(folder).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
        })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_render_node_is_found_and_a_display_without_one_is_not_enough() {
            let folder = tempfile::tempdir().unwrap();
            assert!(!has_render_node(&folder.path().join("absent")));
            fs::write(folder.path().join("card0"), "").unwrap();
            assert!(!has_render_node(folder.path()), "card0 alone draws nothing");
            fs::write(folder.path().join("renderD128"), "").unwrap();
            assert!(has_render_node(folder.path()));
        }

        #[test]
        fn an_empty_or_negative_choice_is_no_choice() {
            assert!(is_yes(OsStr::new("1")));
            assert!(is_yes(OsStr::new("true")));
            for no in ["", "0", "false"] {
                assert!(!is_yes(OsStr::new(no)), "{no:?}");
            }
        }
    }
}

//! Which crate may use which: floors only downwards, and a few dependencies that live in one room.

use crate::metadata::{House, Package};

/// The floor of every crate that ends up in a program.
const FLOORS: &[(&str, u8)] = &[
    ("ira-model", 0),
    ("ira-probe", 1),
    ("ira-store", 1),
    ("ira-logs", 1),
    ("ira-extensions", 1),
    ("ira-engine", 2),
    ("ira-api", 3),
    ("ira-server", 4),
    ("ira-cli", 5),
    ("ira-window", 5),
];

/// Crates for development: they may use any floor, and only tests may use them.
const FOR_DEVELOPMENT: &[&str] = &["ira-testkit", "ira-xtask"];

/// Dependencies that only these crates may have. A `*` at the end stands for any ending.
const HOMES: &[(&str, &[&str])] = &[
    ("tauri*", &["ira-window"]),
    ("rusqlite*", &["ira-store"]),
    ("rustix", &["ira-probe", "ira-testkit"]),
    ("libc", &["ira-probe"]),
    ("sysinfo", &["ira-probe"]),
    ("zbus*", &["ira-probe"]),
    ("zvariant*", &["ira-probe"]),
    ("hyper*", &["ira-probe"]),
    ("uzers", &["ira-probe"]),
    ("whoami", &["ira-probe", "ira-engine"]),
];

/// The program that weighs little, and what would make it heavy.
const LIGHT: &str = "ira-cli";
const HEAVY: &[&str] =
    &["tauri*", "wry", "tao", "gtk*", "gdk*", "webkit2gtk*", "javascriptcore*", "soup3*"];

/// Every broken rule, with what to do.
pub(crate) fn violations(house: &House) -> Vec<String> {
    let mut found: Vec<String> = house.packages.iter().flat_map(of_package).collect();
    for name in house.trees.get(LIGHT).into_iter().flatten() {
        if HEAVY.iter().any(|pattern| matches(pattern, name)) {
            found.push(format!(
                "{LIGHT} has {name} in its tree: `ira` links no GTK and no WebKit; \
                 find who brings it with `cargo tree -p {LIGHT} -i {name}` and take it out"
            ));
        }
    }
    found
}

fn of_package(package: &Package) -> Vec<String> {
    let name = package.name.as_str();
    let development = FOR_DEVELOPMENT.contains(&name);
    let Some(own) = floor(name).or(development.then_some(u8::MAX)) else {
        return vec![format!(
            "{name} has no floor: say in crates/xtask/src/floors.rs which one it stands on"
        )];
    };
    let mut found = Vec::new();
    for dependency in &package.dependencies {
        let used = dependency.name.as_str();
        if floor(used).is_some_and(|used| used >= own) {
            found.push(format!(
                "{name} uses {used}: a crate uses lower floors only; \
                 move what both need down, or hand it in from above"
            ));
        }
        if FOR_DEVELOPMENT.contains(&used) && !development && !dependency.is_for_tests() {
            found.push(format!("{name} uses {used}: list it under [dev-dependencies]"));
        }
        let home = HOMES.iter().find(|(pattern, _)| matches(pattern, used));
        if let Some((_, homes)) = home.filter(|(_, homes)| !homes.contains(&name)) {
            found.push(format!(
                "{name} uses {used}, which lives in {} alone: ask that crate for what is needed",
                homes.join(" and ")
            ));
        }
    }
    found
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(crate_name, _)| *crate_name == name).map(|(_, floor)| *floor)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(name: &str, dependencies: &[&str]) -> Vec<String> {
        let packages = vec![Package::with(name, dependencies)];
        violations(&House { packages, ..House::default() })
    }

    fn refused(name: &str, dependency: &str, because: &str) {
        let found = judge(name, &[dependency]);
        assert!(
            found.iter().any(|line| line.contains(because)),
            "{name} -> {dependency}: {found:?}"
        );
    }

    #[test]
    fn downwards_is_fine() {
        assert_eq!(
            judge("ira-engine", &["ira-probe", "ira-model", "whoami"]),
            Vec::<String>::new()
        );
        assert_eq!(judge("ira-xtask", &["ira-api", "ira-testkit"]), Vec::<String>::new());
    }

    #[test]
    fn upwards_and_sideways_are_refused() {
        refused("ira-model", "ira-store", "lower floors only");
        refused("ira-store", "ira-probe", "lower floors only");
        refused("ira-window", "ira-cli", "lower floors only");
    }

    #[test]
    fn a_crate_without_a_floor_is_refused() {
        assert!(judge("ira-attic", &[]).iter().any(|line| line.contains("no floor")));
    }

    #[test]
    fn tests_may_use_the_testkit_and_programs_may_not() {
        refused("ira-engine", "ira-testkit", "dev-dependencies");
        let mut engine = Package::with("ira-engine", &["ira-testkit"]);
        for dependency in &mut engine.dependencies {
            dependency.kind = Some("dev".into());
        }
        let house = House { packages: vec![engine], ..House::default() };
        assert_eq!(violations(&house), Vec::<String>::new());
    }

    #[test]
    fn a_dependency_outside_its_room_is_refused() {
        refused("ira-server", "tauri-plugin-shell", "lives in ira-window");
        refused("ira-engine", "rusqlite", "lives in ira-store");
        refused("ira-store", "rustix", "lives in ira-probe");
        refused("ira-model", "libc", "lives in ira-probe");
        refused("ira-cli", "whoami", "lives in ira-probe and ira-engine");
    }

    #[test]
    fn gtk_in_the_tree_of_ira_is_refused_however_deep() {
        let mut house = House::default();
        house.trees.insert(LIGHT.into(), ["serde", "gtk-sys"].map(String::from).into());
        house.trees.insert("ira-window".into(), ["gtk", "wry"].map(String::from).into());
        let found = violations(&house);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found.iter().all(|line| line.contains("gtk-sys")), "{found:?}");
    }
}

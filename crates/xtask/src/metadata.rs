//! What the floor rules need to know of the workspace, read from `cargo metadata`.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

/// The workspace.
#[derive(Debug, Default)]
pub(crate) struct House {
    /// Its own packages.
    pub(crate) packages: Vec<Package>,
    /// For each own package, the names of all crates that end up in it on any system, itself
    /// included; what only its tests need is left out.
    pub(crate) trees: BTreeMap<String, BTreeSet<String>>,
}

/// A package as its manifest has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    /// Name.
    pub(crate) name: String,
    /// What it asks for.
    pub(crate) dependencies: Vec<Dependency>,
    id: String,
}

/// A dependency as a manifest has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dependency {
    /// Name.
    pub(crate) name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub(crate) kind: Option<String>,
}

impl Dependency {
    /// Whether only tests see it.
    pub(crate) fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// Asks cargo.
pub(crate) fn read(root: &Path) -> Result<House> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(root)
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    Ok(house(metadata))
}

fn house(metadata: Metadata) -> House {
    let names: BTreeMap<&str, &str> =
        metadata.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    let edges: BTreeMap<&str, Vec<&str>> =
        metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), built_with(node))).collect();
    let trees = metadata
        .workspace_members
        .iter()
        .filter_map(|id| Some(((*names.get(id.as_str())?).to_owned(), tree(id, &edges, &names))))
        .collect();
    let members: BTreeSet<&String> = metadata.workspace_members.iter().collect();
    let packages = metadata.packages.iter().filter(|p| members.contains(&p.id)).cloned().collect();
    House { packages, trees }
}

fn built_with(node: &Node) -> Vec<&str> {
    node.deps
        .iter()
        .filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.is_none()))
        .map(|edge| edge.pkg.as_str())
        .collect()
}

fn tree(
    top: &str,
    edges: &BTreeMap<&str, Vec<&str>>,
    names: &BTreeMap<&str, &str>,
) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let mut open = vec![top];
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(edges.get(id).into_iter().flatten());
        }
    }
    seen.into_iter().filter_map(|id| names.get(id)).map(|name| (*name).to_owned()).collect()
}

#[cfg(test)]
impl Package {
    /// A package with normal dependencies of these names.
    pub(crate) fn with(name: &str, dependencies: &[&str]) -> Self {
        let dependencies =
            dependencies.iter().map(|name| Dependency { name: (*name).into(), kind: None });
        Self { name: name.into(), dependencies: dependencies.collect(), id: name.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_holds_what_is_built_in_at_any_depth_and_not_what_only_tests_need() {
        let metadata = serde_json::from_value(serde_json::json!({
            "packages": [
                {"id": "1", "name": "ira-cli", "dependencies": [{"name": "deep", "kind": null}]},
                {"id": "2", "name": "deep", "dependencies": []},
                {"id": "3", "name": "deeper", "dependencies": []},
                {"id": "4", "name": "testing", "dependencies": []},
            ],
            "workspace_members": ["1"],
            "resolve": {"nodes": [
                {"id": "1", "deps": [
                    {"pkg": "2", "dep_kinds": [{"kind": null}]},
                    {"pkg": "4", "dep_kinds": [{"kind": "dev"}]},
                ]},
                {"id": "2", "deps": [{"pkg": "3", "dep_kinds": [{"kind": null}, {"kind": "dev"}]}]},
            ]},
        }))
        .unwrap();
        let house = house(metadata);
        let tree: Vec<&str> = house.trees["ira-cli"].iter().map(String::as_str).collect();
        assert_eq!(tree, ["deep", "deeper", "ira-cli"]);
        assert_eq!(house.packages.len(), 1, "only the workspace's own packages are judged");
    }
}

//! What the Debian package is made of is there, or made by the script that builds it.

use std::fs;
use std::path::Path;

use toml::{Table, Value};

#[test]
fn what_the_package_is_made_of_is_there_or_its_script_makes_it() {
    let text = fs::read_to_string("Cargo.toml").expect("the manifest");
    let manifest: Table = text.parse().expect("TOML");
    let package = &manifest["package"]["metadata"]["deb"];
    let script = fs::read_to_string("tests/packages/build.sh").expect("the script");
    let assets = package["assets"].as_array().expect("assets");
    let mut sources: Vec<&str> = assets.iter().filter_map(|asset| first(asset)).collect();
    assert_eq!(sources.len(), assets.len(), "each asset names a source");
    sources.extend(first(&package["license-file"]));
    let missing: Vec<&str> = sources
        .into_iter()
        .filter(|source| !is_there(source, &manifest, &script))
        .collect();
    assert!(missing.is_empty(), "nothing makes {missing:?}");
}

fn first(words: &Value) -> Option<&str> {
    words.as_array()?.first()?.as_str()
}

fn is_there(source: &str, manifest: &Table, script: &str) -> bool {
    if let Some(program) = source.strip_prefix("target/release/") {
        let programs = manifest["bin"].as_array().expect("programs");
        return programs
            .iter()
            .any(|one| one["name"].as_str() == Some(program));
    }
    let (folder, name) = source.rsplit_once('/').unwrap_or((".", source));
    let (start, end) = name.split_once('*').unwrap_or((name, ""));
    if let Some(made) = folder.strip_prefix("target/packages") {
        let written = format!("$packages{made}/{start}");
        return script
            .match_indices(&written)
            .any(|(at, _)| match name.contains('*') {
                true => script[at + written.len()..].starts_with(|next| next != '"'),
                false => script[at + written.len()..].starts_with('"'),
            });
    }
    let Ok(entries) = fs::read_dir(Path::new(folder)) else {
        return false;
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    match name.contains('*') {
        true => names
            .into_iter()
            .any(|one| one.starts_with(start) && one.ends_with(end)),
        false => names.into_iter().any(|one| one == name),
    }
}

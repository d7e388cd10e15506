//! Pages in a browser that nobody looks at: what it measures of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MEASURE: &str = include_str!("measure.js");
/// Widths at which pages are looked at, in pixels.
const WIDTHS: [u32; 3] = [400, 1280, 1920];

/// The browser, where there is one.
pub(crate) fn browser() -> Option<&'static str> {
    let runs = |name: &&str| {
        Command::new(name)
            .arg("--version")
            .output()
            .is_ok_and(|out| out.status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(runs)
}

/// The rules of axe-core: where `EXTENTPLAN_AXE` says, or where the gate puts them.
pub(crate) fn axe() -> Option<String> {
    let said = std::env::var_os("EXTENTPLAN_AXE").map(PathBuf::from);
    let path = said.unwrap_or_else(|| {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe/package/axe.min.js")
    });
    fs::read_to_string(path).ok()
}

/// What is wrong with these files of a folder, in a scheme, a line each.
pub(crate) fn faults(browser: &str, folder: &Path, names: &[String], is_dark: bool) -> Vec<String> {
    let mut page = String::from(
        "<!DOCTYPE html><meta charset=utf-8><title>Measures</title><pre id=faults>nothing was measured</pre>\n",
    );
    // What goes by colours, contrast, is measured in both schemes; the other rules of axe-core are the same in both.
    let axe = is_dark.then(axe);
    if let Some(Some(text)) = axe {
        let script = format!("window.axeText = {};", serde_json::Value::from(text));
        fs::write(folder.join("axe.js"), script).expect("written");
        page.push_str("<script src=axe.js></script>\n");
    } else if axe.is_some() {
        eprintln!(
            "axe-core is not there (npm pack axe-core, EXTENTPLAN_AXE=axe.min.js): its rules are skipped"
        );
    }
    let mut count = 0;
    for name in names {
        // A drawing has one width, and a scheme changes nothing but colours.
        let widths = if name.ends_with(".svg") || is_dark {
            &WIDTHS[1..2]
        } else {
            &WIDTHS[..]
        };
        for width in widths {
            page.push_str(&format!(
                "<iframe width={width} height=900 style=\"border:0\" title=\"{name} at {width}\" src=\"{name}\"></iframe>\n"
            ));
            count += 1;
        }
    }
    page.push_str(&format!("<script>{MEASURE}</script>\n"));
    let scheme = if is_dark { "dark" } else { "light" };
    let measures = folder.join(format!("measures-{scheme}.html"));
    fs::write(&measures, page).expect("written");
    let mut command = Command::new(browser);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--allow-file-access-from-files",
        ])
        .args([
            "--virtual-time-budget=3600000",
            "--window-size=2000,1000",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join(format!("browser-{scheme}")).display()
        ));
    if is_dark {
        command.arg("--blink-settings=preferredColorScheme=0");
    }
    let out = command.arg(&measures).output().expect("the browser runs");
    let text = String::from_utf8_lossy(&out.stdout);
    let found = text
        .split("<pre id=\"faults\">")
        .nth(1)
        .and_then(|rest| rest.split("</pre>").next());
    let mut lines = found
        .unwrap_or("the browser said nothing")
        .lines()
        .map(str::to_string);
    let first = lines.next().unwrap_or_default();
    assert_eq!(
        first,
        format!("measured {count}"),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    lines.collect()
}

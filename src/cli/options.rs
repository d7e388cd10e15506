//! `extentplan help options`: what the options of LVM2's commands are to a plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::{ListedOption, OptionPurpose, Program, options_of};
use crate::show;

/// The page.
pub(crate) fn page() -> String {
    let all: Vec<(Program, Vec<ListedOption>)> = Program::ALL
        .into_iter()
        .map(|program| (program, options_of(program)))
        .collect();
    let is_common = |option: &ListedOption| all.iter().all(|(_, own)| own.contains(option));
    let common: Vec<&ListedOption> = all[0].1.iter().filter(|option| is_common(option)).collect();
    let intent = "What the options of LVM2's commands are to a plan. Those that are planned decide where extents \
                  go, or change what there is; those that are passed through stand in the commands that are \
                  printed; of the others it is said why they are not planned.";
    let mut text = show::wrapped("", " ", intent.split(' ').map(str::to_string));
    text.push_str(&section("every command", &common));
    for (program, own) in &all {
        let own: Vec<&ListedOption> = own.iter().filter(|option| !is_common(option)).collect();
        text.push_str(&section(program.name(), &own));
    }
    text
}

fn section(head: &str, options: &[&ListedOption]) -> String {
    let mut by_purpose: BTreeMap<OptionPurpose, BTreeSet<String>> = BTreeMap::new();
    for option in options {
        let name = match option.short {
            Some(short) => format!("-{short}/--{}", option.long),
            None => format!("--{}", option.long),
        };
        by_purpose.entry(option.purpose).or_default().insert(name);
    }
    let mut text = format!("\n{head}\n");
    for (purpose, names) in by_purpose {
        let head = match purpose {
            OptionPurpose::Planned => "planned",
            OptionPurpose::PassedThrough => "passed through",
            OptionPurpose::NotPlanned(reason) => reason,
        };
        if let OptionPurpose::NotPlanned(_) = purpose {
            text.push_str(&show::wrapped(
                "  not planned here: ",
                " ",
                head.split(' ').map(str::to_string),
            ));
            text.push_str(&show::wrapped("    ", ", ", names.into_iter()));
        } else {
            text.push_str(&show::wrapped(
                &format!("  {head}: "),
                ", ",
                names.into_iter(),
            ));
        }
    }
    text
}

//! The tables of options beside what the real LVM2 takes.

use std::collections::BTreeSet;

use extentplan::lvm::{OptionPurpose, Program, options_of};

/// What the commands of LVM2 2.03.16 take, as `tests/lvm2/options.py` found it.
const LVM2: &str = include_str!("lvm2/options.txt");

#[test]
fn every_option_of_lvm2_is_known_with_its_short_form_and_whether_it_takes_a_value() {
    let theirs: BTreeSet<String> = LVM2.lines().map(str::to_string).collect();
    let mut ours = BTreeSet::new();
    for program in Program::ALL {
        for option in options_of(program) {
            let is_newer = matches!(option.purpose, OptionPurpose::NotPlanned(why) if why.starts_with("newer"));
            if is_newer {
                continue;
            }
            let short = option.short.map_or("-".to_string(), String::from);
            let value = if option.takes_value { "value" } else { "flag" };
            ours.insert(format!("{program} {} {short} {value}", option.long));
        }
    }
    let missing: Vec<&String> = theirs.difference(&ours).collect();
    let invented: Vec<&String> = ours.difference(&theirs).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "{missing:?} {invented:?}"
    );
}

#[test]
fn every_option_that_is_not_planned_says_why() {
    for option in Program::ALL.into_iter().flat_map(options_of) {
        if let OptionPurpose::NotPlanned(why) = option.purpose {
            assert!(
                why.len() > 10 && !why.ends_with('.'),
                "{}: {why}",
                option.long
            );
        }
    }
}

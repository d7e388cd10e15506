//! A guide by task: what people want done, what to type for it, and how to read what comes back.
//!
//! | what is wanted | page |
//! | --- | --- |
//! | from nothing to a first plan | [`start`] |
//! | LVM refuses: what now | [`refused`] |
//! | how much can I still create | [`room`] |
//! | are my RAIDs safe | [`safe`] |
//! | take a disk out | [`drain`] |
//! | plan a batch | [`batch`] |
//! | compare allocators | [`allocators`] |
//! | read a proof | [`proof`] |
//! | many volume groups | [`fleets`] |
//! | what can be asked, and in which words | [`reference`](mod@reference) |
//!
//! The program shows the same pages: `extentplan help refused`. Every command in them is run by a test, and
//! what it prints compared.

#[doc = include_str!("allocators.md")]
pub mod allocators {}
#[doc = include_str!("batch.md")]
pub mod batch {}
#[doc = include_str!("drain.md")]
pub mod drain {}
#[doc = include_str!("fleets.md")]
pub mod fleets {}
#[doc = include_str!("proof.md")]
pub mod proof {}
#[doc = include_str!("reference.md")]
pub mod reference {}
#[doc = include_str!("refused.md")]
pub mod refused {}
#[doc = include_str!("room.md")]
pub mod room {}
#[doc = include_str!("safe.md")]
pub mod safe {}
#[doc = include_str!("start.md")]
pub mod start {}

mod examples;

pub use examples::{EXAMPLES, Example};

/// A page of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// The word that it is asked for by.
    pub name: &'static str,
    /// The page, as Markdown; its first line is a heading that says what is wanted.
    pub page: &'static str,
}

/// The pages, in the order in which a newcomer may want them.
pub const TASKS: [Task; 10] = [
    Task {
        name: "start",
        page: include_str!("start.md"),
    },
    Task {
        name: "refused",
        page: include_str!("refused.md"),
    },
    Task {
        name: "room",
        page: include_str!("room.md"),
    },
    Task {
        name: "safe",
        page: include_str!("safe.md"),
    },
    Task {
        name: "drain",
        page: include_str!("drain.md"),
    },
    Task {
        name: "batch",
        page: include_str!("batch.md"),
    },
    Task {
        name: "allocators",
        page: include_str!("allocators.md"),
    },
    Task {
        name: "proof",
        page: include_str!("proof.md"),
    },
    Task {
        name: "fleets",
        page: include_str!("fleets.md"),
    },
    Task {
        name: "reference",
        page: include_str!("reference.md"),
    },
];

impl Task {
    /// What is wanted, in a few words: the heading of the page.
    #[must_use]
    pub fn title(&self) -> &'static str {
        let first = self.page.lines().next().unwrap_or(self.name);
        first.trim_start_matches('#').trim_start()
    }

    /// The page that a word or its title asks for, whatever the case of the letters.
    #[must_use]
    pub fn find(wanted: &str) -> Option<&'static Task> {
        TASKS.iter().find(|task| {
            wanted.eq_ignore_ascii_case(task.name) || wanted.eq_ignore_ascii_case(task.title())
        })
    }
}

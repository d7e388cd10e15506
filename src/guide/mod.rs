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

/// A module of the documentation for each page, and all of them.
macro_rules! pages {
    ($($name:ident)*) => {
        $(#[doc = include_str!(concat!(stringify!($name), ".md"))] pub mod $name {})*

        /// The pages, in the order in which a newcomer may want them.
        pub const TASKS: &[Task] = &[$(Task {
            name: stringify!($name),
            page: include_str!(concat!(stringify!($name), ".md")),
        }),*];
    };
}

pages! { start refused room safe drain batch allocators proof fleets reference }

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

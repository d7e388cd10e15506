//! The options and arguments of a command as they were typed.

/// Options by their long names, with their values, and the arguments, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) options: Vec<(&'static str, String)>,
    pub(crate) arguments: Vec<String>,
}

impl Given {
    /// The value of an option; empty where it takes none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The values of an option that may come several times.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self
            .options
            .iter()
            .filter(move |(option, _)| *option == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// A volume's name without its group.
pub(crate) fn plain(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_string()
}

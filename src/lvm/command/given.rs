//! The options and arguments of a command as they were typed.

/// Options by their long names, with their values, and the arguments, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Each with its value; empty where it takes none.
    pub options: Vec<(&'static str, String)>,
    /// What is no option.
    pub arguments: Vec<String>,
}

/// Options that ask for something that lies on a volume that is there, whatever their value is.
const LAYERS: [&str; 7] = [
    "snapshot",
    "virtualsize",
    "cache",
    "cachedevice",
    "cachepool",
    "cachevol",
    "raidintegrity",
];

/// Types that do.
const LAYER_TYPES: [&str; 6] = ["thin", "snapshot", "cache", "writecache", "zero", "error"];

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

    /// Whether an `lvcreate` asks for something that lies on a volume that is there: a snapshot, a thin volume,
    /// a cache, checksums.
    pub(crate) fn is_layer(&self) -> bool {
        let kind = self.get("type").unwrap_or_default();
        // A cache pool that is made may be named so, too.
        let names_new = |option: &str| option == "cachepool" && kind == "cache-pool";
        let has_size = self.has("size") || self.has("extents");
        LAYER_TYPES.contains(&kind)
            || LAYERS
                .iter()
                .any(|option| self.has(option) && !names_new(option))
            || (self.has("thin") && !has_size)
            || (self.has("thinpool") && !has_size)
    }
}

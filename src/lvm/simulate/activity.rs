//! Which logical volumes are active: metadata does not say.

use std::collections::BTreeMap;

use crate::lvm::VolumeGroup;
use crate::lvm::simulate::roles::{Role, Roles};

/// Metadata word of a volume that is only activated where that is asked for twice.
pub(crate) const ACTIVATION_SKIP: &str = "ACTIVATION_SKIP";

/// What is known to be active or not, by the name of a volume.
#[derive(Clone, Debug)]
pub(crate) struct Activity {
    /// What volumes are that nothing is known of.
    default: bool,
    known: BTreeMap<String, bool>,
}

impl Activity {
    /// Nothing is known but what all volumes are.
    pub(crate) fn all(default: bool) -> Activity {
        Activity {
            default,
            known: BTreeMap::new(),
        }
    }

    pub(crate) fn is_active(&self, name: &str) -> bool {
        self.known.get(name).copied().unwrap_or(self.default)
    }

    /// Whether a volume runs: parts of a pool do while somebody uses the pool, whatever they are called.
    pub(crate) fn runs(&self, group: &VolumeGroup, roles: &Roles, name: &str) -> bool {
        let users = |role: Role| roles.users(name, role).collect::<Vec<_>>();
        let is_cache_pool = || {
            let volume = group.logical_volume(name);
            volume.is_some_and(|volume| roles.type_word(volume) == "cachepool")
        };
        match roles.first(name) {
            Some((
                Role::ThinPoolData
                | Role::ThinPoolMetadata
                | Role::CachePoolPart
                | Role::CachePool
                | Role::CacheOrigin,
                user,
            )) => self.runs(group, roles, user),
            Some((Role::ThinPool, _)) => {
                self.is_active(name)
                    || users(Role::ThinPool)
                        .iter()
                        .any(|user| self.is_active(user))
            }
            // By itself it is no device.
            None if is_cache_pool() => false,
            Some(_) | None => self.is_active(name),
        }
    }

    pub(crate) fn set(&mut self, name: &str, is_active: bool) {
        self.known.insert(name.to_string(), is_active);
    }

    /// Names that are gone may come again, and are then new.
    pub(crate) fn forget_all_but(&mut self, group: &VolumeGroup) {
        if !self.known.is_empty() {
            let mut names: Vec<&str> = group
                .logical_volumes
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            names.sort_unstable();
            self.known
                .retain(|name, _| names.binary_search(&name.as_str()).is_ok());
        }
    }

    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        if let Some(known) = self.known.remove(old) {
            self.known.insert(new.to_string(), known);
        }
    }
}

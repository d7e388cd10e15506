//! Which rows are about which volume group, physical volume and logical volume.

use std::collections::{BTreeMap, BTreeSet};

use crate::lvm::report::rows::Row;
use crate::lvm::report::{MissingField, ReportError};

/// The rows of one volume group.
pub(crate) struct Group<'r> {
    pub(crate) name: String,
    /// The report that the rows were taken from.
    text: &'r str,
    pub(crate) rows: Vec<&'r Row<'r>>,
}

impl<'r> Group<'r> {
    /// The first filled field of a name among all rows.
    pub(crate) fn field(&self, field: &str) -> Option<&'r str> {
        self.rows.iter().find_map(|row| row.filled(field))
    }

    /// The line and the column of a value that stands in the report as it is.
    fn place(&self, value: &str) -> Option<(usize, usize)> {
        let at = (value.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let before = self.text.get(..at)?;
        let line = before.rsplit('\n').next()?;
        let lines = before.bytes().filter(|byte| *byte == b'\n').count();
        Some((lines + 1, line.chars().count() + 1))
    }

    /// The physical volumes in order of appearance.
    pub(crate) fn physical(&self) -> Members<'r> {
        Members::of(&self.rows, "pv_uuid", "pv_name")
    }

    /// The logical volumes in order of appearance.
    pub(crate) fn logical(&self) -> Members<'r> {
        Members::of(&self.rows, "lv_uuid", "lv_name")
    }
}

/// Things that rows are about, which they name by UUID or by name.
pub(crate) struct Members<'r> {
    id_field: &'static str,
    name_field: &'static str,
    by_id: BTreeMap<&'r str, usize>,
    /// Nothing for a name that several share, as disks that are gone do.
    by_name: BTreeMap<&'r str, Option<usize>>,
    /// The rows about each.
    pub(crate) rows: Vec<Vec<&'r Row<'r>>>,
}

impl<'r> Members<'r> {
    fn of(rows: &[&'r Row<'r>], id_field: &'static str, name_field: &'static str) -> Members<'r> {
        let mut members = Members {
            id_field,
            name_field,
            by_id: BTreeMap::new(),
            by_name: BTreeMap::new(),
            rows: Vec::new(),
        };
        // Rows that have both first: they tell which name belongs to which UUID.
        let has_both =
            |row: &&&Row<'_>| row.filled(id_field).is_some() && row.filled(name_field).is_some();
        for row in rows.iter().filter(has_both) {
            members.add(row);
        }
        for row in rows.iter().filter(|row| !has_both(row)) {
            members.add(row);
        }
        members
    }

    fn add(&mut self, row: &'r Row<'r>) {
        let (id, name) = (row.filled(self.id_field), row.filled(self.name_field));
        if id.is_none() && name.is_none() {
            return;
        }
        let index = self.find(row).unwrap_or_else(|| {
            self.rows.push(Vec::new());
            self.rows.len() - 1
        });
        self.rows[index].push(row);
        if let Some(id) = id {
            self.by_id.entry(id).or_insert(index);
        }
        if let Some(name) = name {
            let known = self
                .by_name
                .entry(without_brackets(name))
                .or_insert(Some(index));
            *known = known.filter(|known| *known == index);
        }
    }

    /// The member that a row is about. Disks that are gone share a name, so the UUID decides.
    pub(crate) fn find(&self, row: &Row<'_>) -> Option<usize> {
        match (row.filled(self.id_field), row.filled(self.name_field)) {
            (Some(id), _) => self.by_id.get(id).copied(),
            (None, Some(name)) => self.named(name),
            (None, None) => None,
        }
    }

    /// The member of a name, with or without brackets.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(without_brackets(name)).copied().flatten()
    }

    /// The member of a UUID.
    pub(crate) fn with_id(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The first filled field of a name among the rows of a member.
    pub(crate) fn field(&self, member: usize, field: &str) -> Option<&'r str> {
        self.rows[member].iter().find_map(|row| row.filled(field))
    }

    /// Whether a field is there for a member, if only empty.
    pub(crate) fn has(&self, member: usize, field: &str) -> bool {
        self.rows[member].iter().any(|row| row.get(field).is_some())
    }

    /// The only member, if there is one and no other.
    pub(crate) fn only(&self) -> Option<usize> {
        (self.rows.len() == 1).then_some(0)
    }
}

/// LVM2 puts the names of hidden volumes into brackets.
pub(crate) fn without_brackets(name: &str) -> &str {
    name.strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name)
}

/// The volume groups that rows name, in order of appearance, each with its rows.
///
/// # Errors
/// A row that may belong to several volume groups.
pub(crate) fn groups<'r>(
    text: &'r str,
    rows: &'r [Row<'r>],
) -> Result<Vec<Group<'r>>, ReportError> {
    let mut names: Vec<&str> = Vec::new();
    let mut in_element: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut by_id: BTreeMap<&str, &str> = BTreeMap::new();
    for row in rows {
        if let Some(name) = own_name(row) {
            if !names.contains(&name) {
                names.push(name);
            }
            in_element.entry(row.element).or_default().insert(name);
            if let Some(id) = row.filled("vg_uuid") {
                by_id.insert(id, name);
            }
        }
    }
    let mut groups: Vec<Group<'_>> = names
        .iter()
        .map(|name| Group {
            name: (*name).to_string(),
            text,
            rows: Vec::new(),
        })
        .collect();
    for row in rows {
        let by_id = row.filled("vg_uuid").and_then(|id| by_id.get(id).copied());
        let by_place = || match in_element.get(&row.element) {
            Some(here) if here.len() == 1 => here.first().copied(),
            Some(_) => None,
            // `fullreport` lists disks without a volume group in an element of their own.
            None if row.is_of_fullreport || names.len() != 1 => None,
            None => names.first().copied(),
        };
        let is_orphan = row.get("vg_name") == Some("")
            || (row.is_of_fullreport && !in_element.contains_key(&row.element));
        let found = own_name(row)
            .or(by_id)
            .or_else(|| if is_orphan { None } else { by_place() });
        match found.and_then(|name| names.iter().position(|other| *other == name)) {
            Some(index) => groups[index].rows.push(row),
            None if is_orphan || names.is_empty() => {}
            None => {
                return Err(ReportError::Missing {
                    group: names.join("` or `"),
                    fields: vec![MissingField {
                        what: "which rows belong to it",
                        of: Vec::new(),
                        option: "-o +vg_name",
                    }],
                });
            }
        }
    }
    Ok(groups)
}

/// The volume group that a row itself names.
fn own_name<'r>(row: &'r Row<'_>) -> Option<&'r str> {
    row.filled("vg_name").or_else(|| {
        let (group, _) = row.filled("lv_full_name")?.split_once('/')?;
        (!group.is_empty()).then_some(group)
    })
}

/// That `value`, which stands in the report, and something else in it cannot both be right.
pub(crate) fn contradicts(group: &Group<'_>, value: &str, what: String) -> ReportError {
    ReportError::Contradiction {
        group: group.name.clone(),
        place: group.place(value),
        what,
    }
}

/// That rows of a group cannot both be right.
pub(crate) fn contradiction(group: &Group<'_>, what: String) -> ReportError {
    ReportError::Contradiction {
        group: group.name.clone(),
        place: None,
        what,
    }
}

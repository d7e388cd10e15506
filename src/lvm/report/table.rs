//! The rows of tables as `pvs`, `lvs` and `vgs` print them for people, and as people post them.
//!
//! A table has a line of headings, each at the left end of its column, and a cell may be empty: only the place of a word
//! in its line tells which column it belongs to.

use crate::lvm::report::ReportError;
use crate::lvm::report::fields::{self, Field};
use crate::lvm::report::rows::Row;

/// Headings of more than one word.
const OF_TWO_WORDS: [(&str, &str); 14] = [
    ("1st", "PE"),
    ("BA", "Start"),
    ("LE", "Ranges"),
    ("LV", "Tags"),
    ("LV", "UUID"),
    ("Metadata", "Devs"),
    ("Origin", "UUID"),
    ("PE", "Ranges"),
    ("PV", "Tags"),
    ("PV", "UUID"),
    ("SYS", "ID"),
    ("Seg", "Tags"),
    ("VG", "Tags"),
    ("VG", "UUID"),
];

/// Headings that the first line of a table has one of, behind its first.
const COMMON: [&str; 11] = [
    "Attr", "Devices", "Ext", "Fmt", "LSize", "PE", "PSize", "SSize", "Start", "Type", "VSize",
];

/// Columns in which a cell may have blanks.
const WITH_BLANKS: [&str; 4] = ["LE Ranges", "Metadata Devs", "PE Ranges", "CTime"];

/// Whether a text has the headings of a table before anything else that could be read.
pub(crate) fn sets_out(text: &str) -> bool {
    let mut lines = lines(text)
        .map(|(_, line)| line)
        .filter(|line| !is_aside(line));
    lines
        .next()
        .is_some_and(|line| Heads::of(line, 0).is_some())
}

/// All rows of all tables in a text.
///
/// # Errors
/// A line whose words do not stand below the headings.
pub(crate) fn rows(text: &str) -> Result<Vec<Row<'_>>, ReportError> {
    let mut rows = Vec::new();
    let mut heads: Option<Heads<'_>> = None;
    let mut tables = 0;
    for (number, line) in lines(text) {
        if is_aside(line) {
            // Whoever copies from a terminal loses the blanks in front of the first line only.
            heads = heads.filter(|_| line.trim().is_empty());
        } else if let Some(next) = Heads::of(line, tables) {
            heads = Some(next);
            tables += 1;
        } else {
            let row = heads.as_mut().and_then(|heads| heads.row(line));
            rows.push(row.ok_or_else(|| ReportError::NotInColumns {
                line: number,
                found: line.trim().to_string(),
            })?);
        }
    }
    Ok(rows)
}

/// What a text that cannot be read lacks of a table, or has too much, as far as its first line tells.
pub(crate) fn almost(text: &str) -> Option<&'static str> {
    let (_, first) = lines(text).find(|(_, line)| line.starts_with('>') || !is_aside(line))?;
    let plain = first.trim_start_matches(['>', ' ']);
    if first.starts_with('>') && Heads::of(plain, 0).is_some() {
        return Some("a table behind the `>` of a quotation: take these away");
    }
    let spread = |separator: char| plain.replace(separator, "  ");
    if plain.contains('\u{a0}') && Heads::of(&plain.replace('\u{a0}', " "), 0).is_some() {
        return Some(
            "a table with blanks that do not break (U+00A0), as pages and mails have them: make plain ones of them",
        );
    }
    let heads: Vec<&str> = plain.split_whitespace().take(3).collect();
    if heads == ["Fmt", "VG", "UUID"] {
        return Some(
            "the tables of `lvm fullreport`: take it as `lvm fullreport --all --reportformat json`",
        );
    }
    let has_heads = |separator| Heads::of(&spread(separator), 0).is_some();
    if [',', ';', ':', '|', '/', '\t', '#']
        .into_iter()
        .any(has_heads)
    {
        return Some("a table with `--separator`: take it without, or as `--reportformat json`");
    }
    let is_attribute = |word: &str| {
        let is_letter = |letter: char| letter.is_ascii_alphabetic() || letter == '-';
        (3..=10).contains(&word.len()) && word.ends_with('-') && word.chars().all(is_letter)
    };
    let is_size = |word: &str| {
        let number = word.trim_start_matches(['<', '>']);
        let unit =
            number.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        number.len() > unit.len() && unit.len() == 1
    };
    let has = |is_one: &dyn Fn(&str) -> bool| words(plain).any(|word| is_one(word.text));
    let of_disks = |line: &str| {
        let mut words = words(line);
        words.next().is_some_and(|word| word.text.starts_with('/')) && words.count() >= 2
    };
    let are_disks = lines(text).all(|(_, line)| is_aside(line) || of_disks(line));
    (has(&is_attribute) && has(&is_size) || are_disks)
        .then_some("a table without its headings: take it without `--noheadings`")
}

/// The lines that are not empty, counted from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let lines = lines.map(|(index, line)| (index + 1, line.trim_end()));
    lines.filter(|(_, line)| !line.is_empty())
}

/// What stands between tables: the command that was typed, messages of LVM2, fences of a posting.
fn is_aside(line: &str) -> bool {
    let line = line.trim();
    let is_message = ["WARNING:", "```", "#", "$ ", "> ", "File descriptor "];
    if is_message.iter().any(|start| line.starts_with(start)) {
        return true;
    }
    // `root@host:~#`
    let mut words = line.split_whitespace();
    let is_prompt = words
        .next()
        .is_some_and(|word| word.contains('@') || word.len() == 1);
    if is_prompt && line.ends_with(['#', '$']) && words.count() < 2 {
        return true;
    }
    // `root@host:~# pvs -v`
    let typed = line.split_once("# ").or_else(|| line.split_once("$ "));
    typed.is_some_and(|(prompt, command)| {
        let mut words = command.split_whitespace();
        let mut word = || words.find(|word| !matches!(*word, "sudo" | "lvm"));
        !prompt.contains("  ") && matches!(word(), Some("pvs" | "lvs" | "vgs"))
    })
}

/// One column: its heading, and the letter of the line that it begins at.
struct Column<'t> {
    heading: &'t str,
    start: usize,
}

/// The line of headings.
struct Heads<'t> {
    table: usize,
    columns: Vec<Column<'t>>,
    /// Whether a row has been read, which tells how far the headings are out of place.
    is_placed: bool,
}

impl<'t> Heads<'t> {
    /// The headings of a line, if it is one of headings.
    fn of(line: &'t str, table: usize) -> Option<Heads<'t>> {
        let mut columns: Vec<Column<'t>> = Vec::new();
        let mut words = words(line).peekable();
        while let Some(word) = words.next() {
            let is_second = |second: &Word<'_>| {
                second.start == word.end + 1 && OF_TWO_WORDS.contains(&(word.text, second.text))
            };
            let end = match words.next_if(is_second) {
                Some(second) => second.at + second.text.len(),
                None => word.at + word.text.len(),
            };
            columns.push(Column {
                heading: &line[word.at..end],
                start: word.start,
            });
        }
        let is_first = |column: &Column<'_>| matches!(column.heading, "LV" | "PV" | "VG");
        let (first, others) = columns.split_first()?;
        let has_common = others.iter().any(|column| COMMON.contains(&column.heading));
        (is_first(first) && has_common).then_some(Heads {
            table,
            columns,
            is_placed: false,
        })
    }

    /// The row of a line; nothing where a word stands below no heading.
    fn row(&mut self, line: &'t str) -> Option<Row<'t>> {
        let words: Vec<Word<'t>> = words(line).collect();
        let first = words.first()?;
        if !self.is_placed {
            // The first cell of a row is never empty, and begins where its heading does.
            let from = self.columns.first()?.start;
            for column in &mut self.columns {
                column.start = column.start - from + first.start;
            }
            self.is_placed = true;
        }
        let mut cells: Vec<Option<(usize, usize)>> = vec![None; self.columns.len()];
        for word in &words {
            let behind = self
                .columns
                .partition_point(|column| column.start <= word.start);
            let at = behind.checked_sub(1)?;
            let next = self.columns.get(behind);
            if next.is_some_and(|next| next.start <= word.end) {
                return None;
            }
            let end = word.at + word.text.len();
            let begun = cells[at].map(|(start, _)| start);
            if begun.is_some() && !WITH_BLANKS.contains(&self.columns[at].heading) {
                return None;
            }
            cells[at] = Some((begun.unwrap_or(word.at), end));
        }
        cells.first().copied().flatten()?;
        let texts: Vec<&'t str> = cells
            .iter()
            .map(|cell| cell.map_or("", |(start, end)| &line[start..end]))
            .collect();
        let mut fields: Vec<Field<'t>> = Vec::new();
        for (index, text) in texts.iter().copied().enumerate() {
            let name = self.field(index, &texts);
            let Some(number) = name.and_then(fields::number_of) else {
                continue;
            };
            if fields.iter().all(|field| field.number() != number) {
                fields.push(Field::There(number, text));
            }
        }
        Some(Row::of_table(self.table, fields))
    }

    /// Whether a number below a heading that stands for bytes or sectors as well counts extents: where sizes have no unit
    /// there may be both, and extents are fewer.
    fn is_in_extents(&self, index: usize, texts: &[&str]) -> bool {
        let heading = self.columns[index].heading;
        let is_of_disks = self
            .columns
            .first()
            .is_some_and(|first| first.heading == "PV");
        let below = |heading: &'t str| {
            let columns = self.columns.iter().zip(texts);
            columns
                .filter(move |(column, _)| column.heading == heading)
                .map(|(_, text)| *text)
        };
        // The first are those of the disk.
        let same = below(heading).skip(usize::from(is_of_disks));
        let counts: Vec<u64> = same.filter_map(|text| text.parse().ok()).collect();
        if counts.len() > 1 {
            return counts.iter().min().copied() == texts[index].parse().ok();
        }
        !below("LSize").chain(below("PSize")).any(is_number)
    }

    /// The name of the field that a column shows, where its heading and its text tell.
    fn field(&self, index: usize, texts: &[&str]) -> Option<&'static str> {
        let text = texts[index];
        let heading = self.columns[index].heading;
        let is_of = |kind: &str| {
            self.columns
                .first()
                .is_some_and(|first| first.heading == kind)
        };
        let is_again = self.columns[..index]
            .iter()
            .any(|column| column.heading == heading);
        let is_number = is_number(text);
        let is_in_extents = is_number && self.is_in_extents(index, texts);
        Some(match heading {
            "LV" => "lv_name",
            "PV" => "pv_name",
            "VG" => "vg_name",
            "Attr" => match text.len() {
                0..=4 => "pv_attr",
                5..=6 => "vg_attr",
                _ => "lv_attr",
            },
            "Start" if is_of("PV") && !is_again => "pvseg_start",
            "Start" if is_in_extents => "seg_start_pe",
            "SSize" if is_of("PV") && !is_again && is_number => "pvseg_size",
            "SSize" if is_in_extents => "seg_size_pe",
            "SSize" => "seg_size",
            "AllocPol" if is_of("VG") => "vg_allocation_policy",
            "AllocPol" => "lv_allocation_policy",
            "#Cpy" => "data_copies",
            "#Ext" => "vg_extent_count",
            "#Str" => "stripes",
            "1st PE" => "pe_start",
            "Alloc" => "pv_pe_alloc_count",
            "AutoAct" => "lv_autoactivation",
            "CacheMode" => "cache_mode",
            "Chunk" => "chunk_size",
            "Data" => "data_lv",
            "Devices" => "devices",
            "Ext" => "vg_extent_size",
            "Free" if is_number => "vg_free_count",
            "LSize" => "lv_size",
            "LV Tags" => "lv_tags",
            "LV UUID" => "lv_uuid",
            "Log" => "mirror_log",
            "MaxLV" => "max_lv",
            "MaxPV" => "max_pv",
            "Meta" => "metadata_lv",
            "Metadata Devs" => "metadata_devices",
            "Origin" => "origin",
            "Origin UUID" => "origin_uuid",
            "PE" => "pv_pe_count",
            "PE Ranges" => "seg_pe_ranges",
            "PFree" => "pv_free",
            "PSize" => "pv_size",
            "PV Tags" => "pv_tags",
            "PV UUID" => "pv_uuid",
            "Pool" => "pool_lv",
            "RSize" if is_in_extents => "reshape_len_le",
            "Region" => "region_size",
            "Role" => "lv_role",
            "Seq" => "vg_seqno",
            "Stripe" => "stripe_size",
            "Type" => "segtype",
            "Used" => "pv_used",
            "VFree" => "vg_free",
            "VG Tags" => "vg_tags",
            "VG UUID" => "vg_uuid",
            "VSize" => "vg_size",
            "WhenFull" => "lv_when_full",
            _ => return None,
        })
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A word of a line: its letters from `start` to `end`, and where it begins in bytes.
struct Word<'t> {
    text: &'t str,
    at: usize,
    start: usize,
    end: usize,
}

/// The words of a line.
fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    let mut letters = 0;
    line.split(' ').filter_map(move |text| {
        let length = text.chars().count();
        let word = Word {
            text,
            at,
            start: letters,
            end: letters + length,
        };
        at += text.len() + 1;
        letters += length + 1;
        (!text.is_empty()).then_some(word)
    })
}

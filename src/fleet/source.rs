//! The pools of a fleet, one after another: from folders, files, packed or not, and standard input.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Result, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec::IntoIter;

use crate::ask::{Fault, pool_text, unpacking};
use crate::core::printable;
use crate::fleet::item::Item;
use crate::fleet::parquet;

/// Most bytes of one pool: metadata of the largest volume groups has some tens of MiB.
const MOST_BYTES: u64 = 1 << 28;

/// The pools of files and folders, in their order; in a folder and those below it by name.
pub struct Sources {
    inputs: IntoIter<Input>,
    /// The pools of the file that is open, where it has several.
    several: Option<Box<dyn Iterator<Item = Item> + Send>>,
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

/// A file.
struct Input {
    path: PathBuf,
    /// The folder among the arguments that it was found in.
    below: Option<Arc<Path>>,
}

/// A file with a pool on each line.
struct Lines {
    file: Arc<str>,
    host: String,
    reader: BufReader<Box<dyn Read + Send>>,
    /// What was read ahead.
    ahead: IntoIter<Vec<u8>>,
    number: u64,
}

impl Sources {
    /// The pools of `paths`; `-` is standard input.
    ///
    /// # Errors
    /// If a file is not there, or a folder cannot be read.
    pub fn new(paths: &[PathBuf]) -> std::result::Result<Sources, Fault> {
        let mut inputs = Vec::new();
        let mut total = Some(0);
        for path in paths {
            let failed = |error| Fault::of(format!("cannot read {}: {error}", name(path)));
            if path == Path::new("-") {
                inputs.push(Input {
                    path: path.clone(),
                    below: None,
                });
                total = None;
                continue;
            }
            let found = fs::metadata(path).map_err(failed)?;
            if found.is_dir() {
                let below: Arc<Path> = Arc::from(path.as_path());
                let mut files = Vec::new();
                walk(path, &mut BTreeSet::new(), &mut files).map_err(failed)?;
                if files.is_empty() {
                    return Err(Fault::of(format!(
                        "there is no file in {}; expected metadata of volume groups",
                        name(path)
                    )));
                }
                let found = files.into_iter().map(|path| Input {
                    path,
                    below: Some(Arc::clone(&below)),
                });
                inputs.extend(found);
            } else {
                inputs.push(Input {
                    path: path.clone(),
                    below: None,
                });
            }
        }
        if let Some(total) = &mut total {
            let sizes = inputs.iter().filter_map(|one| fs::metadata(&one.path).ok());
            *total = sizes.map(|found| found.len()).sum();
        }
        Ok(Sources {
            inputs: inputs.into_iter(),
            several: None,
            read: Arc::default(),
            total,
        })
    }

    /// Bytes of all files, as they lie there; `None` where that is not known.
    #[must_use]
    pub fn total_bytes(&self) -> Option<u64> {
        self.total
    }

    /// Counts the bytes of the files that were read so far.
    #[must_use]
    pub fn read_bytes(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.read)
    }

    /// Opens a file: its only pool, or the first of its lines.
    fn open(&mut self, input: &Input) -> std::result::Result<Option<Item>, Fault> {
        let shown = name(&input.path);
        let failed = |error| Fault::of(format!("cannot read {shown}: {error}"));
        // What is typed may be a pipe; one that lies in a folder may never end.
        let is_file = |path: &Path| fs::metadata(path).is_ok_and(|found| found.is_file());
        if input.below.is_some() && !is_file(&input.path) {
            return Err(Fault::of(format!("{shown} is neither a file nor a folder")));
        }
        let bytes: Box<dyn Read + Send> = if input.path == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            let file = File::open(&input.path).map_err(failed)?;
            if is_parquet(&file) {
                let read = Arc::clone(&self.read);
                let items = parquet::items(file, &Arc::from(shown), host(input), read)?;
                self.several = Some(items);
                return Ok(None);
            }
            Box::new(file)
        };
        let counted = Counted {
            bytes,
            read: Arc::clone(&self.read),
        };
        let reader = unpacking(BufReader::with_capacity(1 << 16, counted)).map_err(failed)?;
        let mut reader = BufReader::with_capacity(1 << 16, reader);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        // Blank lines in front say nothing.
        while first.trim_ascii().is_empty() && next_line(&mut reader, &mut first).map_err(failed)? {
        }
        if first.starts_with(BYTE_ORDER_MARK) {
            first.drain(..BYTE_ORDER_MARK.len());
        }
        // Nobody gave anything; an empty file was meant to be something.
        if first.is_empty() && input.path == Path::new("-") {
            return Ok(None);
        }
        if first.starts_with(b"PARE") {
            return Err(Fault::of(format!(
                "{shown} is in Parquet, and encrypted; expected a table that is not"
            )));
        }
        if first.starts_with(PARQUET) {
            return Err(Fault::of(format!(
                "{shown} is in Parquet, which is read from its end; expected the name of a file that is not packed"
            )));
        }
        let is_object = |line: &[u8]| line.trim_ascii().starts_with(b"{");
        let mut are_lines = false;
        if is_object(&first) {
            // What is laid out over several lines is one pool.
            are_lines = first.trim_ascii_end().ends_with(b"}")
                && serde_json::from_slice::<serde::de::IgnoredAny>(&first).is_ok();
            if !are_lines && next_line(&mut reader, &mut second).map_err(failed)? {
                are_lines = is_object(&second);
            }
        }
        let file: Arc<str> = Arc::from(shown.as_str());
        let host = host(input);
        if are_lines {
            let ahead: Vec<Vec<u8>> = [first, second]
                .into_iter()
                .filter(|line| !line.is_empty())
                .collect();
            self.several = Some(Box::new(Lines {
                file,
                host,
                reader,
                ahead: ahead.into_iter(),
                number: 0,
            }));
            return Ok(None);
        }
        let mut whole = first;
        whole.append(&mut second);
        let read = reader.take(MOST_BYTES + 1).read_to_end(&mut whole);
        read.map_err(failed)?;
        if whole.len() as u64 > MOST_BYTES {
            return Err(Fault::of(format!("{shown} is larger than 256 MiB")));
        }
        Ok(Some(Item {
            text: pool_text(whole, &shown),
            file,
            line: None,
            host,
        }))
    }
}

impl Iterator for Sources {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(several) = &mut self.several {
                if let Some(item) = several.next() {
                    return Some(item);
                }
                self.several = None;
            }
            let input = self.inputs.next()?;
            match self.open(&input) {
                Ok(None) => {}
                Ok(Some(item)) => return Some(item),
                Err(fault) => {
                    return Some(Item {
                        file: Arc::from(name(&input.path)),
                        line: None,
                        host: host(&input),
                        text: Err(fault),
                    });
                }
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let mut line = self.ahead.next().unwrap_or_default();
            let read = if line.is_empty() {
                next_line(&mut self.reader, &mut line)
            } else {
                Ok(true)
            };
            let number = self.number + 1;
            let place = |fault: String| Fault::of(format!("{}: line {number}: {fault}", self.file));
            let text = match read {
                Ok(false) => return None,
                Ok(true) if line.len() as u64 > MOST_BYTES => {
                    Err(place("it is longer than 256 MiB".to_string()))
                }
                Ok(true) => String::from_utf8(line).map_err(|error| {
                    let at = error.utf8_error().valid_up_to();
                    place(format!("byte {at} is not UTF-8 text"))
                }),
                // Nothing behind it can be read either.
                Err(error) => {
                    self.reader = BufReader::new(Box::new(std::io::empty()));
                    Err(place(format!("cannot be read: {error}")))
                }
            };
            self.number = number;
            if text.as_ref().is_ok_and(|text| text.trim().is_empty()) {
                continue;
            }
            return Some(Item {
                file: Arc::clone(&self.file),
                line: Some(number),
                host: format!("{}:{number}", self.host),
                text,
            });
        }
    }
}

/// The next line with its end, or as much of it as a pool may have; false at the end of the file.
fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool> {
    line.clear();
    let count = reader
        .by_ref()
        .take(MOST_BYTES + 1)
        .read_until(b'\n', line)?;
    if count as u64 > MOST_BYTES {
        // What is left of it is no line of its own.
        reader.skip_until(b'\n')?;
    }
    Ok(count > 0)
}

/// What some editors put in front of a text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How a file in Parquet begins.
const PARQUET: &[u8; 4] = b"PAR1";

/// Whether a file begins as those in Parquet do. What has no place to go back to, such as a pipe, is none: they are read
/// from their end.
fn is_parquet(file: &File) -> bool {
    let mut start = [0; 4];
    let mut file = file;
    let is_file = file.metadata().is_ok_and(|found| found.is_file());
    is_file && file.read_exact(&mut start).is_ok() & file.rewind().is_ok() && start == *PARQUET
}

/// Every file in a folder and those below it, by name; a folder that several links lead to once.
fn walk(folder: &Path, seen: &mut BTreeSet<PathBuf>, files: &mut Vec<PathBuf>) -> Result<()> {
    if !seen.insert(fs::canonicalize(folder)?) {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>>>()?;
    entries.sort_unstable();
    for path in entries {
        if path.is_dir() {
            walk(&path, seen, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Endings of files that are no part of the name of a host.
const ENDINGS: [&str; 7] = [".gz", ".zst", ".jsonl", ".json", ".parquet", ".txt", ".vg"];

/// What a file says of its host: `HOST.vg`, in whatever folder, and `HOST/VG`, as backups of `/etc/lvm/backup` are kept.
fn host(input: &Input) -> String {
    if input.path == Path::new("-") {
        return "stdin".to_string();
    }
    let path = match &input.below {
        Some(folder) => input.path.strip_prefix(folder).unwrap_or(&input.path),
        None => Path::new(input.path.file_name().unwrap_or(input.path.as_os_str())),
    };
    let shown = path.display().to_string();
    let mut plain = shown.as_str();
    for ending in ENDINGS {
        plain = plain.strip_suffix(ending).unwrap_or(plain);
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let host = match above {
        Some(above) if plain == shown => above.display().to_string(),
        Some(_) | None if plain.is_empty() => shown,
        Some(_) | None => plain.to_string(),
    };
    printable(&host).into_owned()
}

fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_string()
    } else {
        printable(&path.display().to_string()).into_owned()
    }
}

/// Counts what is read.
struct Counted<R> {
    bytes: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        let count = self.bytes.read(bytes)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

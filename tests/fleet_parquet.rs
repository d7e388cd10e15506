//! Fleets and rows in Parquet. The files in `tests/parquet` were written by pyarrow (snappy, groups of two rows, a column
//! more), polars (zstd) and DuckDB (gzip, columns in another order) from the lines beside them.

use std::fs::{self, File};

use assert_cmd::Command;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;

/// The exit code, standard output and standard error of a run.
fn run(words: &[&str]) -> (Option<i32>, Vec<u8>, String) {
    let mut command = Command::cargo_bin("extentplan").expect("the program");
    let output = command.args(words).output().expect("it runs");
    let told = String::from_utf8(output.stderr).expect("text");
    (output.status.code(), output.stdout, told)
}

fn audit(file: &str, format: &str) -> (Option<i32>, Vec<u8>, String) {
    let path = format!("tests/parquet/{file}");
    run(&["fleet", "audit", "--no-seconds", "--format", format, &path])
}

#[test]
fn tables_of_other_programs_give_the_rows_of_the_same_lines() {
    let (code, lines, _) = audit("fleet.jsonl", "jsonl");
    assert_eq!(code, Some(1));
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 5);
    for file in ["pyarrow.parquet", "polars.parquet", "duckdb.parquet"] {
        let (code, rows, told) = audit(file, "jsonl");
        assert_eq!(code, Some(1), "{file}: {told}");
        assert_eq!(
            String::from_utf8_lossy(&rows),
            String::from_utf8_lossy(&lines),
            "{file}"
        );
    }
}

#[test]
fn rows_in_parquet_hold_what_they_hold_as_csv() {
    let (code, table, _) = audit("fleet.jsonl", "csv");
    assert_eq!(code, Some(1));
    let mut reader = csv::Reader::from_reader(table.as_slice());
    let head = reader.headers().expect("a head").clone();
    let expected: Vec<csv::StringRecord> =
        reader.records().map(|row| row.expect("a row")).collect();

    let (code, bytes, _) = audit("fleet.jsonl", "parquet");
    assert_eq!(code, Some(1));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.parquet");
    fs::write(&path, bytes).expect("it can be written");
    let file = SerializedFileReader::new(File::open(&path).expect("it is there")).expect("Parquet");
    let rows = file.get_row_iter(None).expect("rows");
    let rows: Vec<_> = rows.map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(&expected) {
        for (name, field) in row.get_column_iter() {
            let Some(at) = head.iter().position(|other| other == name) else {
                assert!(["file", "commands"].contains(&name.as_str()), "{name}");
                continue;
            };
            let found = match field {
                parquet::record::Field::Null => String::new(),
                parquet::record::Field::Str(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(found, expected[at], "{name}");
        }
        assert!(row.get_ulong(5).expect("extents are a number") > 0);
    }
}

#[test]
fn the_commands_of_a_plan_are_in_its_row() {
    let path = "tests/parquet/fleet.jsonl";
    let words = [
        "fleet", "plan", "--format", "parquet", path, "--", "lvcreate", "-L", "1g",
    ];
    let (code, bytes, told) = run(&words);
    // Two of the groups miss a disk.
    assert_eq!(code, Some(2), "{told}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.parquet");
    fs::write(&path, bytes).expect("it can be written");
    let file = SerializedFileReader::new(File::open(&path).expect("it is there")).expect("Parquet");
    let mut rows = file.get_row_iter(None).expect("rows");
    let row = rows.nth(1).expect("a second").expect("a row");
    let commands = row.get_string(13).expect("a text");
    assert!(commands.starts_with("lvcreate "), "{commands}");
}

#[test]
fn what_is_no_table_of_pools_is_a_row_that_says_so() {
    for (file, words) in [
        (
            "numbers.parquet",
            "column `metadata` holds INT64, expected a text",
        ),
        (
            "no_pools.parquet",
            "found the columns host, text; expected `metadata` with the text of a volume group, or `pool`",
        ),
    ] {
        let (code, rows, _) = audit(file, "jsonl");
        let rows = String::from_utf8(rows).expect("text");
        assert_eq!(code, Some(2), "{rows}");
        assert!(rows.contains(words), "{file}: {rows}");
    }
}

#[test]
fn pools_of_our_own_may_be_columns_and_bad_ones_are_rows() {
    let path = "tests/parquet/pools.parquet";
    let words = [
        "fleet",
        "capacity",
        "--format",
        "jsonl",
        "--no-seconds",
        path,
        "--",
        "lvcreate",
        "-l",
        "3",
    ];
    let (code, rows, _) = run(&words);
    let rows = String::from_utf8(rows).expect("text");
    assert_eq!(code, Some(2), "{rows}");
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(rows.len(), 4);
    assert!(
        rows[0].starts_with(r#"{"host":"a","answer":"fits""#),
        "{}",
        rows[0]
    );
    assert!(
        rows[1].contains("row 2: column `pool`: EOF while parsing"),
        "{}",
        rows[1]
    );
    assert!(
        rows[2].contains("expected `metadata` or `pool`, found neither"),
        "{}",
        rows[2]
    );
    assert!(rows[3].contains(r#""host":"pools:4""#), "{}", rows[3]);
}

#[test]
fn a_spoiled_table_never_ends_the_run_by_a_crash() {
    let whole = fs::read("tests/parquet/polars.parquet").expect("it is there");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spoiled.parquet");
    let mut random = 88_172_645_463_325_252_u64;
    let mut draw = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).expect("small")
    };
    for _ in 0..60 {
        let mut bytes = whole.clone();
        match draw(3) {
            0 => bytes.truncate(4 + draw(whole.len() - 4)),
            // What says where everything is lies at the end.
            1 => {
                let at = whole.len() - 8 - draw(600);
                bytes[at] = u8::try_from(draw(256)).expect("a byte");
            }
            _ => {
                let at = 4 + draw(whole.len() - 4);
                bytes[at] = u8::try_from(draw(256)).expect("a byte");
            }
        }
        fs::write(&path, &bytes).expect("it can be written");
        let (code, rows, told) = run(&["fleet", "audit", path.to_str().expect("text")]);
        let rows = String::from_utf8_lossy(&rows);
        assert!(matches!(code, Some(0..=2)), "{code:?} {rows} {told}");
    }
}

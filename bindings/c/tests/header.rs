//! The committed header is the one that the sources make.

use std::env;
use std::fs;
use std::path::Path;

#[test]
fn the_committed_header_is_the_one_that_the_sources_make() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = folder.join("include/alloc.h");
    let mut made = Vec::new();
    cbindgen::generate(folder).unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    if env::var_os("WRITE_HEADER").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "include/alloc.h is out of date; WRITE_HEADER=1 cargo test -p liballoc --test header"
    );
}

//! The library from outside: C programs, linked against it as it is installed. Where there is no C compiler they are skipped,
//! which is said.

#[path = "../src/door.rs"]
mod door;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Where the library is installed for the tests; `None` without a C compiler.
fn installed() -> Option<&'static Path> {
    static INSTALLED: OnceLock<Option<PathBuf>> = OnceLock::new();
    let installed = INSTALLED.get_or_init(|| {
        if !is_there("cc") {
            return None;
        }
        // Cargo puts the library that a test belongs to beside the test.
        let test = env::current_exe().unwrap();
        let built = test.parent().unwrap();
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("liballoc");
        succeeds(
            Command::new("sh")
                .arg(here("install.sh"))
                .arg(&prefix)
                .arg(built),
        );
        Some(prefix)
    });
    if installed.is_none() {
        eprintln!("there is no C compiler: the tests in C are skipped");
    }
    installed.as_deref()
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn is_there(program: &str) -> bool {
    let mut asked = Command::new(program);
    asked
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    asked.status().is_ok_and(|status| status.success())
}

/// Whether the compiler finds a header.
fn has_header(name: &str) -> bool {
    let check = format!("printf '#include <{name}>\\n' | cc -E - >/dev/null 2>&1");
    let status = Command::new("sh").args(["-c", &check]).status();
    status.is_ok_and(|status| status.success())
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Compiles a program of `tests/c`; `how` are words for the compiler.
fn compiled(prefix: &Path, source: &str, name: &str, how: &[&str]) -> PathBuf {
    let program = prefix.join(name);
    let lib = prefix.join("lib");
    let mut compiler = match source.ends_with(".cpp") {
        true => Command::new("c++"),
        false => Command::new("cc"),
    };
    if source.ends_with(".c") {
        compiler.args(["-std=c99", "-pedantic"]);
    }
    compiler.args(["-g", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]);
    compiler.arg(&program);
    compiler.arg(here("tests/c").join(source));
    compiler.arg("-I").arg(prefix.join("include"));
    if how.contains(&"-static-alloc") {
        compiler.arg(lib.join("liballoc.a"));
        compiler.args(["-lm", "-lpthread", "-ldl", "-lrt", "-lutil", "-lgcc_s"]);
    } else {
        compiler.arg("-L").arg(&lib).arg("-lalloc");
        compiler.arg(format!("-Wl,-rpath,{}", lib.display()));
    }
    compiler.args(how.iter().filter(|&&word| word != "-static-alloc"));
    succeeds(&mut compiler);
    program
}

/// What pkg-config says of the library for a program that is linked statically.
fn static_words(prefix: &Path) -> Vec<String> {
    let mut asked = Command::new("pkg-config");
    asked.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    let output = succeeds(asked.args(["--static", "--cflags", "--libs", "liballoc"]));
    let words = String::from_utf8(output.stdout).unwrap();
    words.split_whitespace().map(str::to_string).collect()
}

/// Runs a program, under valgrind where that is installed: no error, and no byte left.
fn is_clean(program: &Path) {
    runs_under_valgrind(program, "all", &[]);
}

/// The same of a program whose requests are worked on by several threads: those are kept until it ends, and so is what
/// they live on. Nothing else is.
fn is_clean_but_for_threads(program: &Path, arguments: &[&str]) {
    runs_under_valgrind(program, "definite,indirect", arguments);
}

fn runs_under_valgrind(program: &Path, leaks: &str, arguments: &[&str]) {
    let mut run = match is_there("valgrind") {
        true => {
            let mut run = Command::new("valgrind");
            run.args(["--quiet", "--error-exitcode=9", "--leak-check=full"]);
            run.arg(format!("--show-leak-kinds={leaks}"));
            run.arg(format!("--errors-for-leak-kinds={leaks}"));
            run.arg(program);
            run
        }
        false => {
            eprintln!("valgrind is not installed: memory is not looked at");
            Command::new(program)
        }
    };
    succeeds(run.args(arguments));
}

#[test]
fn the_test_of_the_note_holds() {
    let Some(prefix) = installed() else { return };
    is_clean(&compiled(prefix, "note.c", "note", &[]));
}

#[test]
fn the_test_of_the_note_holds_with_libdevmapper_and_its_pools() {
    let Some(prefix) = installed() else { return };
    if !has_header("libdevmapper.h") {
        eprintln!("libdevmapper.h is not installed: skipped");
        return;
    }
    let how = ["-DWITH_LIBDM", "-D_GNU_SOURCE", "-ldevmapper"];
    is_clean(&compiled(prefix, "note.c", "note_libdm", &how));
}

#[test]
fn the_library_links_statically_and_into_cpp() {
    let Some(prefix) = installed() else { return };
    is_clean(&compiled(
        prefix,
        "note.c",
        "note_static",
        &["-static-alloc"],
    ));
    if is_there("c++") {
        is_clean(&compiled(prefix, "plain.cpp", "plain", &[]));
    }
}

#[test]
fn a_program_is_linked_statically_by_the_words_of_pkg_config() {
    let Some(prefix) = installed() else { return };
    if !is_there("pkg-config") {
        eprintln!("there is no pkg-config: skipped");
        return;
    }
    let program = prefix.join("note_all_static");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=c99", "-static", "-Wall", "-Wextra", "-o"]);
    compiler.arg(&program).arg(here("tests/c/note.c"));
    succeeds(compiler.args(static_words(prefix)));
    succeeds(&mut Command::new(program));
}

#[test]
fn the_header_is_c89() {
    let Some(prefix) = installed() else { return };
    let program = prefix.join("plain_c89.c");
    std::fs::write(
        &program,
        "#include <alloc.h>\nint main(void) { return !alloc_version(); }\n",
    )
    .unwrap();
    let mut compiler = Command::new("cc");
    compiler.args([
        "-std=c89",
        "-pedantic",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsyntax-only",
    ]);
    succeeds(compiler.arg("-I").arg(prefix.join("include")).arg(program));
}

#[test]
fn every_policy_and_function_does_what_the_header_says() {
    let Some(prefix) = installed() else { return };
    is_clean_but_for_threads(&compiled(prefix, "policies.c", "policies", &[]), &[]);
}

#[test]
fn what_is_wrong_is_refused_with_words() {
    let Some(prefix) = installed() else { return };
    is_clean(&compiled(prefix, "wrong.c", "wrong", &[]));
}

#[test]
fn a_child_of_a_process_that_used_threads_gets_its_answers() {
    let Some(prefix) = installed() else { return };
    succeeds(&mut Command::new(compiled(prefix, "fork.c", "fork", &[])));
}

#[test]
fn ten_thousand_requests_most_of_them_broken_crash_nothing() {
    let Some(prefix) = installed() else { return };
    let program = compiled(prefix, "fuzz.c", "fuzz", &[]);
    is_clean_but_for_threads(&program, &["500", "20000"]);
    let output = succeeds(Command::new(program).args(["10000", "1"]));
    println!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn memory_stays_where_it_is_if_results_are_let_go() {
    let Some(prefix) = installed() else { return };
    let program = compiled(prefix, "speed.c", "speed", &[]);
    let output = succeeds(Command::new(program).arg("20000"));
    println!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn only_what_the_header_names_is_exported() {
    let Some(prefix) = installed() else { return };
    let library = prefix.join("lib/liballoc.so");
    let mut nm = Command::new("nm");
    let output = succeeds(
        nm.args(["-D", "--defined-only", "-f", "posix"])
            .arg(&library),
    );
    let listed = String::from_utf8(output.stdout).unwrap();
    let header = std::fs::read_to_string(here("include/alloc.h")).unwrap();
    let names: Vec<&str> = listed.lines().filter_map(|l| l.split(' ').next()).collect();
    assert!(names.contains(&"alloc_allocate"), "{names:?}");
    for name in names {
        assert!(
            header.contains(&format!("{name}(")),
            "{name} is no function of the header"
        );
    }
}

#[test]
fn a_panic_becomes_an_error_with_its_words() {
    assert_eq!(door::caught(|| 7), Ok(7));
    let panics = || -> i32 { panic!("what {}", "happened") };
    assert_eq!(door::caught(panics), Err("what happened".to_string()));
    let panics = || -> i32 { std::panic::panic_any(7u8) };
    assert_eq!(door::caught(panics), Err("without a word".to_string()));
}

//! Bytes as a file: whatever they are, what reading finds lies within them.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| msarch_fuzz::reader(bytes));

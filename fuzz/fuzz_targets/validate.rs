//! Bytes as a file, through every rule and into the report.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| msarch_fuzz::validate(bytes));

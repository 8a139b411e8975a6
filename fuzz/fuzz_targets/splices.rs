//! Examples of the rules' pages, cut and joined as the bytes say, through every rule, and generated where nothing is wrong.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| msarch_fuzz::splices(bytes));

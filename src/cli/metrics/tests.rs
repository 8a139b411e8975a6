use super::form::Figures;
use schemars::generate::SchemaSettings;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/metrics.schema.json");

#[test]
fn the_schema_of_the_json_is_fresh() {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let fresh = settings.into_generator().into_root_schema_for::<Figures>();
    let fresh = format!("{:#}\n", fresh.to_value());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(SCHEMA, &fresh).expect("the schema can be written");
    }
    let kept = std::fs::read_to_string(SCHEMA).unwrap_or_default();
    assert!(
        kept == fresh,
        "schemas/metrics.schema.json is stale; run the tests with UPDATE=1"
    );
}

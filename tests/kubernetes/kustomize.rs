//! Kustomize as far as our files use it: everything that is named must be there, and every patch must hit.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::yaml::documents;

/// The files of a workspace, by path.
pub(crate) type Files = BTreeMap<String, String>;

const KEYS: &[&str] = &[
    "apiVersion",
    "kind",
    "namespace",
    "resources",
    "components",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "images",
    "patches",
    "replacements",
];

/// The objects of a kustomization, ConfigMaps and Secrets with the names that they are made under.
pub(crate) fn build(files: &Files, folder: &str) -> Result<Vec<Value>, String> {
    let mut objects = Vec::new();
    add(files, folder, &mut objects)?;
    let mut names: Vec<String> = objects.iter().map(identity).collect();
    names.sort();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("{folder}: {} is there twice", pair[0])),
        None => Ok(objects),
    }
}

/// Kind and name.
pub(crate) fn identity(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{} {}",
        text(&object["kind"]),
        text(&object["metadata"]["name"])
    )
}

fn add(files: &Files, folder: &str, objects: &mut Vec<Value>) -> Result<(), String> {
    let path = format!("{folder}/kustomization.yaml");
    let text = files.get(&path).ok_or(format!("there is no {path}"))?;
    let built = documents(text).into_iter().next().unwrap_or_default();
    let keys = built.as_object().ok_or(format!("{path} is no map"))?.keys();
    if let Some(key) = keys.into_iter().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("{path}: {key}"));
    }
    for resource in strings(&built["resources"]) {
        let at = join(folder, resource);
        if let Some(text) = files.get(&at) {
            objects.extend(documents(text));
        } else {
            add(files, &at, objects)?;
        }
    }
    for component in strings(&built["components"]) {
        add(files, &join(folder, component), objects)?;
    }
    for (key, kind) in [
        ("configMapGenerator", "ConfigMap"),
        ("secretGenerator", "Secret"),
    ] {
        for generator in list(&built[key]) {
            generate(files, folder, kind, generator, objects)?;
        }
    }
    change(&built, &path, objects)?;
    for replacement in list(&built["replacements"]) {
        let at = join(folder, replacement["path"].as_str().unwrap_or_default());
        let text = files.get(&at).ok_or(format!("there is no {at}"))?;
        for replacement in documents(text).first().into_iter().flat_map(list) {
            hit(&at, &replacement["source"], objects)?;
            for target in list(&replacement["targets"]) {
                hit(&at, &target["select"], objects)?;
            }
        }
    }
    Ok(())
}

fn generate(
    files: &Files,
    folder: &str,
    kind: &str,
    generator: &Value,
    objects: &mut Vec<Value>,
) -> Result<(), String> {
    let mut data = serde_json::Map::new();
    for file in strings(&generator["files"]) {
        let (key, file) = file.split_once('=').unwrap_or((file, file));
        // What git ignores is made by whoever deploys.
        let made = kind == "Secret";
        let text = files.get(&join(folder, file)).cloned();
        let text = text.or(made.then(String::new));
        let text = text.ok_or(format!("{folder}: there is no {file}"))?;
        data.insert(key.to_owned(), text.into());
    }
    let mut lines: Vec<String> = strings(&generator["literals"]).map(str::to_owned).collect();
    for file in strings(&generator["envs"]) {
        let text = files.get(&join(folder, file));
        let text = text.ok_or(format!("{folder}: there is no {file}"))?;
        let settings = text.lines().filter(|line| !line.starts_with('#'));
        lines.extend(settings.map(str::to_owned));
    }
    for line in lines {
        let (key, value) = line.split_once('=').ok_or(format!("{folder}: {line}"))?;
        data.insert(key.to_owned(), value.into());
    }
    let made = serde_json::json!({
        "apiVersion": "v1", "kind": kind, "metadata": {"name": generator["name"]}, "data": data,
    });
    let there = objects
        .iter_mut()
        .find(|object| identity(object) == identity(&made));
    match (there, generator["behavior"] == "merge") {
        (Some(there), true) => {
            for (key, value) in data {
                there["data"][key] = value;
            }
        }
        (None, false) => objects.push(made),
        _ => return Err(format!("{folder}: {}", identity(&made))),
    }
    Ok(())
}

fn change(built: &Value, path: &str, objects: &mut Vec<Value>) -> Result<(), String> {
    for patch in list(&built["patches"]) {
        hit(path, &patch["target"], objects)?;
        let text = patch["patch"].as_str().unwrap_or_default();
        let change = documents(text).into_iter().next().unwrap_or_default();
        if change["$patch"] == "delete" {
            objects.retain(|object| !fits(&patch["target"], object));
        }
    }
    for image in list(&built["images"]) {
        let named = |image: &Value| {
            image
                .as_str()
                .and_then(|name| Some(name.rsplit_once(':')?.0.to_owned()))
        };
        let used = objects
            .iter()
            .flat_map(containers)
            .any(|container| named(&container["image"]).as_deref() == image["name"].as_str());
        if !used {
            return Err(format!("{path}: nobody has the image {}", image["name"]));
        }
    }
    Ok(())
}

fn hit(path: &str, target: &Value, objects: &[Value]) -> Result<(), String> {
    let any = objects.iter().any(|object| fits(target, object));
    any.then_some(())
        .ok_or(format!("{path}: nothing is {target}"))
}

fn fits(target: &Value, object: &Value) -> bool {
    target["kind"] == object["kind"]
        && (target["name"].is_null() || target["name"] == object["metadata"]["name"])
}

/// The pod of an object, where it makes pods.
pub(crate) fn pod(object: &Value) -> Option<&Value> {
    let template = &object["spec"]["template"];
    template.is_object().then_some(template)
}

/// All containers of an object's pods.
pub(crate) fn containers(object: &Value) -> Vec<&Value> {
    let lists = pod(object).map(|pod| {
        ["initContainers", "containers", "ephemeralContainers"].map(|key| &pod["spec"][key])
    });
    lists.into_iter().flatten().flat_map(list).collect()
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn strings(value: &Value) -> impl Iterator<Item = &str> {
    list(value).filter_map(Value::as_str)
}

fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in path.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

//! `policy.age`: ages read.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::Scope;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::schema::{AgeEntry, AgeText, LayerEntry};
use crate::manifest::settings::Ages;
use crate::manifest::yaml::{At, Needed, shown};
use crate::model::Age;

/// The ages that an entry says.
pub(super) fn resolve(scope: &mut Scope, entry: Option<&At<AgeEntry>>) -> Ages {
    let Some(At { value: AgeEntry { plan, observations }, .. }) = entry else { return Ages::default() };
    Ages { plan: age(scope, plan), observations: age(scope, observations) }
}

/// The ages of tenants.
pub(super) fn of_tenants(scope: &mut Scope, layers: &BTreeMap<SmolStr, At<LayerEntry>>) -> BTreeMap<SmolStr, Ages> {
    layers.iter().map(|(tenant, layer)| (tenant.clone(), resolve(scope, layer.value.age.get()))).collect()
}

fn age(scope: &mut Scope, text: &Needed<AgeText>) -> Option<At<Age>> {
    let At { value: AgeText(text), at } = text.get()?;
    let age = Age::parse(text);
    if age.is_none() {
        let message = format!("`{}` is not an age of up to ten years", shown(text));
        scope.error(&codes::BAD_DURATION, message, "write it as in `7d`, `24h` or `90m`", *at);
    }
    Some(At { value: age?, at: *at })
}

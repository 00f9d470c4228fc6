//! `policy.age`: ages read.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::declared::DeclaredAges;
use crate::manifest::schema::{AgeEntry, AgeText, LayerEntry};
use crate::manifest::yaml::{Located, RequiredField, excerpt};
use crate::model::Age;

/// The ages that an entry says.
pub(super) fn resolve(scope: &mut Resolver, entry: Option<&Located<AgeEntry>>) -> DeclaredAges {
    let Some(Located { value: AgeEntry { plan, observations }, .. }) = entry else { return DeclaredAges::default() };
    DeclaredAges { plan: resolve_age(scope, plan), observations: resolve_age(scope, observations) }
}

/// The ages of tenants.
pub(super) fn of_tenants(
    scope: &mut Resolver,
    layers: &BTreeMap<SmolStr, Located<LayerEntry>>,
) -> BTreeMap<SmolStr, DeclaredAges> {
    layers.iter().map(|(tenant, layer)| (tenant.clone(), resolve(scope, layer.value.age.get()))).collect()
}

fn resolve_age(scope: &mut Resolver, text: &RequiredField<AgeText>) -> Option<Located<Age>> {
    let Located { value: AgeText(text), at } = text.get()?;
    let age = Age::parse(text);
    if age.is_none() {
        let message = format!("`{}` is not an age of up to ten years", excerpt(text));
        scope.error(&codes::INVALID_DURATION, message, "write it as in `7d`, `24h` or `90m`", *at);
    }
    Some(Located { value: age?, at: *at })
}

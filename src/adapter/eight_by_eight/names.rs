//! License names: the vendor's, which consist of a type and a country, and the manifest's.
//!
//! A pool of the manifest states the vendor's name by `name` and `country`; a license without a pool keeps the vendor's name. If
//! that name exists in several countries, or a pool has it for another country, the country is appended, as in `X4-SKU
//! (GB)`. Licenses of two countries never share a name, and a license has the same name in every observation.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::{SmolStr, format_smolstr};

use super::wire::WireLicense;
use crate::model::TenantSettings;

/// Words that mark a license that follows a phone number. The vendor's guide says that "DID licenses" come and go with numbers
/// and must not be sent, but not how to recognize them.
const NUMBER_WORDS: [&str; 2] = ["DID", "DIDS"];

/// Whether a license follows a phone number.
pub(super) fn is_number_license(license: &WireLicense) -> bool {
    let name = license.name.as_deref().unwrap_or_default();
    name.split(|character: char| !character.is_alphanumeric())
        .any(|word| NUMBER_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// A pool of the manifest, with its vendor name.
#[derive(Clone, Debug)]
struct MappedPool {
    license: SmolStr,
    name: SmolStr,
    country: Option<SmolStr>,
}

/// A license in the vendor's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VendorLicense {
    pub(super) name: SmolStr,
    pub(super) country: Option<SmolStr>,
}

/// Translates between the names of one tenant.
#[derive(Clone, Debug)]
pub(super) struct LicenseNames {
    pools: Vec<MappedPool>,
    /// The observed countries of each vendor name.
    countries: BTreeMap<SmolStr, BTreeSet<SmolStr>>,
}

fn country_of(text: Option<&str>) -> Option<SmolStr> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(|text| SmolStr::new(text.to_uppercase()))
}

impl LicenseNames {
    /// Takes the names from the manifest.
    pub(super) fn new(settings: &TenantSettings) -> Self {
        let mapped = settings.pools.iter().map(|(ours, pool)| MappedPool {
            license: ours.clone(),
            name: pool.name.clone().unwrap_or_else(|| ours.clone()),
            country: country_of(pool.country.as_deref()),
        });
        Self { pools: mapped.collect(), countries: BTreeMap::new() }
    }

    /// Records the country of an observed license.
    pub(super) fn record(&mut self, license: &WireLicense) {
        let (Some(name), Some(country)) = (license.name.as_deref(), country_of(license.country.as_deref())) else {
            return;
        };
        if !self.countries.get(name).is_some_and(|known| known.contains(&country)) {
            self.countries.entry(SmolStr::new(name)).or_default().insert(country);
        }
    }

    /// Returns the manifest's name; `None` for a license without a name.
    pub(super) fn manifest_name(&self, license: &WireLicense) -> Option<SmolStr> {
        let name = license.name.as_deref().filter(|name| !name.trim().is_empty())?;
        let country = country_of(license.country.as_deref());
        if let Some(mapped) = self.pool_of(name, country.as_ref()) {
            return Some(mapped.license.clone());
        }
        let several = self.countries.get(name).is_some_and(|countries| countries.len() > 1);
        // A pool has this name for another country or another license.
        let is_ambiguous = self.pools.iter().any(|mapped| mapped.name == name || mapped.license == name);
        Some(match country {
            Some(country) if several || is_ambiguous => format_smolstr!("{name} ({country})"),
            None if is_ambiguous => format_smolstr!("{name} (no country)"),
            Some(_) | None => SmolStr::new(name),
        })
    }

    /// Returns the pool of a vendor license.
    fn pool_of(&self, name: &str, country: Option<&SmolStr>) -> Option<&MappedPool> {
        let named = || self.pools.iter().filter(move |mapped| mapped.name == name);
        let exact = named().find(|mapped| mapped.country.is_some() && mapped.country.as_ref() == country);
        let any = || named().find(|mapped| mapped.country.is_none());
        // A license without a country matches only an unambiguous pool.
        let only = || if country.is_none() && named().count() == 1 { named().next() } else { None };
        exact.or_else(any).or_else(only)
    }

    /// Whether the manifest alone determines the name of a license.
    pub(super) fn is_certain(&self, license: &WireLicense) -> bool {
        let country = country_of(license.country.as_deref());
        is_number_license(license)
            || license.name.as_deref().is_some_and(|name| self.pool_of(name, country.as_ref()).is_some())
    }

    /// Whether the manifest states the vendor's name and country of a license.
    pub(super) fn is_declared(&self, ours: &str) -> bool {
        self.pools.iter().any(|mapped| mapped.license == ours && mapped.country.is_some())
    }

    /// Returns the vendor's license for a manifest name.
    pub(super) fn vendor_license(&self, ours: &str) -> VendorLicense {
        if let Some(mapped) = self.pools.iter().find(|mapped| mapped.license == ours) {
            let country = mapped.country.clone().or_else(|| self.only_country(&mapped.name));
            return VendorLicense { name: mapped.name.clone(), country };
        }
        let with_country = ours.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("));
        if let Some((name, country)) = with_country {
            let seen = self.countries.get(name).and_then(|countries| countries.get(country));
            if let Some(country) = seen {
                return VendorLicense { name: SmolStr::new(name), country: Some(country.clone()) };
            }
        }
        VendorLicense { name: SmolStr::new(ours), country: self.only_country(ours) }
    }

    fn only_country(&self, name: &str) -> Option<SmolStr> {
        self.countries.get(name).filter(|countries| countries.len() == 1)?.first().cloned()
    }

    /// Returns pools without a country whose name exists in several countries that have no pool of their own.
    pub(super) fn ambiguous_pools(&self) -> impl Iterator<Item = (&SmolStr, &SmolStr, Vec<&SmolStr>)> {
        self.pools.iter().filter(|mapped| mapped.country.is_none()).filter_map(|mapped| {
            let has_pool = |country: &SmolStr| {
                self.pools.iter().any(|other| other.name == mapped.name && other.country.as_ref() == Some(country))
            };
            let others: Vec<&SmolStr> = self.countries.get(&mapped.name)?.iter().filter(|one| !has_pool(one)).collect();
            (others.len() > 1).then_some((&mapped.license, &mapped.name, others))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PoolSettings;

    fn license(name: &str, country: &str) -> WireLicense {
        WireLicense {
            id: None,
            name: Some(name.to_owned()),
            country: Some(country.to_owned()).filter(|country| !country.is_empty()),
        }
    }

    fn names(pools: &[(&str, Option<&str>, Option<&str>)], seen: &[(&str, &str)]) -> LicenseNames {
        let mut settings = crate::adapter::file::state::tests::settings("phones");
        for (ours, name, country) in pools {
            let (name, country) = (name.map(SmolStr::new), country.map(SmolStr::new));
            settings.pools.insert((*ours).into(), PoolSettings { name, country, ..PoolSettings::default() });
        }
        let mut names = LicenseNames::new(&settings);
        for (name, country) in seen {
            names.record(&license(name, country));
        }
        names
    }

    #[test]
    fn pool_determines_the_vendor_name() {
        let names = names(&[("X4", Some("X4-SKU"), Some("us")), ("X2", None, None)], &[("X2", "US")]);
        assert_eq!(names.manifest_name(&license("X4-SKU", "US")).unwrap(), "X4");
        assert_eq!(names.manifest_name(&license("X2", "US")).unwrap(), "X2");
        assert_eq!(names.vendor_license("X4"), VendorLicense { name: "X4-SKU".into(), country: Some("US".into()) });
        assert_eq!(names.vendor_license("X2"), VendorLicense { name: "X2".into(), country: Some("US".into()) });
        assert_eq!(names.vendor_license("fax"), VendorLicense { name: "fax".into(), country: None });
    }

    #[test]
    fn countries_never_share_a_name() {
        let names = names(&[("X4", Some("X4-SKU"), Some("US"))], &[("X2", "US"), ("X2", "GB"), ("X4-SKU", "GB")]);
        let ours = |name: &str, country: &str| names.manifest_name(&license(name, country)).unwrap();
        assert_eq!([ours("X2", "US"), ours("X2", "gb")], ["X2 (US)", "X2 (GB)"]);
        assert_eq!(ours("X4-SKU", "GB"), "X4-SKU (GB)");
        // A pool's name is not available for another vendor license.
        assert_eq!(ours("X4", "US"), "X4 (US)");
        for name in ["X2 (US)", "X2 (GB)", "X4-SKU (GB)"] {
            let theirs = names.vendor_license(name);
            assert_eq!(ours(&theirs.name, theirs.country.as_deref().unwrap()), name);
        }
    }

    #[test]
    fn pool_with_several_countries_is_ambiguous() {
        let pools = [("X4", Some("X4-SKU"), None), ("X2", None, None), ("X2-GB", Some("X2"), Some("GB"))];
        let names = names(&pools, &[("X4-SKU", "US"), ("X4-SKU", "GB"), ("X2", "US"), ("X2", "GB")]);
        let mixed: Vec<_> =
            names.ambiguous_pools().map(|(ours, name, countries)| format!("{ours} {name} {countries:?}")).collect();
        assert_eq!(mixed, [r#"X4 X4-SKU ["GB", "US"]"#]);
        assert_eq!(names.manifest_name(&license("X2", "US")).unwrap(), "X2");
        assert_eq!(names.manifest_name(&license("X2", "GB")).unwrap(), "X2-GB");
    }

    #[test]
    fn number_licenses_are_recognized_by_name() {
        for name in ["DID", "UC DID-VOSVC0017-01-GB", "did number", "Extra_DIDs (US)"] {
            assert!(is_number_license(&license(name, "US")), "{name}");
        }
        for name in ["X4", "CANDID", "Didcot Lobby", "", "UC Call Recordings Cold Storage-VOSVC0504-01-GB"] {
            assert!(!is_number_license(&license(name, "US")), "{name}");
        }
    }
}

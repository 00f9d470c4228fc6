//! Names of licenses: the vendor's, which are a type and a country, and ours.
//!
//! The vendor's description asks to take type names as they are. A pool of the manifest says by `name` and `country` what it is called
//! there; a license that no pool names keeps the vendor's name. Where that name is sold in several countries, or a pool
//! has it for another country, the country is added, as in `X4-SKU (GB)`.
//! What must hold: licenses of two countries never get one name; the same license has the same name in every reading of
//! the same tenant.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::{SmolStr, format_smolstr};

use super::wire::WireLicense;
use crate::model::TenantSettings;

/// Words in a type's name that tell a license that follows a phone number. The vendor's guide says that "DID licenses"
/// are given and taken with numbers and must not be sent; how to recognize one is not specified, so that this list is
/// the one place to mend.
const NUMBER_WORDS: [&str; 2] = ["DID", "DIDS"];

/// Whether a license follows a phone number.
pub(super) fn is_number_license(license: &WireLicense) -> bool {
    let name = license.name.as_deref().unwrap_or_default();
    name.split(|character: char| !character.is_alphanumeric())
        .any(|word| NUMBER_WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// What a pool of the manifest is called at the vendor.
#[derive(Clone, Debug)]
struct MappedPool {
    license: SmolStr,
    name: SmolStr,
    country: Option<SmolStr>,
}

/// What a license is called at the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VendorLicense {
    pub(super) name: SmolStr,
    pub(super) country: Option<SmolStr>,
}

/// Both names of licenses.
#[derive(Clone, Debug)]
pub(super) struct LicenseNames {
    pools: Vec<MappedPool>,
    /// The countries that a name was seen with.
    countries: BTreeMap<SmolStr, BTreeSet<SmolStr>>,
}

fn country_of(text: Option<&str>) -> Option<SmolStr> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(|text| SmolStr::new(text.to_uppercase()))
}

impl LicenseNames {
    /// The names that the manifest gives.
    pub(super) fn new(settings: &TenantSettings) -> Self {
        let mapped = settings.pools.iter().map(|(ours, pool)| MappedPool {
            license: ours.clone(),
            name: pool.name.clone().unwrap_or_else(|| ours.clone()),
            country: country_of(pool.country.as_deref()),
        });
        Self { pools: mapped.collect(), countries: BTreeMap::new() }
    }

    /// Takes note of a license that was seen at the tenant.
    pub(super) fn record(&mut self, license: &WireLicense) {
        let (Some(name), Some(country)) = (license.name.as_deref(), country_of(license.country.as_deref())) else {
            return;
        };
        if !self.countries.get(name).is_some_and(|known| known.contains(&country)) {
            self.countries.entry(SmolStr::new(name)).or_default().insert(country);
        }
    }

    /// Our name; `None` for a license without a name.
    pub(super) fn manifest_name(&self, license: &WireLicense) -> Option<SmolStr> {
        let name = license.name.as_deref().filter(|name| !name.trim().is_empty())?;
        let country = country_of(license.country.as_deref());
        if let Some(mapped) = self.pool_of(name, country.as_ref()) {
            return Some(mapped.license.clone());
        }
        let several = self.countries.get(name).is_some_and(|countries| countries.len() > 1);
        // A pool has this name for another country, or calls another license so.
        let is_taken = self.pools.iter().any(|mapped| mapped.name == name || mapped.license == name);
        Some(match country {
            Some(country) if several || is_taken => format_smolstr!("{name} ({country})"),
            None if is_taken => format_smolstr!("{name} (no country)"),
            Some(_) | None => SmolStr::new(name),
        })
    }

    /// The pool that says that it is called so.
    fn pool_of(&self, name: &str, country: Option<&SmolStr>) -> Option<&MappedPool> {
        let named = || self.pools.iter().filter(move |mapped| mapped.name == name);
        let exact = named().find(|mapped| mapped.country.is_some() && mapped.country.as_ref() == country);
        let any = || named().find(|mapped| mapped.country.is_none());
        // Without a country it can be told only where there is one that it can be.
        let only = || if country.is_none() && named().count() == 1 { named().next() } else { None };
        exact.or_else(any).or_else(only)
    }

    /// Whether the name of a license depends on nothing but the manifest.
    pub(super) fn is_certain(&self, license: &WireLicense) -> bool {
        let country = country_of(license.country.as_deref());
        is_number_license(license)
            || license.name.as_deref().is_some_and(|name| self.pool_of(name, country.as_ref()).is_some())
    }

    /// Whether the manifest says all of what a license is called at the vendor.
    pub(super) fn is_declared(&self, ours: &str) -> bool {
        self.pools.iter().any(|mapped| mapped.license == ours && mapped.country.is_some())
    }

    /// What our name is at the vendor.
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

    /// Pools without a country whose name is sold in several that no other pool names: their seats would be mixed up.
    pub(super) fn ambiguous_pools(&self) -> impl Iterator<Item = (&SmolStr, &SmolStr, Vec<&SmolStr>)> {
        self.pools.iter().filter(|mapped| mapped.country.is_none()).filter_map(|mapped| {
            let taken = |country: &SmolStr| {
                self.pools.iter().any(|other| other.name == mapped.name && other.country.as_ref() == Some(country))
            };
            let left: Vec<&SmolStr> = self.countries.get(&mapped.name)?.iter().filter(|one| !taken(one)).collect();
            (left.len() > 1).then_some((&mapped.license, &mapped.name, left))
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
        let mut settings = crate::adapter::state::tests::settings("phones");
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
    fn pool_says_what_it_is_called_at_the_vendor() {
        let names = names(&[("X4", Some("X4-SKU"), Some("us")), ("X2", None, None)], &[("X2", "US")]);
        assert_eq!(names.manifest_name(&license("X4-SKU", "US")).unwrap(), "X4");
        assert_eq!(names.manifest_name(&license("X2", "US")).unwrap(), "X2");
        assert_eq!(names.vendor_license("X4"), VendorLicense { name: "X4-SKU".into(), country: Some("US".into()) });
        assert_eq!(names.vendor_license("X2"), VendorLicense { name: "X2".into(), country: Some("US".into()) });
        assert_eq!(names.vendor_license("fax"), VendorLicense { name: "fax".into(), country: None });
    }

    #[test]
    fn two_countries_are_never_one_license() {
        let names = names(&[("X4", Some("X4-SKU"), Some("US"))], &[("X2", "US"), ("X2", "GB"), ("X4-SKU", "GB")]);
        let ours = |name: &str, country: &str| names.manifest_name(&license(name, country)).unwrap();
        assert_eq!([ours("X2", "US"), ours("X2", "gb")], ["X2 (US)", "X2 (GB)"]);
        assert_eq!(ours("X4-SKU", "GB"), "X4-SKU (GB)");
        // What a pool is called in the manifest is not free for another license of the vendor's.
        assert_eq!(ours("X4", "US"), "X4 (US)");
        for name in ["X2 (US)", "X2 (GB)", "X4-SKU (GB)"] {
            let theirs = names.vendor_license(name);
            assert_eq!(ours(&theirs.name, theirs.country.as_deref().unwrap()), name);
        }
    }

    #[test]
    fn pool_that_mixes_countries_is_told() {
        let pools = [("X4", Some("X4-SKU"), None), ("X2", None, None), ("X2-GB", Some("X2"), Some("GB"))];
        let names = names(&pools, &[("X4-SKU", "US"), ("X4-SKU", "GB"), ("X2", "US"), ("X2", "GB")]);
        let mixed: Vec<_> =
            names.ambiguous_pools().map(|(ours, name, countries)| format!("{ours} {name} {countries:?}")).collect();
        assert_eq!(mixed, [r#"X4 X4-SKU ["GB", "US"]"#]);
        assert_eq!(names.manifest_name(&license("X2", "US")).unwrap(), "X2");
        assert_eq!(names.manifest_name(&license("X2", "GB")).unwrap(), "X2-GB");
    }

    #[test]
    fn number_licenses_are_told_by_a_word_of_their_name() {
        for name in ["DID", "UC DID-VOSVC0017-01-GB", "did number", "Extra_DIDs (US)"] {
            assert!(is_number_license(&license(name, "US")), "{name}");
        }
        for name in ["X4", "CANDID", "Didcot Lobby", "", "UC Call Recordings Cold Storage-VOSVC0504-01-GB"] {
            assert!(!is_number_license(&license(name, "US")), "{name}");
        }
    }
}

//! One certificate of a search, parsed once, and the questions that validation asks it.

use x509_parser::{
    extensions::{
        DistributionPointName, GeneralName as ParsedName, ParsedExtension, X509Extension,
    },
    oid_registry as oids,
};

use crate::pki::{
    certificate::Certificate,
    extension,
    general_name::GeneralName,
    name,
    name_constraints::NameConstraints,
    rules::{Role, View, is_understood},
};

/// A certificate and its parsed view.
pub(super) struct Facts<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) view: View<'a>,
    /// Subject alternative names; none without the extension.
    pub(super) names: Vec<GeneralName>,
    pub(super) name_constraints: Option<NameConstraints>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(certificate: &'a Certificate) -> Self {
        let view = View::new(certificate.parsed(), Role::Any);
        let names = view.names().into_iter().flatten();
        let names = names.map(GeneralName::from_parsed).collect();
        let name_constraints = view
            .extension(&oids::OID_X509_EXT_NAME_CONSTRAINTS)
            .and_then(|extension| NameConstraints::from_der(extension.value));
        Self {
            certificate,
            view,
            names,
            name_constraints,
        }
    }

    /// What the certificate is called in messages: common name, first name, or the whole subject.
    pub(super) fn label(&self) -> String {
        let common_name = self.view.parsed.subject().iter_common_name().last();
        let first_name = || self.names.first().map(ToString::to_string);
        common_name
            .and_then(|found| Some(found.as_str().ok()?.to_owned()))
            .or_else(first_name)
            .unwrap_or_else(|| name::display(self.view.parsed.subject().as_raw()))
    }

    /// Where its CRLs are served (RFC 5280 §4.2.1.13).
    pub(super) fn distribution_points(&self) -> Vec<&ParsedName<'a>> {
        let extension = self
            .view
            .extension(&oids::OID_X509_EXT_CRL_DISTRIBUTION_POINTS);
        let points = match extension.map(X509Extension::parsed_extension) {
            Some(ParsedExtension::CRLDistributionPoints(found)) => &found.points[..],
            _ => &[],
        };
        let names = points.iter().map(|point| match &point.distribution_point {
            Some(DistributionPointName::FullName(names)) => &names[..],
            _ => &[],
        });
        names.flatten().collect()
    }

    /// Names of extensions that must be understood, and are not (RFC 5280 §4.2).
    pub(super) fn unknown_critical(&self) -> impl Iterator<Item = String> {
        let extensions = self.view.parsed.extensions().iter();
        let unknown = extensions.filter(|it| it.critical && !is_understood(&it.oid));
        unknown.map(|it| extension::name(&it.oid))
    }
}

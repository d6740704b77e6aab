//! What was laid, judged as on the nodes.

use crate::{
    cli::{Context, Report, emitting::tell_findings},
    emit::{EmitError, Server},
    inspection,
    kit::Kit,
};

/// Says what `check` finds in what was laid, now that the certificates are there.
pub(super) fn read_back(context: &Context, server: &Server, kit: &Kit) -> Result<(), Report> {
    let found = kit.written.iter().map(|it| {
        let format = server.format(Some(&it.format))?;
        let found = inspection::judge(server, format, &it.request, &it.rendered, context.now)?;
        Ok((it.node.clone(), found))
    });
    let found: Result<Vec<_>, EmitError> = found.collect();
    tell_findings(context, &found?);
    Ok(())
}

//! How servers are reached.

use std::net::IpAddr;

use clap::Args;

use crate::{
    cli::{args, duration},
    wire::{Approach, Identity, Proxy},
};

#[derive(Args, Debug)]
pub(in crate::cli) struct ReachArgs {
    /// Address of a name, which is not looked up then (can be repeated)
    #[arg(long, value_name = "NAME=IP", value_parser = resolved)]
    pub(in crate::cli) resolve: Vec<(String, IpAddr)>,
    /// Proxy to go through: http://HOST:PORT or socks5://HOST:PORT
    #[arg(long, value_name = "URL", value_parser = proxy)]
    pub(in crate::cli) proxy: Option<Proxy>,
    /// How long each connection may take
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = patience)]
    pub(in crate::cli) timeout: std::time::Duration,
    /// How many addresses are looked at at once
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(in crate::cli) jobs: u16,
}

impl ReachArgs {
    /// With what is shown to servers that ask for it.
    pub(in crate::cli) fn approach(&self, identity: Option<Identity>) -> Approach {
        Approach {
            patience: self.timeout,
            resolved: self.resolve.clone(),
            proxy: self.proxy.clone(),
            identity,
        }
    }
}

fn resolved(text: &str) -> Result<(String, IpAddr), String> {
    let (name, ip) = text.split_once('=').ok_or("write NAME=IP")?;
    let name = args::host(name)?.to_string();
    let ip = ip.trim_matches(['[', ']']).parse();
    Ok((name, ip.map_err(|_| "behind `=` stands an IP address")?))
}

fn proxy(text: &str) -> Result<Proxy, String> {
    Proxy::parse(text).map_err(|error| error.to_string())
}

/// Longer nobody waits: an hour.
const MAX_PATIENCE: time::Duration = time::Duration::HOUR;

fn patience(text: &str) -> Result<std::time::Duration, String> {
    match duration::parse(text)? {
        given if given.is_zero() || given > MAX_PATIENCE => Err(String::from(
            "it is longer than nothing, and an hour at most",
        )),
        given => given.try_into().map_err(|_| String::from("it is too long")),
    }
}

/** Where cases may connect to, for what reads it when it is first imported: registries of the cases live on this one address. */
process.env.EGRESS_ALLOW = "127.0.0.1/32";

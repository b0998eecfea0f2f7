// The package "server-only" throws outside Next; tests of lib/data and lib/auth alias it to this empty module.
export {};

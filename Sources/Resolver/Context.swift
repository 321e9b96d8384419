internal import CUnbound

/// libunbound's context: settings, cache, and the library's own thread. Owned and used by one thread at a time: first by
/// whoever makes it, then by the loop's thread.
struct Context: ~Copyable, @unchecked Sendable {
    // Sendable: it cannot be copied, so it is handed over whole, from its maker to the loop's thread.
    let pointer: OpaquePointer

    init(_ configuration: Configuration) throws(ConfigurationFailure) {
        guard let context = ub_ctx_create() else {
            throw ConfigurationFailure(key: "resolver", words: "no memory or no entropy")
        }
        do throws(ConfigurationFailure) {
            try Self.configure(context, configuration)
        } catch {
            ub_ctx_delete(context)
            throw error
        }
        pointer = context
    }

    deinit { ub_ctx_delete(pointer) }

    private static func configure(
        _ context: OpaquePointer, _ configuration: Configuration
    ) throws(ConfigurationFailure) {
        // Without this the library writes to standard error.
        ub_ctx_debugout(context, nil)
        ub_ctx_async(context, 1)
        for (option, value) in Self.options(configuration) {
            // An option that this version of the library does not know is one that it does not need.
            _ = ub_ctx_set_option(context, option, value)
        }
        for server in configuration.forwarders {
            try Self.check(ub_ctx_set_fwd(context, server), "resolver.forwarders")
        }
        for server in configuration.rootServers {
            try Self.check(ub_ctx_set_stub(context, ".", server, 0), "resolver.rootServers")
        }
        if let file = configuration.trustAnchor {
            try Self.check(ub_ctx_add_ta_file(context, file), "resolver.trustAnchor")
        }
        // The library reads its settings with the first question; this one it answers by itself (RFC 6761 §6.3).
        var result: UnsafeMutablePointer<ub_result>?
        let code = ub_resolve(context, "localhost.", 1, 1, &result)
        ub_resolve_free(result)
        try Self.check(code, "resolver.trustAnchor")
    }

    private static func check(_ code: Int32, _ key: String) throws(ConfigurationFailure) {
        guard code != UB_NOERROR.rawValue else { return }
        throw ConfigurationFailure(key: key, words: ub_strerror(code).map { String(cString: $0) } ?? "error \(code)")
    }

    private static func options(_ configuration: Configuration) -> [(String, String)] {
        var options = [
            ("msg-cache-size:", String(configuration.cacheSize)),
            ("rrset-cache-size:", String(configuration.cacheSize)),
            // Answers about names that are not there change when somebody puts them right.
            ("cache-max-negative-ttl:", "900"),
            ("qname-minimisation:", "yes"), ("harden-below-nxdomain:", "yes"), ("harden-glue:", "yes"),
        ]
        if !configuration.forwarders.isEmpty || !configuration.rootServers.isEmpty {
            // A server of the network's own may be on this host, and knows the reverse zones of private addresses.
            options += [
                ("do-not-query-localhost:", "no"), ("unblock-lan-zones:", "yes"), ("insecure-lan-zones:", "yes"),
            ]
        }
        return options
    }
}

package import MailTypes

extension MachineSettings {
    /// Whom names are asked of.
    package struct Resolver: Equatable, Sendable {
        /// Recursive servers, each with its port; empty: own recursion from the root down.
        package var forwarders: [HostAndPort] = []
        /// The file with the root's keys; `nil`: that of Debian's dns-root-data.
        package var trustAnchor: String?
        /// Whether answers are validated (DNSSEC). Default `true`.
        package var isValidating = true
        /// How long one question may take. Default 5s.
        package var deadline: Duration = .seconds(5)
    }

    /// What is done where a check of a mail's origin fails; the raw value is what the file writes.
    package enum OriginPolicy: String, CaseIterable, Sendable { case reject, quarantine, tag }

    /// How the origin of mail from outside is checked.
    package struct Authentication: Equatable, Sendable {
        /// `nil`: where the file has the section, or mail can come from another machine.
        package var check: Bool?
        /// The most that is done where DMARC fails. Default `reject`.
        package var dmarc = OriginPolicy.reject
        /// What is done where SPF fails and DMARC does not pass. Default `tag`.
        package var spf = OriginPolicy.tag
        /// How long all checks of a mail may take together. Default 20s.
        package var deadline: Duration = .seconds(20)
        /// Hosts that forward mail of others to this machine. Default none.
        package var trustedForwarders: [IPNetwork] = []
        /// The file has the section.
        var isWritten = false
    }

    /// Whether the origin of mail is checked: as the file says; without a word, wherever anybody but this machine itself
    /// can send mail in.
    package var checksOrigin: Bool {
        authentication.check ?? (authentication.isWritten || !isOnLoopbackOnly)
    }

    private var isOnLoopbackOnly: Bool {
        listener(.smtp)?.addresses.allSatisfy { address in
            guard case .tcp(let host, _) = address else { return false }
            return host == "localhost" || IPAddress(host)?.isLoopback == true
        } ?? true
    }
}

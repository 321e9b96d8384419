import Desk
import MailAuth
import MailTypes
import OpenSSL
import Resolver
import Settings

/// The commands about what a domain publishes: `stempel dkim …` and `stempel dns`.
package struct CommandLinePublishing: Sendable {
    private let configuration: String

    package init(configuration: String) { self.configuration = configuration }

    /// `stempel dkim generate`: for the domains named, else for all supervised ones that have no key yet.
    package func generate(domains names: [String], selector: String?, isEd25519: Bool) async throws -> String {
        let files = SigningKeyFiles(try Installation(configuration: configuration).data)
        var domains = try names.map(domain)
        if domains.isEmpty {
            let known = try files.load()
            domains = try await supervisedDomains().filter { known[$0] == nil }
        }
        guard !domains.isEmpty else { throw CommandFailure(.noInput, "every domain has a key; name one with --domain") }
        var output = ""
        for domain in domains {
            let signer = try files.generate(domain, selector: selector, isEd25519: isEd25519)
            let isActive = try files.load(domain)?.active.selector == signer.selector
            let record = PublishedRecord(name: signer.recordName, value: .txt(signer.record, .key), purpose: "")
            output +=
                "; publish this\(isActive ? "" : ", and after some hours: stempel dkim use CONFIG --domain \(domain) --selector \(signer.selector)")\n"
            output += record.line + "\n"
            if isActive { output += "; a running server signs with it after SIGHUP\n" }
        }
        return output
    }

    /// `stempel dkim use`.
    package func use(domain name: String, selector: String) throws -> String {
        let domain = try domain(name)
        try SigningKeyFiles(try Installation(configuration: configuration).data).use(
            domain, selector: selector.lowercased())
        return "\(selector.lowercased()) signs for \(domain); a running server after SIGHUP.\n"
    }

    /// `stempel dkim remove`.
    package func remove(domain name: String, selector: String) throws -> String {
        let domain = try domain(name)
        try SigningKeyFiles(try Installation(configuration: configuration).data).remove(
            domain, selector: selector.lowercased())
        return
            "\(selector.lowercased()) is gone. A running server signs with it until SIGHUP; some days after that, when the mail signed"
            + " with it has arrived, take its record \(selector.lowercased())._domainkey.\(domain) away, too.\n"
    }

    /// `stempel dns`: all records to publish, as lines of a zone file.
    package func records() async throws -> String {
        let advice = try await advice()
        var output = advice.records().map { "; \($0.purpose)\n\($0.line)\n" }.joined()
        output +=
            "; the policy of MTA-STS:\n" + advice.transportPolicy.split(separator: "\n").map { ";   \($0)\n" }.joined()
        let unsigned = advice.domains.filter { advice.keys[$0] == nil }
        if !unsigned.isEmpty {
            output +=
                "; no key yet for \(unsigned.map(\.ascii).joined(separator: ", ")): stempel dkim generate \(configuration)\n"
        }
        return output
    }

    /// `stempel dns --check`: fails where something is not as it should be.
    package func check() async throws -> String {
        let advice = try await advice()
        let resolver: DNSResolver
        do throws(ConfigurationFailure) {
            resolver = try DNSResolver(advice.settings.resolver)
        } catch {
            throw CommandFailure(.configuration, "\(configuration): \(error)")
        }
        defer { resolver.close() }
        let check = RecordCheck(
            resolver: resolver, isValidating: advice.settings.resolver.isValidating, seconds: SystemClock().now.seconds)
        let findings = await check.run(advice.records())
        let lines = findings.map { finding in
            let detail = finding.detail.isEmpty ? "" : " (\(finding.detail))"
            return finding.finding == .good
                ? "ok: \(finding.record.name) \(finding.record.type)\n" : "\(finding.finding.rawValue)\(detail): \(finding.record.line)\n"
        }
        guard findings.allSatisfy({ $0.finding == .good || $0.finding == .unanswered }) else {
            throw CommandFailure(.dataError, "not everything is published as it should be\n" + lines.joined())
        }
        guard findings.allSatisfy({ $0.finding == .good }) else {
            throw CommandFailure(.temporaryFailure, "not everything could be looked up\n" + lines.joined())
        }
        return lines.joined()
    }

    private func advice() async throws -> RecordAdvice {
        let installation = try Installation(configuration: configuration)
        return RecordAdvice(
            settings: installation.settings, domains: try await supervisedDomains(),
            keys: try SigningKeyFiles(installation.data).load())
    }

    /// The desk's own domain first, then those of supervised addresses.
    private func supervisedDomains() async throws -> [DomainName] {
        let text = try await CommandLineDesk(configuration: configuration).export()
        guard let desk = DeskFile.parse(text, fileName: "stored desk").desk else {
            throw CommandFailure(.software, "the stored desk cannot be read")
        }
        var domains = [desk.domain]
        for domain in desk.pools.flatMap({ $0.addresses.map(\.address.domain) }) where !domains.contains(domain) {
            domains.append(domain)
        }
        return domains
    }

    private func domain(_ name: String) throws -> DomainName {
        guard let domain = DomainName(name), !domain.isAddressLiteral else {
            throw CommandFailure(.dataError, "\(name): no domain name")
        }
        return domain
    }
}
